// A new roster: needs and members as filled in, the hours on both sides told while typing.
import { fill, newId, send } from "../desk/desk.js";
import { fault, submit } from "./faults.js";

const period = document.getElementById("period"), form = document.getElementById("ask"), id = newId();
const WEEKDAYS = 5, WEEKEND = 2;
const needs = () => [...form.querySelectorAll("#needs tbody tr")];
const members = () => [...form.querySelectorAll("#members tbody tr")];
const chosen = () => members().filter((row) => row.querySelector("[type=checkbox]").checked);
const value = (input) => Math.max(0, Math.trunc(Number(input.value) || 0));
const byHour = () => [...form.querySelectorAll("#hours tbody")].filter((body) => body.querySelector("[type=checkbox]").checked);
const hourly = (service) => byHour().find((body) => body.dataset.service === service);
const hours = (body, days) => [...body.querySelectorAll(`[data-days=${days}] .in-h`)].map(value);
const sum = (counts) => counts.reduce((a, b) => a + b, 0);
const needed = () => new Set(needs().map((row) => row.dataset.service).filter(askedHours));
const paired = () => [...form.querySelectorAll("#together tbody tr")].filter((row) => row.dataset.kinds && counts(row).some((c) => c.weekdays || c.weekends)).flatMap((row) => row.dataset.kinds.split(/[+|]/));

function askedHours(service) { // a week, of a service
  const body = hourly(service);
  if (body) return sum(hours(body, "weekdays")) * WEEKDAYS + sum(hours(body, "weekends")) * WEEKEND;
  const row = needs().find((one) => one.dataset.service === service);
  return sum([...row.querySelectorAll("input")].map((i) => value(i) * Number(i.dataset.hours) * (i.dataset.days === "weekdays" ? WEEKDAYS : WEEKEND)));
}

function tick(body) { // a service is asked for by hour or by shift
  const on = body.querySelector("[type=checkbox]").checked, row = needs().find((one) => one.dataset.service === body.dataset.service);
  body.querySelectorAll(".in-h").forEach((i) => { i.disabled = !on; });
  row.querySelectorAll("input").forEach((i) => { i.disabled = on; });
}

function counts(row) { // by shift
  const cells = [...row.querySelectorAll("input")], at = (shift, days) => value(cells.find((c) => c.dataset.shift === shift && c.dataset.days === days));
  return [...new Set(cells.map((c) => c.dataset.shift))].map((shift) => ({ shift, weekdays: at(shift, "weekdays"), weekends: at(shift, "weekends") }));
}

function balance() { // hours asked for a week beside the normal hours of those who can give them
  const wanted = needed();
  const says = needs().filter((row) => wanted.has(row.dataset.service)).map((row) => {
    const asked = askedHours(row.dataset.service);
    const people = chosen().filter((m) => m.querySelector("select").value === row.dataset.service).length, have = people * Number(form.dataset.week);
    const told = fill(gettext("%(service)s: %(asked)s h a week asked for; %(people)s members have %(have)s normal hours"), { service: row.querySelector("th").textContent, asked, people, have });
    return asked > have ? `▲ ${told}` : told;
  });
  document.getElementById("balance").textContent = says.join(gettext("; "));
  document.getElementById("count").textContent = fill(gettext("%(n)s of %(all)s"), { n: chosen().length, all: members().length });
}

period?.addEventListener("change", (e) => { if (e.target.name === "area") period.requestSubmit(); });
form?.addEventListener("change", (e) => {
  if (e.target.id === "all") members().forEach((row) => { row.querySelector("[type=checkbox]").checked = e.target.checked; });
  const body = e.target.type === "checkbox" && e.target.closest("#hours tbody");
  if (body) tick(body);
  balance();
});
form?.addEventListener("input", balance);
form?.addEventListener("submit", (e) => {
  e.preventDefault();
  const unsure = chosen().find((row) => !row.querySelector("select").value);
  if (unsure) {
    fault(form, "", gettext("Choose what each member counts for, or leave the member out."));
    unsure.querySelector("select").focus();
    return;
  }
  const wanted = new Set([...needed(), ...paired()]); // who counts for a service that nobody is asked of has no place on the roster
  const people = chosen().filter((row) => wanted.has(row.querySelector("select").value)).map((row) => ({ id: row.dataset.id, service: row.querySelector("select").value }));
  if (!people.length) { fault(form, "", wanted.size ? gettext("Choose members.") : gettext("Nobody is needed. Enter how many are on in each shift.")); return; }
  const asked = needs().filter((row) => !hourly(row.dataset.service)).flatMap((row) => counts(row).map((count) => ({ service: row.dataset.service, ...count })));
  const together = [...form.querySelectorAll("#together tbody tr")].flatMap((row) => counts(row).filter((c) => c.weekdays || c.weekends)
    .map((count) => ({ kinds: row.dataset.kinds ? row.dataset.kinds.split("+") : [], team: row.dataset.team, skill: row.dataset.skill, ...count })));
  submit(form, async () => {
    const { area, first, days } = form.dataset;
    const by_hour = byHour().map((body) => ({ service: body.dataset.service, weekdays: hours(body, "weekdays"), weekends: hours(body, "weekends") }));
    const between = [...form.querySelectorAll("#between tbody tr")].map((row) => ({ start: row.querySelector("[name=start]").value, hours: Number(row.querySelector("[name=hours]").value) })).filter((one) => one.start);
    const made = await send("/api/rosters", { id, area, first, days: Number(days), people, needs: asked, hours: by_hour, between, together, gaps: form.elements.gaps.value === "1" });
    location.assign(`/rosters/${made.id}/`);
  });
});
document.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) form?.requestSubmit(); });
if (form && document.getElementById("balance")) balance();
