// The shared worker behind live.js: holds the browser's one stream and passes it to every tab. Keeps the last events, so that a
// tab opened later hears what happened between the moment its page was made and its joining.
import { Feed } from "./live_feed.js";

const KEEP = 1000;
const ports = new Set();
const recent = [];
let since = null; // the newest event before those in `recent`
const places = new Map(); // unit → its last position
let told = null;
let up = false;

const feed = new Feed((message) => {
  if (message.type === "event") {
    recent.push(message.data);
    if (recent.length > KEEP) since = recent.shift().seq;
  }
  if (message.type === "positions") { told = message; for (const unit of message.data.units) places.set(unit[0], unit); }
  if (message.type === "reset") { recent.length = 0; since = message.data?.seq ?? feed.last; }
  if (message.type === "up" || message.type === "down") up = message.type === "up";
  for (const port of ports) port.postMessage(message);
});

function join(port, from) {
  ports.add(port);
  if (since === null) { since = from; feed.start(from); return; }
  feed.start(from);
  if (from < since) port.postMessage({ type: "reset", data: { seq: since } });
  for (const event of recent) if (event.seq > from) port.postMessage({ type: "event", data: event });
  if (told) port.postMessage({ ...told, data: { at: told.data.at, units: [...places.values()] } });
  if (up) port.postMessage({ type: "up" });
}

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.type === "join") join(port, data.from);
    if (data.type === "leave") { ports.delete(port); if (!ports.size) { feed.stop(); since = null; recent.length = 0; } }
  };
};
