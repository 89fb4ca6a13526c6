// What is known of the place while it is chosen: hazards, the site, earlier calls by kind and time alone.
import { Problem, fill, getJson, html } from "../desk/desk.js";

const day = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: document.body.dataset.zone });
const metres = (m) => fill(gettext("%(n)s m"), { n: Math.round(m / 10) * 10 });

export class Premises {
  constructor(el, { leaveOut = "" } = {}) { Object.assign(this, { el, leaveOut, turn: 0 }); }

  async look(point) {
    const turn = ++this.turn;
    if (!point) { this.show(null); return; }
    try {
      const leave = this.leaveOut ? `&leave_out=${this.leaveOut}` : "";
      const found = await getJson(`/api/premises?lon=${point.lon}&lat=${point.lat}${leave}`);
      if (turn === this.turn) this.show(found);
    } catch (problem) { if (!(problem instanceof Problem)) throw problem; }
  }

  show(found) {
    const { sites = [], hazards = [], earlier = [] } = found ?? {};
    this.el.hidden = !(sites.length || hazards.length || earlier.length);
    this.el.innerHTML = html`${sites.map((s) => html`<p class="flex wrap"><b lang="">${s.name}</b><span class="dim3">${s.kind}</span></p>`)}${hazards.length > 0 && html`<p class="haz" role="group" aria-label="${gettext("Hazards of the place")}">${hazards.map((h) => html`<span class="tag warn" title="${fill(gettext("%(office)s, until %(day)s"), { office: h.owner, day: h.until })}">⚠ ${h.label}${h.away_m >= 10 && html` <span class="num">${metres(h.away_m)}</span>`}</span> `)}</p>`}${earlier.length > 0 && html`<p class="sm dim">${gettext("Earlier here:")} ${earlier.map((e, i) => html`${i > 0 && html`<i class="sep"></i>`}<span class="nw">${e.name} <span class="num">${day.format(new Date(e.at))}</span></span>`)}</p>`}`;
  }

  clear() { this.turn++; this.show(null); }
}
