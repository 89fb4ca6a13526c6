// The board's map: calls, units, and the way of the units that are about to be sent.
import { nameOf } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";
import { title } from "./board_lists.js";
import { isFree, isOver } from "./board_state.js";
import { unitName } from "./board_units.js";

const FRESH_MS = 4000;

export class BoardMap {
  constructor(el, board, { onCall, onUnit }) {
    Object.assign(this, { el, board, picks: new Set(), routes: [], freshIds: new Map(), hidden: new Set(["posts", "lines"]) });
    streetMap(el, { onPick: ({ kind, id }) => (kind === "calls" ? onCall(id) : onUnit(id)) })
      .then((map) => { this.map = map; for (const name of this.hidden) map.show(name, false); this.showPlan(); this.#draw(); if (this.wanted) this.centre(this.wanted, true); })
      .catch((problem) => this.#fail(problem));
  }

  #fail(problem) {
    const note = Object.assign(document.createElement("div"), { className: "note warn map-note", textContent: `${gettext("The map does not load. Lists go on working.")} ${problem.message}` });
    note.setAttribute("role", "status");
    this.el.append(note);
  }

  show(groups, chosen, onlyFree) { Object.assign(this, { groups, chosen, onlyFree }); this.#draw(); }
  showSoon() { this.pending ??= requestAnimationFrame(() => { this.pending = null; this.#draw(); }); }
  pick(picks, routes = []) { this.picks = picks; this.routes = routes; this.#draw(); }
  fresh(id) { this.freshIds.set(id, Date.now() + FRESH_MS); setTimeout(() => { this.freshIds.delete(id); this.#draw(); }, FRESH_MS); }
  /** units, calls, or plan: the posts and lines of the approved plan. Kept for a map that is still loading. */
  layer(name, on) {
    for (const one of name === "plan" ? ["posts", "lines"] : [name]) {
      this.hidden[on ? "delete" : "add"](one);
      this.map?.show(one, on);
    }
  }
  showPlan() {
    this.map?.setPosts(this.board.plan.posts.map((p) => ({ ...p, label: nameOf(p) })));
    this.map?.setLines(this.board.plan.lines.map((l) => ({ ...l, look: "line-new" })));
  }
  resize() { this.map?.resize(); }

  /** Brings a call into view when it is not. */
  reveal(id) {
    const call = this.board.calls.get(id);
    if (call && this.map && !this.map.sees(call.lon, call.lat)) this.map.goTo(call.lon, call.lat);
    if (call && !this.map) this.wanted = id;
  }

  /** The selected call with the units on their way to it; the whole district without one. */
  centre(id, quick = false) {
    const call = this.board.calls.get(id);
    if (!this.map) return;
    if (!call) { this.map.home(); return; }
    if (quick) { this.reveal(id); return; }
    const crews = [...this.board.units.values()].filter((u) => u.call === id || this.picks.has(u.id)).map((u) => this.board.where(u));
    this.map.fit(around([[call.lon, call.lat], ...crews.map((p) => [p.lon, p.lat])]));
  }

  #draw() {
    if (!this.map || !this.groups) return;
    const { board } = this;
    const calls = [...this.groups.waiting, ...this.groups.active];
    const own = board.calls.get(this.chosen);
    if (own && isOver(own)) calls.push(own);
    this.map.setCalls(calls.map((c) => ({ id: c.id, severity: c.severity, lon: c.lon, lat: c.lat, chosen: c.id === this.chosen,
      label: c.id === this.chosen || c.severity === 1 ? title(c) : "", fresh: this.freshIds.has(c.id) })));
    const units = [...board.units.values()].filter((u) => (u.shown !== "off" || u.panic) && (!this.onlyFree || isFree(u) || this.picks.has(u.id)));
    this.map.setUnits(units.map((u) => {
      const at = board.where(u);
      return { ...board.shown(u), lon: at.lon, lat: at.lat, course: at.course, picked: this.picks.has(u.id) || (this.chosen && u.call === this.chosen), label: unitName(u).slice(1) };
    }));
    this.map.setRoutes(this.routes.map((r) => { const at = board.units.has(r.unit) && board.where(board.units.get(r.unit)); return { ...r, path: at ? [[at.lon, at.lat], ...r.path] : r.path }; }));
  }
}
