// One case: its steps as dialogs, and what lies sealed, opened for a reason. What was opened stays in this page alone, until it is closed.
import { Problem, complain, cookie, fill, getText, html, newId, now, send, timeOf, toast } from "../desk/desk.js";
import { dialog } from "../desk/dialog.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent), box = $("now"), sealed = $("sealed"), closed = sealed.innerHTML;
const given = () => JSON.parse($("given").textContent);
const path = (what) => `/api/mediations/${given().id}/${what}`;

let waiting = null, opened = null, reason = "";
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 80); };
async function reload() {
  try {
    const text = await getText(location.pathname);
    await released();
    renew(box, text);
  } catch (problem) { complain(problem, reload); }
}

/** A day or moment on the district's clock, for a field. */
const wall = (at, timeStyle = "short") => new Intl.DateTimeFormat("sv-SE", { timeZone: document.body.dataset.zone || undefined, dateStyle: "short", timeStyle }).format(at).replace(" ", "T");
const ahead = (days) => wall(new Date(now().getTime() + days * 86400_000), undefined).slice(0, 10);

async function order(what, body, done) {
  try {
    const told = await send(path(what), { key: newId(), ...body });
    toast(done);
    await reload();
    return told;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    complain(problem);
    if (problem.status === 409) reload();
    return null;
  }
}

// ---- steps: what each asks for. The life cycle decides what it needs; the centre checks it again.
const WHY = () => ({ name: "reason", label: gettext("Why"), most: 500 });
const VISIT = (g) => [{ name: "how", label: gettext("How it was seen"), options: g.how }, { name: "performed", label: gettext("Is it performed?"), options: g.performed },
  { name: "note", label: gettext("What was said (sealed)"), required: false, most: g.most }, { name: "next_on", label: gettext("Next visit on"), day: true, required: false }];
const STEPS = {
  d_judge: (g) => [{ name: "kind", label: gettext("Kind of dispute"), options: g.kinds, value: g.kind }, { name: "people", label: gettext("How many people it concerns"), number: true, value: g.people, required: false },
    { name: "amount", label: gettext("Money in dispute"), number: true, value: g.amount, required: false }, { name: "level", label: gettext("Who settles it"), options: [["", gettext("As kind and size say")], ...g.levels], value: "", required: false },
    { name: "reason", label: gettext("Why lower than kind and size say"), line: 500, required: false }],
  d_route: (g) => [{ name: "body", label: gettext("Body that mediates"), options: g.bodies }],
  d_consent: () => [{ name: "both_consents", label: gettext("Both sides have agreed to mediate"), check: true }],
  d_pause: () => [WHY()], d_withdraw: () => [{ ...WHY(), required: false }],
  d_fail: () => [{ name: "ways_explained", label: gettext("Arbitration and court were explained to both sides"), check: true }],
  d_refer: (g) => [{ name: "target", label: gettext("Where it goes"), options: g.targets }, { ...WHY(), required: false }],
  d_confirm: () => [{ name: "reference", label: gettext("The court's number"), line: 40 }],
  d_agree: () => [{ name: "signed", label: gettext("Both sides have signed the agreement"), check: true }],
  d_visit: VISIT,
};
async function step(id, label) {
  const g = given(), fields = (STEPS[id] ?? (() => []))(g);
  const body = fields.length ? await dialog(`${label} ${g.number}`, fields, label, { bad: ["d_fail", "d_withdraw"].includes(id) }) : {};
  if (body) order("move", { transition: id, version: g.version, ...body, signed: undefined /* asked of the person alone */ }, fill(gettext("%(number)s: %(step)s"), { number: g.number, step: label }));
}

// ---- what lies sealed
const askWhy = (title, confirm) => dialog(title, [{ name: "reason", label: gettext("Why"), control: (id) => html`<input class="in" id="${id}" name="reason" list="reasons" maxlength="500" autocomplete="off" autofocus><datalist id="reasons">${given().why.map((w) => html`<option value="${w}"></option>`)}</datalist>` }], confirm,
  { text: gettext("The reason is written into the log."), ready: (form) => ({ missing: () => !form.elements.reason.value.trim(), values: () => ({}) }) });
async function open(why) {
  try {
    opened = await send(path("open"), { key: newId(), reason: why });
    reason = why;
    draw();
    soon();
    return true;
  } catch (problem) { complain(problem); return false; }
}
function draw() {
  const g = given(), named = (table, code) => (table.find(([c]) => c === code) ?? [code, code])[1], may = box.querySelector("[data-act=party]");
  const TITLES = { account: gettext("What it is about"), minutes: gettext("Minutes of a session"), visit: gettext("Visit"), result: gettext("Words with a step"), remark: gettext("Remark") };
  sealed.innerHTML = html`<div class="md-open" lang=""><section><h3>${gettext("Who quarrels")}</h3>${opened.parties.length ? opened.parties.map((p) => html`<div class="who" data-who="${p.id}"><span><b>${p.name}</b> <span class="dim">${named(g.sides, p.side)}, ${named(g.who, p.kind)}</span></span>${may ? html`<button type="button" class="btn btn-s" data-act="drop" data-who="${p.id}">${gettext("Strike out")}</button>` : html`<span></span>`}<span class="num">${p.phone}</span><span>${p.address}</span></div>`) : html`<p class="dim3">${gettext("Nobody is written down yet.")}</p>`}</section>
    ${opened.words.map((w) => html`<section><h3>${TITLES[w.kind] ?? w.kind} <span class="num dim3">${wall(new Date(w.at)).replace("T", " ")}</span></h3><p>${w.text}</p></section>`)}
    ${opened.terms && html`<section><h3>${gettext("What is agreed")}</h3><p>${opened.terms}</p></section>`}</div>`;
  $("shut").hidden = false;
}
function shut() {
  opened = null;
  sealed.innerHTML = closed;
  $("shut").hidden = true;
}
/** What is open is read anew after a change, for the reason it was opened for: that, too, is written down. */
async function again() { if (opened) await open(reason); }

const ACTS = {
  move: (b) => step(b.dataset.move, b.dataset.label),
  async open() {
    const said = await askWhy(gettext("Open what lies sealed"), gettext("Open"));
    if (said) open(said.reason);
  },
  async paper(b) {
    const said = await askWhy(gettext("The agreement as a document"), gettext("Make it"));
    if (!said) return;
    const form = Object.assign(document.createElement("form"), { method: "post", action: `/mediation/${given().id}/agreement/`, hidden: true });
    for (const [name, value] of Object.entries({ csrfmiddlewaretoken: cookie("csrftoken"), key: newId(), as: b.dataset.as, ...said })) form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
    form.remove();
  },
  async declare() {
    const g = given(), said = await dialog(gettext("My declaration"), [{ name: "interest", label: gettext("Have you an interest of your own in this case?"), options: [["no", gettext("No: I am kin, friend, employer or creditor to neither side")], ["yes", gettext("Yes: somebody else has to take it")]] }], gettext("Declare"));
    if (!said) return;
    const interest = said.interest === "yes";
    const told = await order("declare", { interest, version: g.version }, interest ? gettext("Declared: somebody else takes it") : gettext("The case is yours"));
    if (told && interest) location.reload();
  },
  async party() {
    const g = given(), said = await dialog(gettext("Add who quarrels"), [{ name: "side", label: gettext("Side"), options: g.sides }, { name: "kind", label: gettext("Person or organisation"), options: g.who }, { name: "name", label: gettext("Full name"), line: 60 },
      { name: "phone", label: gettext("Telephone"), line: 30, required: false }, { name: "address", label: gettext("Address"), line: 120, required: false }], gettext("Add and seal"));
    if (said && await order("parties", { id: newId(), ...said }, gettext("Added"))) again();
  },
  async drop(b) {
    const said = await dialog(gettext("Strike out"), [WHY()], gettext("Strike out"), { bad: true });
    if (said && await order(`parties/${b.dataset.who}/drop`, said, gettext("Struck out"))) again();
  },
  async session() {
    const g = given(), said = await dialog(gettext("Session"), [{ name: "held_at", label: gettext("Held at"), when: true, value: wall(new Date(now().getTime() - 60_000)) }, { name: "lasted_min", label: gettext("Minutes it lasted"), number: true, value: 60 },
      { name: "where", label: gettext("Where it was held"), options: g.where }, { name: "all_present", label: gettext("Both sides were there"), check: true, required: false, value: true }, { name: "minutes", label: gettext("Minutes (sealed)"), rows: 6, most: g.most }], gettext("Keep and seal"));
    if (said && await order("sessions", { id: newId(), ...said }, gettext("Session kept"))) again();
  },
  async write() {
    const g = given();
    if (g.agreement && !opened) { toast(gettext("Open what lies sealed first: the text is there."), { bad: true }); return; }
    const said = await dialog(gettext("Agreement"), [{ name: "terms", label: gettext("What is agreed (sealed)"), rows: 8, most: g.most, value: opened?.terms ?? "" }, { name: "perform_by", label: gettext("To be performed by"), day: true, value: g.perform_by || ahead(30) }], gettext("Keep and seal"));
    if (said && await order("agreement", { version: g.agreement, ...said }, gettext("Agreement kept"))) again();
  },
  async visit() {
    const g = given(), said = await dialog(gettext("Visit"), VISIT(g), gettext("Keep"));
    if (said && await order("visits", { version: g.version, ...said }, gettext("Visit kept"))) again();
  },
  async extend() {
    const g = given(), said = await dialog(fill(gettext("%(n)s days more"), { n: g.days }), [WHY()], gettext("More days"), { text: gettext("Once, and only when both sides agree to it.") });
    if (said) order("extend", { version: g.version, ...said }, gettext("More days given"));
  },
  async handOver() {
    const g = given(), said = await dialog(gettext("To another body"), [{ name: "body", label: gettext("Body that mediates"), options: g.bodies.filter(([c]) => c !== g.body) }, WHY()], gettext("Pass on"), { text: gettext("All that is kept goes along; its mediator declares anew.") });
    if (said) order("hand-over", { version: g.version, ...said }, gettext("Passed on"));
  },
  async giveUp() {
    const g = given(), said = await dialog(gettext("Give it back"), [WHY()], gettext("Give it back"), { text: gettext("Another mediator declares and goes on.") });
    if (said && await order("give-up", { version: g.version, ...said }, gettext("Given back"))) shut();
  },
  async remark() {
    const said = await dialog(gettext("Remark"), [{ name: "text", label: gettext("What you have to say (sealed)"), most: given().most }], gettext("Add"));
    if (said && await order("remarks", said, gettext("Added"))) again();
  },
};
for (const part of [box, sealed]) part.addEventListener("click", (e) => { const b = e.target.closest("[data-act]"); if (b) ACTS[b.dataset.act](b); });
$("shut").addEventListener("click", shut);

live({ from: start.seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind, subject }) => { if (subject_kind === "mediation" && subject === box.dataset.mediation) soon(); } });
setInterval(() => { if (!document.hidden && !document.querySelector("dialog[open]")) soon(); }, 60_000);
document.documentElement.dataset.mediation = "ready";
