// One matter: its steps as dialogs, its parts, its place on the map.
import { Problem, ask, complain, fill, getText, html, newId, now, send, timeOf, toast } from "../desk/desk.js";
import { dialog } from "../desk/dialog.js";
import { live, showState } from "../desk/live.js";
import { streetMap } from "../desk/map.js";
import { released, renew } from "../desk/renew.js";
import { Photos } from "./photos.js";

const $ = (id) => document.getElementById(id);
const start = JSON.parse($("start").textContent), box = $("now");
const given = () => JSON.parse($("given").textContent);

let waiting = null;
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 80); };
async function reload() {
  try {
    const text = await getText(box.dataset.url);
    await released();
    renew(box, text);
  } catch (problem) { complain(problem, reload); }
}

/** A clock of the district for a field, and a moment from one. */
const wall = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: document.body.dataset.zone || undefined, dateStyle: "short", timeStyle: "short" }).format(at).replace(" ", "T");

/** With a key, or with the id of what it makes, so that trying again does it once. */
async function order(path, body, done) {
  try {
    const told = await send(path, body.id ? body : { key: newId(), ...body });
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
const WHY = () => ({ name: "reason", label: gettext("Why") });
const END = (label, required, value = "") => ({ name: "due_at", label, required, value, when: true });
const PHOTOS = () => ({ name: "photos", label: gettext("Photo afterwards"), control: (id) => html`<input id="${id}" type="file" accept="image/*" multiple><ul class="shots"></ul>` });
function shots(form, err) {
  const input = form.querySelector("[type=file]");
  if (!input) return null;
  const taken = new Photos(input, form.querySelector(".shots"), { onFault: (t) => { err.textContent = t; err.hidden = !t; } });
  return { missing: () => !taken.data.length, values: () => ({ photos: taken.data }) };
}
const STEPS = {
  m_accept: (g) => [{ name: "type", label: gettext("Kind"), options: g.kinds, value: g.type }],
  m_void: () => [WHY()], m_return: () => [WHY()], m_redo: () => [WHY()],
  m_assign: (g) => [{ name: "handler", label: gettext("Office that handles it"), options: g.offices }, END(gettext("Until (empty: by its kind)"), false)],
  m_extend: () => [WHY(), END(gettext("New end"), true, wall(new Date(now().getTime() + 3 * 86400_000)))],
  m_suspend: () => [WHY(), END(gettext("Look at it again on"), true, wall(new Date(now().getTime() + 30 * 86400_000)))],
  m_answer: (g) => g.referral ? [{ name: "reference", label: gettext("Agency's number"), line: 40 }]
    : [{ name: "result", label: gettext("What was done") }, PHOTOS()],
  m_close: (g) => [{ name: "check", label: gettext("How it was checked"), options: g.checks }],
};

async function step(id, label) {
  const g = given(), fields = (STEPS[id] ?? (() => []))(g);
  const body = fields.length || id === "m_void" ? await dialog(`${label} ${g.number}`, fields, label, { bad: id === "m_void", ready: shots }) : {};
  if (!body) return;
  order(`/api/matters/${g.id}/move`, { transition: id, version: g.version, ...body }, fill(gettext("%(number)s: %(step)s"), { number: g.number, step: label }));
}

const ACTS = {
  move: (b) => step(b.dataset.move, b.dataset.label),
  async rate() {
    const g = given(), said = await ask({ title: gettext("How was it settled?"), confirm: gettext("Rate"),
      fields: [{ name: "rating", label: gettext("From 1 (badly) to 5 (well)"), options: [5, 4, 3, 2, 1].map((n) => [n, n]) }] });
    if (said) order(`/api/matters/${g.id}/move`, { transition: "m_rate", rating: Number(said.rating), version: g.version }, gettext("Rated"));
  },
  async repeat(b) {
    const g = given(), said = await ask({ title: fill(gettext("%(one)s repeats %(other)s"), { one: g.number, other: b.dataset.number }), confirm: gettext("It repeats this"),
      text: gettext("It is closed as a repeat; whoever reported it follows the other one."), fields: [{ ...WHY(), value: gettext("The same thing") }] });
    if (said) order(`/api/matters/${g.id}/move`, { transition: "m_void", main: b.dataset.main, version: g.version, ...said }, fill(gettext("%(number)s is closed as a repeat"), { number: g.number }));
  },
  async escalate() {
    const g = given(), said = await ask({ title: fill(gettext("Hand %(number)s up"), { number: g.number }), text: gettext("The centre above dispatches it from then on."), fields: [WHY()], confirm: gettext("Hand up") });
    if (said) order(`/api/matters/${g.id}/escalate`, { version: g.version, ...said }, fill(gettext("%(number)s handed up"), { number: g.number }));
  },
  async joint() {
    const g = given(), said = await dialog(gettext("Part for another body"), [{ name: "joint", label: gettext("What is done jointly"), options: g.joint, value: "remedy" },
      { name: "agency", label: gettext("Office that handles it"), options: g.offices.filter(([c]) => c !== g.handler) }, END(gettext("Until (empty: with the matter)"), false)], gettext("Give it"));
    if (said) order(`/api/matters/${g.id}/joint`, { id: newId(), ...said }, gettext("Part given"));
  },
  async split(b) {
    const g = given(), numbers = b.dataset.more === "0" ? [1, 2] : [1];
    const said = await dialog(`${b.textContent.trim()} ${g.number}`, numbers.flatMap((n) => [
      { name: `words${n}`, label: fill(gettext("Part %(n)s: what has to be done"), { n: n + Number(b.dataset.more) }) },
      { name: `handler${n}`, label: gettext("Office that handles it"), options: g.offices }, { ...END(gettext("Until (empty: by its kind)"), false), name: `due${n}` }]), b.textContent.trim());
    if (!said) return;
    const pieces = numbers.map((n) => ({ id: newId(), words: said[`words${n}`], handler: said[`handler${n}`], due_at: said[`due${n}`] || null }));
    order(`/api/matters/${g.id}/split`, { pieces, version: g.version }, fill(gettext("%(number)s is split"), { number: g.number }));
  },
  async part(b) {
    const needs = b.dataset.needs, label = b.textContent.trim();
    const said = needs ? await dialog(label, [needs === "result" ? { name: "result", label: gettext("What was done") } : WHY()], label) : {};
    if (said) order(`/api/matters/joint/${b.closest("li").dataset.task}/move`, { transition: b.dataset.move, ...said }, label);
  },
  async remark() {
    const said = await ask({ title: gettext("Remark"), fields: [{ name: "text", label: gettext("What you have to say") }], confirm: gettext("Add") });
    if (said) order(`/api/matters/${given().id}/remarks`, said, gettext("Added"));
  },
  async reveal() {
    const said = await ask({ title: gettext("Show how the reporter can be told"), text: gettext("The reason is written into the log."), fields: [WHY()], confirm: gettext("Show") });
    if (!said) return;
    try {
      const told = await send(`/api/matters/${given().id}/reveal`, { key: newId(), ...said });
      $("contact").textContent = told.contact || "—";
      $("contact").lang = "";
    } catch (problem) { complain(problem); }
  },
};
if (document.body.dataset.kept) { // by the phone, from when there was a network
  const at = timeOf(document.body.dataset.kept).slice(0, 5); // gone with the first answer of the centre
  box.prepend(Object.assign(document.createElement("p"), { className: "note warn mx", id: "kept", role: "status", textContent: fill(gettext("No network. Page of %(at)s."), { at }) }));
}
box.addEventListener("click", (e) => { const b = e.target.closest("[data-act]"); if (b) ACTS[b.dataset.act](b); });

live({ from: start.seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState($("live"), $("line-bar"), s, timeOf),
  onEvent: ({ subject_kind, subject }) => { if (subject_kind === "matter" && subject === box.dataset.matter) soon(); } });
setInterval(() => { if (!document.hidden && !document.querySelector("dialog[open]")) soon(); }, 60_000);

const here = given();
streetMap($("map"), { showLegend: false, center: [here.lon, here.lat], zoom: 16, bounds: [here.lon - 0.004, here.lat - 0.003, here.lon + 0.004, here.lat + 0.003] })
  .then((map) => { map.setPin({ lon: here.lon, lat: here.lat }); document.documentElement.dataset.matter = "ready"; })
  .catch((problem) => complain(problem));
