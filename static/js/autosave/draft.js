// The form as places (a field, or a whole table): what stands in each, from which version and as which tab
// it was begun, what the server is known to have, and what is still to be sent.
import { shelfOf, store } from "./store.js";

const fresh = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function draftOf(root) {
  const form = root.querySelector("form");
  const places = root.dataset.places.split(" ").filter(Boolean);
  const own = { version: root.dataset.version, tab: fresh() };
  const shelf = shelfOf(root);
  const begun = new Map();
  const known = new Map();
  const dirty = new Set();
  // Places that wait for a word: two texts, or an application that takes nothing any more.
  const open = new Set();

  if (form.elements.tab) form.elements.tab.value = own.tab;

  const placeOf = (name) =>
    places.includes(name) ? name : places.find((place) => name?.startsWith(`${place}_`) || name?.startsWith(`${place}-`));
  const controls = (place) => [...form.elements].filter((control) => placeOf(control.name) === place);
  const entries = (place) => [...new FormData(form)].filter(([name]) => placeOf(name) === place);
  const look = (place) => JSON.stringify(entries(place));
  const origin = (place) => begun.get(place) ?? own;
  const key = (place) => `${shelf}${place}:${origin(place).tab}`;
  const state = (place) => root.querySelector(`#state-${CSS.escape(place)}`);

  return {
    root, form, places, shelf, known, dirty, open, placeOf, controls, entries, look, origin, key, state,
    waits: (place) => !open.has(place) && look(place) !== known.get(place),
    keep: (place) => store.write(key(place), { at: Date.now(), ...origin(place), entries: entries(place) }),
    begin: (place, version, tab = own.tab) => begun.set(place, { version, tab }),
  };
}
