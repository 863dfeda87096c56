// A form is sent once everything typed has arrived; a save that overtakes it could undo it.
export function leaving(draft) {
  const { root, form } = draft;
  let wish = null;

  function hold(event, queue) {
    const target = event.target;
    if (target !== form && !target.matches("[data-forget]")) return;
    if (queue.isOut()) return;
    if (!queue.isBusy() && ![...draft.dirty].some(draft.waits)) {
      if (target === form) excuse();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    wish = { form: target, button: event.submitter };
    queue.drain();
  }

  // What has arrived, or was never touched, need not be judged again: a colleague may have gone on with it.
  function excuse() {
    for (const old of form.querySelectorAll("[data-excused]")) old.remove();
    for (const place of draft.places) {
      const isKnown = draft.look(place) === draft.known.get(place);
      if (!isKnown || "unfinished" in (draft.state(place)?.dataset ?? {})) continue;
      const note = Object.assign(document.createElement("input"), { type: "hidden", name: "as_saved", value: place });
      note.dataset.excused = "";
      form.append(note);
    }
  }

  function go() {
    if (!wish) return;
    const { form: target, button } = wish;
    wish = null;
    target.requestSubmit(button);
  }

  // Best effort when the page goes: what this does not bring home is put back from this browser.
  function farewell(queue) {
    if (queue.isBusy() || queue.isOut() || wish) return;
    for (const place of [...draft.dirty].filter(draft.waits)) {
      fetch(root.dataset.autosave, {
        method: "POST", body: queue.parcel(place), headers: { "HX-Request": "true" },
        credentials: "same-origin", keepalive: true,
      }).catch(() => {});
    }
  }

  return { hold, go, farewell, stay: () => { wish = null; }, isWaiting: () => wish !== null };
}
