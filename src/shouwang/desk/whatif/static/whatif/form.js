// A new comparison: two scenarios side by side, their posts and closures on one map. Everything the map can do, the fields can.
import { Problem, complain, fill, getJson, html, nameOf, newId, send } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";

const form = document.getElementById("ask"), config = JSON.parse(document.getElementById("form-data").textContent);
const DRAFT = "whatif-draft", COMMON = ["title", "calls", "start", "hours", "replications", "seed", "on_scene_min"];
const lists = { a: { edits: [], closures: [] }, b: { edits: [], closures: [] } };
const field = (name) => form.elements[name];
let map = null, shown = "a", picking = null, id = newId(); // picking: {side, list, i}, or null

// ---- fields to values and back
function value() {
  const told = Object.fromEntries(COMMON.map((name) => [name, field(name).type === "number" ? number(name) : field(name).value]));
  for (const side of ["a", "b"]) told[side] = {
    plan: field(`${side}.plan`).value || null, police: number(`${side}.police`), guard: number(`${side}.guard`), dispatch: field(`${side}.dispatch`).value,
    first: field(`${side}.first`).checked, move_up: field(`${side}.move_up`).checked, edits: lists[side].edits, closures: lists[side].closures,
  };
  return told;
}
const number = (name) => (field(name).value === "" ? null : Number(field(name).value));

function restore(told) {
  for (const name of COMMON) if (told[name] !== undefined) field(name).value = name === "start" ? told[name].slice(0, 16) : told[name];
  for (const side of ["a", "b"]) {
    const given = told[side];
    field(`${side}.plan`).value = given.plan ?? "";
    if (field(`${side}.plan`).selectedIndex < 0) field(`${side}.plan`).value = "";
    for (const name of ["police", "guard"]) field(`${side}.${name}`).value = given[name] ?? "";
    field(`${side}.dispatch`).value = given.dispatch;
    for (const name of ["first", "move_up"]) field(`${side}.${name}`).checked = given[name];
    lists[side].edits = given.edits.map((e) => ({ ...e }));
    lists[side].closures = given.closures.map((c) => ({ ...c, closure: c.closure || null, ring: c.ring.map((p) => (Array.isArray(p) ? { lon: p[0], lat: p[1] } : p)) }));
  }
}

// ---- lists of changes and closures
const units = () => config.units ?? [];
const option = (v, text, now) => html`<option value="${v}" ${v === now ? "selected" : ""}>${text}</option>`;
const isPicking = (side, list, i) => picking?.side === side && picking.list === list && picking.i === i;

function editRow(side, e, i) {
  const key = `${side}.edits.${i}`;
  return html`<div class="wi-row" data-i="${i}" data-field="${key}">
    <select class="in" data-k="kind" aria-label="${gettext("Change")}">${option("move", gettext("Move"), e.kind)}${option("add", gettext("Add"), e.kind)}${option("drop", gettext("Take out"), e.kind)}</select>
    ${e.kind === "add" ? html`<select class="in" data-k="service" aria-label="${gettext("Service")}">${option("police", gettext("Police"), e.service)}${option("guard", gettext("Guards"), e.service)}</select>`
      : html`<select class="in" data-k="unit" aria-label="${gettext("Unit")}">${units().map((u) => option(u.id, nameOf(u), e.unit))}</select>`}
    <button class="btn btn-s btn-0" type="button" data-remove aria-label="${gettext("Remove this row")}">✕</button>
    ${e.kind === "drop" ? "" : html`<input class="in wide" data-place value="${e.place ?? (e.lon ? `${e.lat.toFixed(5)}, ${e.lon.toFixed(5)}` : "")}" maxlength="80" placeholder="${gettext("Street, crossing, post or coordinates")}" aria-label="${gettext("Place")}">
    <button class="btn btn-s" type="button" data-pick aria-pressed="${isPicking(side, "edits", i)}">${gettext("On the map")}</button>`}</div>`;
}

function closureRow(side, c, i) {
  return html`<div class="wi-row" data-i="${i}" data-field="${side}.closures.${i}">
    ${c.closure ? html`<span class="wide sm2">${gettext("Closed now:")} <span lang="">${c.label || nameOf(c)}</span></span>` : html`<input class="in wide" data-k="street" value="${c.street}" maxlength="120" placeholder="${c.ring.length ? fill(gettext("An area with %(n)s corners"), { n: c.ring.length }) : gettext("Name of the street")}" aria-label="${gettext("Name of the street")}">
    <button class="btn btn-s" type="button" data-pick aria-pressed="${isPicking(side, "closures", i)}">${gettext("Draw an area")}</button>`}
    <button class="btn btn-s btn-0" type="button" data-remove aria-label="${gettext("Remove this row")}">✕</button>
    <span class="flex sm2 wide">${gettext("each day from")} <input class="in in-h" type="number" min="0" max="23" data-k="from_h" value="${c.from_h}" aria-label="${gettext("From hour")}">${gettext("to")}<input class="in in-h" type="number" min="1" max="24" data-k="until_h" value="${c.until_h}" aria-label="${gettext("Until hour")}">${gettext("o'clock")}</span></div>`;
}

function list(side, name) {
  const box = form.querySelector(`[data-side="${side}"] [data-list="${name}"]`), rows = lists[side][name];
  box.innerHTML = rows.length ? html`${rows.map((row, i) => (name === "edits" ? editRow : closureRow)(side, row, i))}` : html`<p class="sm dim3 pad">${gettext("None.")}</p>`;
}
function redraw() { for (const side of ["a", "b"]) for (const name of ["edits", "closures"]) list(side, name); draw(); keep(); }

const spot = (target) => {
  const row = target.closest("[data-i]"), box = target.closest("[data-list]");
  return row && { side: target.closest("[data-side]").dataset.side, list: box.dataset.list, i: Number(row.dataset.i) };
};
const at = (p) => lists[p.side][p.list][p.i];

form.addEventListener("click", (e) => {
  const button = e.target.closest("button");
  if (!button) return;
  const p = spot(button), side = button.closest("[data-side]")?.dataset.side;
  if (button.dataset.add === "edits") lists[side].edits.push({ kind: "move", unit: units()[0]?.id ?? "", service: "police", lon: 0, lat: 0 });
  else if (button.dataset.add === "closures") lists[side].closures.push({ street: "", ring: [], from_h: 0, until_h: 24 });
  else if ("remove" in button.dataset) { lists[p.side][p.list].splice(p.i, 1); picking = null; }
  else if ("pick" in button.dataset) { pick(isPicking(p.side, p.list, p.i) ? null : p); return; }
  else if (button.dataset.show) { show(button.dataset.show); return; }
  else if (button.id === "map-done") { pick(null); return; }
  else return;
  if (side) show(side);
  redraw();
  if (button.dataset.add) form.querySelector(`[data-side="${side}"] [data-list="${button.dataset.add}"] [data-i]:last-child :is(select,input)`)?.focus();
});

form.addEventListener("change", async (e) => {
  const p = spot(e.target), k = e.target.dataset.k;
  if (p && k) { if (k === "kind") redraw(); else { draw(); keep(); } }
  else if (p && "place" in e.target.dataset) await find(p, e.target);
  else { if (e.target.name === "calls") hint(); draw(); keep(); }
});
form.addEventListener("input", (e) => { // at once, so that Ctrl Enter sends what stands there
  const p = spot(e.target), k = e.target.dataset.k;
  if (p && k) at(p)[k] = e.target.type === "number" ? Number(e.target.value) : e.target.value;
  if (k === "street" && e.target.value) at(p).ring = [];
  keep();
});

async function find(p, input) {
  const text = input.value.trim();
  if (!text) return;
  try {
    const [found] = await getJson(`/api/plan-places?q=${encodeURIComponent(text)}`);
    if (!found) { fault(`${p.side}.${p.list}.${p.i}`, gettext("Nothing found. Try two streets: A / B.")); return; }
    Object.assign(at(p), { lon: found.lon, lat: found.lat, place: nameOf(found) });
    redraw();
  } catch (problem) { complain(problem); }
}

// ---- the map
function pick(p) {
  picking = p;
  const says = document.getElementById("map-says");
  says.textContent = !p ? gettext("Posts of the scenario shown.") : p.list === "edits" ? gettext("Click the map where the unit shall stand.") : gettext("Click the corners of the closed area, then Done.");
  document.getElementById("map-done").hidden = !p;
  if (p) { if (p.list === "closures") Object.assign(at(p), { ring: [], street: "" }); show(p.side); document.getElementById("wi-map").scrollIntoView({ block: "nearest" }); }
  redraw();
}
function clicked({ lon, lat }) {
  if (!picking) return;
  const row = at(picking), place = { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) };
  if (picking.list === "edits") { Object.assign(row, place); delete row.place; pick(null); return; }
  row.ring.push(place);
  redraw();
}
function show(side) {
  shown = side;
  for (const button of form.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === side));
  draw();
}
function draw() {
  if (!map) return;
  const stands = config.plans?.find((p) => p.id === field(`${shown}.plan`).value)?.stands ?? {}, { edits, closures } = lists[shown];
  const posts = units().filter((u) => !edits.some((e) => e.kind === "drop" && e.unit === u.id)).map((u) => {
    const moved = edits.findLast((e) => e.kind === "move" && e.unit === u.id && e.lon), [lon, lat] = moved ? [moved.lon, moved.lat] : stands[u.id] ?? [u.lon, u.lat];
    return { id: u.id, lon, lat, mark: nameOf(u).replace(/^\D+/, "") || nameOf(u), kind: moved ? "new" : "" };
  });
  edits.forEach((e, i) => { if (e.kind === "add" && e.lon) posts.push({ id: `+${i}`, lon: e.lon, lat: e.lat, mark: "+", kind: "new" }); });
  map.setPosts(posts);
  map.setLines(closures.filter((c) => c.ring?.length > 1).map((c) => ({ path: [...c.ring, c.ring[0]].map((p) => [p.lon, p.lat]), look: "line-new" })));
  const last = picking?.list === "closures" ? at(picking).ring.at(-1) : null;
  map.setPin(last ?? null);
}

// ---- hours that can be chosen, drafts, sending
function hint() {
  const past = field("calls").value === "past", [low, high] = past ? (config.past ?? []).map((d) => `${d}T00:00`) : config.forecast ?? [];
  document.getElementById("start-hint").textContent = low ? fill(past ? gettext("Past calls from %(low)s to %(high)s.") : gettext("The forecast reaches from %(low)s to %(high)s."), { low: low.replace("T", " "), high: high.replace("T", " ") }) : gettext("There are none yet.");
  if (low && !field("start").value) field("start").value = past ? `${config.past[1]}T00:00` : low;
}
function keep() { clearTimeout(keep.timer); keep.timer = setTimeout(() => localStorage.setItem(DRAFT, JSON.stringify(value())), 1000); }

function fault(name, text) {
  const box = document.getElementById("faults"), target = field(name) ?? form.querySelector(`[data-field="${name}"]`);
  form.querySelectorAll(".err").forEach((old) => old.remove());
  const err = Object.assign(document.createElement("span"), { className: "err", textContent: `✕ ${text}`, id: "field-err" });
  if (target?.tagName === "DIV") target.append(err); else target?.closest(".f").append(err);
  target?.setAttribute?.("aria-describedby", "field-err");
  box.textContent = text; box.hidden = false;
  if (target?.focus && target.tagName !== "DIV") target.focus(); else box.focus();
}
form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const bad = [...form.elements].find((el) => !el.validity.valid);
  if (bad) { bad.reportValidity(); if (bad.name) fault(bad.name, bad.validationMessage); return; }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const made = await send("/api/whatif", { ...value(), id });
    clearTimeout(keep.timer);
    localStorage.removeItem(DRAFT);
    location.assign(`/whatif/${made.id}/`);
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.field) fault(problem.field, problem.message); else complain(problem);
  }
});
document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && e.ctrlKey) form.requestSubmit();
  else if (e.key === "Enter" && e.target.matches("#ask input")) { e.preventDefault(); e.target.dispatchEvent(new Event("change", { bubbles: true })); }
});

for (const side of ["a", "b"]) for (const p of config.plans ?? []) field(`${side}.plan`).add(new Option(p.label, p.id));
const draft = localStorage.getItem(DRAFT);
if (config.copy) restore(config.copy);
else if (draft) restore(JSON.parse(draft));
else for (const side of ["a", "b"]) lists[side].closures = (config.closures ?? []).map((c) => ({ ...c, street: "", ring: [] })); // as the roads are
if (!config.copy && !draft && config.plans?.length) field("b.plan").value = config.plans.at(-1).id;
hint();
redraw();
streetMap(document.getElementById("wi-map"), { showLegend: false, onClick: clicked }).then((made) => {
  map = made;
  if (units().length) map.fit(around(units().map((u) => [u.lon, u.lat])), 30);
  draw();
}).catch(complain);
