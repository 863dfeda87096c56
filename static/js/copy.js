// A button that copies a code or fingerprint; it says so when it has.
export default function copy(button) {
  const text = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied || text;
    window.setTimeout(() => { button.textContent = text; }, 2000);
  });
}
