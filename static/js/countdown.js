// Time left until a deadline, by the server's clock: data-now is its reading when the page was made.
const MINUTE = 60_000;

export default function countdown(element) {
  const clock = element.querySelector("[data-countdown-clock]");
  const until = Date.parse(element.dataset.countdown);
  const drift = Date.parse(element.dataset.now) - Date.now();
  if (!clock || Number.isNaN(until) || Number.isNaN(drift)) return;

  const write = (name, value) => {
    const place = clock.querySelector(`[data-${name}]`);
    if (place) place.textContent = String(value).padStart(2, "0");
  };
  const tick = () => {
    const left = until - (Date.now() + drift);
    if (left <= 0) {
      element.classList.add("is-over");
      window.clearInterval(timer);
      return;
    }
    const minutes = Math.floor(left / MINUTE);
    write("days", Math.floor(minutes / 1440));
    write("hours", Math.floor(minutes / 60) % 24);
    write("minutes", minutes % 60);
    write("seconds", Math.floor(left / 1000) % 60);
    clock.hidden = false;
  };
  const timer = window.setInterval(tick, clock.querySelector("[data-seconds]") ? 1000 : MINUTE / 4);
  tick();
}
