// The page of a cordon: asks the centre who stands where, shows the answer with its own clock, and sends the units.
import { endCordon, assign } from "../calls/board_actions.js";
import { Problem, complain, fill, getJson, html, nameOf, now, send, span, timeOf, typing, undoLast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { around, streetMap } from "../desk/map.js";
import { sign } from "../desk/symbols.js";
import { Reach } from "./reach.js";
import { blockadeSays, crewBoxes, held, postRows, ringSays, standing } from "./ring_show.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent);
const LONGER_S = [3, 6, 12]; // each try begins anew and may do better
const seen = { lon: start.call.lon, lat: start.call.lat, at: Math.min(Date.parse(start.call.received), now().getTime()) };
let call = start.call, mode = "contain", answer = null, asked = 0, chosen = null, picked = null, map = null, reach = null, waiting = null, reloading = null;
let sending = false, searching = false, stale = false; // stale: the answer on screen is to an older question and cannot be sent

// ---- the question
const ago = () => Math.max(0, (now() - seen.at) / 1000);
const form = $("question");
form.elements.goal.value = "fewest-units";
form.elements.out.value = start.exits ? "exits" : "radius";
for (const one of form.elements.out) if (one.value === "exits") one.disabled = !start.exits;
$("out-exits").textContent = start.exits ? fill(ngettext("at %(n)s named exit", "at %(n)s named exits", start.exits), { n: start.exits }) : gettext("at named exits (none yet)");
$("speed").value = start.speed.toFixed(1);
$("radius").value = (start.radius_m / 1000).toFixed(1);

/** Seconds of “3:20”, “90” or “1:02:10”, full-width digits too; NaN for anything else. */
function parseAgo(text) {
  const plain = text.normalize("NFKC").replace("：", ":").trim();
  if (!/^\d{1,4}(:[0-5]?\d){0,2}$/.test(plain)) return NaN;
  return plain.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

function takeAgo() {
  const s = parseAgo($("ago").value), bad = !(s >= 0 && s <= start.longest_ago_s);
  $("ago-err").hidden = !bad;
  $("ago").setAttribute("aria-invalid", String(bad));
  if (bad) return false;
  seen.at = now().getTime() - s * 1000;
  return true;
}

const question = (limit_s) => (mode === "blockade" ? { units: picked }
  : { lon: seen.lon, lat: seen.lat, ago_s: Math.min(start.longest_ago_s, ago()), speed: Number($("speed").value), out: form.elements.out.value,
    radius_m: Math.round(Number($("radius").value) * 1000), goal: form.elements.goal.value, units: picked, ...(limit_s && { limit_s }) });

// ---- asking. A later question makes an earlier answer void.
async function compute({ limit_s = null, quiet = false } = {}) {
  if (!form.reportValidity()) return false;
  const turn = ++asked, kind = mode;
  clearTimeout(waiting);
  $("answer").setAttribute("aria-busy", "true");
  try {
    const found = await send(`/api/cordon/${kind}`, question(limit_s));
    if (turn !== asked) return false;
    if (!(limit_s && worse(found))) take(found, quiet);
    return true;
  } catch (problem) {
    if (turn !== asked) return false;
    if (!(problem instanceof Problem)) throw problem;
    if (limit_s) { complain(problem); return false; } // what is on screen stands
    answer = null;
    show();
    $("answer").innerHTML = html`<div class="say up">${gettext("No answer")}</div><div>${problem.message}</div><div><button type="button" class="btn btn-s" id="again">${gettext("Ask again")}</button></div>`;
    return false;
  } finally { if (turn === asked) $("answer").removeAttribute("aria-busy"); }
}

/** A longer search that found nothing better leaves the answer alone, unless the one on screen no longer holds. */
const worse = (found) => answer?.contained && leastSlack() > 0 && (!found.contained || (answer.goal === "fewest-units"
  ? found.posts.length > answer.posts.length || (found.posts.length === answer.posts.length && found.bound <= answer.bound && found.inside >= answer.inside)
  : found.inside >= answer.inside && found.bound <= answer.bound));

function soon() {
  stopLonger();
  asked++;
  stale = true;
  $("send").disabled = true;
  clearTimeout(waiting);
  waiting = setTimeout(() => compute(), 250);
}

function take(found, quiet) {
  answer = { ...found, kind: mode, contained: mode === "blockade" ? !found.problem : found.contained };
  chosen = null;
  stale = false;
  show();
  if (!quiet) frame();
}

// ---- showing
const crews = () => new Map((answer?.crews ?? []).map((c) => [c.id, c]));

function show() {
  const posts = answer?.posts ?? [], known = crews();
  if (answer) {
    $("answer").innerHTML = answer.kind === "blockade" ? blockadeSays(answer) : ringSays(answer);
    if (!$("crews").contains(document.activeElement)) $("crews").innerHTML = crewBoxes(answer.crews);
    $("crew-count").textContent = `${answer.crews.filter((c) => c.used).length}/${answer.crews.length}`;
  }
  $("posts").innerHTML = postRows(posts, known, chosen);
  const go = $("send"), whole = answer?.contained;
  go.disabled = !posts.length || !start.may_send || sending || stale;
  go.classList.toggle("btn-1", Boolean(whole) || !answer);
  const text = fill(ngettext("Send %(n)s unit", "Send %(n)s units", posts.length), { n: posts.length });
  go.innerHTML = posts.length ? html`${whole ? text : fill(gettext("%(send)s all the same"), { send: text })} <kbd>Enter</kbd>` : html`${gettext("Nobody to send")}`;
  showLonger();
  draw();
  tick();
}

function draw() {
  if (!map) return;
  const posts = answer?.posts ?? [], known = crews();
  map.setCalls([{ id: call.id, severity: call.severity, lon: call.lon, lat: call.lat, chosen: true }]);
  map.setPin(mode === "contain" && !atCall() ? { lon: seen.lon, lat: seen.lat } : null);
  const going = new Set(posts.map((p) => p.unit));
  map.setUnits([...known.values()].filter((c) => c.used).map((c) => ({ ...c, shown: "free", picked: c.id === chosen || going.has(c.id), label: sign(c).number })));
  map.setPosts([...posts.map((p, i) => ({ id: p.unit, lon: p.place.lon, lat: p.place.lat, mark: i + 1, kind: "new", picked: true,
    label: `${nameOf(known.get(p.unit))}${p.before ? ` ${timeOf(p.before)}` : ""}` })),
    ...held(call).map((a, i) => ({ id: a.unit, lon: a.stand.lon, lat: a.stand.lat, mark: i + 1, label: nameOf(call.units.find((u) => u.assignment === a.id)), picked: true })),
    ...(answer?.exits ?? []).filter((e) => !posts.some((p) => p.place.lon === e.lon && p.place.lat === e.lat)).map((e, i) => ({ id: `exit${i}`, lon: e.lon, lat: e.lat, mark: gettext("X"), kind: "old", label: nameOf(e) }))]);
  map.setRoutes([...posts.map((p) => ({ path: p.way, alt: p.unit !== chosen })), ...(answer?.escape ? [{ path: answer.escape.way, look: "escape" }] : [])]);
  reach?.set(answer?.kind === "contain" ? answer.reachable : null);
}

const atCall = () => seen.lon === call.lon && seen.lat === call.lat;

/** Brings the ring, or the way out, into view. */
function frame() {
  if (!map || !answer) return;
  const points = answer.escape ? answer.escape.way : answer.posts.map((p) => [p.place.lon, p.place.lat]);
  map.fit(around([[seen.lon, seen.lat], ...points]), 70);
}

/** What is left of the time to send: units that set off later arrive later. */
const slackOf = (post) => (Date.parse(post.before) - Date.parse(post.arrive_at) - Math.max(0, now() - Date.parse(answer.starts_at))) / 1000;
const leastSlack = () => Math.min(...answer.posts.filter((p) => p.before).map(slackOf), Infinity);

function tick() {
  seen.at = Math.max(seen.at, now() - start.longest_ago_s * 1000); // longer ago it may be anywhere
  if (document.activeElement !== $("ago")) $("ago").value = span(ago());
  $("seen-at").textContent = timeOf(seen.at);
  reach?.show(ago());
  if (!answer || answer.kind !== "contain") return;
  for (const el of document.querySelectorAll("[data-slack]")) clockOf(el, slackOf(answer.posts.find((p) => p.unit === el.dataset.slack)));
  const left = leastSlack() + Math.max(0, (Date.parse(answer.starts_at) - now()) / 1000);
  if ($("slack")) clockOf($("slack"), left);
  const asking = $("answer").hasAttribute("aria-busy") || stale || sending || searching;
  if (answer.contained && left < 0 && !asking && !document.hidden) compute({ quiet: true }); // too late to send this one
}
function clockOf(el, s) {
  el.textContent = Number.isFinite(s) ? span(s) : "—";
  el.classList.toggle("warn", s < 30);
}
setInterval(tick, 1000);

/** Grows smoothly between the ticks, as long as drawing leaves the page time for its work. */
function grow() {
  if (document.hidden || !reach?.ways.length || matchMedia("(prefers-reduced-motion: reduce)").matches) { setTimeout(grow, 1000); return; }
  const began = performance.now();
  reach.show(ago());
  setTimeout(grow, Math.max(100, (performance.now() - began) * 12));
}
grow();

// ---- searching longer
const betterable = () => answer?.kind === "contain" && !answer.proven;

function showLonger() {
  if (searching) return;
  $("longer").hidden = !betterable();
  $("longer").innerHTML = html`<button type="button" class="btn btn-s" id="search">${gettext("Search longer")}</button><span class="dim3">${gettext("up to 21 s")}</span>`;
}

async function searchLonger() {
  searching = true;
  $("longer").hidden = false;
  $("longer").innerHTML = html`<progress max="100" value="0" aria-label="${gettext("Searching")}"></progress><button type="button" class="btn btn-s" id="search-stop">${gettext("Cancel")}</button>`;
  const began = Date.now(), whole = LONGER_S.reduce((a, b) => a + b, 0) * 1000, bar = $("longer").firstElementChild;
  const timer = setInterval(() => { bar.value = Math.min(99, ((Date.now() - began) / whole) * 100); }, 200);
  for (const limit_s of LONGER_S) if (!searching || !(await compute({ limit_s, quiet: true })) || !betterable()) break;
  clearInterval(timer);
  stopLonger();
}

/** The try under way comes to nothing; what is on screen stays. */
function stopLonger() {
  if (!searching) return;
  searching = false;
  asked++;
  $("answer").removeAttribute("aria-busy");
  showLonger();
}

// ---- sending: all or none, with the guarantees of any dispatch
async function sendAll() {
  if ($("send").disabled) return;
  stopLonger();
  sending = true;
  show();
  const { posts } = answer, known = crews();
  const done = await assign(call.id, posts.map((p) => p.unit), posts.map((p) => nameOf(known.get(p.unit))), "",
    posts.map((p) => ({ unit: p.unit, lon: p.place.lon, lat: p.place.lat, before: p.before })));
  sending = false;
  if (done) { call = done; answer = null; picked = null; showStanding(); $("answer").innerHTML = html`<div class="say">${gettext("Sent")}</div><div>${gettext("The units have it on their phones. Another ring would use the units that are still free.")}</div><div><button type="button" class="btn btn-s" id="again">${gettext("Ask again")}</button></div>`; show(); return; }
  await compute({ quiet: true });
  $("answer").insertAdjacentHTML("afterbegin", html`<div class="note bad" role="alert">${gettext("Nobody was sent. This answer uses the units that are still free.")}</div>`);
}

function showStanding() {
  const rows = standing(call, start.states, start.may_send);
  $("standing").hidden = !rows;
  $("standing").innerHTML = rows ?? "";
  draw();
}

async function reload() {
  try { call = await getJson(`/api/calls/${call.id}`); showStanding(); } catch (problem) { complain(problem, reload); }
}

// ---- hands
form.addEventListener("submit", (e) => e.preventDefault());
form.addEventListener("change", (e) => { if (e.target.id !== "ago" || takeAgo()) soon(); });
form.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.target.id) { e.preventDefault(); e.target.blur(); } });
$("radius").addEventListener("focus", () => { form.elements.out.value = "radius"; });
$("crews").addEventListener("change", () => { picked = [...$("crews").querySelectorAll("input:checked")].map((b) => b.value); soon(); });
document.addEventListener("click", (e) => {
  const button = e.target.closest("button");
  if (!button) return;
  const { mode: to, crews: which, show: unit } = button.dataset;
  if (to && to !== mode) setMode(to);
  if (which) { picked = (answer?.crews ?? []).filter((c) => which === "all" || c.able).map((c) => c.id); $("crews").innerHTML = ""; soon(); }
  if (unit) point(unit);
  const doing = { send: sendAll, search: searchLonger, "search-stop": stopLonger, whole: frame, "seen-back": () => moveTo(call.lon, call.lat),
    over: async () => { if (await endCordon(call.id, call.number)) reload(); }, again: () => compute() }[button.id];
  doing?.();
});
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.querySelector("dialog[open]")) return;
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  if (key === "Enter" && !e.target.closest("button, a, summary, input")) { e.preventDefault(); sendAll(); }
  if (key === "z") undoLast();
  if (key === "0") frame();
  if (key === "Escape") location.href = `/board/#${call.id}`;
});

function setMode(to) {
  mode = to;
  for (const b of document.querySelectorAll("[data-mode]")) b.setAttribute("aria-pressed", String(b.dataset.mode === to));
  document.querySelector(".cordon").classList.toggle("blockade", to === "blockade");
  answer = null;
  show();
  soon();
}

function point(unit) {
  chosen = unit;
  const post = answer?.posts.find((p) => p.unit === unit);
  for (const row of document.querySelectorAll("#posts li")) row.toggleAttribute("aria-current", row.dataset.unit === unit);
  if (post && map && !map.sees(post.place.lon, post.place.lat)) map.goTo(post.place.lon, post.place.lat);
  draw();
}

/** The vehicle was last seen elsewhere: the point moves, with the name of the crossing there. */
async function moveTo(lon, lat) {
  Object.assign(seen, { lon, lat });
  $("seen-back").hidden = atCall();
  $("seen-place").textContent = atCall() ? call.place : `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  draw();
  soon();
  if (atCall()) return;
  try {
    const at = await getJson(`/calls/place/?lon=${lon}&lat=${lat}`);
    if (seen.lon === lon && nameOf(at)) $("seen-place").textContent = nameOf(at);
  } catch { /* its coordinates stand there already */ }
}

streetMap($("map"), { center: [call.lon, call.lat], zoom: 13, showLegend: false, onClick: ({ lon, lat }) => { if (mode === "contain") moveTo(lon, lat); },
  onPick: ({ kind, id }) => { if (kind !== "calls" && !id.startsWith("exit")) point(id); } })
  .then((made) => { map = made; reach = new Reach(map); draw(); frame(); })
  .catch((problem) => complain(problem));
live({ from: start.seq, key: document.body.dataset.who, onReset: reload, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: (e) => { if (e.subject_kind === "closure") soon(); // the roads are others: ask anew
    if (e.subject === call.id) { clearTimeout(reloading); reloading = setTimeout(reload, 150); } } });
showStanding();
tick();
compute().then(() => { document.documentElement.dataset.cordon = "ready"; });
