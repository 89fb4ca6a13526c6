// The wall display. Asks every second whether anything is new, and goes on by itself after a cut: nobody stands in front of it.
import { fill, html, nameOf, now, timeOf } from "../desk/desk.js";
import { streetMap } from "../desk/map.js";
import { severityMark, severityName, shownName, small, unitClass, unitSign } from "../desk/symbols.js";

const $ = (id) => document.getElementById(id);
const flags = JSON.parse($("flags").textContent);
const ASK_MS = 1000, SLOW_MS = 8000, STOPPED_S = 10, LEAST_ROWS = 3, FRESH_MS = 4000;
const STATES = ["free", "post", "route", "scene", "busy"], WAITS = ["waiting", "received"];
const SEEN = new Map(); // calls already shown → when a new one stops to be new
let told = JSON.parse($("first").textContent), tag = "", heard = Date.now(), map = null, ended = false;
for (const call of told.calls) SEEN.set(call.id, 0);

const put = (el, content) => { const text = String(content); if (el.content !== text) { el.innerHTML = text; el.content = text; } };
const clock = (s) => { const w = Math.max(0, Math.floor(s)), two = (n) => String(n).padStart(2, "0"), h = Math.floor(w / 3600); return h ? `${h}:${two(Math.floor(w / 60) % 60)}:${two(w % 60)}` : `${Math.floor(w / 60)}:${two(w % 60)}`; };
const areaName = (path) => nameOf(told.areas.find((a) => a.path === path) ?? {});
const isOver = ({ timer }) => Boolean(timer) && now() - Date.parse(timer.from) >= timer.limit_s * 1000;
const look = (s, limit) => (limit && s >= limit ? "over" : limit && s >= limit * 0.67 ? "near" : "");

function show() {
  const urgent = (a, b) => a.severity - b.severity || Date.parse(a.received) - Date.parse(b.received);
  const waiting = told.calls.filter((c) => WAITS.includes(c.state)).sort(urgent), active = told.calls.filter((c) => !WAITS.includes(c.state));
  $("n-waiting").textContent = waiting.length;
  $("n-waiting").classList.toggle("some", waiting.length > 0);
  $("n-active").textContent = active.length;
  $("none").hidden = waiting.length > 0;
  rows(waiting);
  late(active);
  states();
  areas();
  stats(waiting);
  hours();
  const cries = told.units.filter((u) => u.panic);
  $("alarm").hidden = !cries.length;
  put($("alarm"), html`! ${fill(gettext("%(units)s: help"), { units: cries.map((u) => nameOf(u)).join(gettext(", ")) })}`);
  signs();
}

const ROOM = 16; // letters of a name's line; a Chinese sign takes two
/** A name that does not fit its line stands smaller in two: cut short, nobody six metres away could ask for the rest. */
const name = (text) => html`<b class="${[...text].reduce((n, c) => n + (c > "\u2e7f" ? 2 : 1), 0) > ROOM ? "long" : "cut"}">${text}</b>`;

/** How many rows the list of waiting calls has room for. */
function room() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(LEAST_ROWS, Math.floor(($("waiting").parentElement.clientHeight - 3.9 * rem) / (4.1 * rem)));
}

function rows(waiting) {
  const most = room(), shown = waiting.length > most ? waiting.slice(0, most - 1) : waiting, more = waiting.length - shown.length;
  put($("waiting"), html`${shown.map((c) => html`<li data-call="${c.id}">${severityMark(c.severity)}${name(nameOf({ zh: c.type_zh, en: c.type_en }))}${c.drill && html`<span class="mark">${gettext("Replay")}</span>`}<span class="where">${areaName(c.area)}</span><span class="timer" data-from="${c.timer?.from ?? c.waiting_since ?? c.received}" data-limit="${c.timer?.limit_s ?? ""}"></span></li>`)}
    ${more > 0 && html`<li class="more">${fill(ngettext("%(n)s more call", "%(n)s more calls", more), { n: more })}</li>`}`);
  tick();
}

function late(active) {
  const over = active.filter(isOver), first = over[0], agencies = told.agencies_late;
  $("late").hidden = !first && !agencies;
  $("late").textContent = [first && (over.length > 1 ? fill(gettext("%(n)s late"), { n: over.length }) : flags[first.timer.code]),
    agencies > 0 && fill(ngettext("%(n)s agency late", "%(n)s agencies late", agencies), { n: agencies })].filter(Boolean).join(gettext(", "));
}

function states() {
  const n = Object.fromEntries(STATES.map((s) => [s, told.units.filter((u) => u.shown === s).length]));
  put($("states"), html`${STATES.map((s) => html`<li>${dot(s)}<b>${n[s]}</b><span>${shownName(s)}</span></li>`)}`);
}
// Markup from symbols.js is plain text of our own making.
const sign = (unit) => { const made = html``; made.text = small(unitClass(unit), unitSign(unit)); return made; };
const dot = (shown) => sign({ letter: "", code: "", shown, service: "police" });

const DOTS = 11; // signs that a row has room for; of more it says how many are in each state
function areas() {
  const plain = (u) => sign({ ...u, letter: "", zh: "", en: "", code: "", panic: false });
  put($("areas"), html`${told.areas.map((a) => {
    const own = told.units.filter((u) => u.area === a.path && u.shown !== "off"), free = own.filter((u) => u.shown === "free" || u.shown === "post").length;
    const like = STATES.map((s) => own.filter((u) => u.shown === s)).filter((units) => units.length);
    return html`<li>${name(nameOf(a))}<span class="dots" aria-hidden="true">${like.map((units) => own.length > DOTS ? html`${dot(units[0].shown)}<b>${units.length}</b>` : units.map(plain))}</span><span class="num ${own.length && free * 3 <= own.length ? "up" : ""}">${free}/${own.length}</span></li>`;
  })}`);
}

function stats(waiting) {
  const expected = told.hour.expected && html` <small>${fill(gettext("expected %(low)s–%(high)s"), { low: Math.round(told.hour.expected[0]), high: Math.round(told.hour.expected[1]) })}</small>`;
  const oldest = waiting.map((c) => c.waiting_since ?? c.received).sort()[0];
  put($("stats"), html`<div><span>${gettext("Calls this hour")}</span><b>${told.hour.calls}${expected}</b></div><div><span>${gettext("This shift")}</span><b>${told.shift.calls}</b></div>
    <div><span>${gettext("Longest wait")}</span><b>${oldest ? html`<span class="timer" data-from="${oldest}" data-limit=""></span>` : "—"}</b></div>`);
  tick();
}

/** Bars of calls taken in the last hours; what was expected of each, and of the next, as a line in its range. */
function hours() {
  const rows = told.hours ?? [], W = 40, H = 100, most = Math.max(4, ...rows.map((r) => Math.max(r.calls ?? 0, r.expected?.[2] ?? 0)));
  const y = (n) => H - (n / most) * (H - 14), at = (text) => timeOf(text).slice(0, 2);
  const spoken = rows.map((r) => `${at(r.start)}: ${r.calls ?? "—"}${r.expected ? ` (${Math.round(r.expected[0])})` : ""}`).join(", ");
  const range = rows.map((r, i) => r.expected && html`<rect class="range" x="${i * W + 4}" y="${y(r.expected[2])}" width="${W - 8}" height="${Math.max(1, y(r.expected[1]) - y(r.expected[2]))}"/>`);
  const bars = rows.map((r, i) => r.calls !== null && html`<rect class="bar" x="${i * W + 11}" y="${y(r.calls)}" width="${W - 22}" height="${H - y(r.calls)}"/><text class="n" x="${i * W + W / 2}" y="${y(r.calls) - 3}">${r.calls}</text>`);
  const line = rows.map((r, i) => r.expected && html`<line class="mean" x1="${i * W + 4}" x2="${(i + 1) * W - 4}" y1="${y(r.expected[0])}" y2="${y(r.expected[0])}"/>`);
  const names = rows.map((r, i) => html`<text class="h" x="${i * W + W / 2}" y="${H + 15}">${at(r.start)}</text>`);
  put($("hours"), html`<svg viewBox="0 0 ${rows.length * W} ${H + 20}" role="img" aria-label="${gettext("Calls by the hour")}: ${spoken}">${range}${bars}${line}${names}</svg>`);
}

function signs() {
  if (!map) return;
  const at = now().getTime();
  map.setUnits(told.units.map((u) => ({ ...u, stale: u.at_ms !== null && (at - u.at_ms) / 1000 > (told.stale_s ?? 120) })));
  for (const c of told.calls) if (!SEEN.has(c.id)) SEEN.set(c.id, c.severity === 1 ? Date.now() + FRESH_MS : 0);
  map.setCalls(told.calls.map((c) => ({ ...c, fresh: SEEN.get(c.id) > Date.now(), label: c.severity === 1 ? nameOf({ zh: c.type_zh, en: c.type_en }) : "" })));
}

function tick() {
  for (const el of document.querySelectorAll(".timer[data-from]")) {
    const s = (now() - Date.parse(el.dataset.from)) / 1000, cls = `timer ${look(s, Number(el.dataset.limit))}`;
    if (el.textContent !== clock(s)) el.textContent = clock(s);
    if (el.className !== cls) el.className = cls;
  }
}

// ---- staying up to date
function line() {
  const age = (Date.now() - heard) / 1000, stopped = age > STOPPED_S;
  $("live").className = `live${stopped ? " off" : age > 3 ? " stale" : ""}`;
  $("live").textContent = stopped ? gettext("Not connected") : age > 3 ? fill(gettext("Last word %(n)s s ago"), { n: Math.round(age) }) : gettext("Live");
  $("stopped").hidden = !stopped;
  if (stopped) $("stopped").textContent = ended ? gettext("This screen is signed out. Sign in again.") : fill(gettext("Data stopped at %(time)s. Clocks go on; trying again."), { time: timeOf(heard) });
}

async function ask() {
  try {
    const answer = await fetch("/wall/picture.json", { headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) }, cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(SLOW_MS) });
    ended = answer.redirected || answer.status === 401 || answer.status === 403;
    if (!ended && (answer.ok || answer.status === 304)) heard = Date.now();
    if (answer.status === 200 && !ended) {
      told = await answer.json();
      tag = answer.headers.get("ETag") ?? "";
      show();
    }
  } catch { /* said by the line; asked again */ }
  setTimeout(ask, ASK_MS);
}

// What the letters on the map stand for.
const LETTERS = document.documentElement.lang.startsWith("zh") ? "巡所交消卫" : "PSTFG", SERVICES = [gettext("Patrol"), gettext("Station"), gettext("Traffic"), gettext("Fire"), gettext("Guard")];
put($("services"), html`${[...LETTERS].map((letter, i) => html`<span>${sign({ letter, zh: letter, en: letter, shown: "free" })}${SERVICES[i]}</span>`)}`);
show();
setInterval(() => { tick(); line(); }, 500);
setInterval(show, 15_000); // what grows late or old without anything being said
ask();
streetMap($("map"), { size: 1.6, showLegend: false }).then((made) => { map = made; signs(); document.documentElement.dataset.wall = "ready"; })
  .catch((problem) => { $("map").textContent = problem.message; document.documentElement.dataset.wall = "ready"; });
let resized = 0;
addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(() => { map?.resize(); map?.home(); show(); }, 200); });
document.addEventListener("visibilitychange", awake);
/** A screen on the wall does not go dark by itself, where the browser lets a page ask for that. */
async function awake() { try { if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen"); } catch { /* it may */ } }
awake();
