// The replay's own clock wherever it is shown, and a fresh mark when somebody pauses it or changes its pace.
import { live } from "../desk/live.js";

const born = new WeakMap(); // when this page first saw each clock
function tick() {
  for (const box of document.querySelectorAll("[data-at][data-pace]")) {
    if (!born.has(box)) born.set(box, performance.now());
    const gone = box.dataset.running === "1" ? (performance.now() - born.get(box)) * Number(box.dataset.pace) : 0;
    const text = clock(box.dataset.at, gone);
    const time = box.querySelector(".drill-time");
    if (time && time.textContent !== text) time.textContent = text;
  }
}

/** Hours and minutes `gone` milliseconds after an ISO time, in that time's own zone. */
function clock(iso, gone) {
  const [, hours, minutes, seconds] = iso.match(/T(\d\d):(\d\d):(\d\d)/).map(Number);
  const all = Math.floor(hours * 3600 + minutes * 60 + seconds + gone / 1000) % 86400;
  return `${String(Math.floor(all / 3600)).padStart(2, "0")}:${String(Math.floor(all / 60) % 60).padStart(2, "0")}`;
}

tick();
setInterval(tick, 250);
const from = Number(document.querySelector("[data-drill-seq]")?.dataset.drillSeq ?? 0);
live({ from, key: document.body.dataset.who ?? "", onEvent: (event) => {
  if (!event.kind.startsWith("drill.")) return;
  if (document.querySelector(".drill-now")) location.reload();
  else htmx.trigger(document.body, "drill");
} });
