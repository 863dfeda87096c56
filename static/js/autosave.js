// Saves an application place by place (a field, or a whole table) as it is typed. One save at a time; what
// is not yet on the server stays in this browser, whatever happens to the tab, the network or the sign-in,
// and is put back when the page is opened again. Nobody's text is overwritten: see data-conflict.
const PAUSE_MS = 800;
const LONGEST_MS = 5000;
const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000];
const LONGEST_TIMER_MS = 2_000_000_000;
const PREFIX = "gongzhi.kept:";

const fresh = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// A browser may refuse to keep anything (full, or told so): then the server's copy is the only one.
const store = {
  read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  write(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* see above */ }
  },
  drop(key) {
    try { localStorage.removeItem(key); } catch { /* see above */ }
  },
  keys(start) {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(start)); } catch { return []; }
  },
};

export default function autosave(root) {
  const form = root.querySelector("form");
  const status = root.querySelector("[data-save-status]");
  const line = root.querySelector("#saved-at");
  const places = root.dataset.places.split(" ").filter(Boolean);
  const own = { version: root.dataset.version, tab: fresh() };
  const shelf = `${PREFIX}${root.dataset.person}:${root.dataset.draft}:`;
  // By place: from which version and as which tab it was begun; what the server is known to have.
  const begun = new Map();
  const known = new Map();
  const dirty = new Set();
  const open = new Set();
  let busy = null;
  let timer = 0;
  let typedSince = 0;
  let failures = 0;
  let isOut = false;
  let leaving = null;
  let isFilling = false;

  if (form.elements.tab) form.elements.tab.value = own.tab;

  const placeOf = (name) =>
    places.includes(name) ? name : places.find((place) => name?.startsWith(`${place}_`) || name?.startsWith(`${place}-`));
  const controls = (place) => [...form.elements].filter((control) => placeOf(control.name) === place);
  const entries = (place) => [...new FormData(form)].filter(([name]) => placeOf(name) === place);
  const look = (place) => JSON.stringify(entries(place));
  const origin = (place) => begun.get(place) ?? own;
  const key = (place) => `${shelf}${place}:${origin(place).tab}`;
  const state = (place) => root.querySelector(`#state-${CSS.escape(place)}`);

  function say(what, text = status.dataset[`say${what}`]) {
    status.dataset.state = what.toLowerCase();
    if (text) line.textContent = text;
    status.querySelector("[data-sign-in]").hidden = what !== "Out";
  }

  function keep(place) {
    store.write(key(place), { at: Date.now(), ...origin(place), entries: entries(place) });
  }

  function touch(place, wait) {
    keep(place);
    dirty.add(place);
    if (isOut) return;
    if (!typedSince) typedSince = Date.now();
    schedule(Math.min(wait, Math.max(0, typedSince + LONGEST_MS - Date.now())));
  }

  function schedule(wait) {
    window.clearTimeout(timer);
    timer = window.setTimeout(drain, wait);
  }

  // Sending -------------------------------------------------------------------

  function parcel(place) {
    const data = new FormData();
    for (const [name, value] of entries(place)) data.append(name, value);
    data.set("place", place);
    data.set("person", root.dataset.person);
    data.set("version", origin(place).version);
    data.set("tab", origin(place).tab);
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
    if (dirty.size) schedule(leaving || !typedSince ? 0 : PAUSE_MS);
    else settle();
  }

  function put(place, answer) {
    window.htmx.swap(state(place), answer.responseText, { swapStyle: "outerHTML" });
  }

  function took(place, text, answer) {
    failures = 0;
    known.set(place, text);
    const kept = key(place);
    status.dataset.state = "saved";
    put(place, answer);
    // What was begun elsewhere is ours from now on.
    begun.set(place, { version: state(place).dataset.version, tab: own.tab });
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
    leaving = null;
    open.add(place);
    put(place, answer);
    say("Conflict");
    ask(state(place));
  }

  function refused(place, answer) {
    failures = 0;
    leaving = null;
    const told = new DOMParser().parseFromString(answer.responseText, "text/html").querySelector("[data-error]");
    // Not sent again by itself: the application is closed. What was typed stays in this browser.
    open.add(place);
    say("Refused", told?.textContent.trim());
  }

  async function out(place, outcome) {
    dirty.add(place);
    if (outcome === 403 && (await comeBack())) return;
    isOut = true;
    leaving = null;
    say("Out");
  }

  function again(place) {
    dirty.add(place);
    leaving = null;
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

  // Two texts -----------------------------------------------------------------

  function ask(place) {
    const buttons = place.querySelector("[data-conflict-buttons]");
    if (!buttons) return;
    buttons.hidden = false;
    place.querySelector("[data-conflict-box]").hidden = true;
  }

  function choose(button) {
    const there = button.closest("[data-conflict]");
    const place = there.dataset.place;
    if (button.matches("[data-take-theirs]")) {
      store.drop(key(place));
      // The page comes with their text; whatever else is not saved yet is put back from this browser.
      window.location.replace(window.location.pathname);
      return;
    }
    store.drop(key(place));
    begun.set(place, { version: there.dataset.version, tab: own.tab });
    open.delete(place);
    known.delete(place);
    touch(place, 0);
  }

  // Putting back --------------------------------------------------------------

  function restore() {
    let last = 0;
    for (const place of places) {
      const found = store.keys(`${shelf}${place}:`).map((name) => ({ name, ...store.read(name) }));
      const waiting = [];
      for (const kept of found.filter((each) => each.entries)) {
        if (root.dataset.sent !== undefined || JSON.stringify(kept.entries) !== look(place)) waiting.push(kept);
        else store.drop(kept.name);
      }
      const newest = waiting.sort((one, other) => other.at - one.at)[0];
      if (!newest || !fill(place, newest.entries)) continue;
      begun.set(place, { version: newest.version, tab: newest.tab });
      dirty.add(place);
      last = Math.max(last, newest.at);
    }
    if (!last) return;
    const note = root.querySelector("[data-restored]");
    note.hidden = false;
    const pad = (number) => String(number).padStart(2, "0");
    const then = new Date(last);
    note.querySelector("time").textContent =
      `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())} ${pad(then.getHours())}:${pad(then.getMinutes())}`;
    schedule(0);
  }

  function fill(place, kept) {
    if (!controls(place).length || controls(place).every((control) => control.disabled)) return false;
    const values = new Map();
    for (const [name, value] of kept) values.set(name, [...(values.get(name) ?? []), value]);
    const count = `${place}-TOTAL_FORMS`;
    if (values.has(count)) grow(place, Number(values.get(count)[0]));
    for (const control of controls(place)) {
      const those = values.get(control.name) ?? [];
      if (["checkbox", "radio"].includes(control.type)) control.checked = those.includes(control.value);
      else if (control.name !== count && !control.name.endsWith("-INITIAL_FORMS")) control.value = those.shift() ?? "";
    }
    // Counters and sums look again; nothing of it was typed just now.
    isFilling = true;
    for (const control of controls(place)) control.dispatchEvent(new Event("input", { bubbles: true }));
    isFilling = false;
    return true;
  }

  // Rows that were added by hand are added again.
  function grow(place, wanted) {
    const more = form.querySelector(`[data-rows="${place}"] [data-add-row]`);
    const total = form.elements[`${place}-TOTAL_FORMS`];
    for (let number = Number(total.value); more && number < wanted; number += 1) more.click();
  }

  // Leaving -------------------------------------------------------------------

  // A form is sent once everything typed has arrived; a save that overtakes it could undo it.
  function hold(event) {
    const target = event.target;
    if (target !== form && !target.matches("[data-forget]")) return;
    const waits = busy || [...dirty].some((place) => !open.has(place) && look(place) !== known.get(place));
    if (isOut) return;
    if (!waits) {
      if (target === form) excuse();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    leaving = { form: target, button: event.submitter };
    drain();
  }

  // What has arrived, or was never touched, need not be judged again: a colleague may have gone on with it.
  function excuse() {
    for (const old of form.querySelectorAll("[data-excused]")) old.remove();
    for (const place of places) {
      if (look(place) !== known.get(place) || "unfinished" in (state(place)?.dataset ?? {})) continue;
      const note = Object.assign(document.createElement("input"), { type: "hidden", name: "as_saved", value: place });
      note.dataset.excused = "";
      form.append(note);
    }
  }

  function settle() {
    if (!leaving || busy) return;
    const { form: target, button } = leaving;
    leaving = null;
    target.requestSubmit(button);
  }

  // Best effort: what this does not bring home is put back from this browser.
  function farewell() {
    if (busy || isOut || leaving) return;
    for (const place of dirty) {
      if (!open.has(place) && look(place) !== known.get(place)) {
        fetch(root.dataset.autosave, {
          method: "POST", body: parcel(place), headers: { "HX-Request": "true" },
          credentials: "same-origin", keepalive: true,
        }).catch(() => {});
      }
    }
  }

  const wake = async () => {
    if (document.hidden) return;
    if (isOut && dirty.size && (await comeBack())) say("Saving");
    if (dirty.size) schedule(0);
  };

  for (const place of places) {
    if (root.dataset.sent === undefined) known.set(place, look(place));
    const there = state(place);
    if (there && "conflict" in there.dataset) ask(there);
  }
  root.addEventListener("input", (event) => {
    const place = placeOf(event.target.name);
    if (place && !isFilling) touch(place, PAUSE_MS);
  });
  root.addEventListener("change", (event) => {
    const place = placeOf(event.target.name);
    if (place) touch(place, 0);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep-mine], [data-take-theirs]");
    if (button) choose(button);
  });
  document.addEventListener("submit", hold, true);
  document.addEventListener("visibilitychange", () => (document.hidden ? farewell() : wake()));
  window.addEventListener("pagehide", farewell);
  window.addEventListener("online", wake);
  window.addEventListener("focus", wake);

  const left = Date.parse(root.dataset.until) - Date.parse(root.dataset.now);
  if (left > 0 && left < LONGEST_TIMER_MS) {
    window.setTimeout(() => { document.querySelector("[data-late]").hidden = false; }, left);
  }
  restore();
  root.dataset.ready = "";
}
