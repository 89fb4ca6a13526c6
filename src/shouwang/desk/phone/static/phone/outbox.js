// What the member pressed and the centre has not yet confirmed. Kept on the phone (IndexedDB, so that photos find room and a killed
// browser loses nothing), sent in order, each with a key of its own: a retry meets the same event, so nothing is done twice.
import { newId, send, Problem } from "../desk/desk.js";

const OLD_SHELF = "shouwang-outbox"; // where earlier versions kept it
const who = document.body.dataset.who;
const listeners = new Set();
const shelf = open();
let sending = null, asked = false;

function open() {
  return new Promise((done, fail) => {
    const ask = indexedDB.open("shouwang", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("acts", { keyPath: "key" });
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => fail(ask.error);
  });
}

/** Runs `use(store)` in a transaction; resolves once what it wrote is on the phone's disk. */
async function stored(mode, use) {
  const db = await shelf;
  return new Promise((done, fail) => {
    const deed = db.transaction("acts", mode, { durability: "strict" }), asked = use(deed.objectStore("acts"));
    deed.oncomplete = () => done(asked.result);
    deed.onabort = () => fail(deed.error); // where the phone's store is full
  });
}

/** In the order in which they were pressed. */
export const waiting = async () => (await stored("readonly", (acts) => acts.getAll())).sort((a, b) => a.order - b.order);
const mine = async () => (await waiting()).filter((a) => a.who === who);
async function tell() {
  const acts = await waiting();
  listeners.forEach((f) => f(acts.filter((a) => a.who === who), acts.filter((a) => a.who !== who)));
}
/** f(acts of who is signed in, acts of others who used this phone), now and at every change. */
export const watch = (f) => { listeners.add(f); tell(); };
export async function dismiss(key) { await stored("readwrite", (acts) => acts.delete(key)); await tell(); }

const put1 = (act) => stored("readwrite", (acts) => acts.put(act));
let last = 0;
/** Puts an act on the shelf and tries to send. Resolves to true once it and everything before it is sent. */
export async function put(act) {
  last = Math.max(last + 1, Date.now());
  await put1({ key: newId(), at: new Date().toISOString(), who, order: last, ...act });
  await tell();
  return flush();
}

/** Sends in order. Stops where there is no network, or where one must sign in again; an act that is refused stays, with the reason,
 * and the next go on. Of several tabs one sends at a time. Who asks while it sends waits for the round after: its act may be too late
 * for this one. */
export function flush() {
  asked = true;
  return sending ??= rounds();
}

async function rounds() {
  let all = false;
  try {
    while (asked) {
      asked = false;
      all = await (navigator.locks ? navigator.locks.request("shouwang-outbox", sendAll) : sendAll());
    }
    return all;
  } finally { sending = null; }
}

async function sendAll() {
  for (const act of (await mine()).filter((a) => !a.refused)) {
    try {
      const answer = await send("/m/act/", act);
      if (answer?.ok !== true) return false; // something else than the centre answered, as in a café's network
      await dismiss(act.key);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      const again = problem.status === 0 || problem.status >= 500 || problem.status === 429;
      if (problem.status === 401 || problem.code === "csrf") document.dispatchEvent(new Event("signed-out"));
      if (again || problem.status === 401 || problem.code === "csrf") return false;
      await put1({ ...act, refused: problem.message });
      await tell();
    }
  }
  return true;
}

/** What an earlier version of this page had kept. */
async function move() {
  const kept = JSON.parse(localStorage.getItem(OLD_SHELF) ?? "[]");
  for (const [n, act] of kept.entries()) await put1({ who, order: Date.parse(act.at) + n, ...act });
  localStorage.removeItem(OLD_SHELF);
}
move().then(tell);
navigator.storage?.persist?.(); // so that a phone short of room does not clear it

addEventListener("online", flush);
setInterval(async () => { if ((await mine()).some((a) => !a.refused)) flush(); }, 5000);
