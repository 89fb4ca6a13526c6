// The signs of the map and the lists. A diamond is a severity, on a map always a call. Units: letter and shape name the service,
// fill and mark the state. Shapes are SVG markup without style attributes; colours come from tokens.css.
import { html, nameOf } from "./desk.js";

const polygon = (n, r, turn) => Array.from({ length: n }, (_, i) => {
  const a = turn + (i * 2 * Math.PI) / n;
  return `${(r * Math.cos(a)).toFixed(1)},${(r * Math.sin(a)).toFixed(1)}`;
}).join(" ");

// Outlines, as path data: a sign's on the map and in a legend, a mark's on a canvas.
const SHAPES = {
  circle: "M-10 0A10 10 0 1 1 10 0A10 10 0 1 1 -10 0Z",
  pentagon: `M${polygon(5, 11.4, -Math.PI / 2)}Z`,
  square: "M-7.5 -9.5H7.5A2 2 0 0 1 9.5 -7.5V7.5A2 2 0 0 1 7.5 9.5H-7.5A2 2 0 0 1 -9.5 7.5V-7.5A2 2 0 0 1 -7.5 -9.5Z",
  hexagon: `M${polygon(6, 11.4, 0)}Z`,
  shield: "M-10 -8H10V2L0 11.5L-10 2Z",
  octagon: `M${polygon(8, 11, Math.PI / 8)}Z`,
};
const BY_LETTER = { 巡: "circle", 所: "pentagon", 交: "square", 消: "hexagon", 卫: "shield", P: "circle", S: "pentagon", T: "square", F: "hexagon", G: "shield" };
const BY_SERVICE = { police: "circle", traffic: "square", fire: "hexagon", guard: "shield", patrol: "shield" };

/** 巡05 → letter 巡, number 05; P05 the same. */
export function sign(unit) {
  const name = nameOf(unit) || unit.code || "";
  const [, letter, number] = /^(\p{L})\s*(.*)$/u.exec(name) ?? [null, unit.letter ?? "", name];
  return { letter, number: number || name };
}
/** Path data of a unit's outline, 20 pixels across. */
export const outline = (unit) => SHAPES[BY_LETTER[unit.letter] ?? BY_LETTER[sign(unit).letter] ?? BY_SERVICE[unit.service] ?? "octagon"];

const STATE = { free: "free", post: "free", route: "route", scene: "scene", busy: "busy", off: "busy" };
export const stateOf = (unit) => STATE[unit.shown] ?? "busy";

/** SVG group content of a unit. unit: {letter, service, shown, course, stale, jump, panic, picked}. */
export function unitSign(unit) {
  const { letter } = sign(unit), state = stateOf(unit);
  return (unit.picked ? '<circle class="pick" r="15"/>' : "") + (unit.panic ? '<circle class="alarm" r="16"/>' : "")
    + (state === "route" ? `<path class="hd" transform="rotate(${Math.round((unit.course ?? 90) - 90)})" d="M12 -5L20 0L12 5Z"/>` : "")
    + `<path class="s" d="${outline(unit)}"/>` + (state === "scene" ? '<circle class="in1" r="7.5"/>' : "")
    + `<text>${letter}</text>` + (unit.shown === "post" ? '<path class="base" d="M-8 14H8"/>' : "")
    + (unit.panic ? '<text class="bang" x="13" y="-13">!</text>' : "") + (unit.jump ? '<text class="odd" x="-13" y="-12">?</text>' : "");
}
export const unitClass = (unit) => `m-u ${stateOf(unit)}${unit.stale ? " stale" : ""}${unit.panic ? " panic" : ""}`;

/** SVG group content of a call. */
export function callSign({ severity, chosen, fresh }) {
  const r = { 1: 13, 2: 11 }[severity] ?? 9, d = (k) => `M0 -${k}L${k} 0L0 ${k}L-${k} 0Z`;
  return (chosen ? `<circle class="halo" r="${r + 10}"/>` : "")
    + `<g class="${fresh ? "ring" : ""}">${severity === 1 ? `<path class="o" d="${d(19)}"/>` : ""}<path class="d" d="${d(r)}"/><text>${severity}</text></g>`;
}

/** SVG group content of a closed street (a bar, as on the road) or a slow one (how many times as long), with an arrow if it holds one way
 * alone. course: degrees clockwise from the east. */
export const closureSign = ({ factor, one_way, course = 0 }) => (one_way ? `<path class="ar" transform="rotate(${Math.round(course)})" d="M11 -5L19 0L11 5Z"/>` : "")
  + `<circle r="9.5"/>${factor ? `<text>×${factor >= 10 ? Math.round(factor) : Number(factor.toFixed(1))}</text>` : '<path class="bar" d="M-5.5 0H5.5"/>'}`;

/** The little picture in a legend. */
export const small = (cls, content) => `<svg viewBox="-14 -14 28 28" class="${cls}" aria-hidden="true">${content}</svg>`;

const SEVERITY = () => [gettext("Level 1"), gettext("Level 2"), gettext("Level 3"), gettext("Not urgent")];
export const severityName = (severity) => SEVERITY()[severity - 1] ?? "";

/** The diamond with its numeral, in lists. */
export const severityMark = (severity) => html`<span class="sev sev-${severity}" role="img" aria-label="${severityName(severity)}">${severity}</span>`;

const SHOWN = () => ({ free: gettext("Available"), post: gettext("At post"), route: gettext("On the way"), scene: gettext("On scene"),
  busy: gettext("Not available"), off: gettext("Off duty") });
export const shownName = (shown) => SHOWN()[shown] ?? shown;

/** A unit's plate, in lists. The word of its state is there for those who cannot see the mark. */
export function plate(unit) {
  const { letter, number } = sign(unit), shown = unit.shown ?? "busy";
  const cls = [stateOf(unit), shown === "post" && "post", shown === "off" && "off", unit.stale && "stale", unit.jump && "odd", unit.panic && "panic"].filter(Boolean).join(" ");
  return html`<span class="unit ${cls}"><i>${letter}</i>${number}<span class="sr"> ${unit.panic ? gettext("Panic") : shownName(shown)}${unit.jump && html` ${gettext("Position cannot be true")}`}</span></span>`;
}
