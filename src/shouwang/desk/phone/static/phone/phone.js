// The unit's phone: tasks by the live stream, buttons through the outbox, position while clocked on, panic.
import "../desk/command_past.js";
import { ask, fill, getText, html, minuteOf, now, span, timeOf, toast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";
import { dismiss, flush, put, watch } from "./outbox.js";
import { share } from "./position.js";
import { panic, where } from "./panic.js";

const { unit, seq, sharing, kept } = document.body.dataset;
const area = document.getElementById("now");
const acts = document.getElementById("acts");
const offline = document.getElementById("offline");
let heard = document.querySelector("[data-heard]")?.dataset.heard;
let known = document.querySelectorAll("[data-assignment].task").length;

async function refresh() {
  if (!area) return;
  try {
    const text = await getText(area.dataset.url);
    await released();
    renew(area, text);
    settle();
  } catch (problem) { if (problem.status === 401) location.reload(); }
}

// The buttons of the tasks stand in the fragment and are shown at the thumb.
function settle() {
  const found = [...document.querySelectorAll(".task-acts")];
  if (found.length) { acts.replaceChildren(...found[0].cloneNode(true).children); }
  else if (document.querySelector("#now[data-url$='task/now/']")) acts.replaceChildren();
  const count = document.querySelectorAll(".task[data-assignment]").length;
  const badge = document.getElementById("task-count");
  if (document.querySelector("#now[data-url$='task/now/']")) { badge.textContent = count; badge.hidden = !count; }
  const asked = document.querySelector("[data-heard]")?.dataset.heard;
  if (count > known || (asked && asked !== heard)) alarm();
  [known, heard] = [count, asked];
  tick();
}

function alarm() {
  // A page that was not touched yet may neither shake nor sound.
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.([300, 150, 300]);
  try {
    const audio = new AudioContext(), tone = audio.createOscillator();
    tone.frequency.value = 880;
    tone.connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.4);
  } catch { /* no sound here: the page shows the task */ }
}

function tick() {
  for (const el of document.querySelectorAll("[data-since]")) el.textContent = span((now() - Date.parse(el.dataset.since)) / 1000);
  for (const el of document.querySelectorAll("[data-until]")) el.textContent = span((Date.parse(el.dataset.until) - now()) / 1000);
}
setInterval(tick, 1000);

async function onAct(button) {
  const { act, assignment, transition, ends } = button.dataset;
  let extra = {};
  if (act === "pair") {
    if (!await ask({ title: gettext("Ask for a second person"), text: gettext("The desk sees where you are and sends somebody."), confirm: gettext("Ask for it") })) return;
    extra = await where();
  } else if (act === "cannot") {
    const said = await ask({ title: gettext("Cannot go"), confirm: gettext("Tell the desk"),
      fields: [{ name: "reason", label: gettext("Why"), hint: gettext("The desk sends somebody else.") }] });
    if (!said) return;
    extra = said;
  } else if (act === "message") {
    const said = await ask({ title: gettext("Write to the desk"), confirm: gettext("Send"), fields: [{ name: "text", label: gettext("Message"), rows: 3 }] });
    if (!said) return;
    extra = { reason: said.text.slice(0, 500) };
  } else if (ends) {
    const said = await ask({ title: gettext("Task done"), confirm: gettext("Done"),
      fields: [{ name: "reason", label: gettext("Result"), hint: gettext("What was found and done, in a few words."), required: false }] });
    if (!said) return;
    extra = said;
  }
  button.disabled = true;
  const label = button.textContent.trim();
  const sent = await put({ kind: act, assignment, transition, label, ...extra });
  if (sent) await refresh();
  else { button.textContent = fill(gettext("%(label)s (not yet sent)"), { label }); }
}
// A photo goes with the place and time of this phone; what the camera wrote into the file is taken out twice: here by drawing it anew, and at the centre.
const SIDE = 1600;
async function small(file) {
  const picture = await createImageBitmap(file), by = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * by), height: Math.round(picture.height * by) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8);
}
area?.addEventListener("change", async (e) => {
  const assignment = e.target.dataset.photo, file = e.target.files?.[0];
  if (!assignment || !file) return;
  let photo;
  try { photo = await small(file); } catch { toast(gettext("This is no photo that can be read."), { bad: true }); return; } finally { e.target.value = ""; }
  const sent = await put({ kind: "photo", assignment, photo, label: gettext("Photo"), ...(await where()) });
  if (sent) { toast(gettext("The desk has the photo.")); await refresh(); }
});
for (const el of [acts, area]) el?.addEventListener("click", (e) => { const b = e.target.closest("[data-act]"); if (b && !b.disabled) onAct(b); });

// ---- outbox: the bar, the count, the list under "Me"
let unsent = 0, signedOut = false, pressing = false;
function tellOffline() {
  const told = [kept && fill(gettext("No network. Page of %(at)s."), { at: minuteOf(kept) }),
    unsent && fill(ngettext("%(n)s action not yet sent", "%(n)s actions not yet sent", unsent), { n: unsent }),
    signedOut && gettext("Sign in again, then it is sent.")].filter(Boolean);
  offline.hidden = !told.length;
  offline.textContent = told.join(" ");
}
document.addEventListener("signed-out", () => { signedOut = true; tellOffline(); });
watch((list, others) => {
  unsent = list.filter((a) => !a.refused).length;
  if (!unsent) signedOut = false;
  tellOffline();
  document.getElementById("others")?.toggleAttribute("hidden", !others.length);
  pressedDuty(list);
  const badge = document.getElementById("outbox-count");
  badge.hidden = !list.length;
  badge.textContent = list.length;
  const box = document.getElementById("outbox");
  if (box) box.innerHTML = list.length ? html`${list.map((a) => html`<li class="flex"><div class="grow"><b>${a.label}</b>
    <div class="dim num">${timeOf(a.at)}</div>${a.refused && html`<div class="why-bad">${a.refused}</div>`}</div>
    ${a.refused ? html`<button class="btn" type="button" data-dismiss="${a.key}">${gettext("Remove")}</button>` : html`<span class="tag line">${gettext("Not yet sent")}</span>`}</li>`)}`
    : html`<li class="dim">${gettext("Everything is sent.")}</li>`;
  const refused = list.filter((a) => a.refused && !a.told);
  for (const a of refused) toast(`${a.label}: ${a.refused}`, { bad: true });
});
// ---- clocking on and off: through the outbox, with the place where it was pressed
for (const form of document.querySelectorAll("#clock-on, #clock-off")) form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const button = form.querySelector("button"), chosen = form.elements.unit;
  button.disabled = true;
  await put({ kind: form.id === "clock-on" ? "on" : "off", unit: chosen?.value, label: [button.textContent.trim(), chosen?.selectedOptions[0].textContent].filter(Boolean).join(" "), ...await where() });
});
/** What the outbox holds of the duty; once it is sent, the page is the centre's again. A refusal gives the button back. */
function pressedDuty(list) {
  const act = list.filter((a) => ["on", "off"].includes(a.kind) && !a.refused).at(-1), form = document.querySelector("#clock-on, #clock-off");
  if (!form) return;
  form.querySelector("button").disabled = Boolean(act);
  const line = document.getElementById("duty-unsent");
  line.hidden = !act;
  if (act) line.textContent = fill(gettext("%(label)s at %(at)s, not yet sent"), { label: act.label, at: minuteOf(act.at) });
  if (pressing && !act && !list.some((a) => a.refused && ["on", "off"].includes(a.kind))) location.reload();
  pressing = Boolean(act);
}
document.querySelector("form[action*=logout]")?.addEventListener("submit", () => { caches?.delete("phone-pages"); });

document.getElementById("outbox")?.addEventListener("click", (e) => { const key = e.target.dataset.dismiss; if (key) dismiss(key); });

// ---- live
live({
  from: Number(seq || 0), key: unit || "none",
  onEvent: (e) => { if (e.subject === unit || e.payload?.unit === unit || document.querySelector(`.task[data-call="${e.subject}"]`) || ["plan", "closure", "matter"].includes(e.subject_kind)) refresh(); },
  onReset: refresh,
  onState: (state) => {
    showState(document.getElementById("live"), null, state, timeOf);
    if (state.state === "live") flush();
  },
});
if (unit && sharing) share(unit, document.getElementById("sharing"));
panic(document.getElementById("sos"), async (place) => {
  const sent = await put({ kind: "panic", label: gettext("Panic"), ...place });
  if (sent) toast(gettext("The desk has your call for help."));
  else toast(gettext("No network: call for help by radio."), { bad: true, hold: 20 });
});
settle();
flush();

// ---- kept on the phone for when there is no network
if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/m/sw.js", { scope: "/m/" });
  navigator.serviceWorker.ready.then(({ active }) => {
    if (kept) return;
    const links = [...document.querySelectorAll(".ph-nav a")].map((a) => a.pathname);
    active.postMessage({ keep: [...new Set([location.pathname, ...links, ...JSON.parse(document.body.dataset.keep)])].filter((p) => p.startsWith("/m/")) });
    document.documentElement.dataset.kept = "asked";
  });
}
