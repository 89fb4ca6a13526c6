// The command bar: / or Ctrl K opens it; it says in words what Enter will do, before Enter does it.
import { past, remember } from "./command_past.js";
import { Problem, ask, fill, html, newId, send, toast } from "./desk.js";

/** `onDone(answer)` hears what the centre did; `context()` gives what the command may leave out: {call: id}, the selected one. */
export function commandBar(form, { onDone = () => {}, context = () => ({}) } = {}) {
  form.dataset.mounted = "yes";
  const input = form.querySelector("input"), says = form.querySelector(".cmd-says");
  let back = null, ago = 0, asked = 0, timer, latest = null; // ago: how many lines before now the one shown was given

  const say = (text, bad = false) => { says.textContent = text; says.hidden = !text; says.classList.toggle("bad", bad); };
  const tryOut = async () => {
    const text = input.value.trim(), turn = ++asked;
    latest = null;
    if (!text) { say(""); return; }
    try {
      const answer = await send("/api/command?dry=1", { line: text, buttons: told(), ...context() });
      if (turn !== asked) return;
      latest = { ...answer, line: text };
      say(answer.ready ? fill(gettext("Enter: %(sentence)s"), { sentence: answer.sentence }) : said(answer));
    } catch (problem) { if (problem instanceof Problem && turn === asked) say(problem.message, true); else if (!(problem instanceof Problem)) throw problem; }
  };
  const said = ({ sentence, options, completions }) => sentence + (options.length || completions.length ? ` ${(options.length ? options : completions).join("  ")}` : "");
  const isKnown = () => latest?.line === input.value.trim();
  const ends = () => (latest?.completions.length ? latest.completions : latest?.options ?? []);
  /** The last word, as far as all that can be meant agree. Of what was typed since the last answer that is asked first. */
  const complete = async () => {
    clearTimeout(timer);
    if (!isKnown()) await tryOut();
    const found = isKnown() ? ends() : [], whole = found.length === 1 ? found[0] + (found[0].endsWith(":") ? "" : " ") : found.length ? common(found) : "";
    const last = input.value.match(/\S*$/)[0];
    if (whole && (found.length === 1 || whole.length > last.length)) { input.value = input.value.slice(0, input.value.length - last.length) + whole; tryOut(); }
  };
  const run = async (key = newId(), reason = "") => {
    const text = input.value.trim();
    clearTimeout(timer);
    asked++;
    try {
      const answer = await send("/api/command", { line: text, key, reason, buttons: told(), ...context() });
      if (!answer.done) { say(said(answer), true); return; }
      if (answer.plain) remember(text);
      ago = 0;
      input.value = ""; say(""); leave();
      onDone(answer);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.field === "reason" && !reason) return why(problem, key);
      say(problem.message, true);
    }
  };
  // Units that were not recommended need a reason; the same key makes the second try the same order.
  const why = async (problem, key) => {
    const answer = await ask({ title: input.value.trim(), text: problem.message, confirm: gettext("Send"),
      fields: [{ name: "reason", label: gettext("Reason") }] });
    if (answer) await run(key, answer.reason); else input.focus();
  };
  const leave = () => { input.blur(); back?.isConnected && back.focus(); };
  const open = () => { back = document.activeElement; input.focus(); input.select(); };

  form.addEventListener("submit", (e) => { e.preventDefault(); if (input.value.trim()) run(); });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(tryOut, 120); });
  input.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { e.stopPropagation(); input.value = ""; ago = 0; say(""); leave(); }
    if (e.key === "ArrowUp" || e.key === "ArrowDown") {
      e.preventDefault();
      const lines = past();
      ago = Math.min(lines.length, Math.max(0, ago + (e.key === "ArrowUp" ? 1 : -1)));
      input.value = lines[lines.length - ago] ?? "";
      tryOut();
    }
    if (e.key === "Tab" && !e.shiftKey && input.value.trim() && (!isKnown() || ends().length)) { e.preventDefault(); complete(); }
  });
  document.addEventListener("keydown", (e) => {
    const slash = e.key === "/" && !e.ctrlKey && !e.altKey && !e.metaKey && !e.target.closest("input,textarea,select,dialog");
    if (slash || (e.key.toLowerCase() === "k" && e.ctrlKey)) { e.preventDefault(); open(); }
  });
  return { open };
}

const common = (texts) => texts.reduce((head, text) => { let n = 0; while (n < head.length && head[n] === text[n]) n++; return head.slice(0, n); });

const WORDS_MAX = 80, MOST = 1000, PRESSABLE = "button, a.btn, summary, input[type=submit]";
const wordsOf = (el) => short(el.getAttribute("aria-label") ?? (el.tagName === "INPUT" ? el.value : readable(el) || el.title));
/** The words of a button without its key and its drawing. */
const readable = (el) => {
  const copy = el.cloneNode(true);
  copy.querySelectorAll("kbd, svg, [aria-hidden=true]").forEach((part) => part.remove());
  return copy.textContent.trim();
};
const short = (text) => (text ?? "").replace(/\s+/g, " ").trim().slice(0, WORDS_MAX);
const shown = (el) => !el.disabled && el.dataset.cmd !== "goto" && !el.closest("[hidden], dialog:not([open])"); // calls and units have names in every line

/** What a button stands in: the nearest thing around it that has a name, other than its own words. */
function around(el, words) {
  for (let at = el.parentElement; at && at.id !== "main"; at = at.parentElement) {
    const head = at.matches("tr, li") ? at.querySelector("th, td, b, strong, a, .nm") : at.querySelector(":scope > :is(summary, legend, caption, h1, h2, h3, h4, header)");
    const name = short(at.dataset.name ?? at.getAttribute("aria-label") ?? (head?.contains(el) ? "" : head?.textContent));
    if (name && name !== words) return name;
  }
  return "";
}

/** Every button of the page, each under a `name` that no other has: its words, then what it stands in, then which it is of those. */
export function buttons() {
  const all = [...document.querySelectorAll("#main :is(" + PRESSABLE + ")")].filter(shown)
    .map((el) => ({ el, words: wordsOf(el), within: "", nth: 1, verb: el.dataset.cmd ?? "" })).filter((b) => b.words);
  for (const same of alike(all)) for (const b of same) b.within = around(b.el, b.words);
  for (const same of alike(all)) same.forEach((b, i) => { b.nth = i + 1; });
  return all.map((b) => ({ ...b, name: [b.words, b.within, b.nth > 1 ? `${b.nth}` : ""].filter(Boolean).join(" ") }));
}
const alike = (all) => {
  const groups = new Map();
  for (const b of all) groups.set(`${b.words}\n${b.within}`, [...groups.get(`${b.words}\n${b.within}`) ?? [], b]);
  return [...groups.values()].filter((same) => same.length > 1);
};
const told = () => buttons().slice(0, MOST).map(({ words, within, nth, verb }) => ({ words, within, nth, verb }));

/** Presses the button of the page that carries this command; with "do", the one of this name. `which` chooses among several by the beginning of a name.
 * Resolves to "" when it is done, else to why not. */
export function press(verb, which = "") {
  const asked = which.trim().toLowerCase();
  if (verb === "do") {
    const one = buttons().find((b) => b.name.toLowerCase() === asked);
    one?.el.click();
    return one ? "" : gettext("There is nothing here to do that with.");
  }
  const all = [...document.querySelectorAll(`[data-cmd="${verb}"]`)].filter((el) => el.getClientRects().length || el.hidden === false);
  const name = (el) => (el.dataset.cmdArg ?? el.closest("[data-name]")?.dataset.name ?? el.textContent).trim();
  const begins = (text) => (text ?? "").trim().toLowerCase().startsWith(asked);
  const so = asked ? all.filter((el) => begins(el.dataset.cmdArg) || begins(el.textContent) || (!el.dataset.cmdArg && begins(el.closest("[data-name]")?.dataset.name))) : all;
  const just = so.filter((el) => name(el).toLowerCase() === asked), found = just.length ? just : so;
  const unlike = found.every((el) => el.dataset.cmdArg) && new Set(found.map(name)).size > 1;
  if (!found.length) return all.length ? fill(gettext("No button of this name. There are: %(names)s"), { names: all.map(name).join(gettext(", ")) }) : gettext("There is nothing here to do that with.");
  if (found.length > 1 && (!asked || unlike)) return fill(gettext("Which one: %(names)s?"), { names: [...new Set(found.map(name))].join(gettext(", ")) });
  found[0].click();
  return "";
}

/** What a page without a board makes of a line: what the page has is pressed, what is the board's is done there. */
export function anywhere(answer) {
  if (answer.url) { location.href = answer.url; return; }
  if (answer.press === "help") { listCommands(answer.options); return; }
  if (answer.press && (answer.press === "do" || document.querySelector(`[data-cmd="${answer.press}"]`) || !answer.call)) {
    const fault = press(answer.press, answer.text);
    if (fault) toast(fault, { bad: true });
    return;
  }
  if (answer.press || answer.verb === "goto") {
    const unit = answer.verb === "goto" && answer.units[0];
    location.href = `/board/${answer.press ? `?do=${answer.press}` : unit ? `?unit=${unit}` : ""}#${answer.call}`;
    return;
  }
  toast(answer.sentence);
}

/** Lists the commands of this page, each as the centre names it: the verb or the English, two spaces, the words. */
function listCommands(lines) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog ask" });
  dialog.setAttribute("aria-labelledby", "commands-title");
  dialog.innerHTML = html`<h2 id="commands-title">${gettext("Commands of this page")}</h2>
    <p class="sm">${gettext("Any beginning that only one has is enough; Tab completes.")}</p>
    <ul class="sm commands">${lines.map((line) => line.split("  ")).map(([name, words]) => html`<li><b>${name}</b> <span class="dim">${words}</span></li>`)}</ul>
    <form method="dialog" class="flex ask-go"><button class="btn" autofocus>${gettext("Leave")}</button></form>`;
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // the button below has the focus
}
