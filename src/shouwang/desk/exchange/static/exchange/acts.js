// What the desk does with neighbouring centres, over the API: in the pane of a call and in their own list.
import { ask, complain, fill, getJson, html, newId, send, toast } from "../desk/desk.js";

const LINES = 3; // of what is asked for or offered, in one dialog
const WORDS = { n_refuse: () => gettext("Why not"), n_withdraw: () => gettext("Reason") };

/** Sends an order with a key, or with the id of what it makes, so that trying again does it once. Resolves with the answer, or null. */
async function order(url, body, done) {
  const keyed = body.id ? body : { key: newId(), ...body };
  const go = async () => {
    try {
      const answer = await send(url, keyed);
      toast(done);
      return answer;
    } catch (problem) { complain(problem, go); return null; }
  };
  return go();
}

let known = null;
async function offers() {
  try { return (known ??= await getJson("/exchange/ask.json")); } catch (problem) { complain(problem); return null; }
}

/** The dialog of what is asked for or offered. `start`: [[capability, count], …]. Resolves with {neighbour, needs, within_min, text}, or null. */
function needsDialog({ title, confirm, capabilities, neighbours = null, start = [], minutes, textHint }) {
  return new Promise((done) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    dialog.setAttribute("aria-labelledby", "help-title");
    const options = (chosen) => html`<option value="">—</option>${Object.entries(capabilities).map(([code, label]) => html`<option value="${code}" ${code === chosen ? "selected" : ""}>${label}</option>`)}`;
    const line = (_, i) => html`<div class="help-line"><select class="in" name="what" aria-label="${fill(gettext("What, line %(n)s"), { n: i + 1 })}" ${i ? "" : "required"}>${options(start[i]?.[0])}</select><input class="in num" name="count" type="number" min="1" max="99" value="${start[i]?.[1] ?? 1}" aria-label="${fill(gettext("How many, line %(n)s"), { n: i + 1 })}"></div>`;
    dialog.innerHTML = html`<form method="dialog" class="ask help-ask"><h2 id="help-title">${title}</h2>
      ${neighbours && html`<div class="f"><label for="help-who">${gettext("Neighbouring centre")}</label><select class="in" id="help-who" name="neighbour" required autofocus>${neighbours.map((n) => html`<option value="${n.id}">${n.name}</option>`)}</select><span class="hint" id="help-told"></span></div>`}
      <fieldset class="set"><legend class="lab">${gettext("What, and how many")}</legend>${Array.from({ length: LINES }, line)}</fieldset>
      <div class="f"><label for="help-min">${minutes}</label><input class="in num" id="help-min" name="within_min" type="number" min="0" max="1440"></div>
      <div class="f"><label for="help-text">${gettext("What else")}${gettext(" (optional)")}</label><textarea class="in" id="help-text" name="text" rows="2" maxlength="1000"></textarea><span class="hint">${textHint}</span></div>
      <div class="flex ask-go"><button class="btn" type="button">${gettext("Cancel")}</button><button class="btn btn-1" type="submit">${confirm}</button></div></form>`;
    const form = dialog.firstElementChild, who = form.querySelector("#help-who");
    const told = () => { form.querySelector("#help-told").textContent = fill(gettext("It is sent: %(what)s."), { what: neighbours.find((n) => n.id === who.value).told.join(gettext(", ")) }); };
    if (who) { told(); who.addEventListener("change", told); }
    let values = null;
    form.querySelector("button[type=button]").addEventListener("click", () => dialog.close());
    form.addEventListener("submit", () => {
      const data = new FormData(form), counts = data.getAll("count");
      const needs = data.getAll("what").map((capability, i) => ({ capability, count: Number(counts[i]) || 1 })).filter((n) => n.capability);
      const within = data.get("within_min");
      values = { neighbour: data.get("neighbour"), needs, within_min: within === "" ? null : Number(within), text: data.get("text").trim() };
    });
    form.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) form.requestSubmit(); });
    dialog.addEventListener("close", () => { dialog.remove(); done(values); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

async function askFor(call) {
  const found = await offers();
  const said = found && await needsDialog({ title: gettext("Ask a neighbouring centre for help"), confirm: gettext("Send the request"), ...found, minutes: gettext("Needed within, minutes (optional)"), textHint: gettext("It reads this. Nothing about persons that it does not need.") });
  if (!said) return null;
  const name = found.neighbours.find((n) => n.id === said.neighbour).name;
  return order(`/api/calls/${call}/help`, { id: newId(), neighbour: said.neighbour, asked: said.needs, within_min: said.within_min || null, text: said.text }, fill(gettext("%(name)s is asked"), { name }));
}

async function offer(id, name, row) {
  const found = await offers();
  const said = found && await needsDialog({ title: fill(gettext("What comes to help %(name)s"), { name }), confirm: gettext("Offer"), capabilities: found.capabilities, start: JSON.parse(row.dataset.asked), minutes: gettext("There within, minutes (optional)"), textHint: gettext("It reads this.") });
  return said && order(`/api/help/${id}/move`, { transition: "n_offer", offered: said.needs, within_min: said.within_min, text: said.text }, fill(gettext("Help is offered to %(name)s"), { name }));
}

/** Does what a button with data-help says. Resolves with the answer where something changed. */
export async function helpAct(button, call = "") {
  const what = button.dataset.help, row = button.closest("[data-request]"), { request: id, name } = row?.dataset ?? {};
  if (what === "ask") return askFor(call);
  if (what === "take") return order(`/api/help/${id}/take`, {}, fill(gettext("Taken: the request of %(name)s is a call here now"), { name }));
  if (what === "again") return order(`/api/help/${id}/send-again`, {}, gettext("It is sent again"));
  if (what === "n_offer") return offer(id, name, row);
  const done = `${name}: ${button.textContent}`;
  if (!WORDS[what]) return order(`/api/help/${id}/move`, { transition: what }, done);
  const said = await ask({ title: done, confirm: button.textContent, bad: true, fields: [{ name: "text", label: WORDS[what]() }] });
  return said && order(`/api/help/${id}/move`, { transition: what, ...said }, done);
}
