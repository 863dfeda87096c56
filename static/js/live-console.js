// The director's console: asks every second where the stage stands, sends what is pressed, answers keys.
// The server's answer replaces what is shown; what somebody else moved meanwhile rests under a short
// lock, so that a press meant for the button before does not meet the new one.
const EVERY = 1000;
const REST = 900;
const SAFE = /^(INPUT|TEXTAREA|SELECT)$/;
const ARROWS = { ArrowRight: "→", PageDown: "→", ArrowLeft: "←", PageUp: "←" };

export default function liveConsole(place) {
  const address = place.dataset.liveConsole;
  const form = document.getElementById("stage");
  const light = document.querySelector("[data-connection]");
  const refusals = document.querySelector("[data-refusals]");
  let drift = Date.parse(place.dataset.now) - Date.now();
  let etag = "";
  let version = seen();
  let asking = 0;
  let isActing = false;

  function seen() {
    return place.querySelector("input[name=seen]")?.value;
  }

  function say(online) {
    light.textContent = online ? light.dataset.online : light.dataset.offline;
    light.classList.toggle("is-off", !online);
  }

  function show(text, isOwn) {
    const focus = document.activeElement?.id;
    place.innerHTML = text;
    // Outside, where the next count does not wash it away.
    const refusal = place.querySelector("[data-refusal]");
    if (isOwn) refusals.replaceChildren(...(refusal ? [refusal] : []));
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: place } }));
    if (focus) place.querySelector(`#${CSS.escape(focus)}`)?.focus();
    if (!isOwn && seen() !== version) rest();
    version = seen();
    tick();
  }

  function rest() {
    place.inert = true;
    place.classList.add("is-moved");
    window.setTimeout(() => {
      place.inert = false;
      place.classList.remove("is-moved");
    }, REST);
  }

  // Asks or, with a body, acts. An answer overtaken by a later question is dropped.
  async function ask(body) {
    const number = (asking += 1);
    const headers = { "HX-Request": "true", ...(!body && etag && { "If-None-Match": etag }) };
    try {
      const method = body ? "POST" : "GET";
      const answer = await fetch(address, { method, body, headers, credentials: "same-origin" });
      const now = answer.headers.get("X-Now");
      if (now) drift = Date.parse(now) - Date.now();
      else if (answer.status < 500) return window.location.reload();
      const text = answer.status === 304 ? "" : await answer.text();
      if (number !== asking) return;
      say(answer.status < 500);
      if (text && now && !document.querySelector("dialog[open]")) {
        etag = answer.ok ? (answer.headers.get("ETag") ?? "") : "";
        show(text, Boolean(body));
      }
    } catch {
      say(false);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (!button || place.inert || isActing) return;
    const body = new FormData(form);
    body.append(button.name, button.value);
    button.disabled = true;
    isActing = true;
    ask(body).finally(() => {
      button.disabled = isActing = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || place.inert) return;
    if (SAFE.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
    const key = ARROWS[event.key] ?? event.key.toLowerCase();
    const button = place.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  function tick() {
    for (const timer of place.querySelectorAll("[data-until]")) {
      const left = Math.ceil((Date.parse(timer.dataset.until) - Date.now() - drift) / 1000);
      const time = timer.querySelector("time");
      const size = Math.abs(left);
      const clock = `${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
      time.textContent = left < 0 ? `+${clock}` : clock;
      timer.classList.toggle("is-over", left <= 0);
      timer.classList.toggle("is-near", left > 0 && left <= 30);
    }
  }

  window.setInterval(tick, 250);
  window.setInterval(() => document.hidden || isActing || ask(), EVERY);
  tick();
  place.dataset.attached = "";
}
