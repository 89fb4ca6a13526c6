// Checkpoints or exits on the map, numbered as in the list beside it.
import { complain, nameOf } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";

const { places = [], rows = [], suggested = [], exits = [] } = JSON.parse(document.getElementById("places").textContent) ?? {};
const numbered = places.length ? places.map((p) => p.place) : rows;
const others = places.length ? exits : suggested.map((s) => s.place);
const mark = places.length ? gettext("X") : "?";

streetMap(document.getElementById("map"), { showLegend: false }).then((map) => {
  map.setPosts([...numbered.map((p, i) => ({ id: `place${i}`, lon: p.lon, lat: p.lat, mark: i + 1, kind: "new", label: nameOf(p), picked: places.length > 0 })),
    ...others.map((p, i) => ({ id: `other${i}`, lon: p.lon, lat: p.lat, mark, kind: "old", label: nameOf(p) }))]);
  const all = [...numbered, ...others].map((p) => [p.lon, p.lat]);
  if (all.length) map.fit(around(all), 50);
}).catch((problem) => complain(problem));
