// Taking a call and amending one: the form's own keys, its parts put together, and its saving.
import { anywhere, commandBar } from "../desk/command.js";
import { Problem, ask, complain, cookie, fill, newId, now, send, span, timeOf, toast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { Drafts } from "./intake_draft.js";
import { NearBy } from "./intake_near.js";
import { Premises } from "./intake_premises.js";
import { PlacePicker } from "./intake_place.js";
import { Questions } from "./intake_questions.js";
import { TypePicker } from "./intake_types.js";

const $ = (id) => document.getElementById(id);
const form = $("intake"), fields = form.elements, amends = Boolean(form.dataset.call);
const types = JSON.parse($("types").textContent), limits = JSON.parse($("limits").textContent);
const own = { severity: false, services: false }; // what the call-taker has set by hand is not set again by a type

// ---- parts
const drafts = amends ? null : new Drafts(form, $("saved"));
const restored = drafts?.restore();
const near = new NearBy({
  ask: () => place.point && { ...place.point, type: fields.type.value },
  onAttach: (call) => attach(call), leaveOut: form.dataset.call ?? "",
  onCalls: (calls) => place.showCalls(calls.map((c) => ({ id: c.id, severity: c.severity, lon: c.lon, lat: c.lat, label: c.number.slice(-4) }))),
});
const premises = new Premises($("premises"), { leaveOut: form.dataset.call ?? "" });
const place = new PlacePicker(form, { onPlace: (point) => { near.soon(); premises.look(point); } });
const questions = new Questions($("questions"), form, JSON.parse($("all-questions").textContent), JSON.parse($("answers").textContent), {
  onFollow: (found) => follow(found, gettext("As answered")), onType: (code) => type.choose(code) });
const type = new TypePicker($("miller"), types, { onChoose: (chosen) => { follow(chosen); questions.show(chosen); changed(); form.querySelector("[name=severity]:checked")?.focus(); } });

/** Sets what a type usually asks for, or a type with its answers, where nothing was set by hand. */
function follow(chosen, why = gettext("As usual for this type")) {
  if (!own.severity) for (const radio of form.querySelectorAll("[name=severity]")) radio.checked = Number(radio.value) === chosen.severity;
  if (!own.services) for (const box of form.querySelectorAll("[name=services]")) box.checked = chosen.services.includes(box.value);
  $("severity-hint").textContent = own.severity ? "" : why;
  $("services-hint").textContent = own.services ? "" : gettext("Ticked by the plan of this type");
  for (const name of ["type", "severity", "services"]) fault(name, "");
  near.soon();
}
const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));

form.addEventListener("change", (e) => {
  if (!(e.target.name in own)) return;
  fault(e.target.name, "");
  own[e.target.name] = true;
  $(`${e.target.name}-hint`).textContent = "";
});
fields.words.addEventListener("input", () => type.hear(`${fields.words.value} ${fields.place.value}`));

// ---- time since the first key
const timer = $("timer");
if (timer) {
  form.addEventListener("input", () => { fields.received_at.value ||= now().toISOString(); });
  setInterval(() => {
    const since = Date.parse(fields.received_at.value), severity = form.querySelector("[name=severity]:checked")?.value;
    const limit = severity ? limits[severity - 1] : null, spent = since ? (now() - since) / 1000 : 0;
    timer.textContent = span(Math.max(0, spent));
    timer.classList.toggle("over", limit !== null && spent > limit);
    $("timer-limit").textContent = limit ? fill(gettext("of %(time)s"), { time: span(limit) }) : "";
  }, 500);
}

// ---- faults: at the field, and all of them above, linked
const LABEL = () => ({ place: gettext("Place"), detail: gettext("Building, floor"), type: gettext("Type"), severity: gettext("Level"), services: pgettext("call", "Needs"),
  words: gettext("Words"), number: gettext("Number"), name: gettext("Name") });
const target = (name) => name === "type" ? $("type-in") : name === "severity" ? form.querySelector("[name=severity]") : name === "services" ? form.querySelector("[name=services]") : $(name);

function fault(name, message) {
  const line = $(`${name}-err`), field = target(name);
  if (line) { line.textContent = message; line.hidden = !message; }
  if (field) message ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
  if (name === "type") $("miller").classList.toggle("bad", Boolean(message));
  if (!message && !form.querySelector(".err:not([hidden])")) $("summary").hidden = true;
}

function faults(errors) {
  const labels = LABEL();
  for (const name of Object.keys(labels)) fault(name, (errors[name] ?? []).join(" "));
  const rows = Object.entries(errors).flatMap(([name, found]) => found.map((text) => ({ name: labels[name] ? name : "", text })));
  $("summary").hidden = !rows.length;
  $("summary-list").replaceChildren(...rows.map(({ name, text }) => {
    const row = document.createElement("li");
    const link = name ? Object.assign(document.createElement("a"), { href: `#${target(name)?.id ?? ""}`, textContent: `${labels[name]}: ${text}` }) : document.createTextNode(text);
    if (name) link.addEventListener("click", (e) => { e.preventDefault(); target(name)?.focus(); });
    row.append(link);
    return row;
  }));
  if (rows.length) { $("summary").scrollIntoView({ block: "nearest" }); $("summary").focus(); }
}
fields.place.addEventListener("blur", () => { if (fields.place.value.trim() && place.point) fault("place", ""); });

// ---- saving: the same id again is the same call
let saving = false;
async function save(extra = {}) {
  if (saving) return;
  saving = true;
  $("submit").setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(extra)) body.set(name, value);
  try {
    const answer = await post(body);
    if (answer.errors) { faults(answer.errors); return; }
    if (amends) { location.href = answer.url; return; }
    drafts.done();
    fresh(answer.next_id);
    toast(answer.sentence);
  } catch (problem) { complain(problem, () => save(extra)); } finally { saving = false; $("submit").removeAttribute("aria-busy"); }
}

async function post(body) {
  let answer;
  try {
    answer = await fetch(location.pathname, { method: "POST", credentials: "same-origin", body, headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") } });
  } catch { throw new Problem(gettext("No connection. What you typed is kept: try again.")); }
  const found = await answer.json().catch(() => null);
  if (answer.ok || found?.errors) return found;
  throw new Problem(found?.detail ?? fill(gettext("The centre answered %(status)s. What you typed is kept."), { status: answer.status }), { status: answer.status });
}

/** An empty form for the next call. */
function fresh(id) {
  form.reset();
  for (const name of ["place", "detail", "words", "number", "name", "received_at", "target", "receiver"]) fields[name].value = "";
  for (const box of form.querySelectorAll("[type=checkbox], [type=radio]")) box.checked = false;
  fields.id.value = id;
  own.severity = own.services = false;
  $("severity-hint").textContent = $("services-hint").textContent = "";
  type.clear();
  questions.clear();
  place.clear();
  near.clear();
  premises.clear();
  faults({});
  fields.place.focus();
}

/** A new caller is added to the call that is known; a call that is being amended is merged into it. */
async function attach(call) {
  const data = new FormData(form);
  try {
    if (amends) {
      await send(`/api/calls/${form.dataset.call}/merge`, { main: call.id, key: newId() });
      location.href = `/calls/${call.id}/amend/`;
      return;
    }
    const caller = fields.id.value, typed = [...data].filter(([name]) => !KEPT_APART.includes(name)), answers = questions.answers;
    const answer = await send(`/api/calls/${call.id}/callers`, { name: data.get("name"), number: data.get("number"), words: data.get("words"), ticks: data.getAll("ticks"), answers, key: caller });
    await clear();
    toast(fill(gettext("Added to %(number)s as another caller."), { number: answer.number }), { undo: () => detach(call, caller, typed, answers) });
  } catch (problem) { complain(problem, () => attach(call)); }
}

const KEPT_APART = ["csrfmiddlewaretoken", "id", "version", "key", "target", "receiver"];

/** Takes a caller back who was added a moment ago: what was typed stands in the form again. Not while something else stands there: it
 * would have no place, and is kept nowhere else. */
async function detach(call, caller, typed, answers) {
  if (fields.words.value.trim() || fields.place.value.trim()) { toast(gettext("The form holds another call by now. Split the caller off in the call instead."), { bad: true }); return; }
  try {
    await send(`/api/calls/${call.id}/callers/${caller}/detach`, { key: newId() });
    refill(typed, answers);
    toast(gettext("Taken back. What you typed stands in the form again."));
  } catch (problem) { complain(problem, () => detach(call, caller, typed, answers)); }
}

function refill(typed, answers) {
  for (const [name, value] of typed) {
    const field = fields[name];
    if (!field) continue;
    if (field instanceof RadioNodeList || field.type === "checkbox" || field.type === "radio") {
      for (const box of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) if (box.value === value) box.checked = true;
    } else { field.value = value; }
  }
  own.severity = own.services = Boolean(fields.type.value);
  type.choose(fields.type.value, { quiet: true });
  questions.restore(type.chosen, answers);
  place.show();
  place.pin();
  near.refresh();
  premises.look(place.point);
  changed();
}

/** Empties the form and the draft on the server. What could not be deleted there is not gone from here either. */
async function clear() {
  drafts.pause();
  try {
    const { next_id } = await send(form.dataset.clear);
    drafts.done();
    fresh(next_id);
  } catch (problem) { drafts.touched(); throw problem; }
}

async function emptied() { try { await clear(); } catch (problem) { complain(problem, emptied); } }

async function passOn(kind) {
  const title = kind === "matter" ? gettext("Pass to grid matters") : gettext("Pass to mediation");
  const answer = await ask({ title, confirm: title, fields: [{ name: "receiver", label: gettext("Office that takes it over"), rows: 1, hint: gettext("Name the office, not a person.") }] });
  if (answer) await save({ target: kind, receiver: answer.receiver });
}

// ---- keys
form.addEventListener("submit", (e) => { e.preventDefault(); save(); });
$("clear")?.addEventListener("click", async () => {
  if (await ask({ title: gettext("Clear the form"), text: gettext("What you typed is deleted, on the server too."), confirm: gettext("Clear"), bad: true })) emptied();
});
for (const button of form.querySelectorAll("[data-target]")) button.addEventListener("click", () => passOn(button.dataset.target));
form.addEventListener("keydown", (e) => { if (e.key === "Enter" && !e.ctrlKey && e.target.matches("input")) e.preventDefault(); });
document.addEventListener("keydown", (e) => {
  if (e.target.closest?.("dialog") || document.querySelector("dialog[open]")) return; // a key that closes a dialog means no more than that
  if (e.key === "Enter" && e.ctrlKey) { e.preventDefault(); save(); return; }
  if (!e.altKey || e.ctrlKey) return;
  const does = { KeyM: () => near.attachFirst(), KeyN: () => near.dismissFirst(), KeyG: () => form.querySelector("[data-target=matter]")?.click(), KeyT: () => form.querySelector("[data-target=mediation]")?.click(), KeyQ: () => questions.next() }[e.code];
  if (does) { e.preventDefault(); does(); }
});

// ---- the command bar and the live line
const bar = $("cmd");
if (bar) commandBar(bar, { context: () => (amends ? { call: form.dataset.call } : {}), onDone: (answer) => { if (!answer.url || answer.url !== location.pathname) anywhere(answer); } });
live({ from: Number(form.dataset.seq), key: document.body.dataset.who ?? "", onEvent: (e) => { if (e.subject_kind === "call") near.soon(); },
  onState: (state) => showState($("live"), $("line-bar"), state, timeOf) });

// ---- first picture
if (restored) { type.show(); type.mark(); drafts.touched(); }
place.show();
place.openMap($("map"));
questions.show(type.chosen);
if (fields.severity?.value || fields.type.value) { own.severity = own.services = Boolean(fields.type.value); }
near.refresh();
premises.look(place.point);
if (fields.words.value) type.hear(fields.words.value);
