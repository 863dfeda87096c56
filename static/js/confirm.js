// A question before a button acts, in a <dialog>; the words are in data-confirm. Acts that cannot be
// undone have a confirmation page of their own besides: this is for small ones.
let agreed = null;

export function askFirst(event) {
  const button = event.target.closest("[data-confirm]");
  if (!button || button === agreed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const question = document.createElement("p");
  question.textContent = button.dataset.confirm;
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "button-row";
  for (const [value, label, look] of [
    ["yes", button.textContent.trim(), "btn-primary"],
    ["no", button.dataset.cancel || "×", "btn-outline-primary"],
  ]) {
    const choice = document.createElement("button");
    choice.value = value;
    choice.textContent = label;
    choice.className = `btn ${look}`;
    row.append(choice);
  }
  dialog.append(question, row);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
    agreed = button;
    button.click();
    agreed = null;
  });
  document.body.append(dialog);
  dialog.showModal();
}
