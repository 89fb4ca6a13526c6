// The dispatcher's board: puts state, lists, map, pane, keys and the live stream together.
import { commandBar, press } from "../desk/command.js";
import { complain, fill, getJson, html, minuteOf, now, timeOf, toast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { severityName } from "../desk/symbols.js";
import { helpBar } from "../exchange/bar.js";
import { dragging } from "./board_drag.js";
import { help, keys } from "./board_keys.js";
import { List, activeRow, closedRow, flagName, linkedBy, title, waitingRow } from "./board_lists.js";
import { BoardMap } from "./board_map.js";
import { MoveStrip } from "./board_move.js";
import { Pace } from "./board_pace.js";
import { Pane } from "./board_pane.js";
import { Sounds } from "./board_sound.js";
import { Board, isOver } from "./board_state.js";
import { Views } from "./board_views.js";
import { countUnits, showUnits, unitDialog, unitName } from "./board_units.js";

const $ = (id) => document.getElementById(id);
const read = (id) => JSON.parse($(id).textContent);
const first = read("first"), words = read("words"), may = read("may");
const arrived = location.search; // before the views put their own there
const board = new Board(first, () => now().getTime());
board.takePositions({ units: first.positions });
linkedBy((call) => board.linkedOf(call));

let chosen = null, onlyFree = false;
const sounds = new Sounds($("mute"));
const letIn = $("let-in");
const lists = {
  waiting: new List($("waiting"), waitingRow, { urgent: (c) => c?.severity === 1, onPending: (n) => { letIn.hidden = !n; letIn.textContent = fill(ngettext("%(n)s new", "%(n)s new", n), { n }); } }),
  active: new List($("active"), activeRow),
  closed: new List($("closed"), closedRow),
};
const map = new BoardMap($("map"), board, { onCall: (id) => select(id), onUnit: (id) => openUnit(id) });
const pane = new Pane($("pane-detail"), board, { words, may, onPicks: (picks, routes) => map.pick(picks, routes), onSelect: (id) => select(id) });

// ---- showing
const fits = (call) => views.fits(call, [title(call), call.place, call.number, String(call.severity), severityName(call.severity)].join(" ").toLowerCase());
const views = new Views(read("saved-views"), () => shown());
/** What the view asks for beside the filter. */
function shown() {
  onlyFree = views.get("free") === "1";
  $("only-free").setAttribute("aria-pressed", String(onlyFree));
  const off = views.get("off").split(",");
  for (const b of document.querySelectorAll("[data-layer]")) {
    const on = off.includes(b.dataset.layer) ? false : off.includes(`+${b.dataset.layer}`) ? true : b.dataset.usual === "true";
    if (b.getAttribute("aria-pressed") !== String(on)) { b.setAttribute("aria-pressed", String(on)); map.layer(b.dataset.layer, on); }
  }
  if (views.narrowed && document.activeElement !== $("filter-in")) { $("filter").hidden = false; $("filter-open").setAttribute("aria-expanded", "true"); $("filter-in").value = views.get("q"); }
  map.resize();
  show();
}
let pending = 0;
const soon = () => { pending ||= requestAnimationFrame(() => { pending = 0; show(); }); };

const FEW = 8; // of the calls just closed, until somebody asks for all
let allClosed = false;
const few = (calls) => (allClosed ? calls : calls.filter((c, i) => i < FEW || c.id === chosen));
const wholeAreas = new Set(); // areas of which every unit is shown, "" for units of none
const moreClosed = $("closed-more");
moreClosed.addEventListener("click", () => { allClosed = !allClosed; soon(); });

function show() {
  const groups = board.groups(fits), had = document.activeElement?.closest?.("[role=option]")?.dataset.id;
  for (const name of Object.keys(lists)) {
    lists[name].show(name === "closed" ? few(groups.closed) : groups[name], chosen);
    for (const el of document.querySelectorAll(`[data-count=${name}]`)) {
      el.textContent = groups[name].length;
      if (name === "waiting") el.classList.toggle("bad", groups.waiting.length > 0);
    }
  }
  // The selected call went over to another list: the focus goes with it.
  if (had && had === chosen && !document.activeElement?.closest?.("[role=option]")) focusRow(chosen);
  empty(groups);
  countUnits($("unit-counts"), board);
  showUnits($("units"), board, onlyFree, wholeAreas);
  map.show(groups, chosen, onlyFree);
  pane.refreshUnits();
  panics();
  tick();
}

function empty(groups) {
  const none = $("waiting-none"), sent = groups.active[0] && [...groups.active].sort((a, b) => Date.parse(b.received) - Date.parse(a.received))[0];
  none.hidden = groups.waiting.length > 0;
  const text = views.narrowed ? gettext("No waiting call fits the filter.") : gettext("No call is waiting.");
  none.replaceChildren(Object.assign(document.createElement("b"), { textContent: text }));
  if (sent && !views.narrowed) none.append(Object.assign(document.createElement("span"), { textContent: fill(gettext("The last one was taken at %(time)s."), { time: minuteOf(sent.received) }) }));
  $("active-none").hidden = groups.active.length > 0;
  moreClosed.hidden = groups.closed.length <= FEW;
  moreClosed.setAttribute("aria-expanded", String(allClosed));
  moreClosed.textContent = allClosed ? gettext("Show the newest") : fill(gettext("Show all %(n)s"), { n: groups.closed.length });
}

/** Keeps every running clock going, and says once when a call is past its time. */
function tick() {
  const at = now().getTime(), late = new Map();
  for (const el of document.querySelectorAll(".timer[data-from]")) {
    const s = (at - Date.parse(el.dataset.from)) / 1000, limit = Number(el.dataset.limit) || Infinity;
    const text = s < 0 ? "0:00" : clockText(s), cls = s >= limit ? "over" : s >= (Number(el.dataset.warn) || limit * 0.67) ? "near" : "";
    if (el.textContent !== text) el.textContent = text;
    for (const c of ["near", "over"]) el.classList.toggle(c, c === cls);
    const meter = el.closest(".row")?.querySelector("[data-meter]");
    if (meter) { meter.className = `meter ${cls}`; meter.firstElementChild.style.width = `${Math.min(100, (s / limit) * 100)}%`; }
  }
  for (const call of board.calls.values()) {
    if (!call.flag_timer || isOver(call) || at - Date.parse(call.flag_timer.from) < call.flag_timer.limit_s * 1000) continue;
    sounds.overdue(`${call.id} ${call.flag_timer.code}`);
    if (call.state !== "waiting") late.set(call.flag_timer.code, (late.get(call.flag_timer.code) ?? 0) + 1);
  }
  for (const call of board.calls.values()) for (const u of call.units) if (u.welfare?.overdue) { sounds.overdue(`${u.assignment} ${u.welfare.asked}`); late.set("t_welfare_answer", (late.get("t_welfare_answer") ?? 0) + 1); }
  const [worst] = [...late].sort((a, b) => b[1] - a[1]);
  $("late").hidden = !worst;
  if (worst) $("late").textContent = `${flagName(worst[0])} ${worst[1]}`;
}
const clockText = (s) => { const two = (n) => String(n).padStart(2, "0"), w = Math.floor(s), h = Math.floor(w / 3600); return h ? `${h}:${two(Math.floor(w / 60) % 60)}:${two(w % 60)}` : `${Math.floor(w / 60)}:${two(w % 60)}`; };
setInterval(tick, 1000);
document.addEventListener("tick", tick); // clocks that have just come in
setInterval(soon, 15_000); // closed calls leave, positions grow old

// ---- selection
function select(id, { focus = false } = {}) {
  if (!id) return;
  chosen = id;
  sounds.opened(id);
  const call = board.calls.get(id);
  if (call?.panic_unit) sounds.panic(call.panic_unit, false);
  pane.open(id);
  show();
  map.reveal(id);
  if (focus) focusRow(id);
  if (matchMedia("(max-width: 1179px)").matches && !focus) tab("detail");
  history.replaceState(null, "", `${location.search}#${id}`);
}
const focusRow = (id) => Object.values(lists).map((l) => l.rows.get(id)).find(Boolean)?.focus();
const shownIds = () => Object.values(lists).flatMap((l) => l.shown);
function step(by) {
  const ids = shownIds(), at = ids.indexOf(chosen);
  select(ids[Math.min(ids.length - 1, Math.max(0, at < 0 ? 0 : at + by))], { focus: true });
}
for (const list of Object.values(lists)) {
  list.el.addEventListener("click", (e) => { const row = e.target.closest("[role=option]"); if (row) { row.focus(); select(row.dataset.id); } });
}
letIn.addEventListener("click", () => lists.waiting.letIn());

// ---- units, panic
const openUnit = (id) => {
  const unit = board.units.get(id), call = board.calls.get(chosen);
  if (!unit) return;
  const sendTo = call && !isOver(call) ? { number: call.number, send: (u) => pane.sendByName([u.id]) } : null;
  unitDialog(unit, board, { words, may, go: (callId) => select(callId), sendTo });
};
$("units").addEventListener("click", (e) => {
  const { unit, area } = e.target.closest("button")?.dataset ?? {};
  if (unit) openUnit(unit);
  if (area !== undefined) { wholeAreas[wholeAreas.has(area) ? "delete" : "add"](area); show(); }
});
const heard = new Set(); // panics acknowledged on this screen

function panics() {
  const units = [...board.units.values()].filter((u) => u.panic), bar = $("panic-bar");
  for (const id of heard) if (!units.some((u) => u.id === id)) heard.delete(id);
  const open = units.filter((u) => !heard.has(u.id));
  for (const u of board.units.values()) sounds.panic(u.id, open.includes(u));
  bar.hidden = !open.length;
  const content = String(html`${open.map((u) => html`<span>${fill(gettext("%(unit)s asks for help"), { unit: unitName(u) })}</span><button type="button" class="btn btn-s" data-cmd="panic" data-panic="${u.id}">${gettext("Acknowledge and open")}</button>`)}`);
  if (bar.content !== content) { bar.innerHTML = content; bar.content = content; }
}
$("panic-bar").addEventListener("click", (e) => {
  const id = e.target.closest("[data-panic]")?.dataset.panic;
  if (!id) return;
  heard.add(id);
  const call = [...board.calls.values()].find((c) => c.panic_unit === id && !isOver(c));
  if (call) select(call.id, { focus: true }); else show();
});

// ---- tools
const tab = (name) => {
  $("board").dataset.tab = name;
  for (const b of document.querySelectorAll("[role=tab]")) { b.setAttribute("aria-selected", String(b.dataset.tab === name)); b.tabIndex = b.dataset.tab === name ? 0 : -1; }
  if (name === "map") map.resize();
};
for (const b of document.querySelectorAll("[role=tab]")) b.addEventListener("click", () => tab(b.dataset.tab));
document.querySelector("[role=tablist]").addEventListener("keydown", (e) => {
  if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
  const all = [...document.querySelectorAll("[role=tab]")].filter((b) => b.offsetParent), at = all.indexOf(document.activeElement);
  const next = all[(at + (e.key === "ArrowRight" ? 1 : all.length - 1)) % all.length];
  tab(next.dataset.tab); next.focus();
});
const toggleFree = () => views.set("free", onlyFree ? "" : "1");
$("only-free").addEventListener("click", toggleFree);
$("centre").addEventListener("click", () => map.centre(chosen));
for (const b of document.querySelectorAll("[data-layer]")) b.addEventListener("click", () => {
  const name = b.dataset.layer, on = b.getAttribute("aria-pressed") !== "true", others = views.get("off").split(",").filter((n) => n && n.replace("+", "") !== name);
  views.set("off", [...others, ...(String(on) === b.dataset.usual ? [] : [on ? `+${name}` : name])].join(","));
});
function openFilter(on = true) {
  $("filter").hidden = !on;
  $("filter-open").setAttribute("aria-expanded", String(on));
  if (on) { $("filter-in").focus(); return; }
  $("filter-in").value = "";
  views.set("q", "");
  // A hidden field would keep the focus until the next frame and swallow the next key: it goes back to the call.
  $("filter-in").blur();
  focusRow(chosen);
}
$("filter-open").addEventListener("click", () => openFilter($("filter").hidden));
$("filter-off").addEventListener("click", () => { views.reset(); openFilter(false); });
$("filter-in").addEventListener("input", (e) => views.set("q", e.target.value.trim().toLowerCase().normalize("NFKC")));
$("help").addEventListener("click", () => help());

const form = $("cmd");
/** Presses a button, once the pane shows its call. */
async function pressed(verb, which, call) {
  if (call && call !== chosen) select(call);
  if (call) await pane.loaded();
  const fault = press(verb, which);
  if (fault) toast(fault, { bad: true });
}
if (form) commandBar(form, { context: () => ({ call: chosen }), onDone: (answer) => {
  if (answer.url) { location.href = answer.url; return; }
  if (answer.press) { pressed(answer.press, answer.text, answer.call); return; }
  if (answer.verb === "goto" && answer.units.length) { openUnit(answer.units[0]); return; }
  if (answer.call) select(answer.call);
  toast(answer.sentence);
} });

dragging(board, { chosen: () => chosen, drop: (unit, call) => { select(call); pane.sendByName([unit]); } });
keys({ step, tab, pane, map, chosen: () => chosen, toggleFree, openFilter, filterOpen: () => !$("filter").hidden });

// ---- live
async function reload() {
  try {
    const again = await getJson("/board/picture.json");
    board.load(again);
    board.takePositions({ units: again.positions });
    stream.from(again.seq);
    map.showPlan();
    show();
    if (chosen) pane.refresh();
    $("list-error").hidden = true;
  } catch (problem) {
    complain(problem, reload);
    $("list-error").hidden = false;
    $("list-error").textContent = fill(gettext("Could not be refreshed; this is as of %(time)s."), { time: timeOf(now()) });
  }
}

const helpSoon = may.includes("region.request") ? helpBar($("help-bar")) : () => {};
function take(event) {
  const change = board.take(event);
  if (event.kind.startsWith("help.")) helpSoon();
  if (event.subject === chosen) pane.refreshSoon();
  if (event.subject_kind === "plan") reload(); // rare, and the plan in force may be another
  if (!change) return;
  if (change.kind === "call" && change.after?.state === "waiting" && change.before?.state !== "waiting") {
    const call = change.after;
    sounds.newCall(call);
    $(call.severity === 1 ? "announce-now" : "announce").textContent = fill(gettext("New, %(level)s: %(type)s, %(place)s"), { level: severityName(call.severity), type: title(call), place: call.place });
    map.fresh(call.id);
  }
  pace.soon();
  soon();
}

const strip = new MoveStrip($("move"), board, { may: may.includes("dispatch.assign"), again: () => pace.soon() });
const pace = new Pace($("cover"), $("pace"), (moves) => strip.show(moves));
const stream = live({ from: first.seq, key: document.body.dataset.who, onEvent: take, onReset: reload,
  onPositions: (p) => { board.takePositions(p); map.showSoon(); }, onState: (s) => showState($("live"), $("line-bar"), s, timeOf) });

shown();
if (matchMedia("(min-width: 720px) and (max-width: 1179px)").matches) tab("map"); // the list stands beside it
for (const c of board.groups().waiting) if (c.severity === 1) sounds.unopened.add(c.id);
const wanted = location.hash.slice(1), start = board.calls.has(wanted) ? wanted : shownIds()[0];
if (start && (wanted || !matchMedia("(max-width: 719px)").matches)) select(start, { focus: true });
const asked = new URLSearchParams(arrived), wantedUnit = asked.get("unit");
if (asked.get("do")) pressed(asked.get("do"), "", chosen);
if (wantedUnit) openUnit(wantedUnit);
document.documentElement.dataset.board = "ready";
