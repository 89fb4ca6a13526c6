// What the answer looks like in words and rows. No state of its own: every function draws what it is given.
import { fill, html, nameOf, span, timeOf } from "../desk/desk.js";
import { plate } from "../desk/symbols.js";

const many = (n, text) => fill(text, { n });
const bare = (unit) => ({ ...unit, shown: "free" });

/** How sure the answer is: a tag beside the sentence. */
function proof({ contained, proven, bound, goal }) {
  if (!contained) return proven ? html`<span class="tag bad">${gettext("proven")}</span>` : html`<span class="tag warn">${gettext("none found yet")}</span>`;
  if (proven) return html`<span class="tag ok">✓ ${goal === "fewest-units" ? gettext("proven fewest") : gettext("proven tightest")}</span>`;
  if (goal === "fewest-units") return html`<span class="tag warn">${fill(gettext("feasible, at least %(n)s needed"), { n: bound })}</span>`;
  return html`<span class="tag warn">${fill(gettext("feasible, at least %(n)s junctions inside"), { n: bound })}</span>`;
}

const slack = html`<span class="dim">${gettext("send within")}</span> <span class="timer slack" id="slack"></span>`;

/** What was assumed of closed streets; nothing while there are none. */
const assumed = (n, ring) => n > 0 && html`<div class="dim">${ring ? many(n, ngettext("%(n)s street closure is taken to hold for units and vehicle alike.", "%(n)s street closures are taken to hold for units and vehicle alike.", n))
  : many(n, ngettext("%(n)s street closure was driven around.", "%(n)s street closures were driven around.", n))}</div>`;

/** The sentence above the rows for a ring. */
export function ringSays(ring) {
  const units = many(ring.posts.length, ngettext("%(n)s unit", "%(n)s units", ring.posts.length)), inside = many(ring.inside, ngettext("%(n)s junction inside", "%(n)s junctions inside", ring.inside));
  if (ring.contained) {
    return html`<div class="say">${gettext("Contained")} ${proof(ring)}<span class="grow"></span>${slack}</div>
      <div class="dim">${units}<i class="sep"></i>${inside}</div>${assumed(ring.closures, true)}`;
  }
  const inTime = ring.posts.filter((p) => p.before && Date.parse(p.arrive_at) <= Date.parse(p.before)).length;
  return html`<div class="say up">${gettext("Not contained")} ${proof(ring)}</div>
    <div>${fill(gettext("It gets out at %(place)s at %(time)s, by:"), { place: nameOf(ring.escape.place), time: timeOf(ring.escape.at) })} <span lang="">${ring.escape.streets.join(" → ") || nameOf(ring.escape.place)}</span></div>
    ${needs(ring.needed)}${inTime > 0 && html`<div class="dim">${many(inTime, ngettext("%(n)s unit would be in time, which is not enough.", "%(n)s units would be in time, which is not enough.", inTime))}</div>`}${assumed(ring.closures, true)}`;
}

function needs(needed) {
  if (!needed) return html`<div class="note warn">${gettext("Neither an earlier start nor one more unit was found to do. Try more units, other exits or a larger radius.")}</div>`;
  return html`<div class="note warn">${needed.earlier_s !== null && html`<div>${many(needed.earlier_s, ngettext("It would do if all units had started %(n)s second earlier.", "It would do if all units had started %(n)s seconds earlier.", needed.earlier_s))}</div>`}
    ${needed.place && html`<div>${fill(gettext("It would do with one more unit at %(place)s before %(time)s."), { place: nameOf(needed.place), time: timeOf(needed.before) })}</div>`}</div>`;
}

/** The sentence above the rows for a blockade. */
export function blockadeSays(found) {
  if (found.problem) return html`<div class="say up">${gettext("Not all exits can be closed")}</div><div>${found.problem}</div>`;
  return html`<div class="say">${many(found.posts.length, ngettext("%(n)s exit closed", "All %(n)s exits closed", found.posts.length))} <span class="tag ok">✓ ${gettext("proven earliest")}</span></div>
    <div class="dim">${fill(gettext("Last unit in place %(time)s, after %(span)s"), { time: timeOf(found.latest_at), span: span(found.latest_s) })}<i class="sep"></i>${fill(gettext("%(span)s of driving in all"), { span: span(found.total_s) })}</div>${assumed(found.closures, false)}`;
}

/** One row per marker: who stands where, when it is there, before when it is needed. */
export function postRows(posts, crews, chosen) {
  return html`${posts.map((p, i) => html`<li data-unit="${p.unit}"${p.unit === chosen && html` aria-current="true"`}><span class="no">${i + 1}</span>${plate(bare(crews.get(p.unit)))}
    <button type="button" class="go" data-show="${p.unit}"><b lang="">${nameOf(p.place)}</b><small class="num">${fill(gettext("there %(time)s"), { time: timeOf(p.arrive_at) })}${p.before && html`<i class="sep"></i>${fill(gettext("needed before %(time)s"), { time: timeOf(p.before) })}`}</small></button>
    ${p.before ? html`<span class="left"><span class="timer" data-slack="${p.unit}"></span><small>${gettext("margin")}</small></span>` : html`<span></span>`}</li>`)}`;
}

/** Free units with a tick each; those that are not trained say so. */
export const crewBoxes = (crews) => html`${crews.map((c) => html`<label class="chk"><input type="checkbox" value="${c.id}"${c.used && html` checked`}>${plate(bare(c))}${!c.able && html`<span class="sm dim3">${gettext("untrained")}</span>`}</label>`)}`;

/** The tasks of a call's cordon that are not over. */
export const held = (call) => call.assignments.filter((a) => a.stand && !a.ended);

/** The units that stand in a cordon of the call already, with the button that ends it. */
export function standing(call, states, may) {
  const units = new Map(call.units.map((u) => [u.assignment, u])), rows = held(call);
  if (!rows.length) return null;
  return html`<div class="pane-h"><h2 class="h2">${gettext("In the cordon")}</h2><span class="n">${rows.length}</span><span class="grow"></span>${may && html`<button type="button" class="btn btn-s btn-bad" id="over">${gettext("Cordon over")}</button>`}</div>
    <ol class="posts ring-stand">${rows.map((a, i) => html`<li><span class="no">${i + 1}</span>${plate({ ...units.get(a.id), shown: a.on_scene ? "scene" : "route" })}
    <span><b lang="">${nameOf(a.stand)}</b><small class="num">${states[a.state]}${a.stand.before && html`<i class="sep"></i>${fill(gettext("needed before %(time)s"), { time: timeOf(a.stand.before) })}`}</small></span><span></span></li>`)}</ol>`;
}
