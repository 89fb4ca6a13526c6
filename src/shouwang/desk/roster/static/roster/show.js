// A roster: better ones are shown as they come, until the search is over or stopped.
import { ask, complain, fill, getText, send } from "../desk/desk.js";
import { released, renew } from "../desk/renew.js";
import { fault, submit } from "./faults.js";

const head = document.getElementById("roster"), url = `/api/rosters/${head.dataset.id}`, page = `/rosters/${head.dataset.id}`;
const run = () => document.getElementById("run");

async function look() {
  try {
    const text = await getText(`${page}/state/`);
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("run");
    await released();
    const old = run().dataset.version, focused = run().contains(document.activeElement);
    if (!("going" in fresh.dataset)) { location.reload(); return; }
    run().replaceWith(fresh);
    if (focused) fresh.querySelector("button")?.focus();
    if (fresh.dataset.version !== old) {
      const made = await getText(`${page}/made/`);
      await released();
      renew(document.getElementById("made"), made);
    }
  } catch (problem) { if (problem.status === 404) { location.assign("/rosters/"); return; } }
  setTimeout(look, 1000);
}
if ("going" in run().dataset) setTimeout(look, 500);

const does = {
  again: () => send(`${url}/again`, {}),
  gaps: () => send(`${url}/again`, { gaps: true }),
  keep: () => send(`${url}/again`, { keep: true }),
  stop: async (button) => { button.disabled = true; await send(`${url}/stop`); return "stay"; },
  async publish({ dataset }) {
    const sure = await ask({ title: fill(gettext("Publish “%(title)s”?"), { title: head.dataset.title }), text: gettext("Each member then sees their turns."), confirm: gettext("Publish") });
    return sure ? send(`${url}/publish`, { version: Number(dataset.version) }) : "stay";
  },
  async withdraw() {
    const said = await ask({ title: fill(gettext("Withdraw “%(title)s”?"), { title: head.dataset.title }), text: gettext("Its turns go from members' pages and calendars."), confirm: gettext("Withdraw"), bad: true, fields: [{ name: "reason", label: gettext("Reason") }] });
    return said ? send(`${url}/withdraw`, said) : "stay";
  },
  async delete() {
    const sure = await ask({ title: fill(gettext("Delete “%(title)s”?"), { title: head.dataset.title }), text: gettext("The roster cannot be brought back."), confirm: gettext("Delete"), bad: true });
    if (!sure) return "stay";
    await send(url, {}, "DELETE");
    location.assign("/rosters/");
    return "stay";
  },
};

document.body.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-do], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) { print(); return; }
  try { if (await does[button.dataset.do](button) !== "stay") location.reload(); }
  catch (problem) { button.disabled = false; complain(problem); }
});

// ---- changes by hand: a click on a day fills in the form
const form = document.getElementById("edit");
form?.addEventListener("submit", (e) => {
  e.preventDefault();
  const bad = [...form.elements].find((el) => !el.validity.valid), { user, day, shift } = form.elements;
  if (bad) { fault(form, bad.name, bad.validationMessage); return; }
  submit(form, async () => {
    await send(`${url}/edit`, { version: Number(form.dataset.version), user: user.value, day: day.value, shift: shift.value });
    location.reload();
  });
});
document.getElementById("made").addEventListener("click", (e) => {
  const cell = e.target.closest("#grid tr[data-user] td:not(.sum)");
  if (!form || !cell) return;
  const at = new Date(`${form.elements.day.min}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + cell.cellIndex - 1);
  form.elements.user.value = cell.parentElement.dataset.user;
  form.elements.day.value = at.toISOString().slice(0, 10);
  form.elements.shift.value = [...form.elements.shift.options].find((o) => o.value && o.value === cell.title)?.value ?? "";
  form.elements.shift.focus();
});

// ---- somebody cannot come: a change of the published roster, as a draft
const replan = document.getElementById("replan");
replan?.elements.first.addEventListener("change", () => { const { first, last } = replan.elements; if (last.value < first.value) last.value = first.value; });
replan?.addEventListener("submit", (e) => {
  e.preventDefault();
  const bad = [...replan.elements].find((el) => el.validity && !el.validity.valid), { user, first, last } = replan.elements;
  if (bad) { fault(replan, bad.name, bad.validationMessage); return; }
  submit(replan, async () => {
    const made = await send(`${url}/replan`, { id: replan.dataset.id, user: user.value, first: first.value, last: last.value });
    location.assign(`/rosters/${made.id}/`);
  });
});
