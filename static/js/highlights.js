// Highlights in the text an expert reads: select and press the button or H; press a highlight to remove
// it. They are kept with the private notes, as places in the text counted in characters (not in the
// halves a string here is made of). Without script they are shown and stay as they are.
export default function highlights(root) {
  const store = document.getElementById(root.dataset.highlights);
  const tools = root.querySelector("[data-highlight-tools]");
  const parts = new Map([...root.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  let marks = JSON.parse(store.value || "[]");

  const length = (text) => [...text].length;

  // Where a place of the document lies in a part: characters from its beginning.
  function offset(part, node, at) {
    const range = document.createRange();
    range.selectNodeContents(part);
    range.setEnd(node, at);
    return length(range.toString());
  }

  function selected(part, range) {
    if (!range.intersectsNode(part)) return null;
    const starts = part.contains(range.startContainer);
    const ends = part.contains(range.endContainer);
    const start = starts ? offset(part, range.startContainer, range.startOffset) : 0;
    const end = ends ? offset(part, range.endContainer, range.endOffset) : length(part.textContent);
    return start < end ? { part: part.dataset.part, start, end } : null;
  }

  function merged(all) {
    const found = [];
    for (const mark of [...all].sort((a, b) => a.part.localeCompare(b.part) || a.start - b.start)) {
      const last = found.at(-1);
      if (last?.part === mark.part && mark.start <= last.end) last.end = Math.max(last.end, mark.end);
      else found.push({ ...mark });
    }
    return found;
  }

  function show() {
    for (const [key, part] of parts) {
      const text = [...part.textContent];
      let at = 0;
      part.replaceChildren();
      for (const mark of marks.filter((one) => one.part === key)) {
        part.append(text.slice(at, mark.start).join(""));
        const shown = document.createElement("mark");
        shown.textContent = text.slice(mark.start, mark.end).join("");
        part.append(shown);
        at = mark.end;
      }
      part.append(text.slice(at).join(""));
    }
  }

  function keep(changed) {
    marks = merged(changed);
    show();
    store.value = JSON.stringify(marks);
    store.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function add() {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const added = [...parts.values()].map((part) => selected(part, range)).filter(Boolean);
    if (!added.length) return;
    selection.removeAllRanges();
    keep([...marks, ...added]);
  }

  tools.hidden = !parts.size;
  tools.querySelector("[data-highlight]").addEventListener("click", add);
  root.addEventListener("click", (event) => {
    const mark = event.target.closest("mark");
    if (!mark || !window.getSelection().isCollapsed) return;
    const part = mark.closest("[data-part]");
    const start = offset(part, mark, 0);
    keep(marks.filter((one) => one.part !== part.dataset.part || one.start !== start));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    if (event.key.toLowerCase() === "h") add();
  });
}
