// The juror's phone follows the stage and sends ballots. Every tap carries an id made before it is sent
// first, so that sending it again after a lost answer is harmless; what the server echoes is what counts.
const ASK_MS = 1500;
const RETRY_MS = 2000;

function freshNonce() {
  // Not randomUUID(): that is missing on plain http inside a hall's own network.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default function jurorBooth(booth) {
  const light = document.querySelector("[data-connection]");
  let etag = "";
  let pending = null;

  const say = (online) => {
    if (!light) return;
    light.textContent = online ? light.dataset.online : light.dataset.offline;
    light.classList.toggle("is-off", !online);
  };
  const part = (name) => booth.querySelector(`[data-${name}]`);

  async function follow() {
    if (!document.hidden) {
      try {
        const headers = etag ? { "If-None-Match": etag } : {};
        const answer = await fetch(booth.dataset.state, { headers, credentials: "same-origin" });
        say(answer.ok || answer.status === 304);
        if (answer.status === 200) {
          etag = answer.headers.get("ETag") ?? "";
          const { key } = await answer.json();
          if (key !== part("key")?.dataset.key) await turn();
        }
      } catch {
        say(false);
      }
    }
    window.setTimeout(follow, ASK_MS);
  }

  async function turn() {
    const headers = { "HX-Request": "true" };
    const answer = await fetch(booth.dataset.home, { headers, credentials: "same-origin" });
    if (!answer.ok) return;
    booth.innerHTML = await answer.text();
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: booth } }));
  }

  function trouble(text) {
    const place = part("trouble");
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
  }

  function echo(form, receipt) {
    part("receipt").hidden = false;
    part("receipt-score").textContent = receipt.score;
    part("receipt-time").textContent = receipt.time;
    part("receipt-code").textContent = receipt.code;
    form.dataset.sent = receipt.score;
    form.elements.seq.value = Number(receipt.seq) + 1;
    form.elements.nonce.value = freshNonce();
    form.elements.score.dispatchEvent(new Event("input"));
    trouble(receipt.current ? "" : form.dataset.late);
  }

  async function send(form) {
    const ballot = pending;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: ballot.body,
        credentials: "same-origin",
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
      const told = await answer.json();
      say(true);
      if (pending === ballot) pending = null;
      if (!form.isConnected) return;
      if (answer.ok) echo(form, told);
      else {
        trouble(told.message);
        form.elements.nonce.value = freshNonce();
        form.elements.score.dispatchEvent(new Event("input"));
      }
    } catch {
      say(false);
      if (pending !== ballot) return;
      if (form.isConnected) trouble(form.dataset.retry);
      window.setTimeout(() => pending === ballot && send(form), RETRY_MS);
    }
  }

  booth.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-juror-pad]");
    if (!form) return;
    event.preventDefault();
    const fields = form.elements;
    if (pending && pending.score === fields.score.value && pending.entry === fields.entry.value) return;
    if (pending) {
      // Another score while the first is still on its way: a new ballot that comes after it.
      fields.nonce.value = freshNonce();
      fields.seq.value = Number(fields.seq.value) + 1;
    }
    const body = new URLSearchParams(new FormData(form));
    pending = { body, score: fields.score.value, entry: fields.entry.value };
    send(form);
  });

  follow();
}
