// Sums of a table while it is typed. The server adds up again; this is only a glance ahead.
// Fields carry data-sum="name …"; a place with data-sum-of="name" shows the sum (as a plain number
// with data-sum-whole: points, people), a place with data-share-of="part whole" the percentage.
// In a row, data-product="price quantity" names two of its fields and shows what they make; with
// data-parts="field …" the row says so when those do not add up to it.
// Money is counted in fen, never in floats.
function hundredths(text) {
  const match = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(text.normalize("NFKC").replaceAll(",", "").trim());
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : 0;
}

function yuan(amount) {
  const text = String(amount).padStart(3, "0");
  return `${text.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${text.slice(-2)}`;
}

// Fen times hundredths of a piece, rounded half up to the fen.
function product(price, quantity) {
  return (BigInt(price) * BigInt(quantity) + 50n) / 100n;
}

function showRow(place) {
  const row = place.closest("[data-row]");
  const value = (name) => hundredths(row.querySelector(`[name$="-${name}"]`)?.value ?? "");
  const [price, quantity] = place.dataset.product.split(" ").map(value);
  const amount = product(price, quantity);
  place.textContent = amount ? yuan(amount) : "—";
  const split = place.dataset.parts.split(" ").map(value).reduce((sum, part) => sum + part, 0);
  const off = row.querySelector("[data-off]");
  off.hidden = !amount || BigInt(split) === amount;
  off.querySelector("b").textContent = yuan(split);
}

export default function liveSum(root) {
  const isDeleted = (field) => field.closest("[data-row]")?.querySelector('[name$="-DELETE"]')?.checked;
  const total = (name) =>
    [...root.querySelectorAll(`[data-sum~="${CSS.escape(name)}"]`)]
      .filter((field) => !isDeleted(field))
      .reduce((sum, field) => sum + hundredths(field.value), 0);
  const show = () => {
    for (const place of root.querySelectorAll("[data-sum-of]")) {
      const sum = total(place.dataset.sumOf);
      place.textContent = "sumWhole" in place.dataset ? String(sum / 100) : yuan(sum);
    }
    for (const place of root.querySelectorAll("[data-share-of]")) {
      const [part, whole] = place.dataset.shareOf.split(" ").map(total);
      place.textContent = whole ? `${((part / whole) * 100).toFixed(1)}%` : "—";
    }
    for (const place of root.querySelectorAll("[data-sum-shown]")) place.hidden = false;
    for (const place of root.querySelectorAll("[data-product]")) showRow(place);
  };
  for (const happens of ["input", "change", "rows:added"]) root.addEventListener(happens, show);
  show();
}
