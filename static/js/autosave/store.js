// What this browser keeps. It may refuse to keep anything (full, or told so): then the server's copy is
// the only one.
const PREFIX = "gongzhi.kept:";

export const shelfOf = (root) => `${PREFIX}${root.dataset.person}:${root.dataset.draft}:`;

export const store = {
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
