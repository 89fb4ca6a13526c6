// Every page: time, requests, ids, notices and dialogs. Imported by the pages' own modules.

const page = document.body.dataset;
// A page that the phone kept (phone/sw.js) tells the time of then: there the device's own clock counts.
const skew = page.now && !page.kept ? Date.parse(page.now) - Date.now() : 0;
export const chinese = document.documentElement.lang.startsWith("zh");

// ---- time: UTC in data, the district's zone on screen
const zoned = (options) => new Intl.DateTimeFormat(chinese ? "zh-CN" : "en-GB",
  { timeZone: page.zone || undefined, hourCycle: "h23", ...options });
const seconds = zoned({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const minutes = zoned({ hour: "2-digit", minute: "2-digit" });
const day = zoned({ month: chinese ? "long" : "short", day: "numeric", weekday: "short" });

export const now = () => new Date(Date.now() + skew);
export const timeOf = (at) => seconds.format(new Date(at));   // 14:05:32
export const minuteOf = (at) => minutes.format(new Date(at)); // 14:05

/** Seconds as 3:12 under an hour, 1:02:10 above; a minus in front when past. */
export function span(s) {
  const whole = Math.round(Math.abs(s)), two = (n) => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60;
  return (s < 0 && whole ? "−" : "") + (h ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`);
}

function clock() {
  const time = document.getElementById("clock"), date = document.getElementById("date");
  const tick = () => {
    if (time) time.textContent = seconds.format(now());
    if (date) date.textContent = day.format(now());
    setTimeout(tick, 1000 - now().getMilliseconds());
  };
  tick();
}

// ---- words: gettext and ngettext come from /i18n/messages.js
/** fill(gettext("Send %(n)s units"), {n: 4}) */
export const fill = (text, values) => interpolate(text, values, true);
export const nameOf = (row) => (chinese ? row.zh : row.en) || row.zh || row.en || "";
/** Markup with every value made harmless: html`<b>${name}</b>`. Arrays are joined; nest html`` freely. */
export function html(parts, ...values) {
  return new Markup(parts.reduce((all, part, i) => all + inner(values[i - 1]) + part));
}
class Markup { constructor(text) { this.text = text; } toString() { return this.text; } }
function inner(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(inner).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

// ---- identifiers: UUIDv7, so that a retry meets the same row
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let t = Date.now();
  for (let i = 5; i >= 0; i--, t = Math.floor(t / 256)) bytes[i] = t % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// ---- requests. Nothing is sent twice or kept back silently: a failure is a Problem, and the caller shows it.
export const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.slice(name.length + 1) ?? "";

export class Problem extends Error {
  /** status 0: nothing came back (no network, or the centre does not answer). */
  constructor(message, { status = 0, field = "", code = "" } = {}) { super(message); Object.assign(this, { status, field, code }); }
}

async function request(url, options) {
  let answer;
  try { answer = await fetch(url, { credentials: "same-origin", ...options }); }
  catch { throw new Problem(gettext("No connection. Nothing was sent.")); }
  const body = answer.headers.get("content-type")?.includes("json") ? await answer.json().catch(() => null) : await answer.text();
  if (answer.ok) return body;
  if (body?.detail?.some?.((fault) => fault.type === "extra_forbidden")) console.error(`${url} ${JSON.stringify(body.detail)}`); // a fault of the page
  const detail = typeof body?.detail === "string" ? body.detail : fill(gettext("The centre answered %(status)s."), { status: answer.status });
  throw new Problem(detail, { status: answer.status, field: body?.field ?? "", code: body?.code ?? "" });
}
export const getJson = (url) => request(url, { headers: { Accept: "application/json" } });
export const getText = (url) => request(url, { headers: { "HX-Request": "true" } });
export const send = (url, body = {}, method = "POST") => request(url, { method, body: JSON.stringify(body),
  headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": cookie("csrftoken") } });

// ---- notices
let undoing = null; // the undo that Z would do now

/** A line at the bottom. With `undo` it stays 8 s, counts down and listens to Z (through undoLast). */
export function toast(text, { undo = null, bad = false, hold = undo ? 8 : 5 } = {}) {
  document.querySelectorAll(".toast").forEach((t) => t.remove());
  undoing = null;
  const box = document.createElement("div");
  box.className = "toast" + (bad ? " bad" : "");
  box.setAttribute("role", bad ? "alert" : "status");
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) box.append(undoButton(undo, hold, box));
  document.body.append(box);
  const gone = setTimeout(() => { box.remove(); if (undoing?.box === box) undoing = null; }, hold * 1000);
  box.addEventListener("mouseenter", () => { if (!undo) clearTimeout(gone); }, { once: true });
  return box;
}

function undoButton(undo, hold, box) {
  const button = Object.assign(document.createElement("button"), { className: "btn btn-s", type: "button" });
  const ends = Date.now() + hold * 1000;
  const count = () => {
    button.innerHTML = html`${gettext("Undo")} <kbd>Z</kbd> ${Math.max(0, Math.ceil((ends - Date.now()) / 1000))}`;
    if (box.isConnected || Date.now() < ends - hold * 990) setTimeout(count, 250);
  };
  count();
  undoing = { box, run: async () => { box.remove(); undoing = null; await undo(); } };
  button.addEventListener("click", () => undoing?.box === box && undoing.run());
  return button;
}
/** Undoes what the notice on screen offers; false when there is nothing to undo. */
export function undoLast() { if (!undoing) return false; undoing.run(); return true; }

/** Shows a failed request in words, with a second try when `again` is given. */
export function complain(problem, again = null) {
  if (!(problem instanceof Problem)) throw problem;
  const box = toast(problem.message, { bad: true, hold: again ? 20 : 8 });
  if (!again || (problem.status && problem.status < 500)) return;
  const button = Object.assign(document.createElement("button"), { className: "btn btn-s", type: "button", textContent: gettext("Try again") });
  button.addEventListener("click", () => { box.remove(); again(); });
  box.append(button);
}

// ---- dialogs
/** Asks before what cannot be undone. Resolves with the fields' values, or null when left. Focus starts on Cancel unless there
 * is something to fill in. fields: [{name, label, hint, options: [[value, label], …], rows, required = true}] */
export function ask({ title, text = "", fields = [], confirm, bad = false }) {
  return new Promise((done) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    dialog.setAttribute("aria-labelledby", "ask-title");
    dialog.innerHTML = html`<form method="dialog" class="ask"><h2 id="ask-title">${title}</h2>${text && html`<p>${text}</p>`}${fields.map(field)}
      <div class="flex ask-go"><button class="btn" type="button" value="" ${fields.length ? "" : "autofocus"}>${gettext("Cancel")}</button>
      <button class="btn ${bad ? "btn-bad" : "btn-1"}" type="submit">${confirm}</button></div></form>`;
    let values = null;
    const form = dialog.firstElementChild;
    form.querySelector("button[type=button]").addEventListener("click", () => dialog.close());
    form.addEventListener("submit", () => { values = Object.fromEntries(new FormData(form)); });
    form.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) form.requestSubmit(); });
    dialog.addEventListener("close", () => { dialog.remove(); done(values); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function field({ name, label, hint = "", options, rows = 2, required = true, value = "" }, index) {
  const id = `ask-${name}`, must = required ? "required" : "", first = index ? "" : "autofocus";
  const control = options
    ? html`<select class="in" id="${id}" name="${name}" ${must} ${first}>${options.map(([v, l]) => html`<option value="${v}">${l}</option>`)}</select>`
    : html`<textarea class="in" id="${id}" name="${name}" rows="${rows}" maxlength="500" ${must} ${first}>${value}</textarea>`;
  return html`<div class="f"><label for="${id}">${label}${required ? "" : gettext(" (optional)")}</label>${control}${hint && html`<span class="hint">${hint}</span>`}</div>`;
}

// ---- theme and language: kept in a cookie at once, in the account by the form behind the buttons
function choices() {
  for (const button of document.querySelectorAll("[data-theme-to]")) {
    button.addEventListener("click", () => {
      document.cookie = `theme=${button.dataset.themeTo};path=/;max-age=31536000;samesite=lax`;
      if (button.dataset.themeTo) document.documentElement.dataset.theme = button.dataset.themeTo;
      else delete document.documentElement.dataset.theme;
    });
  }
  for (const menu of document.querySelectorAll(".menu")) {
    document.addEventListener("click", (e) => { if (menu.open && !menu.contains(e.target)) menu.open = false; });
    menu.addEventListener("keydown", (e) => { if (e.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); } });
  }
}

/** Whether keys belong to a field, so that one-key actions must wait. */
export const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog") !== null;

clock();
choices();
document.body.addEventListener("htmx:configRequest", (e) => { e.detail.headers["X-CSRFToken"] = cookie("csrftoken"); });
document.body.addEventListener("htmx:responseError", (e) => {
  let detail = "";
  try { detail = JSON.parse(e.detail.xhr.responseText).detail; } catch { /* a page, not JSON */ }
  toast(detail || fill(gettext("The centre answered %(status)s."), { status: e.detail.xhr.status }), { bad: true });
});
// A part of the page that could not be fetched is told by the line's own mark.
document.body.addEventListener("htmx:sendError", (e) => { if (e.detail.requestConfig.verb !== "get") toast(gettext("No connection. Nothing was sent."), { bad: true }); });
