// A resident who cannot ring writes to the desk: what, where, a few words. The page then shows how far the desk is and what it answers.
import { Problem, complain, html, minuteOf, send } from "../desk/desk.js";
import { streetMap } from "../desk/map.js";
import { solve } from "../matters/puzzle.js";

const $ = (id) => document.getElementById(id);
const form = $("urgent"), button = $("send");
let at = null, map = null, puzzle = null, sending = false, token = "";

const fault = (name, text) => { const line = $(`${name}-err`); line.textContent = text; line.hidden = !text; };
function take(place) {
  at = place;
  fault("place", "");
  map?.setPin(at);
  map?.goTo(at.lon, at.lat, 16);
  $("where").textContent = gettext("Your place is marked. Move it by a click on the map.");
}
form.addEventListener("submit", (e) => { e.preventDefault(); submit(); });
form.addEventListener("input", () => { fault("words", ""); fault("place", ""); });

async function submit() {
  if (sending) return;
  sending = true;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    puzzle ??= await send("/r/puzzle/", {});
    const counter = await solve(puzzle.token, puzzle.bits);
    const kind = form.querySelector("[name=kind]:checked")?.value ?? "";
    const told = await send("/r/urgent/send/", { id: puzzle.id, token: puzzle.token, counter, kind, ...(at ? { lon: Number(at.lon.toFixed(6)), lat: Number(at.lat.toFixed(6)) } : {}),
      place: $("place").value.trim(), words: $("words").value.trim(), contact: $("contact").value.trim() });
    token = told.token;
    $("cannot").hidden = true;
    show({ ...told, replies: [] });
    $("sent").hidden = false;
    $("sent").focus();
    setTimeout(look, 3000);
  } catch (problem) {
    if (problem instanceof Problem && problem.code.startsWith("puzzle")) puzzle = null;
    if (problem instanceof Problem && $(`${problem.field}-err`)) { fault(problem.field, problem.message); $(problem.field).focus(); } else complain(problem, submit);
  } finally { sending = false; button.disabled = false; button.removeAttribute("aria-busy"); }
}
function show({ state, replies }) {
  if ($("state").textContent !== state) $("state").textContent = state;
  if ($("replies").childElementCount !== replies.length) $("replies").innerHTML = html`${replies.map((r) => html`<li><b>${minuteOf(r.at)}</b> <span lang="">${r.text}</span></li>`)}`;
}
async function look() {
  try { show(await send("/r/urgent/state/", { token })); } catch (problem) { if (!(problem instanceof Problem)) throw problem; }
  setTimeout(look, 5000);
}

$("cannot").addEventListener("toggle", () => {
  if (map || !$("cannot").open) return;
  navigator.geolocation?.getCurrentPosition(({ coords }) => { if (!at) take({ lon: coords.longitude, lat: coords.latitude }); },
    () => { if (!at) $("where").textContent = gettext("Your place is not known. Click on the map, or type a street."); }, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30_000 });
  streetMap($("map"), { showLegend: false, onClick: take }).then((made) => { map = made; map.setPin(at); if (at) map.goTo(at.lon, at.lat, 16); }).catch(() => { $("map").hidden = true; });
});
document.documentElement.dataset.urgent = "ready";
