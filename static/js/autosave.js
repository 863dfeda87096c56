// Saves an application place by place (a field, or a whole table) as it is typed. One save at a time; what
// is not yet on the server stays in this browser, whatever happens to the tab, the network or the sign-in,
// and is put back when the page is opened again. Nobody's text is overwritten: see data-conflict.
import { ask, choose } from "./autosave/conflict.js";
import { draftOf } from "./autosave/draft.js";
import { leaving } from "./autosave/leaving.js";
import { isPuttingBack, restore } from "./autosave/restore.js";
import { PAUSE_MS, sending } from "./autosave/sending.js";
import { statusOf } from "./autosave/status.js";

const LONGEST_TIMER_MS = 2_000_000_000;

export default function autosave(root) {
  const draft = draftOf(root);
  const leave = leaving(draft);
  const queue = sending(draft, statusOf(root), leave);

  for (const place of draft.places) {
    if (root.dataset.sent === undefined) draft.known.set(place, draft.look(place));
    const there = draft.state(place);
    if (there && "conflict" in there.dataset) ask(there);
  }
  listen(root, draft, queue, leave);
  tellWhenLate(root);
  restore(draft, queue);
  root.dataset.ready = "";
}

function listen(root, draft, queue, leave) {
  root.addEventListener("input", (event) => {
    const place = draft.placeOf(event.target.name);
    if (place && !isPuttingBack()) queue.touch(place, PAUSE_MS);
  });
  root.addEventListener("change", (event) => {
    const place = draft.placeOf(event.target.name);
    if (place) queue.touch(place, 0);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep-mine], [data-take-theirs]");
    if (button) choose(draft, queue, button);
  });
  document.addEventListener("submit", (event) => leave.hold(event, queue), true);
  document.addEventListener("visibilitychange", () => (document.hidden ? leave.farewell(queue) : queue.wake()));
  window.addEventListener("pagehide", () => leave.farewell(queue));
  window.addEventListener("online", queue.wake);
  window.addEventListener("focus", queue.wake);
}

function tellWhenLate(root) {
  const left = Date.parse(root.dataset.until) - Date.parse(root.dataset.now);
  if (left > 0 && left < LONGEST_TIMER_MS) {
    window.setTimeout(() => { document.querySelector("[data-late]").hidden = false; }, left);
  }
}
