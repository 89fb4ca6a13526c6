// What the desk does with linked agencies, over the API: in the pane of a call and in their own list.
import { ask, complain, fill, getJson, html, newId, send, toast } from "../desk/desk.js";

const WORDS = { l_refuse: () => gettext("Why not"), l_withdraw: () => gettext("Reason"), l_done: () => gettext("What came of it") };

/** Sends an order with a key, so that trying again does it once. Resolves with the answer, or null. */
async function order(url, body, done, undo = null) {
  const keyed = { key: newId(), ...body };
  const go = async () => {
    try {
      const answer = await send(url, keyed);
      if (done) toast(done, { undo: undo && (() => undo(answer)) });
      return answer;
    } catch (problem) { complain(problem, go); return null; }
  };
  return go();
}
const move = (task, transition, more = {}, done = "", undo = null) => order(`/api/linked/${task}/move`, { transition, ...more }, done, undo);

function tell(call, code, name, text = "") {
  return order(`/api/calls/${call}/linked`, { agencies: [code], text }, fill(gettext("%(agency)s is asked"), { agency: name }),
    (tasks) => move(tasks[0].id, "l_withdraw", { text: gettext("Asked by mistake") }, gettext("Taken back")));
}

async function other(call, agencies) {
  const said = await ask({ title: gettext("Ask a linked agency"), confirm: gettext("Notify"), fields: [{ name: "code", label: gettext("Agency"), options: Object.entries(agencies) },
    { name: "text", label: gettext("What is asked"), hint: gettext("It reads this. Nothing about persons that it does not need."), required: false }] });
  return said && tell(call, said.code, agencies[said.code], said.text.trim());
}

/** The link, to be handed to the agency. */
async function link(task, name) {
  let found;
  try { found = await getJson(`/api/linked/${task}/link`); } catch (problem) { complain(problem); return null; }
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog ask" });
  dialog.setAttribute("aria-labelledby", "link-title");
  const show = ({ path, until }) => {
    const url = new URL(path, location.href).href;
    dialog.innerHTML = html`<h2 id="link-title">${fill(gettext("Link for %(agency)s"), { agency: name })}</h2><p>${gettext("Whoever has it answers for the agency. It shows the place and kind of the call, and what is asked: nothing of the caller.")}</p>
      <textarea class="in" rows="3" readonly aria-label="${gettext("Link")}">${url}</textarea><p class="sm dim">${fill(gettext("Good until %(time)s"), { time: new Date(until).toLocaleString(document.documentElement.lang, { timeZone: document.body.dataset.zone || undefined }) })}</p>
      <div class="flex ask-go"><button class="btn" type="button" data-new>${gettext("New link")}</button><button class="btn" type="button" data-leave>${gettext("Leave")}</button><button class="btn btn-1" type="button" data-copy autofocus>${gettext("Copy")}</button></div>`;
  };
  show(found);
  dialog.addEventListener("click", async (e) => {
    const to = e.target.closest("button")?.dataset;
    if (!to) return;
    if ("leave" in to) dialog.close();
    if ("copy" in to) {
      dialog.querySelector("textarea").select();
      try { await navigator.clipboard.writeText(dialog.querySelector("textarea").value); toast(gettext("Copied")); dialog.close(); } catch { toast(gettext("Copy it by hand: Ctrl C"), { bad: true }); }
    }
    if ("new" in to) { const made = await order(`/api/linked/${task}/link`, {}, gettext("The link before opens nothing any more")); if (made) show(made); }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return null;
}

async function escalate(task, name) {
  const said = await ask({ title: fill(gettext("Pass %(agency)s up to the duty commander"), { agency: name }), confirm: gettext("Pass up"), fields: [{ name: "reason", label: gettext("Reason") }] });
  return said && order(`/api/linked/${task}/escalate`, said, gettext("Passed up"));
}

async function again(task, name, { agency, agencies }) {
  const options = Object.entries(agencies).sort((a, b) => Number(b[0] === agency) - Number(a[0] === agency));
  const said = await ask({ title: fill(gettext("%(agency)s returned it: ask again or another"), { agency: name }), confirm: gettext("Notify"), fields: [{ name: "agency", label: gettext("Agency"), options }] });
  return said && move(task, "l_resend", said, gettext("Asked again; the link before opens nothing any more"));
}

/** Does what a button with data-linked says. Resolves with the answer where something changed. */
export async function linkedAct(button, { call, agencies }) {
  const what = button.dataset.linked, row = button.closest("[data-agency]"), { task, name, agency } = row?.dataset ?? {};
  if (what === "other") return other(call, agencies);
  if (what === "send") return tell(call, agency, name);
  if (what === "link") return link(task, name);
  if (what === "escalate") return escalate(task, name);
  if (what === "l_resend") return again(task, name, { agency, agencies });
  const done = `${name}: ${button.textContent}`;
  if (!WORDS[what]) return move(task, what, {}, done);
  const said = await ask({ title: done, confirm: button.textContent, bad: what === "l_withdraw", fields: [{ name: "text", label: WORDS[what]() }] });
  return said && move(task, what, said, done);
}
