// On the board: how many requests of neighbouring centres wait to be taken.
import { fill, getJson } from "../desk/desk.js";

/** Shows the number in `el`, a link. Call what it returns when something was heard of a request. */
export function helpBar(el) {
  let pending = null;
  async function look() {
    pending = null;
    let found;
    try { found = await getJson("/api/help"); } catch { return; } // asked again at the next event
    const n = found.filter((h) => h.side === "helping" && h.state === "sent").length;
    el.hidden = n === 0;
    const text = n ? fill(ngettext("%(n)s request of a neighbouring centre waits. Open it.", "%(n)s requests of neighbouring centres wait. Open them.", n), { n }) : "";
    if (el.textContent !== text) el.textContent = text;
  }
  const soon = () => { pending ??= setTimeout(look, 100); };
  soon();
  return soon;
}
