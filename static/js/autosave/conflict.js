// Two texts in one place: the writer chooses, and nobody's is overwritten.
import { store } from "./store.js";

export function ask(place) {
  const buttons = place.querySelector("[data-conflict-buttons]");
  if (!buttons) return;
  buttons.hidden = false;
  place.querySelector("[data-conflict-box]").hidden = true;
}

export function choose(draft, queue, button) {
  const there = button.closest("[data-conflict]");
  const place = there.dataset.place;
  store.drop(draft.key(place));
  if (button.matches("[data-take-theirs]")) {
    // The page comes with their text; whatever else is not saved yet is put back from this browser.
    window.location.replace(window.location.pathname);
    return;
  }
  draft.begin(place, there.dataset.version);
  draft.open.delete(place);
  draft.known.delete(place);
  queue.touch(place, 0);
}
