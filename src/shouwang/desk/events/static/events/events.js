// The list of major events: it keeps itself up to date; one is started here without a call.
import { Problem, complain, getJson, getText, html, nameOf, newId, send, timeOf } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { streetMap } from "../desk/map.js";
import { released, renew } from "../desk/renew.js";
import { tick } from "./common.js";

const $ = (id) => document.getElementById(id);
const rows = $("rows"), { seq } = JSON.parse($("start").textContent), plans = JSON.parse($("plans").textContent), form = $("start-form");
let map = null, spot = null, id = newId();

let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 80); };
async function reload() {
  try {
    const text = await getText("/events/list/");
    await released();
    renew(rows, text);
    tick(rows);
    signs();
  } catch (problem) { complain(problem, reload); }
}
const signs = () => map?.setPosts([...rows.querySelectorAll("[data-event]")].map((li) => ({ id: li.dataset.event, lon: Number(li.dataset.lon), lat: Number(li.dataset.lat), zh: li.querySelector("b").textContent, en: li.querySelector("b").textContent, mark: li.querySelector(".lv").textContent, kind: "new" })));

function fault(text) { $("start-err").textContent = text; $("start-err").hidden = !text; }
function choose(lon, lat, name = "") {
  spot = { lon, lat, name };
  map?.setPin(spot);
  $("where").textContent = name || `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  fault("");
}
if (form) {
  $("plan").addEventListener("change", () => {
    const levels = plans.find((p) => p.code === $("plan").value)?.levels ?? [];
    $("level").innerHTML = html`${levels.map((l) => html`<option value="${l.level}">${l.name}${l.when && `: ${l.when}`}</option>`)}`;
  });
  let hits = [];
  const find = async () => {
    const q = $("find").value.trim();
    if (!q) return;
    hits = await getJson(`/api/places?q=${encodeURIComponent(q)}`);
    $("found").innerHTML = html`${hits.map((h) => html`<option value="${nameOf(h)}">`)}`;
  };
  $("find").addEventListener("input", () => { clearTimeout($("find").timer); $("find").timer = setTimeout(() => find().catch(complain), 200); });
  const pick = async () => {
    try {
      await find();
      const text = $("find").value.trim(), hit = hits.find((h) => nameOf(h) === text) ?? hits[0];
      if (!hit) { fault(gettext("No street has this name.")); return; }
      choose(hit.lon, hit.lat, nameOf(hit));
      map?.goTo(hit.lon, hit.lat, 15);
    } catch (problem) { complain(problem); }
  };
  $("search").addEventListener("click", pick);
  $("find").addEventListener("keydown", (e) => { if (e.key === "Enter") { e.preventDefault(); pick(); } });
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (!$("plan").value) { fault(gettext("Choose a plan.")); $("plan").focus(); return; }
    if (!spot) { fault(gettext("Say where: click the map, or find a street.")); $("find").focus(); return; }
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const made = await send("/api/events", { id, plan: $("plan").value, level: $("level").value, lon: spot.lon, lat: spot.lat, place: spot.name });
      location.href = `/events/${made.id}/`;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      button.disabled = false;
      if (problem.status && problem.status < 500) fault(problem.message); else complain(problem);
    }
  });
}

tick(rows);
setInterval(() => tick(rows), 1000);
live({ from: seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind }) => { if (subject_kind === "event") soon(); } });
streetMap($("map"), { showLegend: innerWidth > 700, onClick: ({ lon, lat }) => { if ($("new")?.open) choose(lon, lat); }, onPick: ({ kind, id: picked }) => { if (kind === "posts") location.href = `/events/${picked}/`; } })
  .then((made) => { map = made; signs(); if (spot) map.setPin(spot); document.documentElement.dataset.events = "ready"; })
  .catch((problem) => complain(problem));
