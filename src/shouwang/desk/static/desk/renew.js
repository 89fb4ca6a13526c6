// A part of a page that the server makes again when something happens. Whoever works in it must not notice: focus, what is folded open and how
// far it is scrolled stay, and nothing is exchanged between the press of a button and its release, which would swallow the click.
let pressed = false, waiting = [];
addEventListener("pointerdown", () => { pressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => {
  pressed = false;
  for (const go of waiting.splice(0)) go();
}), true);

/** Resolves when nothing is pressed. */
export const released = () => (pressed ? new Promise((go) => waiting.push(go)) : Promise.resolve());

/** Puts the server's new text into `el`, with everything where it was. */
export function renew(el, text) {
  const focus = el.contains(document.activeElement) ? address(document.activeElement, el) : null;
  const open = [...el.querySelectorAll("details[open]")].map((one) => address(one, el));
  const scrolled = [el, ...el.querySelectorAll(".scroll")].map((one) => one.scrollTop);
  el.innerHTML = text;
  for (const one of open) find(one, el)?.setAttribute("open", "");
  [el, ...el.querySelectorAll(".scroll")].forEach((one, i) => { one.scrollTop = scrolled[i] ?? 0; });
  if (focus) (find(focus, el) ?? near(focus, el))?.focus();
}

const NAMES = ["id", "name", "value", "data-unit", "data-assignment", "data-act", "data-move", "data-select", "data-edit", "data-taken", "data-number", "data-step", "data-agency", "data-linked", "data-help", "data-request", "data-answer"];
const named = (el) => NAMES.filter((name) => el.hasAttribute(name)).map((name) => `[${name}="${CSS.escape(el.getAttribute(name))}"]`).join("");

/** How an element is found again in the new text: the named elements around it, and which of those alike it was. */
function address(el, within) {
  const rows = [];
  for (let up = el.parentElement; up !== within; up = up.parentElement) if (named(up)) rows.unshift(named(up));
  const path = [...rows, el.localName + named(el)].join(" ");
  return { rows, path, number: [...within.querySelectorAll(path)].indexOf(el) };
}
const find = ({ path, number }, within) => within.querySelectorAll(path)[number];
/** What was pressed may be gone, as a stop that was left out: the first button of its row is near enough. */
const near = ({ rows }, within) => (rows.length ? within.querySelector(`${rows.join(" ")} button:not([disabled])`) : null);
