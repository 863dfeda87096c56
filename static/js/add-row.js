// One more row in a table of forms, without a round to the server: the empty row waits in a template,
// its number stands for __prefix__. Without script the button asks the server for the same.
export default function addRow(button) {
  const table = button.closest("[data-rows]");
  const name = table.dataset.rows;
  const total = button.form.elements[`${name}-TOTAL_FORMS`];
  const empty = table.querySelector("template[data-empty-row]");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const number = Number(total.value);
    const holder = document.createElement("template");
    holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", number);
    const row = holder.content.querySelector("[data-row]");
    table.querySelector("[data-row-list]").append(row);
    total.value = number + 1;
    button.disabled = number + 1 >= Number(button.dataset.most);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    row.dispatchEvent(new CustomEvent("rows:added", { bubbles: true }));
  });
}
