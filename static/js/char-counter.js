// How much has been written, counted as officials count 字数 where data-max-chars is set (each Chinese
// character and mark is one, each Latin word or number one), in plain characters where maxlength is.
const WIDE = "\u3001-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff65\u{20000}-\u{3ffff}";
const WORD = new RegExp(`[${WIDE}]|(?:(?![${WIDE}])[\\p{L}\\p{N}])+(?:[.,'’-](?:(?![${WIDE}])[\\p{L}\\p{N}])+)*|[^\\p{L}\\p{N}\\s]`, "gu");
// What runs on for longer is no word, and counts sign by sign.
const LONGEST_WORD = 40;

// What the server takes out before it counts: signs that cannot be seen.
const UNSEEN = /[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

export default function charCounter(field) {
  const words = Number(field.dataset.maxChars);
  const limit = words || field.maxLength;
  if (!(limit > 0)) return;
  const written = () => field.value.replace(UNSEEN, "").normalize("NFC");
  const counted = (total, piece) => total + ([...piece].length > LONGEST_WORD ? [...piece].length : 1);
  const count = () => (words ? (written().match(WORD) ?? []).reduce(counted, 0) : field.value.length);

  const line = document.createElement("output");
  line.className = "counter";
  line.htmlFor = field.id;
  field.after(line);
  const show = () => {
    const used = count();
    line.textContent = `${used} / ${limit}`;
    line.classList.toggle("is-near", used > limit * 0.9 && used <= limit);
    line.classList.toggle("is-over", used > limit);
  };
  field.addEventListener("input", show);
  show();
}
