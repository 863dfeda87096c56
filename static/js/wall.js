// The wall: asks every second which picture stands, fetches it when it is another, and counts down by the
// database's clock. Without a public state (a rehearsal) it asks for the picture itself.
const EVERY = 1000;

export default function wall(place) {
  const { wall: page, state } = place.dataset;
  const light = document.querySelector("[data-connection]");
  let drift = Date.parse(place.dataset.now) - Date.now();
  let etag = "";

  const shown = () => place.querySelector("[data-key]")?.dataset.key;

  function say(online) {
    light.textContent = online ? light.dataset.online : light.dataset.offline;
  }

  async function get(address) {
    const headers = { "HX-Request": "true", ...(etag && { "If-None-Match": etag }) };
    const answer = await fetch(address, { headers, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    // A way through the network only ever makes a reading older: the newest one is the best.
    const now = Date.parse(answer.headers.get("X-Now") ?? "");
    if (now) drift = Math.max(drift, now - Date.now());
    return answer;
  }

  // Asked for by its key, so that no cache on the way has an older one under the same address.
  async function fetchPicture(key) {
    const answer = await get(key ? `${page}${page.includes("?") ? "&" : "?"}at=${key}` : page);
    if (answer.status === 304) return;
    const text = await answer.text();
    // A page in front of ours, such as the sign-in of a hotel's network, is no picture.
    if (!text.includes("data-key=")) throw new Error("no picture");
    if (!state) etag = answer.headers.get("ETag") ?? "";
    place.innerHTML = text;
    tick();
  }

  async function ask() {
    if (!state) return fetchPicture();
    const answer = await get(state);
    if (answer.status === 304) return;
    const { key, received } = await answer.json();
    if (key !== shown()) {
      etag = "";
      await fetchPicture(key);
      return;
    }
    etag = answer.headers.get("ETag") ?? "";
    for (const number of place.querySelectorAll("[data-received]")) {
      if (received !== null) number.textContent = String(received);
    }
  }

  function tick() {
    for (const timer of place.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.ceil((Date.parse(timer.dataset.until) - Date.now() - drift) / 1000));
      timer.firstElementChild.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      timer.classList.toggle("is-near", left > 0 && left <= 10);
      timer.classList.toggle("is-over", left === 0);
      if (left === 0) endScoring();
    }
  }

  function endScoring() {
    for (const words of place.querySelectorAll("[data-over]")) {
      words.textContent = words.dataset.over;
      words.classList.remove("wall__kicker--open");
    }
  }

  const next = () => {
    ask()
      .then(() => say(true))
      .catch(() => say(false))
      .finally(() => window.setTimeout(next, EVERY));
  };
  window.setInterval(tick, 200);
  window.setTimeout(next, EVERY);
  tick();
}
