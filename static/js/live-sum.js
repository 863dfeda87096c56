// Sums of a budget table while it is typed. The server adds up again; this is only a glance ahead.
// Fields carry data-sum="name …"; a place with data-sum-of="name" shows the sum (as a plain number
// with data-sum-whole: points, percent), a place with
// data-share-of="part whole" shows the percentage. Money is counted in fen, never in floats.
function fen(text) {
  const match = /^(\d{1,10})(?:\.(\d{1,2}))?$/.exec(text.normalize("NFKC").replaceAll(",", "").trim());
  return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : 0;
}

function yuan(amount) {
  const whole = String(Math.floor(amount / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${String(amount % 100).padStart(2, "0")}`;
}

export default function liveSum(root) {
  const isDeleted = (field) => field.closest("[data-row]")?.querySelector('[name$="-DELETE"]')?.checked;
  const total = (name) =>
    [...root.querySelectorAll(`[data-sum~="${CSS.escape(name)}"]`)]
      .filter((field) => !isDeleted(field))
      .reduce((sum, field) => sum + fen(field.value), 0);
  const show = () => {
    for (const place of root.querySelectorAll("[data-sum-of]")) {
      const sum = total(place.dataset.sumOf);
      place.textContent = "sumWhole" in place.dataset ? String(sum / 100) : yuan(sum);
    }
    for (const place of root.querySelectorAll("[data-share-of]")) {
      const [part, whole] = place.dataset.shareOf.split(" ").map(total);
      place.textContent = whole ? `${((part / whole) * 100).toFixed(1)}%` : "—";
    }
  };
  root.addEventListener("input", show);
  root.addEventListener("change", show);
  show();
}
