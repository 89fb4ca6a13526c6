// The right pane: one call, made by the server and asked for again when something happens to it. What is ticked stays ticked.
import { complain, getJson, getText, html } from "../desk/desk.js";
import { released, renew } from "../desk/renew.js";
import { helpAct } from "../exchange/acts.js";
import { linkedAct } from "../linked/acts.js";
import * as act from "./board_actions.js";
import { isFree } from "./board_state.js";
import * as joining from "./joining.js";
import { byName, otherCall, unitName } from "./board_units.js";

export class Pane {
  constructor(el, board, { words, may, onPicks, onSelect }) {
    Object.assign(this, { el, board, words, may, onPicks, onSelect, id: null, ticks: new Map(), told: new Map(), turn: 0, shown: 0 });
    el.addEventListener("change", (e) => { if (e.target.matches(".rc input")) { this.ticks.set(e.target.value, e.target.checked); this.#picked(); } });
    el.addEventListener("click", (e) => this.#click(e.target.closest("button")));
  }

  get call() { return this.board.calls.get(this.id); }

  /** Resolves once the newest question for the pane is answered. */
  loaded() { return this.loading ?? Promise.resolve(); }

  open(id) {
    if (id === this.id) return;
    this.id = id;
    this.ticks = new Map();
    this.told = new Map();
    this.onPicks(new Set());
    this.loading = this.#load(true);
  }
  refresh() { return this.#load(false); }
  /** Events come in groups: one question for all of them. */
  refreshSoon() { clearTimeout(this.timer); this.timer = setTimeout(() => this.refresh(), 120); }

  async #load(fresh) {
    const turn = ++this.turn, id = this.id;
    const wait = fresh && setTimeout(() => turn === this.turn && this.#waiting(), 300);
    try {
      const text = await getText(`/board/call/${id}/`);
      await released();
      // An answer is shown though a newer question is out: with many events on a slow line none would ever be.
      if (id === this.id && turn > this.shown) this.#put(text, fresh, turn);
    } catch (problem) {
      if (turn !== this.turn) return;
      if (fresh) this.el.innerHTML = html`<div class="state"><b>${gettext("This call could not be loaded.")}</b><span>${problem.message}</span><button type="button" class="btn" data-act="again" data-cmd="goto">${gettext("Try again")}</button></div>`;
      else complain(problem, () => this.refresh());
    } finally { clearTimeout(wait); }
  }

  #waiting() {
    this.el.innerHTML = html`<div aria-busy="true">${[70, 92, 54, 80].map(() => html`<div class="skel bar-skel"></div>`)}<div class="state sr">${gettext("Loading the call")}</div></div>`;
  }

  #put(text, fresh, turn) {
    this.shown = turn;
    if (fresh) this.el.innerHTML = text; else renew(this.el, text);
    for (const box of this.el.querySelectorAll(".rc input")) if (this.ticks.has(box.value)) box.checked = this.ticks.get(box.value);
    this.#retell();
    if (fresh) this.el.scrollTop = 0;
    this.refreshUnits();
    this.#picked();
    document.dispatchEvent(new Event("tick"));
  }

  /** What was shown for a reason stays while one looks at this call, however often the pane is made anew, and no longer. */
  #tell(id, where, text) { if (text && id === this.id) { this.told.set(where, text); this.#retell(); } }
  #retell() { for (const [where, text] of this.told) { const el = this.el.querySelector(where); if (el) el.textContent = text; } }

  /** Units that went elsewhere meanwhile can no longer be ticked. */
  refreshUnits() {
    for (const row of this.el.querySelectorAll(".rc")) {
      const unit = this.board.units.get(row.dataset.unit), box = row.querySelector("input");
      const gone = unit && !isFree(unit) && unit.state !== "on_break";
      row.classList.toggle("taken", Boolean(gone));
      box.disabled = Boolean(gone);
      if (gone && box.checked) { box.checked = false; this.#picked(); }
    }
  }

  #boxes() { return [...this.el.querySelectorAll(".rc input")]; }
  #ticked() { return this.#boxes().filter((b) => b.checked && !b.disabled); }

  #picked() {
    const ticked = this.#ticked(), send = this.el.querySelector("#send");
    if (send) {
      send.disabled = !ticked.length;
      const text = ticked.length ? interpolate(ngettext("Send %(n)s unit", "Send %(n)s units", ticked.length), { n: ticked.length }, true) : gettext("Tick a unit");
      send.innerHTML = html`${text} <kbd>Enter</kbd>`;
    }
    for (const group of this.el.querySelectorAll(".recs-g")) this.#cover(group);
    const picks = new Set(ticked.map((b) => b.value));
    this.onPicks(picks, []);
    this.#ways(picks);
  }

  /** What share of expected calls the service still reaches: certain for one unit, a ceiling for several. */
  #cover(group) {
    const el = group.querySelector(".cover"), now = Number(group.dataset.cover) * 100, ticked = [...group.querySelectorAll("input:checked")];
    if (!el || !group.dataset.cover) return;
    const after = Math.max(0, now + ticked.reduce((sum, b) => sum + Number(b.dataset.cost), 0));
    const sign = ticked.length > 1 ? "≤ " : "";
    el.textContent = `${gettext("Cover")} ${now.toFixed(1)} %` + (ticked.length ? ` → ${sign}${after.toFixed(1)} %` : "");
    el.classList.toggle("up", ticked.length > 0 && now - after >= 5);
  }

  async #ways(picks) {
    const asked = [...picks].sort().join(","), id = this.id;
    if (!asked) return;
    try {
      const { routes } = await getJson(`/board/call/${id}/routes.json?units=${asked}`);
      if (id === this.id && asked === [...new Set(this.#ticked().map((b) => b.value))].sort().join(",")) this.onPicks(picks, routes);
    } catch { /* the map shows the units without their ways */ }
  }

  tick(key) { const box = this.el.querySelector(`.rc input[data-key="${key}"]`); if (box && !box.disabled) { box.closest("details")?.setAttribute("open", ""); box.click(); } }

  /** In each service the next units are ticked instead. */
  nextSet() {
    for (const group of this.el.querySelectorAll(".recs-g")) {
      const boxes = [...group.querySelectorAll("input")].filter((b) => !b.disabled), n = Number(group.dataset.wanted) || 1;
      if (boxes.length <= n) continue;
      const from = (Math.max(0, boxes.findIndex((b) => b.checked)) + n) % boxes.length;
      boxes.forEach((b, i) => { b.checked = (i - from + boxes.length) % boxes.length < n; this.ticks.set(b.value, b.checked); });
    }
    this.#picked();
  }

  main() {
    const send = this.el.querySelector("#send:not([disabled])"), close = this.el.querySelector('[data-act="close"].btn-1');
    (this.#ticked().length ? send : close ?? send)?.click();
  }

  /** The first of two clicks: the page that closes a ring around this call. */
  ring() { this.el.querySelector("[data-ring]")?.click(); }

  async send() {
    const ticked = this.#ticked();
    if (!ticked.length) return;
    this.ticks = new Map();
    await act.assign(this.id, ticked.map((b) => b.value), ticked.map((b) => b.dataset.name));
    this.refreshSoon();
  }

  /** By name: those that were not recommended need a reason. */
  async sendByName(units = null) {
    if (!this.call || !this.may.includes("dispatch.assign")) return;
    const named = new Set(this.#boxes().map((b) => b.value));
    const elsewhere = units?.map((u) => this.board.units.get(u)).find((u) => u?.call && u.call !== this.id);
    if (elsewhere && !(await act.secondCall(unitName(elsewhere), this.board.calls.get(elsewhere.call)))) return;
    const chosen = units?.every((u) => named.has(u)) ? { units, reason: "" } : await byName(this.board, this.call, named, this.may.includes("dispatch.override"));
    if (chosen) { await act.assign(this.id, chosen.units, chosen.units.map((u) => unitName(this.board.units.get(u))), chosen.reason); this.refreshSoon(); }
  }

  async #click(button) {
    if (!button) return;
    const { act: what, move, select } = button.dataset, row = button.closest("[data-assignment]"), number = this.el.querySelector("[data-number]")?.dataset.number, id = this.id;
    if (button.dataset.help) { if (await helpAct(button, this.id)) this.refreshSoon(); return; }
    if (button.dataset.linked) { if (await linkedAct(button, { call: this.id, agencies: this.words.agencies })) this.refreshSoon(); return; }
    if (select) this.onSelect(select);
    if (move) { await act.move(this.id, row.dataset.assignment, move, row.dataset.name, button.textContent); this.refreshSoon(); }
    const doing = {
      again: () => this.#load(true), send: () => this.send(), pull: () => act.pull(this.id, button.dataset.unit, button.dataset.name, button.dataset.leaves), by_name: () => this.sendByName(), next_set: () => this.nextSet(),
      stand_down: () => act.standDown(row.dataset.assignment, row.dataset.name), close: () => act.close(this.id, number, this.words),
      cancel: () => act.cancel(this.id, number), reopen: () => act.reopen(this.id, number), note: () => act.note(this.id),
      alarm: () => act.alarm(this.id, number, button.dataset, this.words),
      severity: () => act.severity(this.id, number, this.call?.severity, this.words), transfer: () => act.transfer(this.id, number, this.words),
      reveal: async () => this.#tell(id, "#caller", await act.reveal(id)), unmerge: () => act.order(`/api/calls/${this.id}/unmerge`, {}, gettext("Taken back")),
      key_holder: async () => { const { site } = button.closest("[data-site]").dataset; this.#tell(id, `[data-site="${site}"] .key-holder`, await act.keyHolder(site)); },
      message: () => act.message(this.id), well: () => act.crewWell(row.dataset.assignment, row.dataset.name), ask_crew: () => act.askCrew(row.dataset.assignment, row.dataset.name),
      tick: () => act.tick(this.id, button.dataset, button.ariaChecked !== "true"),
      roll_call: () => act.rollCall(this.id),
      end_cordon: () => act.endCordon(this.id, number),
      link: () => joining.link(this.board, this.call), unlink: () => joining.unlinked(this.id, button.dataset),
      split: () => joining.split(this.id, number, JSON.parse(button.dataset.callers)), unsplit: () => joining.unsplit(this.id),
      merge: async () => { const to = await otherCall(this.board, this.call); return to && act.merge(this.id, to.main, this.board.calls.get(to.main)?.number ?? ""); },
    }[what];
    if (doing && await doing()) this.refreshSoon();
  }
}
