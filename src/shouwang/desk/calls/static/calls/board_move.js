// The strip under the cover: which units should wait elsewhere, one of a service at most. A person sends it or waves it away; nothing moves by itself.
import { fill, html, nameOf } from "../desk/desk.js";
import { plate } from "../desk/symbols.js";
import * as act from "./board_actions.js";
import { unitName } from "./board_units.js";

const distance = (m) => (m >= 1000 ? fill(gettext("%(n)s km"), { n: (m / 1000).toFixed(1) }) : fill(gettext("%(n)s m"), { n: Math.round(m / 10) * 10 }));

export class MoveStrip {
  constructor(el, board, { may, again }) {
    Object.assign(this, { el, board, may, again, moves: [] });
    el.addEventListener("click", (e) => this.#click(e.target.closest("button")));
  }

  show(moves) {
    this.moves = moves.filter((m) => this.board.units.has(m.unit));
    this.el.hidden = !this.moves.length;
    const content = String(html`${this.moves.map((m) => this.#row(m))}`);
    if (this.content !== content) { this.el.innerHTML = content; this.content = content; }
  }

  #row(move) {
    const said = [fill(gettext("next calls %(n)s s sooner"), { n: move.gain_s.toFixed(0) })];
    if (move.cover_gain >= 0.0005) said.push(fill(gettext("cover +%(n)s points"), { n: (move.cover_gain * 100).toFixed(1) }));
    said.push(distance(move.distance_m));
    return html`<div class="move-row" data-unit="${move.unit}"><b>${gettext("Move advised")}</b><span class="flex nw">${plate(this.board.units.get(move.unit))} →</span><span class="b cut" lang="" title="${nameOf(move.place)}">${nameOf(move.place)}</span><span class="dim cut said" title="${said.join(", ")}">${said.map((t, i) => html`${i > 0 && html`<i class="sep"></i>`}${t}`)}</span>${this.may && html`<span class="flex move-acts"><button type="button" class="btn btn-s" data-cmd="move" data-cmd-arg="send" data-do="send">${gettext("Ask it to go")}</button><button type="button" class="btn btn-s btn-0" data-cmd="move" data-cmd-arg="dismiss" data-do="dismiss">${gettext("Dismiss")}</button></span>`}</div>`;
  }

  async #click(button) {
    const move = button && this.moves.find((m) => m.unit === button.closest("[data-unit]").dataset.unit), unit = move && this.board.units.get(move.unit);
    if (!unit) return;
    const { place } = move, name = unitName(unit);
    const done = button.dataset.do === "send" ? await act.standBy(unit.id, name, place, nameOf(place)) : await act.dismissMove(unit.id, name, place);
    if (done) { this.show(this.moves.filter((m) => m !== move)); this.again(); }
  }
}
