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
  // At once, and not at the dialog's close event: that waits for the next frame, and by then a page that
  // renews itself may have another button in this one's place.
  row.addEventListener("submit", (answer) => {
    answer.preventDefault();
    dialog.remove();
    if (answer.submitter.value !== "yes") return;
    agreed = button;
    button.click();
    agreed = null;
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
