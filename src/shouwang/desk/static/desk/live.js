// Live updates for a page: one stream per browser, shared by its tabs through a SharedWorker; where there is none, the page
// holds a stream of its own. Contract: live({from, onEvent, onPositions, onReset, onState}).
import { Feed } from "./live_feed.js";

const STALE_MS = 10_000, STOPPED_MS = 60_000;

/** Follows the log from event `from` on.
 * onEvent({seq, kind, subject_kind, subject, area, at, payload, card}): each event this person may hear of, once, in order.
 * onPositions({at, units: [[unit, lon, lat, course, at_ms], …]}). onReset(): too much was missed, reload the cards.
 * onState({state: "live" | "stale" | "off" | "ended", age_s, stopped}): when the dot should change; `stopped` is the time of the last word
 * once it is older than a minute. Returns {from(seq), close()}. */
export function live({ from = 0, key = "", onEvent = () => {}, onPositions = () => {}, onReset = () => {}, onState = () => {} }) {
  let floor = from, heard = Date.now(), up = false, ended = false; // events up to `floor` are in the page's cards already
  const hear = (message) => {
    if (message.type === "event" && message.data.seq > floor) onEvent(message.data);
    if (message.type === "positions") onPositions(message.data);
    if (message.type === "reset") { floor = Math.max(floor, message.data.seq); onReset(); }
    if (message.type === "ended") ended = true;
    if (message.type === "up") up = true;
    if (message.type === "down") up = false;
    if (message.at) heard = message.at;
    if (message.type !== "event" && message.type !== "positions") tell();
  };
  const tell = () => {
    const age = Date.now() - heard;
    onState({ state: ended ? "ended" : !up && age > 3000 ? "off" : age > STALE_MS ? "stale" : "live", age_s: age / 1000,
      stopped: age > STOPPED_MS ? new Date(heard) : null });
  };
  const timer = setInterval(tell, 1000);
  const line = connect(from, key, hear);
  return { from: (seq) => { floor = Math.max(floor, seq); }, close: () => { clearInterval(timer); line.close(); } };
}

function connect(from, key, hear) {
  if (window.SharedWorker) {
    try {
      const worker = new SharedWorker(new URL("./live_worker.js", import.meta.url), { type: "module", name: `live ${key}` });
      worker.port.onmessage = (e) => hear(e.data);
      worker.port.postMessage({ type: "join", from });
      const leave = () => worker.port.postMessage({ type: "leave" });
      addEventListener("pagehide", leave);
      // A page brought back from the browser's cache has missed what happened meanwhile.
      addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
      return { close: leave };
    } catch { /* no module workers: hold a stream here */ }
  }
  const feed = new Feed(hear);
  feed.start(from);
  return { close: () => feed.stop() };
}

/** Shows the state beside the clock: dot and words, and a bar over the page once the data stand still. */
export function showState(el, bar, { state, age_s, stopped }, timeOf) {
  el.hidden = false;
  el.className = "live" + (state === "live" ? "" : state === "stale" ? " stale" : " off");
  const text = state === "live" ? gettext("Live") : state === "stale"
    ? interpolate(gettext("Last word %(n)s s ago"), { n: Math.round(age_s) }, true) : gettext("Not connected");
  if (el.textContent !== text) el.textContent = text;
  if (!bar) return;
  bar.hidden = !stopped && state !== "off" && state !== "ended";
  if (state === "ended") { bar.textContent = gettext("Your session has ended. Sign in again to go on."); return; }
  const words = stopped ? interpolate(gettext("Data stopped at %(time)s. Clocks go on; trying again."), { time: timeOf(stopped) }, true)
    : gettext("No live connection. What you see may be old; trying again.");
  if (!bar.hidden && bar.textContent !== words) bar.textContent = words;
}
