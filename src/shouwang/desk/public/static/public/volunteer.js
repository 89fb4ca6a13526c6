// Registering as a volunteer, or an association: with the proof of work of a resident's report. The code is shown once.
import { Problem, complain, send } from "../desk/desk.js";
import { solve } from "../matters/puzzle.js";

const $ = (id) => document.getElementById(id);
const form = $("join"), button = document.querySelector("[form=join][type=submit]");
const FIELDS = ["title", "name", "how", "area", "trade", "association", "group", "consent"];
let puzzle = null, sending = false;

function fault(name, text) {
  const line = $(`${name}-err`);
  if (!line) return false;
  line.textContent = text;
  line.hidden = !text;
  if (text) $(name).setAttribute("aria-invalid", "true"); else $(name).removeAttribute("aria-invalid");
  return true;
}
const said = () => Object.fromEntries(FIELDS.filter((name) => $(name)).map((name) => [name, name === "consent" ? ($(name).checked ? $(name).value : "") : $(name).value.trim()]));

async function submit() {
  if (sending) return;
  sending = true;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  for (const name of FIELDS) fault(name, "");
  try {
    puzzle ??= await send("/r/puzzle/", {});
    const counter = await solve(puzzle.token, puzzle.bits);
    const body = said();
    if (form.dataset.what === "association" && !body.title) { fault("title", gettext("Give the name of the association, up to 80 characters.")); $("title").focus(); return; }
    const { code } = await send("/r/volunteer/send/", { ...body, association: body.association || null, id: puzzle.id, token: puzzle.token, counter });
    for (const el of [form, $("acts")]) el.hidden = true;
    $("code").textContent = code.replace(/^(.{4})/, "$1 ");
    $("done").hidden = false;
    $("done").focus();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.code.startsWith("puzzle")) puzzle = null;
    if (fault(problem.field, problem.message)) $(problem.field).focus(); else complain(problem, submit);
  } finally { sending = false; button.disabled = false; button.removeAttribute("aria-busy"); }
}
form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
$("association")?.addEventListener("change", (e) => { const trade = e.target.selectedOptions[0]?.dataset.trade; if (trade) $("trade").value = trade; });
document.documentElement.dataset.join = "ready";
