// Computes the fingerprints of a downloaded result in the browser; the file goes nowhere.
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// The canonical form that is sealed: sorted keys, no blanks; its numbers are whole.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

async function sha256(value) {
  return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical(value))));
}

export default function checkBundle(place) {
  if (!window.crypto?.subtle) return; // not without a secure connection
  const status = place.querySelector('[role="status"]');
  const shown = place.querySelector("[data-found]");
  place.hidden = false;
  place.querySelector("input").addEventListener("change", async ({ target }) => {
    status.textContent = shown.textContent = "";
    if (!target.files.length) return;
    try {
      const { sha256: whole, ...content } = JSON.parse(await target.files[0].text());
      const tally = await sha256(content.tally);
      const agrees = tally === place.dataset.sha256 && whole === (await sha256(content));
      status.className = `note mt-2 mb-0 ${agrees ? "note--good" : "note--bad"}`;
      status.textContent = agrees ? place.dataset.agrees : place.dataset.differs;
      shown.textContent = `SHA-256 ${tally}`;
    } catch {
      status.className = "note mt-2 mb-0 note--warn";
      status.textContent = place.dataset.broken;
    }
  });
}
