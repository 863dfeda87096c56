import { askFirst } from "./confirm.js";

// Each behaviour is a small module, fetched only by pages that ask for it with a data attribute.
// Everything works without them; they make it quicker and kinder.
const behaviours = {
  "[data-submit-once]": "./submit-once.js",
  "[data-menu]": "./menu.js",
  "[data-side]": "./side-menu.js",
  "[data-autofocus]": "./autofocus.js",
  "[data-countdown]": "./countdown.js",
  "textarea[maxlength], [data-max-chars]": "./char-counter.js",
  "[data-forget]": "./forget.js",
  "[data-live-sum]": "./live-sum.js",
  "[data-add-row]": "./add-row.js",
  "[data-score-sheet]": "./score-sheet.js",
  "[data-highlights]": "./highlights.js",
  "[data-file-drop]": "./file-drop.js",
  "[data-upload]": "./upload.js",
  "[data-copy]": "./copy.js",
  "[data-check-bundle]": "./check-bundle.js",
  "[data-poll]": "./poll.js",
  "[data-wall]": "./wall.js",
  "[data-live-console]": "./live-console.js",
  "[data-intake-keys]": "./intake-keys.js",
  "[data-return-places]": "./return-places.js",
  // After all that can add to a form or count in it.
  "[data-autosave]": "./autosave.js",
};

const started = new WeakMap();

async function start(root) {
  for (const [selector, path] of Object.entries(behaviours)) {
    const found = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
    if (!found.length) continue;
    const { default: attach } = await import(path);
    for (const element of found) {
      const done = started.get(element) ?? new Set();
      if (done.has(path)) continue;
      started.set(element, done.add(path));
      attach(element);
    }
  }
  root.dispatchEvent(new CustomEvent("behaviours:ready", { bubbles: true }));
}

// Here and not fetched on demand: a button put in this moment must not act unasked on a slow line.
document.addEventListener("click", askFirst, true);
start(document.documentElement);
// Parts that htmx puts in need their behaviours too.
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
