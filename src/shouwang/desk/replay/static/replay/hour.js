// Plays a past hour: units and calls on the map as they were, and beside it what was done. Nothing here is live.
import { complain, fill, getJson, html, nameOf, timeOf, typing } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";

const $ = (id) => document.getElementById(id);
const about = JSON.parse($("about").textContent), start = Date.parse(about.start), length = (Date.parse(about.until) - start) / 1000;
const STALE_S = 120, GLIDE_S = 60, FRAME_MS = 100, JUMP_S = 10; // a gap of a track up to GLIDE_S is drawn as a straight way
const SHOWN_CALLS = ["waiting", "responding", "under_control", "received"];
let past = null, map = null, at = 0, speed = 20, playing = false, before = 0, onlyCall = "", current = -1;

/** The last of rows ([time, …] in order) that is not after s; null before the first. */
function last(rows, s) {
  let low = 0, high = rows.length;
  while (low < high) { const mid = (low + high) >> 1; if (rows[mid][0] <= s) low = mid + 1; else high = mid; }
  return low - 1;
}

function placeOf(unit, s) {
  const i = last(unit.track, s), here = unit.track[i], next = unit.track[i + 1];
  if (!here) return { lon: unit.lon, lat: unit.lat, stale: false };
  const share = next && next[0] - here[0] <= GLIDE_S && here[3] === next[3] ? (s - here[0]) / (next[0] - here[0]) : 0;
  return { lon: here[1] + (share && (next[1] - here[1]) * share), lat: here[2] + (share && (next[2] - here[2]) * share), stale: !share && s - here[0] > STALE_S, jump: here[3] };
}

const callsAt = (s) => past.calls.flatMap((call) => {
  const i = last(call.steps, s), state = call.steps[i]?.[1];
  if (!SHOWN_CALLS.includes(state)) return [];
  const severity = call.levels[last(call.levels, s)][1];
  return [{ ...call, state, severity, chosen: call.id === onlyCall, label: severity === 1 || call.id === onlyCall ? nameOf({ zh: call.type_zh, en: call.type_en }) : "" }];
});

const unitsAt = (s) => past.units.flatMap((unit) => {
  const [, shown, call] = unit.steps[last(unit.steps, s)];
  return shown === "off" ? [] : [{ ...unit, shown, ...placeOf(unit, s), picked: Boolean(onlyCall) && call === onlyCall }];
});

// ---- the picture of a moment
function draw() {
  const calls = callsAt(at), units = unitsAt(at);
  map?.setUnits(units);
  map?.setCalls(calls);
  $("at").textContent = timeOf(start + at * 1000);
  $("at").dateTime = new Date(start + at * 1000).toISOString();
  const waiting = calls.filter((c) => c.state === "waiting").length;
  const text = fill(gettext("%(waiting)s waiting, %(active)s under way, %(units)s units on duty"), { waiting, active: calls.length - waiting, units: units.length });
  if ($("says").textContent !== text) $("says").textContent = text;
  $("seek").value = at;
  $("seek").setAttribute("aria-valuetext", $("at").textContent);
  mark();
}

const rows = () => past.events.filter((e) => !onlyCall || e.call === onlyCall);
function list() {
  const shown = rows();
  $("count").textContent = shown.length;
  $("none").hidden = shown.length > 0;
  $("all").hidden = !onlyCall;
  $("events").innerHTML = html`${shown.map((e) => html`<li><button type="button" data-at="${e.at}"><time>${timeOf(start + e.at * 1000)}</time><span>${e.text}</span><span class="about" lang="">${e.about}</span></button></li>`)}`;
  current = -2;
  mark();
}

/** Which event has just happened, and which are still to come. */
function mark() {
  const items = [...$("events").children], now = last(rows().map((e) => [e.at]), at);
  if (now === current) return;
  current = now;
  items.forEach((li, i) => { li.classList.toggle("to-come", i > now); li.toggleAttribute("aria-current", i === now); });
  const li = items[now], box = $("events");
  if (li && !box.matches(":hover") && !box.contains(document.activeElement)) box.scrollTop = li.offsetTop - box.clientHeight / 2;
}

// ---- playing
function frame(time) {
  if (!playing) return;
  if (time - before >= FRAME_MS) {
    at = Math.min(length, at + ((time - before) / 1000) * speed);
    before = time;
    draw();
    if (at >= length) { play(false); return; }
  }
  requestAnimationFrame(frame);
}
function play(on) {
  if (on && at >= length) at = 0;
  playing = on;
  $("play").innerHTML = html`${on ? gettext("Pause") : gettext("Play")} <kbd>${gettext("Space")}</kbd>`;
  $("play").setAttribute("aria-pressed", String(on));
  if (on) { before = performance.now(); requestAnimationFrame(frame); }
}
function seek(s) { at = Math.min(length, Math.max(0, s)); draw(); }
function pace(to) {
  speed = to;
  for (const b of document.querySelectorAll("[data-speed]")) b.setAttribute("aria-pressed", String(Number(b.dataset.speed) === to));
}
/** To the next event, or the one before. Events of the same second are passed together. */
function step(by) {
  const times = rows().map((e) => e.at), to = by > 0 ? times.find((t) => t > at + 0.05) : times.findLast((t) => t < at - 0.05);
  if (to !== undefined) seek(to);
}
function only(call) {
  onlyCall = call;
  list();
  draw();
}

$("play").addEventListener("click", () => play(!playing));
$("next").addEventListener("click", () => step(1));
$("back").addEventListener("click", () => step(-1));
$("seek").addEventListener("input", () => seek(Number($("seek").value)));
$("all").addEventListener("click", () => only(""));
$("events").addEventListener("click", (e) => { const button = e.target.closest("[data-at]"); if (button) seek(Number(button.dataset.at)); });
for (const b of document.querySelectorAll("[data-speed]")) b.addEventListener("click", () => pace(Number(b.dataset.speed)));
const speeds = [...document.querySelectorAll("[data-speed]")].map((b) => Number(b.dataset.speed));
const KEYS = {
  " ": () => play(!playing), j: () => step(1), k: () => step(-1), ArrowRight: () => seek(at + JUMP_S), ArrowLeft: () => seek(at - JUMP_S), Home: () => seek(0), End: () => seek(length),
  "+": () => pace(speeds[Math.min(speeds.length - 1, speeds.indexOf(speed) + 1)]), "-": () => pace(speeds[Math.max(0, speeds.indexOf(speed) - 1)]), Escape: () => only(""),
};
document.addEventListener("keydown", (e) => {
  if (!past || e.ctrlKey || e.altKey || e.metaKey || (typing(e.target) && e.target !== $("seek"))) return;
  const key = e.key === "=" ? "+" : e.key.length === 1 ? e.key.toLowerCase() : e.key;
  if (!KEYS[key] || (key === " " && e.target.closest("button, a, summary"))) return;
  e.preventDefault();
  KEYS[key]();
});

// ---- beginning
function ticks() {
  $("ticks").setAttribute("viewBox", `0 0 ${length} 14`);
  $("ticks").innerHTML = html`${past.calls.filter((c) => c.steps[0][0] >= 0).map((c) => html`<line class="l${c.levels[0][1]}" x1="${c.steps[0][0]}" x2="${c.steps[0][0]}" y1="2" y2="14"/>`)}`;
}
async function load() {
  try {
    past = await getJson(`/api/past-hours/${about.id}`);
  } catch (problem) { complain(problem, load); return; }
  $("seek").max = length;
  for (const id of ["seek", "play", "back", "next"]) $(id).disabled = false;
  ticks();
  list();
  draw();
  fit();
  $("play").focus();
  document.documentElement.dataset.replay = "ready";
}
/** The area, by where its units stand, once both map and hour are here. */
function fit() { if (map && past?.units.length) map.fit(around(past.units.map((u) => [u.lon, u.lat])), 40); }
streetMap($("map"), { onPick: ({ kind, id }) => { if (kind === "calls") only(id); } }).then((made) => {
  map = made;
  map.show("closures", false); // those of today; those of then stand in the list
  fit();
  if (past) draw();
}).catch((problem) => complain(problem)).finally(() => { document.documentElement.dataset.map = "ready"; });
load();
