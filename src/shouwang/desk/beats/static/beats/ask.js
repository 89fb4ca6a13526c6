// A new proposal of beats: sent as it stands, refused at its field.
import { Problem, complain, newId, send } from "../desk/desk.js";

const form = document.getElementById("ask"), id = newId();
const number = (name) => Number(form.elements[name].value);

function fault(name, text) {
  const box = document.getElementById("faults"), target = form.elements[name];
  form.querySelectorAll(".err").forEach((old) => old.remove());
  form.querySelectorAll("[aria-describedby=field-err]").forEach((old) => old.removeAttribute("aria-describedby"));
  if (target) {
    target.closest(".f").append(Object.assign(document.createElement("span"), { className: "err", id: "field-err", textContent: `✕ ${text}` }));
    target.setAttribute("aria-describedby", "field-err");
  }
  box.textContent = text; box.hidden = false;
  (target ?? box).focus();
}

function divisible() { // a control area is divided as a whole: the choice stands, but cannot be made
  const whole = form.elements.area.selectedOptions[0].dataset.kind === "control_area";
  if (whole) form.elements.each.value = "whole";
  form.elements.each.disabled = whole;
}

form?.addEventListener("submit", async (e) => {
  e.preventDefault();
  const bad = [...form.elements].find((el) => !el.validity.valid);
  if (bad) { fault(bad.name, bad.validationMessage); return; }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const made = await send("/api/beats", { id, area: form.elements.area.value, each: form.elements.each.value, count: number("count"),
      tolerance: number("tolerance") / 100, worth_min: number("worth_min"), seed: number("seed") });
    location.assign(`/beats/${made.id}/`);
  } catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.field) fault(problem.field, problem.message); else complain(problem);
  }
});
form?.elements.area.addEventListener("change", divisible);
document.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) form?.requestSubmit(); });
if (form) divisible();
