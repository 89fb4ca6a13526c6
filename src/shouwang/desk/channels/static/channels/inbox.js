// The inbox and one message: live, in one person's hand at a time. Whoever is second is told who was first.
import { ask, complain, fill, getJson, getText, newId, now, send, span, timeOf, toast } from "../desk/desk.js";
import { live, showState } from "../desk/live.js";
import { released, renew } from "../desk/renew.js";

const rows = document.getElementById("rows"), { seq } = JSON.parse(document.getElementById("start").textContent);
const reasons = JSON.parse(document.getElementById("reasons").textContent);
const numbers = new Map(); // of missed calls in this person's hand: shown while this page is open, and kept nowhere
let waiting = null, sender = "";
const soon = () => { clearTimeout(waiting); waiting = setTimeout(reload, 150); };
async function reload() {
  try {
    const text = await getText(rows.dataset.url);
    await released();
    renew(rows, text);
    if (sender && document.getElementById("sender")) document.getElementById("sender").textContent = sender;
    for (const [ring, number] of numbers) { const el = rows.querySelector(`[data-ring="${ring}"] [data-number]`); if (el) el.textContent = number; }
    tick();
  } catch (problem) { complain(problem, reload); }
}
function tick() { for (const el of rows.querySelectorAll(".age")) el.textContent = span((now() - Date.parse(el.dataset.since)) / 1000); }

const open = async (url, body) => { location.href = (await send(url, body)).url; };
const acts = {
  claim: (item) => send(`/api/inbox/${item}/claim`, { key: newId() }),
  back: (item) => send(`/api/inbox/${item}/back`, { key: newId() }),
  reopen: (item) => send(`/api/inbox/${item}/reopen`, { key: newId() }),
  open: (item) => open(`/api/inbox/${item}/open`, { key: newId() }),
  attach: async (item) => {
    const calls = await getJson("/api/calls?state=received&state=waiting&state=responding&state=under_control&limit=100");
    const options = calls.map((c) => [c.id, `${c.number} ${document.documentElement.lang.startsWith("zh") ? c.type_zh : c.type_en}, ${c.place}`]);
    if (!options.length) { toast(gettext("No call is open.")); return; }
    const given = await ask({ title: gettext("Attach to an open call"), text: gettext("What was sent becomes a further caller's words of that call."), confirm: gettext("Attach"),
      fields: [{ name: "call_id", label: gettext("Call"), options }] });
    if (given) await send(`/api/inbox/${item}/attach`, { ...given, key: newId() });
  },
  close: async (item) => {
    const given = await ask({ title: gettext("Close without a call"), confirm: gettext("Settle it"), fields: [{ name: "why", label: gettext("Why"), options: Object.entries(reasons) }] });
    if (given) await send(`/api/inbox/${item}/close`, { ...given, key: newId() });
  },
  reveal: async (item) => {
    const given = await ask({ title: gettext("Show the sender"), text: gettext("Your reason is kept with your name."), confirm: gettext("Show"), fields: [{ name: "reason", label: gettext("Reason"), rows: 2 }] });
    if (given) sender = (await send(`/api/inbox/${item}/reveal`, { ...given, key: newId() })).sender;
  },
  reply: async (item) => {
    const given = await ask({ title: gettext("Write a reply"), confirm: gettext("Send the reply"), fields: [{ name: "text", label: gettext("Reply"), hint: gettext("At most 500 characters"), rows: 4 }] });
    if (given) await send(`/api/inbox/${item}/reply`, { ...given, id: newId(), key: newId() });
  },
  seat: async (_item, _ring, { seat }) => {
    const given = await ask({ title: gettext("My telephone"), text: fill(gettext("Now: %(seat)s"), { seat: seat || "—" }), confirm: gettext("Save"),
      fields: [{ name: "seat", label: gettext("Telephone as the exchange names it, empty to leave it"), required: false }] });
    if (given) await send("/api/seat", { seat: given.seat ?? "", key: newId() });
  },
  number: async (_item, ring) => {
    const { number } = await send(`/api/rings/${ring}/claim`, { key: newId() });
    numbers.set(ring, number);
  },
  result: (_item, ring, { result }) => send(`/api/rings/${ring}/result`, { result, key: newId() }),
  "ring-open": (_item, ring) => open(`/api/rings/${ring}/open`, { key: newId() }),
};
rows.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-act]");
  if (!button || button.disabled) return;
  button.disabled = true;
  try { await acts[button.dataset.act](button.closest("[data-item]")?.dataset.item, button.closest("[data-ring]")?.dataset.ring, button.dataset); }
  catch (problem) { complain(problem); }
  finally { button.disabled = false; soon(); }
});
tick();
setInterval(tick, 1000);
live({ from: seq, key: document.body.dataset.who, onReset: soon, onState: (s) => showState(document.getElementById("live"), document.getElementById("line-bar"), s, timeOf),
  onEvent: ({ subject_kind, kind }) => { if (["item", "ring", "line", "help"].includes(subject_kind) || kind.startsWith("call.")) soon(); } });
setInterval(() => { if (!document.hidden) soon(); }, 60_000); // a claim may lapse though nothing is told
document.documentElement.dataset.inbox = "ready";
