// What the crew pressed and the centre has not yet confirmed. Kept on the phone, sent in order, each with a key of its own:
// a retry meets the same event, so nothing is done twice.
import { newId, send, Problem } from "../desk/desk.js";

const SHELF = "shouwang-outbox";
const listeners = new Set();
let sending = false;

const read = () => JSON.parse(localStorage.getItem(SHELF) ?? "[]");
const write = (acts) => { localStorage.setItem(SHELF, JSON.stringify(acts)); listeners.forEach((f) => f(acts)); };

export const waiting = () => read();
export const watch = (f) => { listeners.add(f); f(read()); };
export const dismiss = (key) => write(read().filter((a) => a.key !== key));

/** Puts an act on the shelf and tries to send. Resolves to true once everything before it is sent. */
export function put(act) {
  write([...read(), { key: newId(), at: new Date().toISOString(), ...act }]); // fails where the phone's store is full
  return flush();
}

/** Sends in order. Stops where there is no network; an act that is refused stays, with the reason, and the next go on. */
export async function flush() {
  if (sending) return false;
  sending = true;
  try {
    for (const act of read().filter((a) => !a.refused)) {
      try {
        await send("/m/act/", act);
        dismiss(act.key);
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        if (problem.status === 0 || problem.status >= 500) return false;
        write(read().map((a) => (a.key === act.key ? { ...a, refused: problem.message } : a)));
      }
    }
    return true;
  } finally { sending = false; }
}

addEventListener("online", flush);
setInterval(() => { if (read().some((a) => !a.refused)) flush(); }, 5000);
