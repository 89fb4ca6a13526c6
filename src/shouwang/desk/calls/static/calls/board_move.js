// The strip under the cover: which unit should wait elsewhere. A person sends it or waves it away; nothing moves by itself.
import { fill, html, nameOf } from "../desk/desk.js";
import { plate } from "../desk/symbols.js";
import * as act from "./board_actions.js";
import { unitName } from "./board_units.js";

const distance = (m) => (m >= 1000 ? fill(gettext("%(n)s km"), { n: (m / 1000).toFixed(1) }) : fill(gettext("%(n)s m"), { n: Math.round(m / 10) * 10 }));

export class MoveStrip {
  constructor(el, board, { may, again }) {
    Object.assign(this, { el, board, may, again, move: null });
    el.addEventListener("click", (e) => this.#click(e.target.closest("button")));
  }

  show(move) {
    const unit = move && this.board.units.get(move.unit);
    this.move = unit ? move : null;
    this.el.hidden = !unit;
    if (!unit) return;
    const said = [fill(gettext("next calls %(n)s s sooner"), { n: move.gain_s.toFixed(0) })];
    if (move.cover_gain >= 0.0005) said.push(fill(gettext("cover +%(n)s points"), { n: (move.cover_gain * 100).toFixed(1) }));
    said.push(distance(move.distance_m));
    const content = String(html`<b>${gettext("Move advised")}</b><span class="flex nw">${plate(unit)} →</span><span class="b" lang="">${nameOf(move.place)}</span><span class="dim">${said.map((t, i) => html`${i > 0 && html`<i class="sep"></i>`}${t}`)}</span>${this.may && html`<span class="flex move-acts"><button type="button" class="btn btn-s" data-do="send">${gettext("Ask it to go")}</button><button type="button" class="btn btn-s btn-0" data-do="dismiss">${gettext("Dismiss")}</button></span>`}`);
    if (this.content !== content) { this.el.innerHTML = content; this.content = content; }
  }

  async #click(button) {
    const unit = button && this.move && this.board.units.get(this.move.unit);
    if (!unit) return;
    const { place } = this.move, name = unitName(unit);
    const done = button.dataset.do === "send" ? await act.standBy(unit.id, name, place, nameOf(place)) : await act.dismissMove(unit.id, name, place);
    if (done) { this.show(null); this.again(); }
  }
}
