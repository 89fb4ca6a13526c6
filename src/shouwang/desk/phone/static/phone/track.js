// One's own track of a turn, as a line on the map.
import { around, streetMap } from "../desk/map.js";

const path = JSON.parse(document.getElementById("track-path").textContent), place = document.getElementById("track-map");
streetMap(place, { showLegend: false, bounds: around(path) })
  .then((map) => map.setLines([{ path, look: "line-new" }]))
  .catch(() => { place.hidden = true; });
