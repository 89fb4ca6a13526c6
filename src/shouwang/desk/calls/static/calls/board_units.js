// The lower pane: units by control area; and the small dialogs about units (state, send by name).
import { ask, fill, html, nameOf, span } from "../desk/desk.js";
import { plate, shownName, sign } from "../desk/symbols.js";
import * as act from "./board_actions.js";
import { isFree } from "./board_state.js";

const moves = JSON.parse(document.getElementById("unit-moves").textContent);

export const unitName = (unit) => { const { letter, number } = sign(unit); return `${letter}${number}`; };

// Plates of one area that stand at once, the free ones first: laying out thousands holds the page up for seconds.
const FEW = 60;

const off = (units) => units.filter((u) => u.shown === "off" && !u.panic).length;

/** `whole`: the paths of areas of which every unit is shown. */
export function showUnits(el, board, onlyFree, whole) {
  const groups = board.byArea((u) => (onlyFree ? isFree(u) : true));
  const content = String(html`${groups.map(({ area, units, free, on }) => html`<div class="ua" role="group" aria-label="${area ? nameOf(area) : gettext("Whole district")}">
    <div class="flex"><b>${area ? nameOf(area) : gettext("Whole district")}</b><span class="grow"></span>
    <span class="sm num ${on && free * 2 <= on ? "up b" : "dim"}" title="${gettext("available / on duty")}">${free}/${on}</span></div>
    <div class="ups">${few(units.filter((u) => u.shown !== "off" || u.panic), area, whole).map((u) => html`<button type="button" class="bare" data-cmd="goto" data-unit="${u.id}" draggable="${String(isFree(u) || u.state === "on_break")}">${plate(board.shown(u))}</button>`)}
    ${more(units, area, whole)}${off(units) > 0 && html`<span class="sm dim3">${fill(gettext("%(n)s off duty"), { n: off(units) })}</span>`}</div></div>`)}`);
  if (el.content === content) return;
  const { unit, area } = el.contains(document.activeElement) ? document.activeElement.dataset : {};
  el.innerHTML = content; el.content = content;
  if (unit) el.querySelector(`[data-unit="${unit}"]`)?.focus();
  if (area !== undefined) el.querySelector(`[data-area="${area}"]`)?.focus();
}

const few = (units, area, whole) => (whole.has(area?.path ?? "") ? units : units.filter((u, n) => n < FEW || u.panic));
function more(units, area, whole) {
  const on = units.length - off(units);
  return on > FEW && html`<button type="button" class="btn btn-s btn-0" data-cmd="view" data-cmd-arg="${area ? nameOf(area) : gettext("Whole district")}" data-area="${area?.path ?? ""}" aria-expanded="${String(whole.has(area?.path ?? ""))}">${whole.has(area?.path ?? "") ? gettext("Show fewer") : fill(gettext("Show all %(n)s units"), { n: on })}</button>`;
}

const SOURCES = () => ({ terminal: gettext("vehicle's terminal"), phone: gettext("crew's phone") });

export function countUnits(el, board) {
  const n = { free: 0, route: 0, scene: 0, busy: 0, old: 0 };
  for (const u of board.units.values()) {
    if (isFree(u)) n.free++; else if (u.shown in n) n[u.shown]++;
    if (board.stale(u)) n.old++;
  }
  const content = String(html`<span class="sm">${gettext("Available")} <b class="num">${n.free}</b></span><span class="sm dim cut">${shownName("route")} ${n.route}${html`<i class="sep"></i>`}${shownName("scene")} ${n.scene}${html`<i class="sep"></i>`}${shownName("busy")} ${n.busy}${n.old > 0 && html`<i class="sep"></i>${gettext("Old position")} ${n.old}`}</span>`);
  if (el.content !== content) { el.innerHTML = content; el.content = content; }
}

/** What can be done with a unit now. `words`: names of states; `go(callId)` selects its call; `sendTo`: the selected call or null. */
export function unitDialog(unit, board, { words, may, go, sendTo }) {
  const name = unitName(unit), { age_s: age, source, jump } = board.where(unit), dialog = document.createElement("dialog");
  const call = unit.call && board.calls.get(unit.call), own = call?.units.find((u) => u.id === unit.id);
  const steps = may.includes("dispatch.status") && !call ? moves.filter((m) => m.from.includes(unit.state)) : [];
  dialog.className = "dialog ask";
  dialog.setAttribute("aria-label", name);
  dialog.innerHTML = html`<h2 class="flex">${plate(board.shown(unit))} ${nameOf({ zh: unit.kind_zh, en: unit.kind_en })}</h2>
    <dl class="facts"><dt>${gettext("State")}</dt><dd>${own ? words.stages[own.state] : words.unit_states[unit.state]} <span class="num dim">${span((board.now() - Date.parse(unit.since)) / 1000)}</span></dd>
    <dt>${gettext("Position")}</dt><dd>${age === null ? gettext("at its post") : fill(gettext("%(time)s old"), { time: span(age) })} <span class="dim">${SOURCES()[source]}</span>${jump && html` <span class="tag bad">${gettext("jump: too far for the time since the one before")}</span>`}</dd>
    ${unit.stand_by && html`<dt>${gettext("To wait at")}</dt><dd><span lang="">${nameOf(unit.stand_by)}</span> <span class="tag${unit.stand_by.seen ? " ok" : ""}">${unit.stand_by.seen ? gettext("seen") : gettext("not seen yet")}</span></dd>`}
    ${call && html`<dt>${gettext("Call")}</dt><dd><button type="button" class="btn btn-s" data-cmd="goto" data-go>${call.number} <span lang="">${call.place}</span></button></dd>`}</dl>
    <div class="actions">${unit.panic && html`<button type="button" class="btn btn-bad" data-cmd="safe" data-safe>${gettext("The unit is safe")}</button>`}
    ${sendTo && isFree(unit) && may.includes("dispatch.assign") && html`<button type="button" class="btn btn-1" data-cmd="dispatch" data-send>${fill(gettext("Send to %(call)s"), { call: sendTo.number })}</button>`}
    ${unit.stand_by && may.includes("dispatch.assign") && html`<button type="button" class="btn" data-cmd="stay" data-stay>${gettext("Let it stay where it is")}</button>`}
    ${steps.map((m) => html`<button type="button" class="btn" data-cmd="state" data-move="${m.id}">${m.label}</button>`)}
    <button type="button" class="btn" data-leave autofocus>${gettext("Leave")}</button></div>`;
  dialog.addEventListener("click", (e) => {
    const to = e.target.closest("button")?.dataset;
    if (!to) return;
    dialog.close();
    if ("go" in to) go(unit.call);
    if ("stay" in to) act.endStandBy(unit.id, name);
    if ("safe" in to) act.clearPanic(unit.id, name);
    if ("send" in to) sendTo.send(unit);
    if (to.move) act.setState(unit.id, to.move, name, moves.find((m) => m.id === to.move).label);
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Sends units by name: the free ones, filtered while typing. Those not recommended need a reason. */
export function byName(board, call, recommended, mayOverride) {
  const free = [...board.units.values()].filter((u) => isFree(u) || u.state === "on_break").sort((a, b) => a.code.localeCompare(b.code));
  return new Promise((done) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "byname-title");
    dialog.innerHTML = html`<form method="dialog" class="ask"><h2 id="byname-title">${fill(gettext("Send by name to %(call)s"), { call: call.number })}</h2>
      <div class="f"><label for="byname">${gettext("Unit")}</label><input class="in" id="byname" autocomplete="off" autofocus><span class="hint">${gettext("Type the beginning of its name; Enter ticks the first")}</span></div>
      <div class="names" role="group" aria-label="${gettext("Units")}">${free.map((u) => html`<label class="chk" data-names="${[u.code, u.zh, u.en].join(" ").toLowerCase()}"><input type="checkbox" value="${u.id}">${plate(u)}${recommended.has(u.id) && html`<span class="tag ok">${gettext("recommended")}</span>`}</label>`)}</div>
      <div class="f" id="byname-why" hidden><label for="byname-reason">${gettext("Reason for a unit that is not recommended")}</label><textarea class="in" id="byname-reason" rows="2" maxlength="500"></textarea></div>
      <div class="flex ask-go"><button class="btn" type="button" data-leave>${gettext("Cancel")}</button><button class="btn btn-1" type="submit" disabled>${gettext("Send")}</button></div></form>`;
    const form = dialog.firstElementChild, field = form.querySelector("#byname"), why = form.querySelector("#byname-why"), reason = form.querySelector("#byname-reason");
    const ticked = () => [...form.querySelectorAll(".names input:checked")].map((b) => b.value);
    const matching = () => [...form.querySelectorAll(".names label")].filter((l) => !l.hidden);
    const check = () => {
      const others = ticked().filter((id) => !recommended.has(id));
      why.hidden = !others.length;
      reason.required = Boolean(others.length);
      form.querySelector("[type=submit]").disabled = !ticked().length || (others.length > 0 && !mayOverride);
    };
    let chosen = null;
    field.addEventListener("input", () => {
      const text = field.value.trim().toLowerCase();
      for (const label of form.querySelectorAll(".names label")) label.hidden = Boolean(text) && !label.dataset.names.split(" ").some((n) => n.startsWith(text));
    });
    field.addEventListener("keydown", (e) => {
      if (e.key !== "Enter") return;
      e.preventDefault();
      const box = field.value.trim() && matching()[0]?.querySelector("input");
      if (box) { box.checked = true; field.value = ""; field.dispatchEvent(new Event("input")); check(); }
      else if (ticked().length) (why.hidden || reason.value ? form.requestSubmit() : reason.focus());
    });
    form.addEventListener("change", check);
    form.addEventListener("submit", () => { chosen = { units: ticked(), reason: reason.value }; });
    form.querySelector("[data-leave]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); done(chosen); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const otherCall = (board, call, { title = gettext("Merge %(call)s into"), confirm = gettext("Merge") } = {}) => ask({ title: fill(title, { call: call.number }), confirm,
  fields: [{ name: "main", label: gettext("Call"), options: [...board.groups().waiting, ...board.groups().active].filter((c) => c.id !== call.id)
    .map((c) => [c.id, `${c.number} ${nameOf({ zh: c.type_zh, en: c.type_en })} ${c.place}`]) }] });
