// The command bar: / or Ctrl K opens it; it says in words what Enter will do, before Enter does it.
import { Problem, fill, getJson, newId, send, toast } from "./desk.js";

const HISTORY = "commands", KEEP = 30;

/** `onDone(answer)` hears what the centre did; `context()` gives what the command may leave out (the selected call). */
export function commandBar(form, { onDone = () => {}, context = () => ({}) } = {}) {
  const input = form.querySelector("input"), says = form.querySelector(".cmd-says");
  const past = JSON.parse(sessionStorage.getItem(HISTORY) ?? "[]");
  let at = past.length, asked = 0, timer, latest = null, back = null;

  const say = (text, bad = false) => { says.textContent = text; says.hidden = !text; says.classList.toggle("bad", bad); };
  const tryOut = async () => {
    const text = input.value.trim(), turn = ++asked;
    latest = null;
    if (!text) { say(""); return; }
    try {
      const answer = await send("/api/command?dry=1", { text, ...context() });
      if (turn !== asked) return;
      latest = answer;
      say(answer.says, answer.ok === false);
    } catch (problem) { if (problem instanceof Problem && turn === asked) say(problem.message, true); else if (!(problem instanceof Problem)) throw problem; }
  };
  const run = async () => {
    const text = input.value.trim();
    if (!text) return;
    clearTimeout(timer);
    asked++;
    try {
      const answer = await send("/api/command", { text, key: newId(), ...context() });
      remember(text);
      input.value = ""; say(""); leave();
      onDone(answer);
    } catch (problem) { if (problem instanceof Problem) say(problem.message, true); else throw problem; }
  };
  const remember = (text) => {
    if (past.at(-1) !== text) past.push(text);
    past.splice(0, past.length - KEEP);
    at = past.length;
    sessionStorage.setItem(HISTORY, JSON.stringify(past));
  };
  const leave = () => { input.blur(); back?.isConnected && back.focus(); };
  const open = () => { back = document.activeElement; input.focus(); input.select(); };

  form.addEventListener("submit", (e) => { e.preventDefault(); run(); });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(tryOut, 120); });
  input.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { e.stopPropagation(); input.value = ""; say(""); leave(); }
    if (e.key === "ArrowUp" || e.key === "ArrowDown") {
      e.preventDefault();
      at = Math.min(past.length, Math.max(0, at + (e.key === "ArrowUp" ? -1 : 1)));
      input.value = past[at] ?? "";
      tryOut();
    }
    if (e.key === "Tab" && latest?.completion && latest.completion !== input.value) { e.preventDefault(); input.value = latest.completion; tryOut(); }
  });
  document.addEventListener("keydown", (e) => {
    const slash = e.key === "/" && !e.ctrlKey && !e.altKey && !e.metaKey && !e.target.closest("input,textarea,select,dialog");
    if (slash || (e.key.toLowerCase() === "k" && e.ctrlKey)) { e.preventDefault(); open(); }
  });
  return { open };
}
