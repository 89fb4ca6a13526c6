// The form of a report, for the office, the phone on the beat, and a resident: what, where, a photo, a few words.
// Where it goes is told by the form: data-source office → the API; grid → the phone's outbox; public → with a proof of work.
import { Problem, complain, fill, getJson, html, nameOf, newId, send, toast } from "../desk/desk.js";
import { streetMap } from "../desk/map.js";
import { Photos } from "./photos.js";

const $ = (id) => document.getElementById(id);
const form = $("report"), { source, point } = form.dataset, open = source === "public";
const WHERE = open ? "/r/where/" : "/api/matters/where", PLACES = open ? "/r/places/" : "/api/matters/places";
let at = null, map = null, id = newId(), own = false, sending = false;
const button = document.querySelector("[form=report][type=submit]");
const photos = new Photos($("photos"), $("shots"), { onFault: (text) => fault("photos", text) });

function fault(name, text) {
  const line = $(`${name}-err`) ?? $("type-err"), field = $({ type: "more" }[name] ?? name);
  line.textContent = text;
  line.hidden = !text;
  if (field) text ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
}
const kind = () => $("more").value || form.querySelector("[name=kind]:checked")?.value || "";

// ---- what
form.addEventListener("change", (e) => {
  if (e.target.name === "kind") $("more").value = "";
  else if (e.target.id === "more" && $("more").value) for (const radio of form.querySelectorAll("[name=kind]")) radio.checked = radio.value === $("more").value;
  else return;
  fault("type", "");
  const referral = $("more").selectedOptions[0]?.dataset.referral !== undefined;
  $("referral").hidden = !referral;
  for (const box of ["photo-box", "words-box"]) $(box).hidden = referral;
  if (referral) { photos.clear(); $("words").value = ""; }
  look();
});

// ---- where: the reporting point, else the device's own place, else a click or a name
function take(place, { go = true, text = null } = {}) {
  at = place;
  fault("place", "");
  if (text !== null) { $("place").value = text; own = true; }
  map?.setPin(at);
  if (go) map?.goTo(at.lon, at.lat, 16);
  look();
}
let turn = 0;
async function look() {
  if (!at) return;
  const mine = ++turn;
  try {
    const found = await getJson(`${WHERE}?lon=${at.lon.toFixed(6)}&lat=${at.lat.toFixed(6)}&type=${kind()}`);
    if (mine !== turn) return;
    const name = nameOf(found);
    if (!own && name) $("place").value = name;
    $("where").textContent = found.outside ? gettext("Outside the district") : [name && fill(gettext("near %(place)s"), { place: name }), found.area].filter(Boolean).join(", ");
    if (found.outside) fault("place", gettext("This place lies outside the district."));
    const same = found.near.filter((n) => n.same);
    $("near").hidden = !same.length;
    $("near").innerHTML = same.length ? html`<b>${gettext("Reported here already:")}</b><ul>${same.slice(0, 3).map((n) => html`<li><span lang="">${nameOf(n)}</span>, ${n.label}, ${fill(gettext("%(n)s m away"), { n: n.away_m })}</li>`)}</ul>${gettext("If it is the same thing, you need not report it again.")}` : "";
  } catch (problem) { if (!(problem instanceof Problem)) throw problem; $("where").textContent = gettext("No network: the place on the map counts."); }
}
let hits = [], typed = null;
$("place").addEventListener("input", () => {
  own = Boolean($("place").value.trim());
  const chosen = hits.find((h) => nameOf(h) === $("place").value);
  if (chosen) { take({ lon: chosen.lon, lat: chosen.lat }, { text: nameOf(chosen) }); return; }
  clearTimeout(typed);
  typed = setTimeout(search, 250);
});
async function search() {
  const q = $("place").value.trim();
  if (q.length < 2) return;
  try {
    hits = await getJson(`${PLACES}?q=${encodeURIComponent(q.slice(0, 80))}`);
    $("found").innerHTML = html`${hits.map((h) => html`<option value="${nameOf(h)}">`)}`;
    if (!at && hits.length) take({ lon: hits[0].lon, lat: hits[0].lat });
  } catch (problem) { if (!(problem instanceof Problem)) throw problem; }
}
function locate() {
  if (point) { take({ lon: Number(form.dataset.lon), lat: Number(form.dataset.lat) }); return; }
  if (source === "office" || !navigator.geolocation) { $("where").textContent = gettext("Click on the map, or type a street."); return; }
  navigator.geolocation.getCurrentPosition(({ coords }) => { if (!at) take({ lon: coords.longitude, lat: coords.latitude }); },
    () => { if (!at) $("where").textContent = gettext("Your place is not known. Click on the map, or type a street."); }, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30_000 });
}

// ---- sending: the same id again is the same report
async function submit() {
  if (sending) return;
  if (!kind()) { fault("type", gettext("Choose what it is.")); $("more").focus(); return; }
  if (!at) { fault("place", gettext("Say where: click on the map, or type a street.")); $("place").focus(); return; }
  const body = { id, type: kind(), lon: Number(at.lon.toFixed(6)), lat: Number(at.lat.toFixed(6)), place: $("place").value.trim(), words: $("words").value.trim(), photos: photos.data };
  sending = true;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try { await ({ office: toOffice, grid: toOutbox, public: toPublic })[source](body); }
  catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if ($(`${problem.field}-err`)) { fault(problem.field, problem.message); $({ type: "more" }[problem.field] ?? problem.field)?.focus(); } else complain(problem, submit);
  } finally { sending = false; button.disabled = false; button.removeAttribute("aria-busy"); }
}
async function toOffice(body) {
  const made = await send("/api/matters", { ...body, source: "office" });
  location.href = `/matters/${made.id}/`;
}
async function toOutbox(body) {
  const { put } = await import("../phone/outbox.js");
  const label = fill(gettext("Report: %(kind)s"), { kind: form.querySelector(`option[value="${body.type}"]`)?.textContent ?? body.type });
  let sent;
  try { sent = await put({ kind: "report", key: body.id, label, report: body }); }
  catch { throw new Problem(gettext("This phone's store is full. Send what waits first.")); }
  toast(sent ? fill(gettext("Sent: %(label)s"), { label }) : fill(gettext("Kept on this phone: %(label)s"), { label }));
  fresh();
}
async function toPublic(body) {
  const { solve } = await import("./puzzle.js");
  const puzzle = form.puzzle ??= await send("/r/puzzle/", {});
  const counter = await solve(puzzle.token, puzzle.bits);
  let told;
  try { told = await send("/r/send/", { ...body, id: puzzle.id, token: puzzle.token, counter, point: point ?? "", contact: $("contact").value.trim() }); }
  catch (problem) { if (problem instanceof Problem && problem.code.startsWith("puzzle")) form.puzzle = null; throw problem; }
  document.dispatchEvent(new CustomEvent("reported", { detail: told }));
}
function fresh() {
  form.reset();
  photos.clear();
  id = newId();
  own = false;
  $("near").hidden = true;
  look();
  scrollTo(0, 0);
}
form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
form.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) { e.preventDefault(); submit(); } });

locate();
streetMap($("map"), { showLegend: false, onClick: (place) => take(place, { go: false }), ...(point ? { center: [Number(form.dataset.lon), Number(form.dataset.lat)], zoom: 16 } : {}) })
  .then((made) => { map = made; map.setPin(at); if (at) map.goTo(at.lon, at.lat, 16); document.documentElement.dataset.report = "ready"; })
  .catch(() => { $("map").hidden = true; document.documentElement.dataset.report = "ready"; });
