// The scoring desk by keyboard: J/K next and previous criterion, digits type into the one in hand, arrows
// give or take half a point, Ctrl+Enter saves. Levels light up and the total runs along; the server adds up again.
const STEP = 0.5;

export default function scoreSheet(sheet) {
  const cards = [...sheet.querySelectorAll("[data-criterion]")];
  const inputs = cards.map((card) => card.querySelector("input"));
  const places = Number(sheet.dataset.decimals ?? 0);
  const scale = 10 ** places;
  let current = 0;

  const value = (input) => {
    const text = input.value.trim();
    if (!/^\d+(\.\d+)?$/.test(text)) return null;
    const points = Number(text);
    return points <= Number(input.max) ? points : null;
  };
  const write = (name, text) => {
    for (const place of sheet.querySelectorAll(`[data-${name}]`)) place.textContent = text;
  };

  function show() {
    let sum = 0;
    let possible = 0;
    let done = 0;
    inputs.forEach((input, index) => {
      const points = value(input);
      cards[index].classList.toggle("is-scored", points !== null);
      cards[index].classList.toggle("is-wrong", points === null && input.value.trim() !== "");
      for (const level of cards[index].querySelectorAll("[data-from]")) {
        const on = points !== null && points >= Number(level.dataset.from) && points <= Number(level.dataset.to);
        level.classList.toggle("is-on", on);
        level.setAttribute("aria-pressed", String(on));
      }
      for (const words of cards[index].querySelectorAll("[data-low]")) {
        const on = points !== null && points >= Number(words.dataset.low) && points <= Number(words.dataset.high);
        words.classList.toggle("is-on", on);
      }
      if (points === null) return;
      sum += Math.round(points * scale);
      possible += Number(input.max);
      done += 1;
    });
    write("total", done ? (sum / scale).toFixed(places) : "—");
    write("possible", String(possible));
    write("done", String(done));
  }

  function take(index) {
    current = Math.max(0, Math.min(index, inputs.length - 1));
    inputs[current].focus();
    inputs[current].select();
    cards[current].scrollIntoView({ block: "nearest" });
  }

  const changed = (input) => input.dispatchEvent(new Event("change", { bubbles: true }));

  function step(input, by) {
    const highest = Number(input.max);
    const from = value(input) ?? (by > 0 ? 0 : highest);
    input.value = String(Math.max(0, Math.min(highest, from + by)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
    changed(input);
  }

  inputs.forEach((input, index) => {
    input.addEventListener("focus", () => {
      current = index;
      cards.forEach((card) => card.classList.toggle("is-current", card === cards[index]));
    });
    input.addEventListener("input", show);
  });
  for (const level of sheet.querySelectorAll("[data-from]")) {
    level.addEventListener("click", () => {
      const index = cards.indexOf(level.closest("[data-criterion]"));
      inputs[index].value = level.dataset.to;
      inputs[index].dispatchEvent(new Event("input", { bubbles: true }));
      changed(inputs[index]);
      take(index);
    });
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      sheet.requestSubmit(sheet.querySelector("[data-save]"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inHand = document.activeElement;
    const typing = inHand?.matches("textarea, select, input") && !inputs.includes(inHand);
    if (typing) return;
    const key = event.key.toLowerCase();
    if (key === "j" || (event.key === "Enter" && inputs.includes(inHand))) {
      event.preventDefault();
      take(inputs.includes(inHand) ? current + 1 : current);
    } else if (key === "k") {
      event.preventDefault();
      take(inputs.includes(inHand) ? current - 1 : current);
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && inputs.includes(inHand)) {
      event.preventDefault();
      step(inHand, event.key === "ArrowUp" ? STEP : -STEP);
    } else if (/^\d$/.test(event.key) && !inputs.includes(inHand)) {
      take(current);
    }
  });

  // Leaving with unsaved scores asks first. One save at a time: the button waits for the one on its way,
  // and none begins after it, or the expert would stand against the own save as against somebody else's.
  let dirty = false;
  let saving = false;
  let leaving = false;
  let pressed = null;
  sheet.addEventListener("input", () => { dirty = true; });
  sheet.addEventListener("htmx:beforeRequest", (event) => {
    if (leaving) event.preventDefault();
    else saving = true;
  });
  sheet.addEventListener("htmx:afterRequest", (event) => {
    saving = false;
    if (event.detail.successful) dirty = false;
    if (pressed) sheet.requestSubmit(pressed);
  });
  sheet.addEventListener("submit", (event) => {
    if (leaving || saving) {
      event.preventDefault();
      if (saving) pressed = event.submitter;
      return;
    }
    leaving = true;
    dirty = false;
  });
  // Coming back with the browser's own button shows the page as it was left: let it be used again.
  window.addEventListener("pageshow", () => {
    leaving = false;
    pressed = null;
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  show();
  sheet.dataset.ready = "";
}
