// The line that says how far saving has come.
export function statusOf(root) {
  const status = root.querySelector("[data-save-status]");
  const line = root.querySelector("#saved-at");

  return function say(what, text = status.dataset[`say${what}`]) {
    status.dataset.state = what.toLowerCase();
    if (text) line.textContent = text;
    status.querySelector("[data-sign-in]").hidden = what !== "Out";
  };
}
