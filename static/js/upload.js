// Sends the chosen files one after the other, each with a bar and a way to stop it, and puts the
// server's own page in place of the parts that changed. Without this, the same forms send themselves.
export default function upload(page) {
  const words = page.dataset;
  const queue = [];
  let busy = false;

  function line(form, file) {
    const row = document.createElement("li");
    row.className = "uploads__item";
    const name = document.createElement("span");
    name.className = "uploads__name";
    name.textContent = file.name;
    const state = document.createElement("span");
    state.className = "uploads__state";
    const bar = document.createElement("progress");
    bar.className = "job__bar uploads__bar";
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const stop = document.createElement("button");
    stop.type = "button";
    stop.className = "btn btn-link uploads__stop";
    stop.textContent = words.cancel;
    row.append(name, state, stop, bar);
    form.closest(".kind").querySelector("[data-uploads]").append(row);
    return {
      stop,
      say: (text) => { state.textContent = text; },
      show: (share) => { bar.value = share; },
      end: (text, good) => {
        state.textContent = text;
        row.classList.add(good ? "is-done" : "is-refused");
        bar.remove();
        stop.remove();
      },
    };
  }

  function add(form, files) {
    for (const file of files) {
      const item = { kind: form.elements.kind.value, file, line: line(form, file), request: null };
      if (file.size > Number(form.dataset.maxBytes)) {
        item.line.end(words.tooLarge, false);
        continue;
      }
      item.line.say(words.waiting);
      item.line.stop.addEventListener("click", () => {
        item.cancelled = true;
        item.request?.abort();
        item.line.end(words.cancelled, false);
      });
      queue.push(item);
    }
    next();
  }

  function next() {
    if (busy) return;
    const item = queue.shift();
    if (!item) return;
    if (item.cancelled) {
      next();
      return;
    }
    busy = true;
    send(item);
  }

  function send(item) {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", page.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("kind", item.kind);
    data.append("file", item.file);
    const request = new XMLHttpRequest();
    item.request = request;
    request.responseType = "document";
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = Math.floor((100 * event.loaded) / event.total);
      item.line.show(share);
      item.line.say(share < 100 ? `${share}%` : words.checking);
    });
    request.addEventListener("load", () => settle(item, request));
    request.addEventListener("error", () => item.line.end(words.failed, false));
    request.addEventListener("loadend", () => {
      busy = false;
      next();
    });
    request.open("POST", location.pathname);
    request.send(data);
  }

  function settle(item, request) {
    const fresh = request.response?.getElementById(`kind-${item.kind}`);
    const refused = [...(fresh?.querySelectorAll(".kind__refused li") ?? [])].map((row) => row.textContent);
    if (request.status === 413) item.line.end(words.tooLarge, false);
    else if (!fresh) item.line.end(words.refused, false);
    else if (refused.length) item.line.end(refused.join(" ").replace(`${item.file.name}：`, ""), false);
    else item.line.end(words.done, request.status < 300);
    if (fresh && request.status < 300) renew(request.response, fresh);
  }

  // The lines of files still on their way stay; all else of the kind is as the server has it.
  function renew(answer, fresh) {
    const old = document.getElementById(fresh.id);
    const lines = old.querySelector("[data-uploads]");
    const open = old.querySelector("details")?.open;
    fresh.querySelector("[data-uploads]").replaceWith(lines);
    const add = fresh.querySelector("details");
    if (add && open) add.open = true;
    old.replaceWith(fresh);
    const needed = answer.getElementById("needed");
    if (needed) document.getElementById("needed").replaceWith(needed);
    fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: fresh } }));
  }

  function take(input) {
    const form = input.closest("[data-upload-form]");
    if (!form || input.type !== "file" || !input.files.length) return;
    add(form, [...input.files]);
    input.value = "";
  }

  page.addEventListener("change", (event) => take(event.target));
  // Nothing is left to press: files go as soon as they are chosen, also those chosen before this was here.
  page.classList.add("is-uploading-itself");
  page.querySelectorAll("input[type=file]").forEach(take);
  window.addEventListener("beforeunload", (event) => {
    if (busy || queue.length) event.preventDefault();
  });
}
