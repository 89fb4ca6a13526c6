// The tour on the phone: the next stop, and what the crew pressed, shown at once and sent through the outbox.
import { ask, fill, getText, timeOf } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";
import { renew } from "../desk/renew.js";
import { put, watch } from "./outbox.js";

const area = document.getElementById("now"), acts = document.getElementById("acts");
const reasons = JSON.parse(document.getElementById("skip-reasons").textContent);
const path = JSON.parse(document.getElementById("tour-path")?.textContent ?? "[]");
let unsent = [], here = null, map = null;

/** Lays what is not sent yet over what the centre knows, and shows the first stop that is neither left nor passed over. */
function show() {
  const tour = document.getElementById("tour");
  if (!tour) return;
  for (const act of unsent) {
    const row = tour.querySelector(`li[data-number="${act.number}"]`);
    if (act.tour !== tour.dataset.tour || !row) continue;
    row.dataset.state = act.step;
    row.querySelector(".told").textContent = fill(gettext("%(at)s, not yet sent"), { at: timeOf(act.at).slice(0, 5) });
  }
  const next = current(), state = next?.dataset.state ?? "over";
  for (const row of tour.querySelectorAll("li")) row.toggleAttribute("aria-current", row === next);
  for (const card of tour.querySelectorAll("[data-card]")) card.hidden = card.dataset.card !== (next?.dataset.number ?? "over");
  for (const text of tour.querySelectorAll(".until")) text.hidden = text.dataset.state !== state;
  for (const button of acts.querySelectorAll("[data-step]")) button.hidden = !next || (button.dataset.step === "arrived" && state === "arrived") || (button.dataset.step === "left" && state !== "arrived");
  distance(next);
  mark();
}
const current = () => [...document.querySelectorAll("#tour li:not([data-post])")].find((row) => ["", "arrived"].includes(row.dataset.state));

function distance(next) {
  const far = document.querySelector("[data-card]:not([hidden]) .far");
  if (!far) return;
  const metres = here && next ? apart(here, { lon: Number(next.dataset.lon), lat: Number(next.dataset.lat) }) : null;
  far.textContent = metres === null ? "" : fill(gettext("%(m)s away; "), { m: metres < 950 ? fill(gettext("%(n)s m"), { n: Math.round(metres / 10) * 10 }) : fill(gettext("%(n)s km"), { n: (metres / 1000).toFixed(1) }) });
}
/** Metres in a straight line: near enough over a few streets. */
const apart = (a, b) => Math.hypot((a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180), a.lat - b.lat) * 111195;

acts.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-step]"), next = current();
  if (!button || !next) return;
  const said = button.dataset.step === "skipped" ? await ask({ title: gettext("Pass over"), confirm: gettext("Pass over"),
    text: next.querySelector(".where").textContent, fields: [{ name: "reason", label: gettext("Why"), options: reasons }] }) : {};
  if (!said) return;
  put({ kind: "tour", tour: document.getElementById("tour").dataset.tour, number: Number(next.dataset.number), step: button.dataset.step,
    label: `${button.textContent.trim()} ${next.querySelector(".where").textContent}`, ...said });
});

/** What was sent or refused is the centre's to show. */
async function reload() {
  try { renew(area, await getText(area.dataset.url)); } catch { /* without a network the page stays as it is */ }
}
watch((list) => {
  const before = unsent.length;
  unsent = list.filter((a) => a.kind === "tour" && !a.refused);
  if (unsent.length < before) reload(); else show();
});
new MutationObserver(show).observe(area, { childList: true });
if ("geolocation" in navigator) navigator.geolocation.watchPosition(({ coords }) => { here = { lon: coords.longitude, lat: coords.latitude }; distance(current()); }, () => {}, { maximumAge: 10000 });

// ---- the map: the way of the tour, its stops, the next one pinned, and where one is. Without a map the list says the same.
function mark() {
  if (!map) return;
  const next = current(), rows = [...document.querySelectorAll("#tour li")];
  map.setPosts(rows.map((row) => ({ id: row.dataset.number, zh: row.querySelector(".where").textContent, en: row.querySelector(".where").textContent, lon: Number(row.dataset.lon), lat: Number(row.dataset.lat) })));
  map.setPin(next ? { lon: Number(next.dataset.lon), lat: Number(next.dataset.lat) } : null);
}
if (path.length) streetMap(document.getElementById("tour-map"), { showLegend: false, bounds: around(path) })
  .then((made) => { map = made; map.setLines([{ path, look: "line-new" }]); mark(); })
  .catch(() => { document.getElementById("tour-map").hidden = true; });
