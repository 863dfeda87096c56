// Going through the queue of the formal check by keyboard: j and k follow the links to the next and
// the previous application, a, r and x only move to the button of an outcome, t ticks everything, ?
// shows the keys. Nothing is decided by a single key, and nothing happens while somebody types.
export default function intakeKeys(place) {
  const help = place.querySelector("[data-key-help]");
  const ticks = () => document.querySelectorAll('input[name="ticks"]');
  const tickAll = () => {
    for (const box of ticks()) box.checked = true;
    ticks()[0]?.focus();
  };
  for (const button of document.querySelectorAll("[data-tick-all]")) {
    button.hidden = false;
    button.addEventListener("click", tickAll);
  }
  const isTyping = (target) =>
    target.closest("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio])");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    const named = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (event.key === "?") help.open = !help.open;
    else if (event.key === "t") tickAll();
    else if (named?.href) named.click();
    else if (named) named.focus();
    else return;
    event.preventDefault();
  });
}
