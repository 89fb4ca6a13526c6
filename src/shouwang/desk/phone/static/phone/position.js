// The unit's position, only while clocked on: the server refuses it otherwise, and the page says what is shared.
import { getJson } from "../desk/desk.js";

const EVERY_MS = 5000, KEEP = 120;

/** Watches the place and sends it in batches; what could not be sent goes with the next one. */
export function share(unit, note) {
  if (!("geolocation" in navigator) || !isSecureContext) {
    if (note) note.textContent = gettext("This phone cannot share its position here.");
    return;
  }
  let batch = [], ticket = null;
  navigator.geolocation.watchPosition(({ coords, timestamp }) => {
    batch.push({ unit, lon: coords.longitude, lat: coords.latitude, at: new Date(timestamp).toISOString(),
      speed: coords.speed ?? null, course: coords.heading ?? null });
    batch = batch.slice(-KEEP);
    if (note) note.textContent = "";
  }, () => { if (note) note.textContent = gettext("Position is switched off on this phone."); },
  { enableHighAccuracy: true, maximumAge: 4000, timeout: 20000 });
  setInterval(async () => {
    if (!batch.length) return;
    const positions = batch;
    batch = [];
    try {
      if (!ticket || Date.parse(ticket.expires) < Date.now() + 20000) ticket = await getJson("/live/ticket/");
      const answer = await fetch("/positions", { method: "POST", body: JSON.stringify({ positions }),
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${ticket.ticket}` } });
      if (answer.status === 401 || answer.status === 403) ticket = null;
      if (!answer.ok) throw new Error(String(answer.status));
    } catch { batch = [...positions, ...batch].slice(-KEEP); }
  }, EVERY_MS);
}
