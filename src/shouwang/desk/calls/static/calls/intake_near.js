// Calls near by that may be about the same thing, while the form is being filled in.
import { Problem, fill, getJson, html, nameOf, span } from "../desk/desk.js";
import { severityMark } from "../desk/symbols.js";

const WHY = () => ({ same_type: gettext("same type"), same_class: gettext("same class"), other_type: gettext("other type") });
const metres = (m) => m < 1000 ? fill(gettext("%(n)s m"), { n: Math.round(m / 10) * 10 }) : fill(gettext("%(n)s km"), { n: (m / 1000).toFixed(1) });

/** ask() gives {lon, lat, type} or null; onAttach(call) adds the caller to it; onCalls(calls) for the map. */
export class NearBy {
  constructor({ ask, onAttach, onCalls, leaveOut = "" }) {
    Object.assign(this, { ask, onAttach, onCalls, leaveOut });
    this.dups = document.getElementById("dups");
    this.near = document.getElementById("near");
    this.none = document.getElementById("dups-none");
    this.count = document.getElementById("dup-count");
    this.notThese = new Set();
    this.likely = [];
    this.turn = 0;
    this.dups.addEventListener("click", (e) => {
      const button = e.target.closest("[data-do]");
      if (!button) return;
      const call = this.likely.find((c) => c.id === button.closest("li").dataset.id);
      if (button.dataset.do === "attach") this.onAttach(call); else this.dismiss(call);
    });
  }

  soon() { clearTimeout(this.timer); this.timer = setTimeout(() => this.refresh(), 250); }

  async refresh() {
    const asked = this.ask(), turn = ++this.turn;
    if (!asked) { this.show([], false); return; }
    const leave = this.leaveOut ? `&leave_out=${this.leaveOut}` : "";
    try {
      const found = await getJson(`/api/duplicates?lon=${asked.lon}&lat=${asked.lat}&type=${asked.type}${leave}`);
      if (turn === this.turn) this.show(found, true);
    } catch (problem) { if (!(problem instanceof Problem)) throw problem; }
  }

  show(found, asked) {
    const likely = this.likely = found.filter((c) => c.grade !== "near" && !this.notThese.has(c.id)), near = found.filter((c) => c.grade === "near");
    const why = WHY();
    this.dups.innerHTML = html`${likely.map((c, i) => html`<li data-id="${c.id}"><div class="flex">${severityMark(c.severity)}<b>${nameOf({ zh: c.type_zh, en: c.type_en })}</b><span class="grow"></span>${c.grade === "very" ? html`<span class="tag bad">${gettext("Very like")}</span>` : html`<span class="tag warn">${gettext("Like")}</span>`}</div>
      <p>${c.place}</p><p class="sm dim"><b class="num">${metres(c.distance_m)}</b><i class="sep"></i>${gettext("earlier by")} <b class="num">${span(c.age_s)}</b>${c.why.map((w) => html`<i class="sep"></i>${why[w]}`)}<i class="sep"></i>${c.number}</p>
      <div class="actions"><button type="button" class="btn ${i ? "" : "btn-1"}" data-do="attach">${fill(gettext("Add to %(number)s"), { number: c.number.slice(-4) })}${!i && html` <kbd>Alt</kbd><kbd>M</kbd>`}</button><button type="button" class="btn" data-do="not">${gettext("Not this")}${!i && html` <kbd>Alt</kbd><kbd>N</kbd>`}</button></div></li>`)}`;
    this.near.innerHTML = html`${near.slice(0, 8).map((c) => html`<li>${severityMark(c.severity)}<span class="cut">${nameOf({ zh: c.type_zh, en: c.type_en })}</span><span class="grow"></span><span class="num nw">${fill(gettext("%(time)s ago"), { time: span(c.age_s) })}</span></li>`)}`;
    document.getElementById("near-h").hidden = !near.length;
    this.count.hidden = !likely.length;
    this.count.textContent = likely.length;
    this.count.className = likely.some((c) => c.grade === "very") ? "n bad" : "n";
    this.none.hidden = likely.length > 0;
    this.none.firstElementChild.textContent = asked ? gettext("Nothing like it near by.") : gettext("Mark the place: calls near by appear here.");
    this.onCalls(likely);
  }

  attachFirst() { if (this.likely[0]) this.onAttach(this.likely[0]); }
  dismissFirst() { if (this.likely[0]) this.dismiss(this.likely[0]); }
  dismiss(call) { this.notThese.add(call.id); this.refresh(); }
  clear() { this.notThese.clear(); this.show([], false); }
}
