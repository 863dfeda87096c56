// Says which file was chosen and how large it is, and lights up while one is dragged over.
export default function fileDrop(place) {
  const input = place.querySelector('input[type="file"]');
  const line = place.querySelector("[data-file-name]");
  const size = (bytes) => (bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1_048_576).toFixed(1)} MB`);
  input.addEventListener("change", () => {
    if (line) line.textContent = [...input.files].map((file) => `${file.name} · ${size(file.size)}`).join(" / ");
  });
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("is-over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
