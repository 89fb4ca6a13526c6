// The unit's position, only while clocked on: the server refuses it otherwise, and the page says what is shared.
import { getJson } from "../desk/desk.js";

const EVERY_MS = 5000, MOST = 100; // positions in one post
const SPARSE_MS = 30_000, LONGEST_MS = 12 * 3600_000; // without a network: one each half minute, for a long shift

/** Watches the place and sends it in batches. What could not be sent waits on the phone, also while it is closed. */
export function share(unit, note) {
  if (!("geolocation" in navigator) || !isSecureContext) {
    if (note) note.textContent = gettext("This phone cannot share its position here.");
    return;
  }
  const place = `positions-${unit}`;
  let batch = JSON.parse(localStorage.getItem(place) ?? "[]"), ticket = null, busy = false;
  navigator.geolocation.watchPosition(({ coords, timestamp }) => {
    batch.push({ unit, lon: coords.longitude, lat: coords.latitude, at: new Date(timestamp).toISOString(),
      speed: coords.speed ?? null, course: coords.heading ?? null });
    if (note) note.textContent = "";
  }, () => { if (note) note.textContent = gettext("Position is switched off on this phone."); },
  { enableHighAccuracy: true, maximumAge: 4000, timeout: 20000 });
  setInterval(async () => {
    if (!batch.length || busy) return;
    busy = true;
    try {
      while (batch.length) {
        const positions = batch.slice(0, MOST);
        if (!ticket || Date.parse(ticket.expires) < Date.now() + 20000) ticket = await getJson("/live/ticket/");
        const answer = await fetch("/positions", { method: "POST", body: JSON.stringify({ positions }),
          headers: { "Content-Type": "application/json", Authorization: `Bearer ${ticket.ticket}` } });
        if (answer.status === 401 || answer.status === 403) ticket = null;
        if (!answer.ok) throw new Error(String(answer.status));
        batch = batch.slice(positions.length);
      }
      localStorage.removeItem(place);
    } catch {
      batch = sparse(batch);
      localStorage.setItem(place, JSON.stringify(batch));
    } finally { busy = false; }
  }, EVERY_MS);
}

/** At most one position each half minute, and the newest; none older than a long shift. */
function sparse(positions) {
  const since = Date.now() - LONGEST_MS;
  let last = -Infinity;
  return positions.filter(({ at }, n) => {
    const ms = Date.parse(at);
    if (ms < since || (ms - last < SPARSE_MS && n < positions.length - 1)) return false;
    last = ms;
    return true;
  });
}
