// The plan of one shift on the map and in the list: what moves, who is on tour, what it is worth, who decides. The list beside the map can do
// everything the map can.
import { Problem, ask, complain, fill, getJson, getText, html, nameOf, newId, send, toast, typing, undoLast } from "../desk/desk.js";
import { live } from "../desk/live.js";
import { around, streetMap } from "../desk/map.js";
import { released, renew } from "../desk/renew.js";
import { dayOf, hourOf, hoursChart, jobButtons, later, showCells } from "./common.js";
import { seenChart } from "./seen.js";

jobButtons();
const dataEl = document.getElementById("plan-data");
if (dataEl) open(JSON.parse(dataEl.textContent));

function open(config) {
  const side = document.getElementById("side"), mapEl = document.getElementById("plan-map");
  const state = { plan: null, map: null, today: false, version: 0, editable: false, hidden: new Set() };

  const readSide = () => {
    const held = side.querySelector(".plan-state");
    Object.assign(state, { version: Number(held.dataset.version), editable: Boolean(held.dataset.edit) });
    mapEl.classList.toggle("can-edit", state.editable);
  };
  // Only the newest answer is shown: an older one may come later and would bring an older version back.
  let asked = 0, newest = null, soon = 0;
  const reload = () => (newest = fetched(++asked));
  const fetched = async (mine) => {
    const [text, plan] = await Promise.all([getText(side.dataset.url), getJson(`/api/plans/${config.id}`)]);
    await released();
    if (mine !== asked) return newest;
    renew(side, text);
    state.plan = plan;
    htmx.process(side);
    readSide();
    const tag = side.querySelector("#plan-state-tag"), tab = document.querySelector(".shifts [aria-current] .tag:last-child");
    if (tab) { tab.className = tag.className; tab.textContent = tag.textContent; }
    draw(state);
  };

  // One change after the other: each counts the figures anew and needs the version the one before it made.
  let turn = Promise.resolve();
  const edit = (body, said = "") => (turn = turn.then(() => change(body, said)));
  const change = async (body, said) => {
    side.setAttribute("aria-busy", "true");
    try {
      const before = state.plan?.posts.find((p) => p.unit === body.unit);
      await send(`/api/plans/${config.id}/edit`, { ...body, version: state.version, key: newId() });
      await reload();
      if (body.kind === "move") toast(said, { undo: () => edit(before.moves
        ? { kind: "move", unit: body.unit, lon: before.lon, lat: before.lat } : { kind: "back", unit: body.unit }, gettext("Moved back")) });
      else if (said) toast(said);
    } catch (problem) { await afterProblem(problem); } finally { side.removeAttribute("aria-busy"); }
  };
  const step = async (name) => {
    let body = { version: state.version, key: newId() };
    if (name === "return") {
      const told = await ask({ title: gettext("Return the plan"), confirm: gettext("Return"), bad: true,
        fields: [{ name: "reason", label: gettext("Reason"), hint: gettext("The planner reads it.") }] });
      if (!told) return;
      body = { ...told, key: newId() };
    }
    try {
      await send(`/api/plans/${config.id}/${name}`, body);
      await reload();
      toast(done()[name], name === "submit" ? { undo: () => step("withdraw") } : {});
      side.querySelector("[data-main], .plan-go .btn")?.focus();
    } catch (problem) { await afterProblem(problem); }
  };
  const afterProblem = async (problem) => {
    if (!(problem instanceof Problem)) throw problem;
    complain(problem);
    if (problem.status === 409) await reload().catch(() => {});
  };

  side.addEventListener("click", (e) => {
    const button = e.target.closest("button"), unit = button?.closest("[data-unit]")?.dataset.unit;
    if (!button) { pick(e.target.closest(".change, .tour > summary")?.closest("[data-unit]").dataset.unit); return; }
    if (button.dataset.edit) edit({ kind: button.dataset.edit, unit, taken: Boolean(button.dataset.taken), number: Number(button.dataset.number ?? -1) });
    if (button.dataset.move) chooseplace(button.dataset.move, button.dataset.name).then((to) => to && move(button.dataset.move, to.lon, to.lat, nameOf(to)));
    if (button.dataset.step) step(button.dataset.step);
    if ("print" in button.dataset) { side.querySelector(".units-all").open = true; print(); }
  });
  const move = (unit, lon, lat, place = "") => {
    const post = state.plan.posts.find((p) => p.unit === unit);
    return edit({ kind: "move", unit, lon, lat }, fill(gettext("%(unit)s moved %(place)s"), { unit: nameOf(post), place }));
  };
  const pick = (unit) => {
    if (!unit || !state.map) return;
    for (const row of side.querySelectorAll(".change, .tour")) row.classList.toggle("on", row.dataset.unit === unit);
    const post = state.plan.posts.find((p) => p.unit === unit), tour = state.plan.tours.find((t) => t.unit === unit);
    state.chosen = unit;
    draw(state);
    if (post) state.map?.fit(around([[post.lon, post.lat], [post.base_lon, post.base_lat], ...(tour?.path ?? [])]), 120);
  };

  document.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && e.ctrlKey && !e.target.closest("dialog")) { e.preventDefault(); side.querySelector("[data-main]")?.click(); }
    if (e.key.toLowerCase() === "z" && !e.ctrlKey && !e.altKey && !typing(e.target)) undoLast();
  });
  for (const button of mapEl.querySelectorAll("[data-show]")) button.addEventListener("click", () => {
    state.today = button.dataset.show === "today";
    for (const other of mapEl.querySelectorAll("[data-show]")) other.setAttribute("aria-pressed", String(other === button));
    draw(state);
  });
  for (const button of mapEl.querySelectorAll("[data-layer]")) button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    state.hidden[on ? "delete" : "add"](button.dataset.layer);
    state.map?.show(button.dataset.layer, on);
    draw(state);
  });

  readSide();
  hours(config);
  seenChart(`/api/plans/${config.id}/seen`);
  start(config, state, mapEl, { reload, move, pick }).catch(complain);
  live({ onEvent: (event) => {
    if (event.subject !== config.id || (event.payload?.new === undefined && !["plan.edited", "tour.told"].includes(event.kind))) return;
    clearTimeout(soon); // past events come in a row when the stream begins
    soon = setTimeout(() => reload().catch(complain), 150);
  } });
}

const done = () => ({ submit: gettext("Submitted"), approve: gettext("Approved"), return: gettext("Returned"), withdraw: gettext("Withdrawn") });

async function start(config, state, mapEl, { reload, move, pick }) {
  const [map] = await Promise.all([streetMap(mapEl, { showLegend: false, onPick: ({ kind, id }) => kind === "posts" && pick(id.replace(/ .*/, "")) }), reload()]);
  state.map = map;
  for (const layer of state.hidden) map.show(layer, false);
  if (state.plan.posts.length) map.fit(around(state.plan.posts.flatMap((p) => [[p.lon, p.lat], [p.base_lon, p.base_lat]])), 40);
  draw(state);
  drag(state, mapEl, move);
  const from = new Date(Math.max(new Date(config.start), new Date(config.origin)));
  const hours = Math.max(1, Math.min(48, Math.round((new Date(config.end) - from) / 3600e3)));
  await showCells(map, from, hours, fill(gettext("Calls expected per cell, %(day)s %(from)s:00—%(to)s:00"),
    { day: dayOf(from), from: hourOf(from), to: hourOf(new Date(config.end)) }));
}

/** Posts, the arrows of those that move, and tours: all of them, or the chosen unit's with its stops. Today's picture shows everybody where they stand before the plan. */
function draw(state) {
  const { map, plan, today } = state;
  if (!map || !plan) return;
  const posts = [];
  for (const p of plan.posts) {
    const goes = p.moves && p.taken && !today, mark = nameOf(p).replace(/^\D+/, "") || nameOf(p);
    if (goes) posts.push({ id: `${p.unit} old`, lon: p.base_lon, lat: p.base_lat, mark, kind: "old" });
    posts.push({ id: p.unit, mark, kind: `${goes ? "new" : ""}${p.fixed ? " fixed" : ""}`,
      ...(goes ? { lon: p.lon, lat: p.lat } : { lon: p.base_lon, lat: p.base_lat }) });
  }
  const tours = today ? [] : plan.tours.filter((t) => t.taken), mine = today ? null : plan.tours.find((t) => t.unit === state.chosen);
  for (const stop of stopsOf(mine)) posts.push({ id: `${mine.unit} ${stop.mark}`, lon: stop.lon, lat: stop.lat, mark: stop.mark, kind: "stop" });
  map.setPosts(posts);
  map.setRoutes(today || state.hidden.has("posts") ? [] : moves(plan));
  map.setLines((mine ? [mine] : tours).map((t) => ({ path: t.path, look: "line-new" })));
}
/** The places of a tour, each once, marked by the order in which it is first seen. */
function stopsOf(tour) {
  const places = new Map();
  for (const v of tour?.visits ?? []) if (!v.post && !places.has(`${v.lon} ${v.lat}`)) places.set(`${v.lon} ${v.lat}`, { ...v, mark: String(places.size + 1) });
  return [...places.values()];
}
const moves = (plan) => plan.posts.filter((p) => p.moves && p.taken).map((p) => ({ path: [[p.base_lon, p.base_lat], [p.lon, p.lat]], alt: true }));

/** Dragging a post's sign; the keyboard's way is "Move…" in the list. */
function drag(state, el, move) {
  let held = null;
  const at = (e) => { const box = el.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
  const place = (e) => placeAt(state.map, at(e), state.plan.posts[0]);
  el.addEventListener("pointerdown", (e) => {
    const sign = e.target.closest("[data-kind=posts]"), unit = sign?.dataset.id;
    if (!sign || !state.editable || unit.includes(" ")) return;
    const post = state.plan.posts.find((p) => p.unit === unit);
    if (!post || post.fixed) return;
    held = { unit, sign, from: at(e), moved: false };
    state.map.gl?.dragPan.disable(); // the flat map does not move under a sign
    el.setPointerCapture(e.pointerId);
    e.preventDefault();
  });
  el.addEventListener("pointermove", (e) => {
    if (!held) return;
    const [x, y] = at(e);
    held.moved ||= Math.hypot(x - held.from[0], y - held.from[1]) > 5;
    if (held.moved) state.map.setPin(place(e));
  });
  const drop = (e) => {
    if (!held) return;
    const { unit, moved } = held;
    held = null;
    state.map.gl?.dragPan.enable();
    state.map.setPin(null);
    if (moved && e.type === "pointerup") { const to = place(e); move(unit, to.lon, to.lat); }
  };
  el.addEventListener("pointerup", drop);
  el.addEventListener("pointercancel", drop);
}

/** The place under a point of the map: the map tells points of places, so step towards it (Newton, six steps are plenty). */
function placeAt(map, [x, y], from) {
  let { lon, lat } = from;
  const step = 1e-4, project = (a, b) => map.base.project(a, b);
  for (let i = 0; i < 6; i++) {
    const here = project(lon, lat), east = project(lon + step, lat), north = project(lon, lat + step);
    lon += ((x - here.x) / (east.x - here.x)) * step;
    lat += ((y - here.y) / (north.y - here.y)) * step;
  }
  return { lon, lat };
}

/** A dialog that finds a street, crossing, post or coordinates. Resolves with the place, or null. */
function chooseplace(unit, name) {
  return new Promise((resolve) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    dialog.setAttribute("aria-labelledby", "move-title");
    dialog.innerHTML = html`<form method="dialog" class="ask"><h2 id="move-title">${fill(gettext("Move %(unit)s to"), { unit: name })}</h2>
      <div class="f"><label for="move-q">${gettext("Street, crossing, post or coordinates")}</label><input class="in" id="move-q" autocomplete="off" maxlength="80" autofocus aria-controls="move-found"></div>
      <div class="found" id="move-found" role="group" aria-label="${gettext("Places found")}"></div><p class="sm dim3" role="status"></p>
      <div class="flex ask-go"><button class="btn" type="button" data-close>${gettext("Cancel")}</button></div></form>`;
    const input = dialog.querySelector("input"), found = dialog.querySelector(".found"), says = dialog.querySelector("[role=status]");
    let timer, turn = 0, chosen = null, rows = [];
    const look = async () => {
      const mine = ++turn, text = input.value.trim();
      if (!text) { found.innerHTML = ""; says.textContent = ""; return; }
      let told;
      try { told = await getJson(`/api/plan-places?q=${encodeURIComponent(text)}`); } catch (problem) { found.innerHTML = ""; says.textContent = problem.message; return; }
      if (mine !== turn) return;
      rows = told;
      found.innerHTML = html`${rows.map((r, i) => html`<button type="button" data-i="${i}">${nameOf(r)}</button>`)}`;
      says.textContent = rows.length ? "" : gettext("Nothing found. Try two streets: A / B.");
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 180); });
    dialog.querySelector("form").addEventListener("submit", async (e) => {
      e.preventDefault();
      clearTimeout(timer);
      await look(); // what is listed may be of half the words
      found.querySelector("button")?.click();
    });
    dialog.addEventListener("click", (e) => {
      const button = e.target.closest("button");
      if (!button) return;
      if (button.dataset.i !== undefined) chosen = rows[Number(button.dataset.i)];
      dialog.close();
    });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(chosen); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function hours(config) {
  if (!config.expected) return;
  const rows = config.expected.expected.map((expected, i) => {
    const at = later(config.origin, i), chosen = at >= new Date(config.start) && at < new Date(config.end);
    return { at, expected, low: config.expected.low[i], high: config.expected.high[i], chosen, quiet: chosen && config.quiet.includes(Number(hourOf(at))) };
  });
  hoursChart(document.getElementById("hours"), document.getElementById("hours-table"), rows);
}
