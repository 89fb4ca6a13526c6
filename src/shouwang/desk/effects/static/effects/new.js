// A new question: areas ticked in the list or on the map, comparison areas proposed, refused at its field.
import { Problem, complain, fill, newId, send } from "../desk/desk.js";

const form = document.getElementById("ask"), id = newId();
const paths = [...(form?.querySelectorAll(".ef-map path") ?? [])];
let near = [], stale = false; // next door to the areas that were ticked when comparison areas were proposed

const ticked = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
const asked = () => ({
  area: form.dataset.area, unit: form.dataset.unit, treated: ticked("treated"), began: form.elements.began.value,
  weeks: Number(form.elements.weeks.value), kinds: ticked("kinds"), hours: form.elements.hours.value,
});

function fault(name, text) {
  const box = document.getElementById("faults");
  const target = document.getElementById(name) ?? form.elements[name], field = target?.closest?.(".f");
  form.querySelectorAll(".err").forEach((old) => old.remove());
  form.querySelectorAll("[aria-describedby=field-err]").forEach((old) => old.removeAttribute("aria-describedby"));
  box.textContent = text;
  box.hidden = false;
  if (!field) { box.focus(); return; }
  field.append(Object.assign(document.createElement("span"), { className: "err", id: "field-err", textContent: `✕ ${text}` }));
  target.setAttribute("aria-describedby", "field-err");
  (target.matches("input, select") ? target : target.querySelector("input") ?? box).focus();
}

function show() {
  const treated = new Set(ticked("treated")), control = new Set(ticked("control")), beside = new Set(near);
  for (const path of paths) {
    const at = path.dataset.path;
    const role = treated.has(at) ? "treated" : control.has(at) ? "control" : beside.has(at) ? "near" : "";
    if (role) path.dataset.role = role; else delete path.dataset.role;
  }
  document.getElementById("treated-n").textContent = treated.size ? fill(ngettext("%(n)s area ticked", "%(n)s areas ticked", treated.size), { n: treated.size }) : "";
  document.getElementById("control-n").textContent = stale ? gettext("The areas of the measure have changed: propose again.") : control.size || beside.size
    ? fill(gettext("%(n)s for comparison, %(near)s next door"), { n: control.size, near: beside.size }) : "";
  const kinds = ticked("kinds").length;
  document.getElementById("kinds-n").textContent = kinds ? `(${kinds})` : "";
}

form?.addEventListener("change", (e) => {
  const box = e.target;
  if (box.name === "treated" && near.length) { near = []; stale = true; }
  if (box.checked && ["treated", "control"].includes(box.name)) { // an area is in one group
    const other = box.name === "treated" ? "control" : "treated";
    const twin = form.querySelector(`input[name=${other}][value="${CSS.escape(box.value)}"]`);
    if (twin) twin.checked = false;
    near = near.filter((path) => path !== box.value);
  }
  show();
});

for (const path of paths) path.addEventListener("click", () => {
  const box = form.querySelector(`input[name=treated][value="${CSS.escape(path.dataset.path)}"]`);
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

async function asking(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.field) fault(problem.field, problem.message); else complain(problem);
  } finally {
    button.disabled = false;
  }
}

document.getElementById("propose")?.addEventListener("click", (e) => {
  if (!ticked("treated").length) { fault("treated", gettext("Tick the areas of the measure first.")); return; }
  asking(e.currentTarget, async () => {
    const told = await send("/api/effects/proposal", asked());
    const control = new Set(told.control);
    form.querySelectorAll("input[name=control]").forEach((box) => { box.checked = control.has(box.value); });
    form.querySelectorAll("[data-before]").forEach((el) => { el.textContent = told.before[el.dataset.before] ?? ""; });
    near = told.near;
    stale = false;
    document.getElementById("faults").hidden = true;
    form.querySelectorAll(".err").forEach((old) => old.remove());
    show();
  });
});

form?.addEventListener("submit", (e) => {
  e.preventDefault();
  const bad = [...form.elements].find((el) => el.name && !el.validity.valid);
  if (bad) { fault(bad.name, bad.validationMessage); return; }
  if (!ticked("treated").length) { fault("treated", gettext("Tick the areas of the measure first.")); return; }
  asking(form.querySelector("[type=submit]"), async () => {
    const made = await send("/api/effects", { id, title: form.elements.title.value.trim(), ...asked(), control: ticked("control"), near });
    location.assign(`/effects/${made.id}/`);
  });
});
document.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) form?.requestSubmit(); });
if (form) show();
