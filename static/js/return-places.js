// Returning for correction: beside every shown field stands a small button that names the field in
// the form and puts the cursor into its note. Without script one chooses the place from a list.
const TABLES = {
  "part-basic": "places",
  "part-plan": "milestones",
  "part-team": "team",
  "part-partners": "partners",
  "part-budget": "budget_lines",
};

export default function returnPlaces(desk) {
  const rows = desk.querySelector("[data-place-rows]");
  if (!rows) return;
  const part = desk.querySelector("[data-return-part]");
  const first = rows.querySelector("[data-place-row]");
  const all = () => [...rows.querySelectorAll("[data-place-row]")];
  const select = (row) => row.querySelector("select");
  const note = (row) => row.querySelector("textarea");
  const isEmpty = (row) => !select(row).value && !note(row).value.trim();
  const add = rows.querySelector("[data-place-add]");

  const newRow = () => {
    const row = first.cloneNode(true);
    const number = all().length + 1;
    for (const field of [select(row), note(row)]) {
      const label = row.querySelector(`label[for="${field.id}"]`);
      field.id = field.id.replace(/\d+$/, number);
      label.htmlFor = field.id;
      field.value = "";
    }
    all().at(-1).after(row);
    return row;
  };
  // Empty rows are there for those without script; one is enough here.
  for (const row of all().filter(isEmpty).slice(1)) row.remove();
  add.hidden = false;
  add.addEventListener("click", () => select(newRow()).focus());

  const name = (place) => {
    const row = all().find((one) => select(one).value === place) ?? all().find(isEmpty) ?? newRow();
    select(row).value = place;
    if (part) part.open = true;
    note(row).focus();
    note(row).scrollIntoView({ block: "center" });
  };
  const options = [...select(first).options].filter((one) => one.value);
  const places = new Map(options.map((one) => [one.text.trim(), one.value]));
  const offer = (beside, label, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "to-correct";
    button.textContent = desk.dataset.addLabel;
    button.setAttribute("aria-label", `${desk.dataset.addLabel} ${label}`);
    button.addEventListener("click", () => name(place));
    beside.append(" ", button);
  };
  for (const section of desk.querySelectorAll(".answers > section")) {
    const key = section.getAttribute("aria-labelledby");
    // What stands in the organisation's file is corrected there, not here.
    if (key === "part-organisation") continue;
    for (const label of section.querySelectorAll("dt")) {
      const text = label.textContent.trim();
      if (places.has(text)) offer(label, text, places.get(text));
    }
    const title = section.querySelector(key === "part-budget" ? "h2" : "h3");
    if (title && key in TABLES) offer(title, title.textContent.trim(), TABLES[key]);
    for (const file of section.querySelectorAll(".files__item")) {
      const kind = file.querySelector(".files__name")?.textContent.split(" · ")[0].trim();
      if (places.has(kind)) offer(file, kind, places.get(kind));
    }
  }
}
