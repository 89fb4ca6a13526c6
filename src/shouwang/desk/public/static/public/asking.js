// A resident's form is sent once, with the proof of work. The code is shown once and kept nowhere on this device.
import { Problem, complain, send } from "../desk/desk.js";
import { solve } from "../matters/puzzle.js";

const $ = (id) => document.getElementById(id);

/** Says what is wrong beside its field, or clears it; false where there is no such field. */
export function fault(name, text) {
  const line = $(`${name}-err`);
  if (!line) return false;
  line.textContent = text;
  line.hidden = !text;
  if (text) $(name).setAttribute("aria-invalid", "true"); else $(name).removeAttribute("aria-invalid");
  return true;
}

/** id: of the form; path: where it goes; fields: their names; missing(): faults by name, before anything is sent;
 * said(): what is sent. */
export function asking({ id, path, fields, missing, said }) {
  const form = $(id), button = document.querySelector(`[form=${id}][type=submit]`);
  let puzzle = null, sending = false;

  function complete() {
    for (const name of fields) fault(name, "");
    const faults = Object.entries(missing());
    for (const [name, text] of faults) fault(name, text);
    if (faults.length) $(faults[0][0]).focus();
    return !faults.length;
  }
  async function submit() {
    if (sending || !complete()) return;
    sending = true;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      puzzle ??= await send("/r/puzzle/", {});
      const counter = await solve(puzzle.token, puzzle.bits);
      const { code } = await send(path, { ...said(), id: puzzle.id, token: puzzle.token, counter });
      for (const el of [form, $("acts")]) el.hidden = true;
      $("code").textContent = code.replace(/^(.{4})/, "$1 ");
      if ($("code-in")) $("code-in").value = code;
      $("done").hidden = false;
      $("done").focus();
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.code.startsWith("puzzle")) puzzle = null;
      if (fault(problem.field, problem.message)) $(problem.field).focus(); else complain(problem, submit);
    } finally { sending = false; button.disabled = false; button.removeAttribute("aria-busy"); }
  }
  form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
  document.documentElement.dataset[id] = "ready";
}
