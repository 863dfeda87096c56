// What this browser kept and the server never got is put back when the page is opened again.
import { store } from "./store.js";

// While values are put back nothing is typed, though counters and sums are told to look again.
let isFilling = false;
export const isPuttingBack = () => isFilling;

export function restore(draft, queue) {
  let last = 0;
  for (const place of draft.places) {
    const newest = newestOf(draft, place);
    if (!newest || !fill(draft, place, newest.entries)) continue;
    draft.begin(place, newest.version, newest.tab);
    draft.dirty.add(place);
    last = Math.max(last, newest.at);
  }
  if (!last) return;
  tell(draft.root, new Date(last));
  queue.schedule(0);
}

// What stands on the page already need not be kept, unless the page comes back refused.
function newestOf(draft, place) {
  const found = store.keys(`${draft.shelf}${place}:`).map((name) => ({ name, ...store.read(name) }));
  const waiting = [];
  for (const kept of found.filter((each) => each.entries)) {
    if (draft.root.dataset.sent !== undefined || JSON.stringify(kept.entries) !== draft.look(place)) waiting.push(kept);
    else store.drop(kept.name);
  }
  return waiting.sort((one, other) => other.at - one.at)[0];
}

function tell(root, then) {
  const note = root.querySelector("[data-restored]");
  note.hidden = false;
  const pad = (number) => String(number).padStart(2, "0");
  note.querySelector("time").textContent =
    `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())} ${pad(then.getHours())}:${pad(then.getMinutes())}`;
}

function fill(draft, place, kept) {
  const { controls } = draft;
  if (!controls(place).length || controls(place).every((control) => control.disabled)) return false;
  const values = new Map();
  for (const [name, value] of kept) values.set(name, [...(values.get(name) ?? []), value]);
  const count = `${place}-TOTAL_FORMS`;
  if (values.has(count)) grow(draft.form, place, Number(values.get(count)[0]));
  for (const control of controls(place)) {
    const those = values.get(control.name) ?? [];
    if (["checkbox", "radio"].includes(control.type)) control.checked = those.includes(control.value);
    else if (control.name !== count && !control.name.endsWith("-INITIAL_FORMS")) control.value = those.shift() ?? "";
  }
  isFilling = true;
  for (const control of controls(place)) control.dispatchEvent(new Event("input", { bubbles: true }));
  isFilling = false;
  return true;
}

// Rows that were added by hand are added again.
function grow(form, place, wanted) {
  const more = form.querySelector(`[data-rows="${place}"] [data-add-row]`);
  const total = form.elements[`${place}-TOTAL_FORMS`];
  for (let number = Number(total.value); more && number < wanted; number += 1) more.click();
}
