// The juror's number pad: buttons with data-digit write into the one input; the big button says what it
// will send. Without script the input itself is typed into and sent.
export default function jurorPad(pad) {
  const input = pad.querySelector("[data-score]");
  const echo = pad.querySelector("[data-echo]");
  const send = pad.querySelector("[data-send]");
  const top = Number(input.max || 100);
  const words = { first: send.dataset.first, change: send.dataset.change, none: send.textContent };

  function show() {
    const typed = input.value;
    if (echo) echo.textContent = typed || "–";
    send.disabled = typed === "";
    const words_ = pad.dataset.sent ? words.change : words.first;
    send.textContent = typed && words_ ? words_.replace("%", typed) : words.none;
  }

  function press(digit) {
    if (digit === "clear") input.value = "";
    else if (digit === "back") input.value = input.value.slice(0, -1);
    else if (Number(digit) === top) input.value = digit;
    else {
      const next = String(Number(input.value + digit));
      // A third digit starts anew instead of refusing: 92, then 8 is read as 8.
      input.value = Number(next) <= top ? next : digit;
    }
    navigator.vibrate?.(8);
    show();
  }

  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]");
    if (key) press(key.dataset.digit);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target === input || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") press("back");
  });
  input.addEventListener("input", show);
  pad.classList.add("is-live");
  show();
}
