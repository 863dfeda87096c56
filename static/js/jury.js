// The juror's phone: follows the stage, takes the score, and does not rest until the server has it.
//
// One plain script in the language of 2017, because the phones in a hall are old and the first load must
// be small. Every tap gets its id before it is sent first and is kept on the phone until the server has
// answered for it: sending it again is harmless, and what the server echoes is what counts.
(function () {
  "use strict";

  const booth = document.querySelector("[data-booth]");
  if (!booth || !booth.dataset.card) return;

  const ASK_MS = 1500;
  const ASK_WHEN_OVER_MS = 15000;
  const RETRY_MS = 2000;
  const PATIENCE_MS = 6000;
  const KEPT_NEWS = 6;
  const HALF_A_DAY_MS = 43200000;
  const words = booth.dataset;
  const light = document.querySelector("[data-connection]");
  const outbox = document.querySelector("[data-outbox]");
  const say = (text, value) => text.replace("%", value);

  // What the phone keeps, by card: a phone that served a rehearsal brings nothing along from it.
  // queue: taps the server has not answered for, oldest first; news: answers the juror has not seen
  // on a pad; parts: the points by criterion, by entry.

  const place = "jury." + words.card;
  let kept = { queue: [], news: [], parts: {} };

  function load() {
    try {
      kept = Object.assign(kept, JSON.parse(window.localStorage.getItem(place) || "{}"));
    } catch (error) {
      // No storage, as in some private windows: the taps live as long as the page.
    }
  }

  function change(edit) {
    load(); // another window of this phone may have written meanwhile
    edit(kept);
    try {
      window.localStorage.setItem(place, JSON.stringify(kept));
    } catch (error) {
      // As above.
    }
  }

  function freshNonce() {
    // Not randomUUID(): that is missing on plain http inside a hall's own network.
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // The pad. `typed` says that the fields hold something newer than what was sent.

  let pad = null;
  let typed = false;
  let active = 0;
  let told = ""; // why the last score was refused
  let sendText = "";
  let wasTouched = false;

  const find = (name) => booth.querySelector("[data-" + name + "]");
  const fields = () => Array.from(pad.querySelectorAll("[data-field]"));
  const top = (field) => Number(field.dataset.max);
  const isByParts = () => fields()[0].name === "part";
  const entry = () => pad.elements.entry.value;
  const waiting = () => kept.queue.filter((tap) => pad && tap.entry === entry());
  const next = () => fields().findIndex((field) => field.value === "");
  const sum = () => fields().reduce((total, field) => total + Number(field.value), 0);

  function press(key) {
    if (!typed && !isByParts()) fields()[0].value = "";
    const field = fields()[active];
    const longer = String(Number(field.value + key));
    typed = true;
    told = "";
    if (key === "clear") field.value = "";
    else if (key === "back") field.value = field.value.slice(0, -1);
    else if (key === "top") field.value = String(top(field));
    // A digit too many starts anew instead of refusing: 92, then 8 is read as 8.
    else field.value = Number(longer) <= top(field) ? longer : key;
    if (Number(field.value) > top(field)) field.value = "";
    if (isByParts()) {
      change((own) => (own.parts[entry()] = fields().map((one) => one.value)));
      if (field.value !== "" && (key === "top" || Number(field.value + "0") > top(field))) activate(next());
    } else if (field.value === "") typed = false;
    wasTouched = true;
    hum(8);
    paint();
  }

  // Browsers forbid it before the first touch.
  function hum(pattern) {
    if (wasTouched && navigator.vibrate) navigator.vibrate(pattern);
  }

  function activate(number) {
    if (number >= 0) active = number;
  }

  function kind() {
    if (typed && next() < 0) return "typing";
    const own = waiting();
    if (own.length) return own.some((tap) => tap.tries) ? "unsent" : "sending";
    if (told) return "refused";
    if (typed) return "empty";
    return pad.dataset.sent ? "taken" : "empty";
  }

  // Says in one place how things stand: the number, what is to be done about it, what the server has.
  function paint() {
    if (!pad) return drawOutbox();
    const now = kind();
    const own = waiting();
    const last = own.length ? own[own.length - 1].score : pad.dataset.sent;
    if (!isByParts() && !typed) fields()[0].value = last || "";
    const total = isByParts() ? (next() < 0 ? sum() : last || "–") : fields()[0].value;
    if (isByParts()) find("total").textContent = total;
    // No wider than its digits, so that number and unit stand together.
    else fields()[0].style.width = Math.max(1, String(total).length) * 0.65 + "em";
    fields().forEach((field, number) => {
      field.parentNode.classList.toggle("is-active", isByParts() && number === active);
    });
    find("top").textContent = top(fields()[active]);
    find("slip").dataset.kind = now;
    const empty = isByParts() ? words.partEmpty : words.empty;
    const texts = { empty, typing: words.typing, sending: words.sending, unsent: words.unsent, refused: told };
    if (isTimeUp()) texts.empty = texts.typing = words.up;
    find("word").textContent = texts[now] || "";
    find("word").hidden = !find("word").textContent;
    paintButton(now, total);
    drawOutbox();
  }

  function paintButton(now, total) {
    const button = find("send");
    const missing = isByParts() ? next() : -1;
    if (now === "typing") button.textContent = say(pad.dataset.sent ? words.change : words.first, total);
    else if (missing >= 0 && typed) button.textContent = say(words.part, fields()[missing].dataset.name);
    else if (now === "empty") button.textContent = sendText;
    else button.textContent = words.again;
    button.disabled = isTimeUp() || !(now === "typing" || (missing >= 0 && typed));
  }

  function submit() {
    if (isTimeUp() || !typed) return;
    if (next() >= 0) {
      activate(next());
      return paint();
    }
    const score = sum();
    change((own) => {
      const before = own.queue.reduce((most, tap) => Math.max(most, tap.seq), 0);
      own.queue.push({
        entry: entry(),
        title: pad.dataset.title,
        score,
        nonce: freshNonce(),
        // Later than everything this seat has sent, also from another window or phone.
        seq: Math.max(countingClock(), Number(pad.elements.seq.value), before + 1),
        at: Date.now(),
        tries: 0,
      });
    });
    typed = false;
    told = "";
    paint();
    flush();
  }

  // The queue: one tap after the other, in the order they were made.

  let isSending = false;
  let retry = 0;
  let settled = 0; // how many taps have been answered for

  // The whole answer or an error, after six seconds at the latest: a bad network can fall silent anywhere.
  function ask(address, options) {
    const patience = window.AbortController ? new AbortController() : null;
    const all = Object.assign({ credentials: "same-origin", cache: "no-store" }, options);
    if (patience) all.signal = patience.signal;
    const late = new Promise((_keep, refuse) => {
      window.setTimeout(() => {
        refuse(new Error("late"));
        if (patience) patience.abort();
      }, PATIENCE_MS);
    });
    const whole = fetch(address, all).then((answer) =>
      answer.text().then((text) => ({ ok: answer.ok, status: answer.status, headers: answer.headers, text })),
    );
    return Promise.race([whole, late]);
  }

  async function post(tap) {
    // How long it has waited for a network; the rulebook says whether that helps it.
    const sent = Date.now();
    const waited = tap.tries ? Math.max(0, Math.round(sent - tap.at + (tap.travel || 0))) : 0;
    const body = new URLSearchParams({ entry: tap.entry, score: tap.score, nonce: tap.nonce, seq: tap.seq });
    if (waited) body.append("waited", waited);
    try {
      const answer = await ask(words.vote, { method: "POST", headers: { Accept: "application/json" }, body });
      if (answer.status >= 500 || answer.status === 429) return null;
      // A hall's sign-in page answers in our place: that is no JSON, and the tap stays.
      const found = JSON.parse(answer.text);
      if (answer.ok ? !found.code : !found.error) return null;
      found.travel = (Date.now() - sent) / 2;
      return found;
    } catch (error) {
      return null;
    }
  }

  async function flush() {
    if (isSending) return;
    isSending = true;
    window.clearTimeout(retry);
    load();
    while (kept.queue.length) {
      const tap = kept.queue[0];
      const found = await post(tap);
      connected(Boolean(found));
      // Perhaps it came too late only because it was long on its way: once more, now adding how long.
      const isAgain = !found || (found.error === "voting_closed" && tap.travel === undefined);
      if (isAgain) change((own) => own.queue.forEach((one) => one.nonce === tap.nonce && countTry(one, found)));
      if (!found) {
        retry = window.setTimeout(flush, RETRY_MS);
        break;
      }
      if (isAgain) continue;
      change((own) => (own.queue = own.queue.filter((one) => one.nonce !== tap.nonce)));
      settle(tap, found);
    }
    isSending = false;
    paint();
  }

  function countTry(tap, found) {
    tap.tries += 1;
    if (found) tap.travel = found.travel;
  }

  function settle(tap, found) {
    const isHere = pad && entry() === tap.entry;
    settled += 1;
    if (isHere && !found.error) received(found);
    else if (isHere) told = found.message;
    // The pad says it, unless it is not there, or about to go.
    if (!isHere || found.error === "voting_closed" || found.current === false) {
      const text = found.error ? words.refused + " " + found.message : found.current ? words.taken : words.superseded;
      const news = { title: tap.title, score: tap.score, time: found.time || "", text, isTaken: !found.error };
      change((own) => (own.news = own.news.concat(news).slice(-KEPT_NEWS)));
    }
    hum(found.error ? [80, 80, 80] : 40);
    if (isHere) return paint();
    turn().catch(() => {
      etag = find("key").dataset.key = ""; // the next look at the stage fetches it
    });
  }

  function received(found) {
    const isOwn = found.score !== null; // not that of the phone which had the seat before
    pad.dataset.sent = isOwn ? found.score : "";
    pad.elements.seq.value = Number(found.seq) + 1;
    find("receipt").hidden = false;
    find("receipt-own").hidden = !isOwn;
    find("receipt-other").hidden = isOwn;
    find("receipt-score").textContent = pad.dataset.sent;
    find("receipt-time").textContent = found.time;
    find("receipt-code").textContent = found.code;
    told = "";
  }

  // Above the page: what has not been answered for and belongs to no pad on screen, and what became of it.
  function drawOutbox() {
    const open = kept.queue.filter((tap) => !pad || tap.entry !== entry());
    const lines = open.map((tap) => ({ title: tap.title, score: tap.score, time: "", text: words.waits, isOpen: true }));
    outbox.textContent = "";
    lines.concat(kept.news).forEach((line) => {
      const box = document.createElement("p");
      box.className = "news " + (line.isOpen ? "is-open" : line.isTaken ? "is-taken" : "is-refused");
      box.setAttribute("role", "status");
      const score = document.createElement("b");
      score.textContent = (line.isTaken ? "✓ " : line.isOpen ? "… " : "✗ ") + say(words.points, line.score);
      box.append(score, " " + line.time + " " + line.text, document.createElement("br"), line.title);
      outbox.append(box);
    });
    if (!kept.news.length) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "news__seen";
    button.textContent = words.dismiss;
    button.addEventListener("click", () => {
      change((own) => (own.news = []));
      paint();
    });
    outbox.append(button);
  }

  // Time left, by the server's clock.

  let until = NaN;
  let drift = 0;
  let wasUp = false;
  // The phone's own clock, unless that is set wrong: the server refuses a tap from far in the future.
  const countingClock = () => Math.round(Date.now() + (Math.abs(drift) > HALF_A_DAY_MS ? drift : 0));
  const isTimeUp = () => Date.now() + drift >= until;

  function tick() {
    const clock = find("left");
    if (!clock || isNaN(until)) return;
    const left = Math.max(0, Math.ceil((until - Date.now() - drift) / 1000));
    clock.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    clock.parentNode.hidden = false;
    clock.parentNode.classList.toggle("is-short", left <= 15);
    if (isTimeUp() === wasUp) return;
    wasUp = isTimeUp();
    paint();
    follow();
  }

  // Following the stage.

  let etag = "";
  let timer = 0;
  let isAsking = false;

  function connected(isOnline) {
    if (!light) return;
    light.textContent = isOnline ? light.dataset.online : light.dataset.offline;
    light.classList.toggle("is-off", !isOnline);
  }

  async function follow() {
    if (isAsking) return;
    isAsking = true;
    window.clearTimeout(timer);
    if (!document.hidden) {
      try {
        const answer = await ask(words.state, { headers: etag ? { "If-None-Match": etag } : {} });
        const isOurs = answer.status === 200 || answer.status === 304;
        if (answer.status === 200) {
          const { key } = JSON.parse(answer.text);
          if (key !== find("key").dataset.key) await turn();
          etag = answer.headers.get("ETag") || "";
        }
        connected(isOurs);
        if (isOurs && kept.queue.length) flush();
      } catch (error) {
        connected(false);
      }
    }
    isAsking = false;
    const pause = find("key").dataset.scene === "over" ? ASK_WHEN_OVER_MS : ASK_MS;
    // Not all of a hall in the same instant.
    timer = window.setTimeout(follow, pause * (0.8 + 0.4 * Math.random()));
  }

  async function turn() {
    const already = settled;
    const answer = await ask(words.home, { headers: { "HX-Request": "true" } });
    // Nor is a hall's sign-in page put in the place of ours.
    if (!answer.ok || !answer.text.includes("data-key=")) throw new Error(String(answer.status));
    if (already !== settled) return turn(); // made before a tap was taken that has been taken by now
    const before = pad ? { entry: entry(), typed, active, values: fields().map((field) => field.value) } : null;
    booth.innerHTML = answer.text;
    dress(before);
  }

  // Makes what has been put in work; `before` is what had been typed on the pad that was there.
  function dress(before) {
    load();
    pad = find("pad");
    typed = false;
    active = 0;
    told = "";
    until = NaN;
    wasUp = false;
    const clock = booth.querySelector("[data-until]");
    const now = find("now");
    if (now) drift = Date.parse(now.dataset.now) - Date.now();
    if (clock) until = Date.parse(clock.dataset.until);
    if (pad) {
      pad.classList.add("is-live");
      sendText = find("send").textContent;
      pad.dataset.sent = find("receipt").hidden ? "" : find("receipt-score").textContent;
      fields().forEach((field, number) => {
        field.readOnly = true;
        field.addEventListener("focus", () => (activate(number), paint()));
      });
      if (isByParts()) {
        (kept.parts[entry()] || []).forEach((value, number) => (fields()[number].value = value));
        typed = next() < 0 && !waiting().length && String(sum()) !== pad.dataset.sent;
      }
      if (before && before.entry === entry()) {
        fields().forEach((field, number) => (field.value = before.values[number]));
        typed = before.typed;
        active = before.active;
      }
    }
    paint();
    tick();
  }

  booth.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]");
    if (key && pad && !isTimeUp()) press(key.dataset.digit);
  });
  booth.addEventListener("submit", (event) => {
    if (event.target !== pad) return;
    event.preventDefault();
    submit();
  });
  document.addEventListener("keydown", (event) => {
    if (!pad || isTimeUp() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === "Backspace") press("back");
  });
  document.addEventListener("visibilitychange", () => document.hidden || follow());
  window.addEventListener("online", () => {
    flush();
    follow();
  });
  window.addEventListener("offline", () => connected(false));
  window.addEventListener("storage", () => {
    load();
    paint();
  });

  // What is found on the phone has been tried before, by a page that is no more.
  change((own) => own.queue.forEach((tap) => countTry(tap)));
  dress(null);
  window.setInterval(tick, 250);
  flush();
  follow();
})();
