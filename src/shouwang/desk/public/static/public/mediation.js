// Asking for mediation: with the proof of work of a resident's report. The code is shown once and kept nowhere on this device.
import { Problem, complain, send } from "../desk/desk.js";
import { solve } from "../matters/puzzle.js";

const $ = (id) => document.getElementById(id);
const form = $("ask"), button = document.querySelector("[form=ask][type=submit]");
const FIELDS = ["kind", "area", "account", "name", "phone", "other_who", "other", "other_address"];
const NEEDED = { kind: gettext("Choose what it is about."), area: gettext("Choose the community."), name: gettext("Say what you are called."),
  phone: gettext("Leave a telephone number: the office has to ask you back.") };
let puzzle = null, sending = false;

function fault(name, text) {
  const line = $(`${name}-err`);
  if (!line) return false;
  line.textContent = text;
  line.hidden = !text;
  if (text) $(name).setAttribute("aria-invalid", "true"); else $(name).removeAttribute("aria-invalid");
  return true;
}
function complete() {
  for (const name of FIELDS) fault(name, "");
  const missing = Object.keys(NEEDED).filter((name) => !$(name).value.trim());
  for (const name of missing) fault(name, NEEDED[name]);
  if (missing.length) $(missing[0]).focus();
  return !missing.length;
}
async function submit() {
  if (sending || !complete()) return;
  sending = true;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    puzzle ??= await send("/r/puzzle/", {});
    const counter = await solve(puzzle.token, puzzle.bits);
    const said = Object.fromEntries(FIELDS.map((name) => [name, $(name).value.trim()]));
    const { code } = await send("/r/mediation/send/", { ...said, id: puzzle.id, token: puzzle.token, counter });
    for (const el of [form, $("acts")]) el.hidden = true;
    $("code").textContent = code.replace(/^(.{4})/, "$1 ");
    $("code-in").value = code;
    $("done").hidden = false;
    $("done").focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.code.startsWith("puzzle")) puzzle = null;
    if (fault(problem.field, problem.message)) $(problem.field).focus(); else complain(problem, submit);
  } finally { sending = false; button.disabled = false; button.removeAttribute("aria-busy"); }
}
form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
document.documentElement.dataset.ask = "ready";
