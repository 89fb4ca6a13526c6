// The left pane: waiting, under way, just closed. Rows are patched in place; the row under focus never moves.
import { fill, html, minuteOf, nameOf, timeOf } from "../desk/desk.js";
import { plate, severityMark } from "../desk/symbols.js";
import { arrange } from "./board_state.js";

export class List {
  /** `el`: the listbox; `row(call)`: its content; `onPending(n)` hears how many rows wait for the focus to leave. */
  constructor(el, row, { urgent = () => false, onPending = () => {} } = {}) {
    Object.assign(this, { el, row, urgent, onPending });
    this.rows = new Map();
    this.shown = [];
    el.addEventListener("focusout", (e) => { if (!el.contains(e.relatedTarget)) setTimeout(() => this.release(), 0); });
  }

  get focus() { const row = document.activeElement?.closest?.("[role=option]"); return row && this.el.contains(row) ? row.dataset.id : null; }

  /** Shows these calls; `chosen` is the selected one. */
  show(calls, chosen) {
    this.calls = new Map(calls.map((c) => [c.id, c]));
    this.chosen = chosen;
    const { order, pending, gone } = arrange(this.shown, calls.map((c) => c.id), this.focus, (id) => this.urgent(this.calls.get(id)));
    const before = this.el.scrollTop, anchor = this.focus && this.rows.get(this.focus), top = anchor?.offsetTop;
    for (const id of this.shown) if (!order.includes(id)) { this.rows.get(id).remove(); this.rows.delete(id); }
    order.forEach((id, i) => this.#put(id, i, gone.includes(id)));
    if (anchor && anchor.offsetTop !== top) this.el.scrollTop = before + anchor.offsetTop - top;
    this.shown = order;
    this.onPending(pending.length);
    this.#rove();
  }

  /** Lets waiting rows in: the focus has left, or the person asked for them. */
  release() { if (this.calls && !this.focus) this.show([...this.calls.values()], this.chosen); }
  letIn() { this.el.querySelector("[role=option]:focus")?.blur(); this.release(); }

  #put(id, index, gone) {
    let row = this.rows.get(id);
    if (!row) {
      row = Object.assign(document.createElement("li"), { tabIndex: -1 });
      row.setAttribute("role", "option");
      row.dataset.id = id;
      this.rows.set(id, row);
    }
    const call = this.calls.get(id);
    if (call) {
      const content = String(this.row(call));
      if (row.content !== content) { row.innerHTML = content; row.content = content; }
    }
    const cls = `row${id === this.chosen ? " on" : ""}${gone ? " gone" : ""}`;
    if (row.className !== cls) row.className = cls;
    row.setAttribute("aria-selected", String(id === this.chosen));
    if (this.el.children[index] !== row) this.el.insertBefore(row, this.el.children[index] ?? null);
  }

  #rove() {
    const one = this.rows.get(this.chosen) ?? this.rows.get(this.shown[0]);
    for (const row of this.rows.values()) row.tabIndex = row === one ? 0 : -1;
  }
}

const flags = JSON.parse(document.getElementById("words").textContent);
export const stageName = (stage) => flags.stages[stage] ?? "";
export const resultName = (call) => flags.results[call.result] ?? flags.states[call.state] ?? "";
export const flagName = (code) => flags.timers[code] ?? "";

export const title = (call) => nameOf({ zh: call.type_zh, en: call.type_en });
const alarms = (call) => call.alarms > 1 && html` <span class="tag num" title="${gettext("alarms of one site, kept together")}">×${call.alarms}</span>`;
const drill = (call) => call.drill && html`<span class="mark">${gettext("Replay")}</span>`;
const limit = (seconds) => fill(gettext("of %(time)s"), { time: minutesText(seconds) });
const minutesText = (s) => (s >= 3600 ? fill(gettext("%(n)s h"), { n: Math.round(s / 360) / 10 }) : `${Math.floor(s / 60)}:${String(Math.round(s % 60)).padStart(2, "0")}`);
/** A running clock; board.js keeps it going. */
export const runs = (timer, cls = "") => timer && html`<span class="timer ${cls}" data-from="${timer.from}" data-limit="${timer.limit_s}" data-warn="${timer.warn_s ?? ""}"></span>`;

let linkedOf = () => ({ open: 0, late: 0 });
/** How rows learn about the linked agencies of a call. */
export const linkedBy = (find) => { linkedOf = find; };
const linkedTag = (call) => {
  const { open, late } = linkedOf(call.id);
  return open > 0 && html`<span class="tag${late ? " bad" : ""}" title="${gettext("Linked agencies")}">${late ? fill(ngettext("%(n)s agency late", "%(n)s agencies late", late), { n: late }) : fill(ngettext("%(n)s agency", "%(n)s agencies", open), { n: open })}</span>`;
};

/** What was passed up, and crews that do not answer whether they are well. */
const alertTags = (call) => html`<div class="flex wrap alerts">${call.passed_up && html`<span class="tag bad" title="${flagName(call.flag_timer?.code)}">${fill(gettext("told: %(who)s"), { who: flags.roles[call.passed_up.to] ?? call.passed_up.to })}</span>`}${call.units.some((u) => u.welfare?.overdue) && html`<span class="tag bad">${gettext("crew does not answer")}</span>`}</div>`;

export function waitingRow(call) {
  const timer = call.flag_timer ?? { from: call.waiting_since ?? call.received, limit_s: "" };
  return html`${severityMark(call.severity)}<div class="grow"><div class="flex"><b class="cut">${title(call)}</b>${alarms(call)}${drill(call)}${linkedTag(call)}</div>
    <div class="cut" lang="">${call.place}</div>${alertTags(call)}<div class="sm dim cut"><span class="num">${call.number}</span>${html`<i class="sep"></i>`}${fill(gettext("taken %(time)s"), { time: minuteOf(call.received) })}</div></div>
    <div class="wt">${runs(timer, "big")}${call.flag_timer && html`<span class="sm dim3">${limit(call.flag_timer.limit_s)}</span>`}</div>
    <div class="meter" data-meter><i></i></div>`;
}

export function activeRow(call) {
  const here = call.units.filter((u) => !["cleared", "stood_down"].includes(u.state)), shown = { on_scene: "scene", transporting: "scene" };
  return html`${severityMark(call.severity)}<div class="grow"><div class="flex"><span class="cut b">${title(call)}</span>${alarms(call)}${drill(call)}${linkedTag(call)}</div><div class="cut sm dim" lang="">${call.place}</div>${alertTags(call)}</div>
    <div class="us">${here.slice(0, 2).map((u) => plate({ ...u, shown: shown[u.state] ?? "route" }))}${here.length > 2 && html`<span class="sm dim">+${here.length - 2}</span>`}</div>
    <div class="st">${stageName(call.stage) || flags.states[call.state]}<br>${runs(call.flag_timer)}</div>`;
}

export const closedRow = (call) => html`<span class="cut">${title(call)}</span><span class="cut dim" lang="">${call.place}</span><span class="cut dim">${resultName(call)}</span><span class="num dim" title="${timeOf(call.closed_at)}">${minuteOf(call.closed_at)}</span>`;
