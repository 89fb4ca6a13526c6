// How the hour goes: the cover that free units give, and calls taken beside those expected. Figures come from the centre,
// soon after a call or a unit has changed, and once a minute, since the hour moves on by itself.
import { Problem, fill, getJson, html, minuteOf } from "../desk/desk.js";

const AFTER_CHANGE_MS = 4_000, ANYWAY_MS = 60_000, LOW = 0.8;
const percent = (share) => `${(share * 100).toFixed(1)} %`;

export class Pace {
  constructor(coverEl, paceEl, onMoves) { Object.assign(this, { coverEl, paceEl, onMoves, timer: 0 }); this.ask(); }

  /** Something has changed: asks a little later, once for many changes. */
  soon() { if (!this.due) { this.due = true; clearTimeout(this.timer); this.timer = setTimeout(() => this.ask(), AFTER_CHANGE_MS); } }

  async ask() {
    clearTimeout(this.timer);
    this.due = false;
    try { this.show(await getJson("/board/now.json")); }
    catch (problem) { if (!(problem instanceof Problem)) throw problem; this.coverEl.hidden = this.paceEl.hidden = true; this.onMoves([]); } // an old figure would mislead
    if (!this.due) this.timer = setTimeout(() => this.ask(), ANYWAY_MS);
  }

  show({ cover, within_s, hour, shift, moves }) {
    this.onMoves(moves);
    this.coverEl.hidden = !cover.length;
    this.coverEl.title = gettext("Share of the calls expected in this hour that a free unit reaches in time");
    this.coverEl.innerHTML = html`${fill(gettext("In %(n)s min"), { n: Math.round(within_s / 60) })} ${cover.map((c, i) => html`${i > 0 && html`<i class="sep"></i>`}${c.name} <b class="num${c.share < LOW ? " up" : ""}">${percent(c.share)}</b>`)}`;
    const said = [fill(gettext("Since %(time)s %(n)s calls"), { time: minuteOf(hour.start), n: hour.calls })];
    if (hour.expected) said.push(fill(gettext("expected %(low)s–%(high)s"), { low: Math.floor(hour.expected[0]), high: Math.ceil(hour.expected[1]) }));
    this.paceEl.hidden = false;
    this.paceEl.innerHTML = html`<span>${said.map((t, i) => html`${i > 0 && html`<i class="sep"></i>`}${t}`)}</span><span class="grow"></span><span>${fill(gettext("This shift %(n)s"), { n: shift.calls })}</span>`;
  }
}
