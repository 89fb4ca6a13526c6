// The command board: everything is done over the API; the board is made again by the server when something happens.
import { Problem, ask, complain, fill, getJson, getText, nameOf, newId, send, timeOf, toast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { around, streetMap } from "../desk/map.js";
import { released, renew } from "../desk/renew.js";
import { drawAreas, tick } from "./common.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent), part = $("part"), base = `/api/events/${start.id}`;
let map = null, told = start.map, ring = [], drawing = false, redraw = () => {};

// ---- what stands there
let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 80); };
async function reload() {
  try {
    const [text, places] = await Promise.all([getText(`/events/${start.id}/part/`), getJson(`/events/${start.id}/map.json`)]);
    await released();
    renew(part, text);
    tick(part);
    told = places;
    signs();
  } catch (problem) { complain(problem, reload); }
}
function signs() {
  map?.setCalls(told.calls.length ? told.calls : [{ id: start.id, severity: 1, lon: told.lon, lat: told.lat }]);
  redraw();
}

/** Sends an order with a key, so that trying again does it once. */
async function order(path, body, done = "") {
  const keyed = { key: newId(), ...body };
  const go = async () => {
    try {
      const answer = await send(path, keyed);
      if (done) toast(done);
      await reload();
      return answer;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      complain(problem, go);
      if (problem.status === 409) reload();
      return null;
    }
  };
  return go();
}
const version = () => Number(part.querySelector(".ev-head").dataset.version);

// ---- what is done
const MINUTES = [5, 10, 15, 20, 30, 45, 60, 120, 240];
const within = (first) => [["", first], ...MINUTES.map((n) => [n, fill(gettext("within %(n)s min"), { n })])];
const owners = (first) => [["", first], ...start.owners];

const ACTS = {
  async level(button) {
    const options = start.levels.filter(([code]) => code !== button.dataset.level);
    const said = await ask({ title: gettext("Raise or lower the level"), confirm: gettext("Change the level"), fields: [{ name: "level", label: gettext("Level"), options }, { name: "reason", label: gettext("Reason") }] });
    if (said) order(`${base}/level`, { ...said, version: version() }, gettext("The level is changed"));
  },
  async remark() {
    const said = await ask({ title: gettext("Remark"), confirm: gettext("Write it"), fields: [{ name: "text", label: gettext("Remark"), hint: gettext("Sealed. Matters and places, nothing about persons."), rows: 4 }] });
    if (said) order(`${base}/remarks`, said);
  },
  async join() {
    let cards;
    try { ({ cards } = await getJson("/api/cards?kinds=call")); } catch (problem) { complain(problem); return; }
    const here = new Set(told.calls.map((c) => c.id)), options = cards.filter((c) => !here.has(c.subject) && !c.body.closed_at).map((c) => [c.subject, `${c.body.number} ${nameOf({ zh: c.body.type_zh, en: c.body.type_en })}`]);
    if (!options.length) { toast(gettext("No other call is open.")); return; }
    const said = await ask({ title: gettext("Add a call to the event"), confirm: gettext("Add"), fields: [{ name: "call", label: gettext("Call"), options }] });
    if (said) order(`${base}/calls`, said);
  },
  async "stand-down"() {
    const said = await ask({ title: gettext("End the event?"), text: start.end && fill(gettext("By the plan it ends when: %(end)s"), { end: start.end }), confirm: gettext("End the event"), bad: true, fields: [{ name: "reason", label: gettext("What ends it") }] });
    if (said) order(`${base}/stand-down`, { ...said, version: version() }, gettext("The event is over"));
  },
  async give() {
    const said = await ask({ title: gettext("Hand command over?"), text: gettext("Your account signs, with this moment."), confirm: gettext("Sign"), fields: [{ name: "note", label: gettext("What the next has to know"), required: false, rows: 3 }] });
    if (said) order(`${base}/command/give`, said, gettext("Signed"));
  },
  async take(button) {
    const planned = "planned" in button.dataset;
    const said = await ask({ title: gettext("Take command?"), text: planned ? gettext("Your account signs, with this moment.") : gettext("The plan names another role than yours: say why you take it."), confirm: gettext("Sign"), fields: planned ? [] : [{ name: "reason", label: gettext("Reason") }] });
    if (said) order(`${base}/command/take`, said, gettext("You have command"));
  },
  async assume() {
    const said = await ask({ title: gettext("Take command without the signature of who has it?"), text: gettext("Only if it cannot be signed over. The report says so."), confirm: gettext("Sign"), bad: true, fields: [{ name: "reason", label: gettext("Reason") }] });
    if (said) order(`${base}/command/assume`, said, gettext("You have command"));
  },
  async task() {
    const said = await ask({ title: gettext("Add a task"), confirm: gettext("Add"), fields: [{ name: "text", label: gettext("Task"), hint: gettext("Sealed. Matters and places, nothing about persons.") }, { name: "owner", label: gettext("Owner"), options: owners(gettext("not given yet")), required: false }, { name: "within_min", label: gettext("Time"), options: within(gettext("without a time")), required: false }] });
    if (said) order(`${base}/items`, { id: newId(), kind: "task", text: said.text, owner: said.owner, within_min: said.within_min ? Number(said.within_min) : null });
  },
  async objective() {
    const said = await ask({ title: gettext("Add an objective"), confirm: gettext("Add"), fields: [{ name: "text", label: gettext("Objective") }] });
    if (said) order(`${base}/items`, { id: newId(), kind: "objective", text: said.text });
  },
  async change(button) {
    const li = button.closest("li"), sectors = [...part.querySelectorAll("[data-sector-row]")].map((s) => [s.dataset.sectorRow, s.dataset.name]);
    const first = (options, value) => [...options].sort((a, b) => Number(b[0] === value) - Number(a[0] === value));
    const said = await ask({ title: gettext("Change the task"), confirm: gettext("Change"), fields: [{ name: "owner", label: gettext("Owner"), options: first(owners(gettext("not given yet")), li.dataset.owner), required: false }, { name: "within_min", label: gettext("Time"), options: within(gettext("as it is")), required: false },
      ...(sectors.length ? [{ name: "sector", label: gettext("Sector"), options: first([["", gettext("no sector")], ...sectors], li.dataset.sector), required: false }] : [])] });
    if (said) item(li, { owner: said.owner, ...(said.within_min && { within_min: Number(said.within_min) }), ...("sector" in said && { sector: said.sector }) });
  },
  async count() {
    const boxes = [...part.querySelectorAll("[data-count]")];
    const said = await ask({ title: gettext("People, counted"), text: gettext("Numbers alone; an empty field stays as it is."), confirm: gettext("Save"), fields: boxes.map((b) => ({ name: b.dataset.count, label: b.dataset.label, rows: 1, required: false, value: b.dataset.n })) });
    if (!said) return;
    const counts = Object.fromEntries(Object.entries(said).filter(([, n]) => n.trim()).map(([code, n]) => [code, Number(n.trim().normalize("NFKC"))]));
    if (Object.values(counts).some((n) => !Number.isInteger(n))) { toast(gettext("Write whole numbers."), { bad: true }); return; }
    if (Object.keys(counts).length) order(`${base}/counts`, { counts, version: version() });
  },
  async "remove-sector"(button) {
    const li = button.closest("[data-sector-row]");
    const said = await ask({ title: fill(gettext("Remove sector %(name)s?"), { name: li.dataset.name }), confirm: gettext("Remove"), bad: true });
    if (said) order(`${base}/sectors/${li.dataset.sectorRow}/remove`, {});
  },
};
const item = (li, body) => order(`/api/events/items/${li.id.slice(2)}`, { version: Number(li.dataset.version), ...body });

part.addEventListener("click", (e) => {
  const button = e.target.closest("button[data-act]");
  if (!button) return;
  const what = button.dataset.act;
  if (["doing", "done", "dropped", "open"].includes(what)) item(button.closest("li"), { state: what });
  else ACTS[what]?.(button);
});
part.addEventListener("change", (e) => {
  const el = e.target.closest("[data-act]");
  if (el?.dataset.act === "tick") order(`${base}/ticks`, { of: el.name, code: el.value, done: el.checked });
  if (el?.dataset.act === "place") { const row = el.closest(".ev-force"); order(`${base}/place`, { kind: row.dataset.kind, ref: row.id.slice(2), sector: el.value || null }); }
});

// ---- sectors
function says() {
  $("draw-begin").hidden = drawing;
  $("draw-on").hidden = !drawing;
  $("draw-done").disabled = ring.length < 3;
  $("draw-says").textContent = fill(gettext("Click the corners of the area: %(n)s of at least 3."), { n: ring.length });
  redraw();
}
if ($("draw")) {
  $("draw-begin").addEventListener("click", () => { drawing = true; ring = []; says(); });
  $("draw-leave").addEventListener("click", () => { drawing = false; ring = []; says(); });
  $("draw-done").addEventListener("click", async () => {
    const said = await ask({ title: gettext("What is the sector called?"), confirm: gettext("Draw it"), fields: [{ name: "name", label: gettext("Sector"), rows: 1 }] });
    if (said && await order(`${base}/sectors`, { id: newId(), name: said.name, ring })) { drawing = false; ring = []; says(); }
  });
}

tick(part);
setInterval(() => tick(part), 1000);
live({ from: start.seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind, subject }) => { if (subject === start.id || (subject_kind === "call" && told.calls.some((c) => c.id === subject))) soon(); } });
streetMap($("map"), { showLegend: innerWidth > 700, onClick: ({ lon, lat }) => { if (drawing) { ring.push([lon, lat]); says(); } } })
  .then((made) => {
    map = made;
    redraw = drawAreas(map, () => [...told.sectors, ...(ring.length ? [{ ring, fresh: true }] : [])]);
    const points = [[told.lon, told.lat], ...told.sectors.flatMap((s) => s.ring), ...told.calls.map((c) => [c.lon, c.lat])];
    map.fit(around(points, 0.012), 40);
    signs();
    document.documentElement.dataset.event = "ready";
  })
  .catch((problem) => complain(problem));
