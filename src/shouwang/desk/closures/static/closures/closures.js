// The page of closures: the list keeps itself up to date; a new one is clicked on the map, or found by its name.
import { Problem, ask, complain, fill, getJson, getText, html, nameOf, newId, now, send, span, timeOf, toast, typing, undoLast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { around, streetMap } from "../desk/map.js";
import { released, renew } from "../desk/renew.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent), rows = $("rows"), form = $("close");
let map = null, mode = "street", picks = [], ring = [], inRing = null, id = newId();

// ---- the list
function tick() {
  for (const el of rows.querySelectorAll(".timer[data-until]")) {
    const left = (Date.parse(el.dataset.until) - now()) / 1000;
    el.textContent = span(Math.max(0, left));
    if (left <= 0 && !el.dataset.over) { el.dataset.over = "1"; reload(); }
  }
}
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 60); };
async function reload() {
  try {
    const text = await getText("/closures/list/");
    await released();
    renew(rows, text);
    tick();
    mark();
  } catch (problem) { complain(problem, reload); }
}
const mark = () => { for (const li of rows.querySelectorAll("[data-closure]")) li.toggleAttribute("aria-current", li.dataset.closure === map?.chosenClosure); };

async function act(what, it, body = {}) {
  try {
    const told = await send(`/api/closures/${it.id}/${what}`, { key: newId(), ...body });
    const name = nameOf(told);
    if (what === "lift") toast(fill(gettext("Lifted: %(name)s"), { name }), { undo: () => act("restore", it) });
    else if (what === "restore") toast(fill(gettext("Closed again: %(name)s"), { name }));
    else toast(fill(gettext("New end: %(name)s"), { name }));
    await reload();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    complain(problem);
    if (problem.status === 409) reload();
  }
}

const HOURS = [1, 2, 4, 8, 24, 72];
async function extend(it) {
  const options = HOURS.filter((h) => h <= start.days * 24).map((h) => [h, fill(ngettext("%(n)s hour from now", "%(n)s hours from now", h), { n: h })]);
  const said = await ask({ title: gettext("When does it end?"), fields: [{ name: "hours", label: gettext("End"), options }], confirm: gettext("Set the end") });
  if (said) act("amend", it, { version: it.version, until_at: new Date(now().getTime() + said.hours * 3600_000).toISOString() });
}

rows.addEventListener("click", (e) => {
  const button = e.target.closest("button"), li = button?.closest("[data-closure]");
  if (!li) return;
  const it = { id: li.dataset.closure, version: Number(li.dataset.version) };
  if (button.dataset.do === "extend") extend(it);
  else if (button.dataset.do) act(button.dataset.do, it, { version: it.version });
  else show(it.id);
});
function show(closure) {
  const card = map?.closures.get(closure);
  if (!map) return;
  map.chosenClosure = closure;
  map.drawClosures();
  mark();
  if (card) map.fit(around(card.lines.flatMap((l) => l.path)), 80);
}

// ---- a new one
/** What a clock of the district would show, for a field of date and time. */
const wall = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: document.body.dataset.zone || undefined, dateStyle: "short", timeStyle: "short" }).format(at).replace(" ", "T");
const key = (picked) => JSON.stringify(picked.lines[0].path);

async function choose(lon, lat) {
  fault("");
  const pick = { lon, lat, direction: "both" };
  try {
    const found = await send("/api/closures/preview", { picks: [pick] });
    const had = picks.findIndex((p) => p.key === key(found));
    if (had >= 0) picks.splice(had, 1);
    else picks.push({ pick, found, key: key(found), one_way: false });
  } catch (problem) { if (!(problem instanceof Problem)) throw problem; fault(problem.message); }
  draw();
}
async function turn(i, direction) {
  const one = picks[i];
  try {
    one.found = await send("/api/closures/preview", { picks: [{ ...one.pick, direction }] });
    one.pick.direction = direction;
    fault("");
  } catch (problem) { if (!(problem instanceof Problem)) throw problem; fault(problem.message); }
  draw();
}
async function corner(lon, lat) {
  ring.push({ lon, lat });
  fault("");
  inRing = null;
  const asked = ring.length;
  if (asked >= 3) try {
    const found = await send("/api/closures/preview", { ring });
    if (asked === ring.length) inRing = found;
  } catch (problem) { if (!(problem instanceof Problem)) throw problem; fault(problem.message); }
  draw();
}
function fault(text) { $("where-err").textContent = text; $("where-err").hidden = !text; }

const towards = (pick, end) => {
  const path = pick.found.lines[0].path, [a, b] = [path[0], path.at(-1)], ahead = (pick.pick.direction === "back") !== (end === "forward");
  const [from, to] = ahead ? [a, b] : [b, a], dx = (to[0] - from[0]) * Math.cos((a[1] * Math.PI) / 180), dy = to[1] - from[1];
  return SIDES()[(Math.round(Math.atan2(dy, dx) / (Math.PI / 2)) + 4) % 4];
};
const SIDES = () => [gettext("eastbound"), gettext("northbound"), gettext("westbound"), gettext("southbound")];

function draw() {
  $("clear").hidden = !picks.length && !ring.length;
  $("find-box").hidden = mode === "area";
  $("where-hint").textContent = mode === "street" ? gettext("Click a street on the map; click it again to leave it out.")
    : ring.length < 3 ? fill(gettext("Click the corners of the area: %(n)s of at least 3."), { n: ring.length })
      : inRing ? fill(gettext("%(n)s stretches, %(km)s km"), { n: inRing.lines.length, km: (inRing.length_m / 1000).toFixed(1) }) : "";
  $("picks").innerHTML = mode === "area" ? "" : html`${picks.map((p, i) => html`<li data-i="${i}"><span><span lang="">${nameOf(p.found)}</span><small class="num">${Math.round(p.found.length_m)} m</small></span>
    <select class="in in-s" aria-label="${gettext("Direction")}">${[["both", gettext("both ways")], ["forward", towards(p, "forward")], ["back", towards(p, "back")]].map(([v, text]) => html`<option value="${v}"${v === p.pick.direction && html` selected`}>${text}</option>`)}</select>
    <button type="button" class="btn btn-s" data-out>${gettext("Leave out")}</button></li>`)}`;
  if (!map) return;
  const lines = mode === "street" ? picks.flatMap((p) => p.found.lines) : (inRing?.lines ?? []);
  map.setLines([...lines.map((l) => ({ path: l.path, look: "line-new" })), ...(mode === "area" && ring.length > 1 ? [{ path: [...ring, ...(ring.length > 2 ? [ring[0]] : [])].map((p) => [p.lon, p.lat]), look: "line" }] : [])]);
  map.setPin(mode === "area" ? ring.at(-1) ?? null : null);
}
function anew() { picks = []; ring = []; inRing = null; id = newId(); fault(""); draw(); }

async function submit() {
  const until = $("until").value, shut = form.elements.effect.value === "shut";
  if (!picks.length && ring.length < 3) { fault(gettext("Click at least one street, or draw an area.")); $("find").focus(); return; }
  if (!form.reportValidity()) return;
  const body = { id, reason: $("reason").value, factor: shut ? 0 : Number($("factor").value), from_at: $("from").value || null, until_at: until,
    ...(mode === "street" ? { picks: picks.map((p) => p.pick) } : { ring }) };
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const told = await send("/api/closures", body);
    anew();
    toast(fill(gettext("Closed: %(name)s"), { name: nameOf(told) }), { undo: () => act("lift", told) });
    await reload();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const field = { until_at: "until", from_at: "from", factor: "factor", reason: "reason" }[problem.field];
    if (field) { complain(problem); $(field).focus(); } else if (problem.field) fault(problem.message); else complain(problem, submit);
  } finally { button.disabled = false; }
}

if (form) {
  const until = (hours) => { $("until").value = wall(new Date((Date.parse($("from").value) ? now().getTime() + Date.parse($("from").value) - Date.parse(wall(now())) : now().getTime()) + hours * 3600_000)); };
  until(2);
  for (const b of form.querySelectorAll("[data-hours]")) b.addEventListener("click", () => until(Number(b.dataset.hours)));
  for (const b of form.querySelectorAll("[data-mode]")) b.addEventListener("click", () => {
    mode = b.dataset.mode;
    for (const other of form.querySelectorAll("[data-mode]")) other.setAttribute("aria-pressed", String(other === b));
    anew();
  });
  $("clear").addEventListener("click", anew);
  $("picks").addEventListener("change", (e) => turn(Number(e.target.closest("li").dataset.i), e.target.value));
  $("picks").addEventListener("click", (e) => { if (e.target.closest("[data-out]")) { picks.splice(Number(e.target.closest("li").dataset.i), 1); draw(); } });
  $("factor").addEventListener("input", () => { form.elements.effect.value = "slow"; });
  let hits = [];
  const find = async () => {
    const q = $("find").value.trim();
    if (!q) return;
    hits = await getJson(`/api/places?q=${encodeURIComponent(q)}`);
    $("found").innerHTML = html`${hits.map((h) => html`<option value="${nameOf(h)}">`)}`;
  };
  $("find").addEventListener("input", () => { clearTimeout($("find").timer); $("find").timer = setTimeout(() => find().catch(complain), 200); });
  const add = async () => {
    try {
      await find();
      const text = $("find").value.trim(), hit = hits.find((h) => nameOf(h) === text) ?? hits[0];
      if (!hit) { fault(gettext("No street has this name.")); return; }
      $("find").value = "";
      await choose(hit.lon, hit.lat);
      map?.goTo(hit.lon, hit.lat, 16);
    } catch (problem) { complain(problem); }
  };
  $("add").addEventListener("click", add);
  $("find").addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.ctrlKey) { e.preventDefault(); add(); } });
  form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
  form.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) { e.preventDefault(); submit(); } });
  draw();
}
$("print").addEventListener("click", () => print());
document.addEventListener("keydown", (e) => { if (e.key.toLowerCase() === "z" && !e.ctrlKey && !e.altKey && !typing(e.target)) undoLast(); });

tick();
setInterval(tick, 1000);
live({ from: start.seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind }) => { if (subject_kind === "closure") soon(); } });

streetMap($("map"), { onClick: ({ lon, lat }) => { if (!form || !$("new").open) return; if (mode === "street") choose(lon, lat); else corner(lon, lat); } })
  .then((made) => { map = made; draw(); document.documentElement.dataset.closures = "ready"; })
  .catch((problem) => complain(problem));
