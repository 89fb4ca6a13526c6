// A roster: better ones are shown as they come, until the search is over or stopped.
import { ask, complain, fill, getText, send } from "../desk/desk.js";
import { released, renew } from "../desk/renew.js";

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
