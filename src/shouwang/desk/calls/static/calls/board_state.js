// What the board knows: cards of calls and units, last positions, and the lists made from them. No page in here.

const OVER = ["closed", "cancelled", "transferred"], ACTIVE = ["responding", "under_control"];
const STALE_S = 120;
const byCode = new Intl.Collator(); // made once: thousands of units are put in order with it

export class Board {
  constructor(first, now) {
    this.now = now;
    this.places = new Map(); // unit id → {lon, lat, course, at, source, jump}
    this.load(first);
  }

  load({ seq, calls, units, linked, areas, closed_shown_min, stale_s, plan }) {
    Object.assign(this, { seq, areas, plan, closedMin: closed_shown_min, staleS: stale_s ?? STALE_S });
    this.calls = new Map(calls.map((c) => [c.id, c]));
    this.units = new Map(units.map((u) => [u.id, u]));
    this.linked = new Map(linked.map((t) => [t.id, t])); // open tasks of linked agencies
  }

  /** Takes an event of the stream in. Returns {kind, before, after} when a card changed, else null. */
  take({ subject_kind: kind, subject: id, card }) {
    const held = { call: this.calls, unit: this.units, linked: this.linked }[kind];
    if (!held || card === undefined) return null;
    const before = held.get(id) ?? null;
    if (card === null) held.delete(id);
    else if (before && before.version > card.version) return null;
    else held.set(id, card);
    return { kind, before, after: card };
  }

  /** Open tasks of linked agencies of a call: how many, and how many are late, passed up or returned. */
  linkedOf(id) {
    const own = [...this.linked.values()].filter((t) => t.call === id);
    return { open: own.length, late: own.filter((t) => t.escalated || t.state === "refused").length };
  }

  takePositions({ units }) {
    for (const [id, lon, lat, course, at, source, jump] of units) this.places.set(id, { lon, lat, course, at, source, jump });
  }

  /** Where a unit is: its last position while it is on duty, else its post. `age_s` is null at the post. */
  where(unit) {
    const place = unit.shown === "off" ? null : this.places.get(unit.id);
    return place ? { ...place, age_s: (this.now() - place.at) / 1000 } : { lon: unit.lon, lat: unit.lat, age_s: null };
  }

  /** How a sign or a plate shows what its position is worth. */
  shown(unit) { return { ...unit, stale: this.stale(unit), jump: Boolean(this.where(unit).jump) }; }

  stale(unit) { const { age_s } = this.where(unit); return age_s !== null && age_s > this.staleS; }

  /** waiting: by severity, then age. active: the same. closed: newest first, gone after the set minutes. */
  groups(fits = () => true) {
    const all = [...this.calls.values()].filter(fits), oldest = this.now() - this.closedMin * 60_000;
    const urgent = (a, b) => a.severity - b.severity || Date.parse(a.received) - Date.parse(b.received);
    return {
      waiting: all.filter((c) => c.state === "waiting" || c.state === "received").sort(urgent),
      active: all.filter((c) => ACTIVE.includes(c.state)).sort(urgent),
      closed: all.filter((c) => OVER.includes(c.state) && Date.parse(c.closed_at) > oldest)
        .sort((a, b) => Date.parse(b.closed_at) - Date.parse(a.closed_at)),
    };
  }

  /** Units by control area, those of no control area last; free ones first. */
  byArea(fits = () => true) {
    const groups = this.areas.map((area) => ({ area, units: [] })), rest = { area: null, units: [] };
    for (const unit of this.units.values()) (groups.find((g) => unit.area.startsWith(g.area.path)) ?? rest).units.push(unit);
    const order = ["free", "post", "route", "scene", "busy", "off"];
    for (const group of [...groups, rest]) {
      group.on = group.units.filter((u) => u.shown !== "off").length;
      group.free = group.units.filter((u) => isFree(u)).length;
      group.units = group.units.filter(fits).sort((a, b) => order.indexOf(a.shown) - order.indexOf(b.shown) || byCode.compare(a.code, b.code));
    }
    return rest.units.length || rest.on ? [...groups, rest] : groups;
  }
}

export const isFree = (unit) => unit.shown === "free" || unit.shown === "post";
export const isOver = (call) => OVER.includes(call.state);

/** The order in which rows stand, given those that stand now, those wanted, and the row that has the focus.
 * Without a focus, the wanted order. With one, it and all above stay where they are; what would enter above waits (`pending`),
 * save urgent rows, which enter on top; what has left above stays as `gone` until the focus leaves. */
export function arrange(shown, wanted, focus, urgent = () => false) {
  if (!focus || !shown.includes(focus) || !wanted.includes(focus)) return { order: wanted, pending: [], gone: [] };
  const above = shown.slice(0, shown.indexOf(focus));
  const gone = above.filter((id) => !wanted.includes(id));
  const early = wanted.slice(0, wanted.indexOf(focus)).filter((id) => !shown.includes(id));
  const entering = early.filter(urgent), pending = early.filter((id) => !urgent(id));
  const below = wanted.filter((id) => id !== focus && !above.includes(id) && !early.includes(id));
  return { order: [...entering, ...above, focus, ...below], pending, gone };
}
