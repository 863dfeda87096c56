// One save at a time, place by place; tried again until the server has answered.
import { ask } from "./conflict.js";
import { store } from "./store.js";

export const PAUSE_MS = 800;
const LONGEST_MS = 5000;
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];

export function sending(draft, say, leave) {
  const { root, form, known, dirty, open, look, key, state } = draft;
  let busy = null;
  let timer = 0;
  let typedSince = 0;
  let failures = 0;
  let isOut = false;

  function touch(place, wait) {
    draft.keep(place);
    dirty.add(place);
    if (isOut) return;
    if (!typedSince) typedSince = Date.now();
    schedule(Math.min(wait, Math.max(0, typedSince + LONGEST_MS - Date.now())));
  }

  function schedule(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(drain, wait);
  }

  function parcel(place) {
    const data = new FormData();
    for (const [name, value] of draft.entries(place)) data.append(name, value);
    data.set("place", place);
    data.set("person", root.dataset.person);
    data.set("version", draft.origin(place).version);
    data.set("tab", draft.origin(place).tab);
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    return data;
  }

  // The answer, or nothing when the network or the server is gone.
  async function post(place) {
    let answer = null;
    try {
      await window.htmx.ajax("POST", root.dataset.autosave, {
        source: root,
        target: root,
        values: parcel(place),
        handler: (_root, told) => { answer = told.xhr; },
      });
    } catch {
      return null;
    }
    return answer;
  }

  async function drain() {
    window.clearTimeout(timer);
    if (busy || isOut) return;
    const place = [...dirty].find((each) => !open.has(each));
    if (!place) return settle();
    dirty.delete(place);
    typedSince = 0;
    const text = look(place);
    if (text === known.get(place)) {
      store.drop(key(place));
      return drain();
    }
    busy = place;
    say("Saving");
    const answer = await post(place);
    busy = null;
    const outcome = answer?.status ?? 0;
    if (outcome === 200) took(place, text, answer);
    else if (outcome === 409 && answer.responseText.includes("data-conflict")) both(place, answer);
    else if (outcome === 409 || outcome === 404 || outcome === 400) refused(place, answer);
    else if (outcome === 401 || outcome === 403) await out(place, outcome);
    else again(place);
    if (isOut || failures) return;
    if (dirty.size) schedule(leave.isWaiting() || !typedSince ? 0 : PAUSE_MS);
    else settle();
  }

  function settle() {
    if (!busy) leave.go();
  }

  function put(place, answer) {
    window.htmx.swap(state(place), answer.responseText, { swapStyle: "outerHTML" });
  }

  function took(place, text, answer) {
    failures = 0;
    known.set(place, text);
    const kept = key(place);
    say("Saved");
    put(place, answer);
    // What was begun elsewhere is ours from now on.
    draft.begin(place, state(place).dataset.version);
    store.drop(kept);
    if (look(place) !== text) touch(place, PAUSE_MS);
    else dirty.delete(place);
    if ("unfinished" in state(place).dataset) return;
    // It may have been this that another place waited for, as the end of a period waits for its beginning.
    for (const other of root.querySelectorAll("[data-unfinished]")) {
      known.delete(other.dataset.place);
      dirty.add(other.dataset.place);
    }
  }

  function both(place, answer) {
    failures = 0;
    leave.stay();
    open.add(place);
    put(place, answer);
    say("Conflict");
    ask(state(place));
  }

  function refused(place, answer) {
    failures = 0;
    leave.stay();
    const told = new DOMParser().parseFromString(answer.responseText, "text/html").querySelector("[data-error]");
    // Not sent again by itself: the application is closed. What was typed stays in this browser.
    open.add(place);
    say("Refused", told?.textContent.trim());
  }

  async function out(place, outcome) {
    dirty.add(place);
    if (outcome === 403 && (await comeBack())) return;
    isOut = true;
    leave.stay();
    say("Out");
  }

  function again(place) {
    dirty.add(place);
    leave.stay();
    say("Retry");
    schedule(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }

  // Signed in again elsewhere: this page only needs a fresh token, if it is still the same person.
  async function comeBack() {
    try {
      const answer = await fetch(window.location.pathname, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector("[data-autosave]")?.dataset.person !== root.dataset.person) return false;
      const token = page.querySelector("[data-autosave] [name=csrfmiddlewaretoken]").value;
      if (token) form.elements.csrfmiddlewaretoken.value = token;
    } catch {
      return false;
    }
    isOut = false;
    return true;
  }

  async function wake() {
    if (document.hidden) return;
    if (isOut && dirty.size && (await comeBack())) say("Saving");
    if (dirty.size) schedule(0);
  }

  return { touch, schedule, drain, parcel, wake, isBusy: () => busy !== null, isOut: () => isOut };
}
