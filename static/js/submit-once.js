// A second press on a button whose answer is still on the way does nothing.
// The server recognises the repetition too (request_key); this only spares the doubt.
export default function submitOnce(form) {
  let sending = false;
  const release = () => {
    sending = false;
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
  };
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented && !form.hasAttribute("hx-post")) return;
    if (sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    sending = true;
    form.dataset.sending = "";
    form.setAttribute("aria-busy", "true");
  });
  form.addEventListener("htmx:afterRequest", release);
  // Coming back with the browser's own button shows the page as it was left: let it be used again.
  window.addEventListener("pageshow", release);
}
