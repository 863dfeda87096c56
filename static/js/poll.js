// Asks an address for its state every data-every milliseconds and puts the answer in place when it has
// changed (ETag). A lost network is said, not hidden; the next answer takes it back.
export default function poll(place) {
  const every = Number(place.dataset.every ?? 2000);
  const light = document.querySelector("[data-connection]");
  let etag = "";

  const say = (online) => {
    if (!light) return;
    light.textContent = online ? light.dataset.online : light.dataset.offline;
    light.classList.toggle("is-off", !online);
  };
  const ask = async () => {
    if (!document.hidden) {
      try {
        const headers = { "HX-Request": "true", ...(etag && { "If-None-Match": etag }) };
        const answer = await fetch(place.dataset.poll, { headers, credentials: "same-origin" });
        if (answer.status === 200) {
          etag = answer.headers.get("ETag") ?? "";
          const text = await answer.text();
          if (text !== place.innerHTML) {
            place.innerHTML = text;
            window.htmx?.process(place);
            document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: place } }));
          }
        }
        say(answer.ok || answer.status === 304);
      } catch {
        say(false);
      }
    }
    window.setTimeout(ask, every);
  };
  window.setTimeout(ask, every);
}
