// What the centre refuses, said at the field it is about.
import { Problem, complain } from "../desk/desk.js";

export function fault(form, name, text) {
  const box = form.querySelector("#faults"), target = form.elements[name];
  form.querySelectorAll(".err").forEach((old) => old.remove());
  form.querySelectorAll("[aria-describedby=field-err]").forEach((old) => old.removeAttribute("aria-describedby"));
  if (target?.closest?.(".f")) {
    target.closest(".f").append(Object.assign(document.createElement("span"), { className: "err", id: "field-err", textContent: `✕ ${text}` }));
    target.setAttribute("aria-describedby", "field-err");
  }
  box.textContent = text; box.hidden = false;
  (target?.focus ? target : box).focus();
}

/** Does what the form is for; its button is off meanwhile. */
export async function submit(form, work) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try { await work(); }
  catch (problem) {
    button.disabled = false;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 422 || problem.status === 409) fault(form, problem.field, problem.message); else complain(problem);
  }
}
