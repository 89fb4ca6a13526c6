// What the desk does to calls and units, over the API. Each gives its order a key, so that trying again does it once.
import { ask, complain, fill, newId, send, toast } from "../desk/desk.js";

const call = (id, what) => `/api/calls/${id}/${what}`;
const task = (id, what) => `/api/assignments/${id}/${what}`;

/** Sends an order and says what it did. `undo` makes the notice offer to take it back. Resolves with the answer, or null. */
export async function order(url, body, done, undo = null) {
  const keyed = { key: newId(), ...body };
  const go = async () => {
    try {
      const answer = await send(url, keyed);
      if (done) toast(done, { undo: undo && (() => undo(answer, keyed.key)) });
      return answer;
    } catch (problem) { complain(problem, go); return null; }
  };
  return go();
}

/** `stands`: [{unit, lon, lat, before}] where units of a cordon stand. */
export function assign(id, units, names, reason = "", stands = []) {
  return order(call(id, "assign"), { units, reason, stands }, fill(gettext("Sent: %(units)s"), { units: names.join(gettext(", ")) }),
    (answer) => Promise.all(answer.units.filter((u) => units.includes(u.id) && u.state === "assigned").map((u) => order(task(u.assignment, "stand-down"), { undo: true }, gettext("Taken back")))));
}

/** Takes a unit from a less urgent call. `leaves` says which; it is asked for, never done in passing. */
export async function pull(id, unit, name, leaves) {
  const answer = await ask({ title: fill(gettext("Take %(unit)s for this call?"), { unit: name }), text: leaves, confirm: gettext("Take it"), bad: true });
  return answer && order(call(id, "pull"), { unit }, fill(gettext("Sent: %(units)s"), { units: name }));
}

export function move(callId, assignment, transition, unit, label) {
  return order(task(assignment, "move"), { transition }, `${unit}: ${label}`,
    (answer, key) => order(call(callId, "undo-move"), { event: key }, gettext("Taken back")));
}

export const setState = (unit, transition, name, label) => order(`/api/units/${unit}/state`, { transition }, `${name}: ${label}`);
const waiting = (unit, what) => `/api/units/${unit}/stand-by${what}`;
export const standBy = (unit, name, place, at) => order(waiting(unit, ""), place, fill(gettext("%(unit)s is asked to wait at %(place)s"), { unit: name, place: at }), () => endStandBy(unit, name));
export const endStandBy = (unit, name) => order(waiting(unit, "/end"), {}, fill(gettext("%(unit)s stays where it is"), { unit: name }));
export const dismissMove = (unit, name, place) => order(waiting(unit, "/dismiss"), place, fill(gettext("No more advice about %(unit)s for a while"), { unit: name }));
export const clearPanic = (unit, name) => order(`/api/units/${unit}/panic/clear`, {}, fill(gettext("%(unit)s is safe"), { unit: name }));
export const merge = (id, main, number) => order(call(id, "merge"), { main }, fill(gettext("Merged into %(call)s"), { call: number }),
  () => order(call(id, "unmerge"), {}, gettext("Taken back")));

export async function standDown(assignment, unit) {
  const answer = await ask({ title: fill(gettext("Stand %(unit)s down?"), { unit }), confirm: gettext("Stand down"), bad: true,
    fields: [{ name: "reason", label: gettext("Reason"), required: false }] });
  return answer && order(task(assignment, "stand-down"), answer, fill(gettext("%(unit)s stood down"), { unit }));
}

/** Everybody of a call's cordon stands down, once the desk has said so twice. */
export async function endCordon(id, number) {
  const answer = await ask({ title: fill(gettext("End the cordon of %(call)s?"), { call: number }), confirm: gettext("All stand down"), bad: true,
    text: gettext("Every unit that stands in it, or is on its way there, stands down."),
    fields: [{ name: "reason", label: gettext("Reason"), required: false }] });
  return answer && order(call(id, "cordon-over"), answer, gettext("The cordon is over; its units stand down"));
}

const choices = (words) => Object.entries(words);

export async function close(id, number, words) {
  const answer = await ask({ title: fill(gettext("Close %(call)s"), { call: number }), confirm: gettext("Close"),
    fields: [{ name: "disposition", label: gettext("Result"), options: choices(words.results) },
      { name: "note", label: gettext("Note"), required: false }] });
  return answer && order(call(id, "close"), answer, fill(gettext("%(call)s closed"), { call: number }));
}

const withReason = (what, title, confirm, done, bad = false) => async (id, number) => {
  const answer = await ask({ title: fill(title, { call: number }), confirm, bad, fields: [{ name: "reason", label: gettext("Reason") }] });
  return answer && order(call(id, what), answer, fill(done, { call: number }));
};
export const reopen = withReason("reopen", gettext("Open %(call)s again"), gettext("Open again"), gettext("%(call)s is open again"));
export const cancel = withReason("cancel", gettext("Cancel %(call)s?"), gettext("Cancel the call"), gettext("%(call)s cancelled"), true);

export async function severity(id, number, now, words) {
  const answer = await ask({ title: fill(gettext("Level of %(call)s"), { call: number }), confirm: gettext("Change"),
    fields: [{ name: "severity", label: gettext("Level"), options: choices(words.severities).filter(([v]) => Number(v) !== now) },
      { name: "reason", label: gettext("Reason"), required: false }] });
  return answer && order(call(id, "severity"), { ...answer, severity: Number(answer.severity) }, fill(gettext("%(call)s: level changed"), { call: number }));
}

export async function alarm(id, number, { level, levels }, words) {
  const answer = await ask({ title: fill(gettext("Alarm level of %(call)s"), { call: number }), confirm: gettext("Change"),
    fields: [{ name: "level", label: gettext("Alarm level"), options: choices(words.alarms).filter(([v]) => v !== level && levels.split(" ").includes(v)) },
      { name: "reason", label: gettext("Reason"), required: false }] });
  return answer && order(call(id, "alarm"), { ...answer, level: Number(answer.level) }, fill(gettext("%(call)s: alarm level changed"), { call: number }));
}

/** A line of the run card is done, or not after all. */
export const tick = (id, { kind, code }, done) => order(call(id, "card"), { kind, code, done }, "");

export async function transfer(id, number, words) {
  const answer = await ask({ title: fill(gettext("Pass %(call)s on"), { call: number }), confirm: gettext("Pass on"),
    fields: [{ name: "target", label: gettext("To"), options: choices(words.targets) },
      { name: "receiver", label: gettext("Office that takes it over"), rows: 1 }] });
  return answer && order(call(id, "transfer"), answer, fill(gettext("%(call)s passed on"), { call: number }));
}

/** The callers' names and numbers, for a reason that is logged. */
export async function reveal(id) {
  const answer = await ask({ title: gettext("Show the caller's number"), text: gettext("The reason is logged."), confirm: gettext("Show"),
    fields: [{ name: "reason", label: gettext("Reason") }] });
  if (!answer) return;
  const found = await order(call(id, "reveal"), answer, "");
  return found && found.map((c) => [c.name, c.number].filter(Boolean).join(" ") || gettext("No name or number was given")).join(gettext(", "));
}

/** The key-holder of a site, for a reason that is logged. */
export async function keyHolder(site) {
  const answer = await ask({ title: gettext("Show the key-holder"), text: gettext("The reason is logged."), confirm: gettext("Show"),
    fields: [{ name: "reason", label: gettext("Reason") }] });
  if (!answer) return;
  const found = await order(`/api/sites/${site}/contact/show`, answer, "");
  return found && ` ${found.map((c) => `${c.name} ${c.phone}`).join(gettext(", ")) || gettext("No key-holder is kept")}`;
}

export async function note(id) {
  const answer = await ask({ title: gettext("Add a remark"), confirm: gettext("Add"), fields: [{ name: "text", label: gettext("Remark"), rows: 3 }] });
  return answer && order(call(id, "notes"), answer, gettext("Remark added"));
}

/** A line to the crews of a call; they read it on their phones. */
export async function message(id) {
  const answer = await ask({ title: gettext("Write to the crews"), confirm: gettext("Send"), fields: [{ name: "text", label: gettext("Message"), rows: 2 }] });
  return answer && order(call(id, "messages"), answer, gettext("Sent to the crews"));
}
export const crewWell = (assignment, unit) => order(task(assignment, "well"), {}, fill(gettext("%(unit)s is well"), { unit }));
/** Every crew at the scene is asked whether all of it is there and well. */
export const rollCall = (id) => order(call(id, "roll-call"), {}, gettext("The crews at the scene are asked"));
export const askCrew = (assignment, unit) => order(task(assignment, "ask"), {}, fill(gettext("%(unit)s is asked"), { unit }));

/** A unit that is on a call already is never sent to a second one in passing: the desk is told what it would leave. */
export async function secondCall(unit, other) {
  await ask({ title: fill(gettext("%(unit)s is on a call"), { unit }), confirm: gettext("Understood"),
    text: fill(gettext("It is on %(call)s and cannot take a second one. Stand it down there first, or take it for a more urgent call where the advice offers that."), { call: other ? `${other.number} ${other.place}` : gettext("another call") }) });
  return false;
}
