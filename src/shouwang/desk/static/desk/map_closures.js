// Closed and slow streets on a map: those of the moment, and after that whatever the stream tells. When one begins or ends is told by the
// page's own clock, so that nothing has to come for it.
import { getJson, now } from "./desk.js";
import { live } from "./live.js";

const LOOK_MS = 1000, SOON_MS = 24 * 3600_000; // a planned one is shown a day before it begins

/** Keeps map.closures, a Map of cards by id, and the drawing. `map.onClosures` is called when what holds has changed. */
export function followClosures(map) {
  map.closures = new Map();
  if (!document.body.dataset.who) return;
  let drawn = "";
  const draw = () => {
    const at = now().getTime(), shown = [];
    for (const c of map.closures.values()) {
      const from = Date.parse(c.from), until = Date.parse(c.until);
      if (at < until && at > from - SOON_MS) shown.push({ ...c, planned: at < from, chosen: c.id === map.chosenClosure });
    }
    const state = shown.map((c) => `${c.id} ${c.version} ${c.planned} ${c.chosen}`).join();
    if (state === drawn) return;
    drawn = state;
    map.setClosures(shown);
    map.el.dataset.closures = shown.length;
    map.onClosures?.();
  };
  const load = async () => {
    const { seq, cards } = await getJson("/api/cards?kinds=closure");
    map.closures = new Map(cards.map((c) => [c.subject, c.body]));
    draw();
    return seq;
  };
  map.drawClosures = draw;
  load().then((seq) => {
    const stream = live({ from: seq, key: document.body.dataset.who,
      onEvent: ({ subject_kind, subject, card }) => {
        if (subject_kind !== "closure" || card === undefined) return;
        if (card === null) map.closures.delete(subject);
        else if (!(map.closures.get(subject)?.version > card.version)) map.closures.set(subject, card);
        draw();
        map.onClosures?.();
      },
      onReset: () => load().then((at) => stream.from(at)).catch(() => {}) });
    setInterval(draw, LOOK_MS);
  }).catch(() => {}); // the map goes on without them; the list says what it cannot load
}
