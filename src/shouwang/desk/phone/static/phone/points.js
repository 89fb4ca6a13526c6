// Check points: the nearest first, seen by standing there or by scanning the mark, which opens /m/at/CODE/.
import { fill, minuteOf, toast } from "../desk/desk.js";
import { put, watch } from "./outbox.js";
import { where } from "./panic.js";

const list = document.querySelector(".points"), rows = [...document.querySelectorAll(".points li")];
const near_m = Number(document.getElementById("points").dataset.near);
const scanned = location.pathname.match(/^\/m\/at\/([\w-]{1,12})\/$/)?.[1];
const nameOf = (code) => rows.find((row) => row.dataset.code === code)?.querySelector("b").textContent ?? code;
let here = null;

async function seen(code, step) {
  const place = here ?? await where(), label = fill(gettext("Seen: %(place)s"), { place: nameOf(code) });
  const sent = await put({ kind: "check", point: code, step, label, ...place });
  if (sent) toast(label);
}

// One scan is one act: loading the page again, or coming back to it, adds none.
if (scanned) {
  history.replaceState(null, "", "/m/points/");
  seen(scanned, "mark").then(() => {
    const box = document.getElementById("scanned");
    box.textContent = fill(gettext("Seen: %(place)s"), { place: nameOf(scanned) });
    box.hidden = false;
  });
}
list?.addEventListener("click", (e) => {
  const row = e.target.closest("[data-check]")?.closest("li");
  if (!row) return;
  if (!here) { toast(gettext("Your place is not known: scan the mark of the check point."), { bad: true }); return; }
  seen(row.dataset.code, "place");
});
watch((acts) => {
  for (const row of rows) {
    const act = acts.filter((a) => a.kind === "check" && a.point === row.dataset.code && !a.refused).at(-1);
    row.classList.toggle("unsent", Boolean(act));
    row.querySelector(".told").dataset.unsent = act ? fill(gettext("%(at)s, not yet sent"), { at: minuteOf(act.at) }) : "";
  }
});

const apart = (a, lon, lat) => Math.hypot((a.lon - lon) * Math.cos((a.lat * Math.PI) / 180), a.lat - lat) * 111195;
function sort() {
  for (const row of rows) {
    const away = apart(here, Number(row.dataset.lon), Number(row.dataset.lat));
    row.dataset.away = away;
    row.querySelector(".far").textContent = fill(gettext("%(m)s away; "), { m: away < 950 ? fill(gettext("%(n)s m"), { n: Math.round(away / 10) * 10 }) : fill(gettext("%(n)s km"), { n: (away / 1000).toFixed(1) }) });
    row.querySelector("[data-check]").classList.toggle("btn-1", away <= near_m);
  }
  if (!list.matches(":focus-within")) list.append(...rows.sort((a, b) => a.dataset.away - b.dataset.away));
}
if (list && "geolocation" in navigator) navigator.geolocation.watchPosition(({ coords }) => { here = { lon: coords.longitude, lat: coords.latitude }; sort(); }, () => {}, { enableHighAccuracy: true, maximumAge: 10000 });
