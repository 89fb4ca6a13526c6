// A warning is composed by a plain form; the map adds an area to it, and the last press is asked about once more.
import { ask, complain, fill } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";
import { drawAreas } from "./common.js";

const $ = (id) => document.getElementById(id);
const form = $("compose"), field = form.elements.ring, start = JSON.parse($("start").textContent);
let map = null, ring = [], redraw = () => {};
try { ring = JSON.parse(field.value || "[]"); } catch { ring = []; }

function says() {
  field.value = JSON.stringify(ring);
  $("draw-says").textContent = ring.length >= 3 ? fill(gettext("Area with %(n)s corners"), { n: ring.length }) : fill(gettext("Click the corners of the area: %(n)s of at least 3."), { n: ring.length });
  $("draw-back").hidden = $("draw-clear").hidden = !ring.length;
  redraw();
}
$("draw-back").addEventListener("click", () => { ring.pop(); says(); });
$("draw-clear").addEventListener("click", () => { ring = []; says(); });
let sure = false;
form.addEventListener("submit", async (e) => {
  if (sure) return;
  e.preventDefault();
  const head = form.elements.headline_zh.value || form.elements.headline_en.value;
  const said = await ask({ title: gettext("Issue this warning?"), text: fill(gettext("“%(headline)s” stands on the residents' page at once."), { headline: head }), confirm: gettext("Issue the warning"), bad: true });
  if (said) { sure = true; form.requestSubmit(); }
});
$("fault")?.focus();
says();
streetMap($("map"), { showLegend: innerWidth > 700, onClick: ({ lon, lat }) => { ring.push([Number(lon.toFixed(6)), Number(lat.toFixed(6))]); says(); } })
  .then((made) => {
    map = made;
    redraw = drawAreas(map, () => (ring.length ? [{ ring, fresh: true }] : []));
    const points = ring.length ? ring : start.lon ? [[start.lon, start.lat]] : [];
    if (points.length) map.fit(around(points, 0.02), 60);
    if (start.lon) map.setPin(start);
    document.documentElement.dataset.compose = "ready";
  })
  .catch((problem) => complain(problem));
