// Where it is: by street, crossing, post or coordinates from the list, or by a click on the map.
import { Problem, fill, getJson, html, nameOf } from "../desk/desk.js";
import { streetMap } from "../desk/map.js";

const KIND = () => ({ coordinates: gettext("coordinates, WGS 84"), gcj02: gettext("coordinates, GCJ-02 (AMap, Tencent)"), crossing: gettext("crossing"), street: gettext("street"), beside: gettext("street at a landmark"), landmark: gettext("landmark"),
  post: gettext("post"), site: gettext("site"), community: gettext("community"), control_area: gettext("control area") });

/** Keeps the hidden lon and lat of the form; onPlace({lon, lat}) whenever they change. */
export class PlacePicker {
  constructor(form, { onPlace }) {
    Object.assign(this, { form, onPlace });
    this.input = form.elements.place;
    this.list = form.querySelector("#place-list");
    this.says = form.querySelector("#place-says");
    this.tag = form.querySelector("#located");
    this.rows = [];
    this.at = -1;
    this.turn = 0;
    this.calls = [];
    this.listen();
  }

  get point() {
    const { lon, lat } = this.form.elements;
    return lon.value && lat.value ? { lon: Number(lon.value), lat: Number(lat.value) } : null;
  }

  async openMap(el) {
    try {
      const here = this.point;
      const start = here ? { center: [here.lon, here.lat], zoom: 16, bounds: [here.lon - 0.004, here.lat - 0.003, here.lon + 0.004, here.lat + 0.003] } : {};
      this.map = await streetMap(el, { showLegend: false, onClick: (at) => this.clicked(at), ...start });
      if (this.point && !here) this.map.goTo(this.point.lon, this.point.lat, 16); // chosen while the map was loading
      this.pin();
      this.map.setCalls(this.calls);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      el.innerHTML = html`<div class="state"><b>${gettext("No map.")}</b><span>${problem.message}</span></div>`;
    }
  }

  pin() { this.map?.setPin(this.point); }

  /** Calls near by, for the map now or as soon as it has loaded. */
  showCalls(calls) {
    this.calls = calls;
    this.map?.setCalls(calls);
  }

  /** A place that is known: fills the point, and the text unless it is kept. */
  take({ lon, lat, text = null, note = "" }, { go = true } = {}) {
    this.form.elements.lon.value = lon.toFixed(6);
    this.form.elements.lat.value = lat.toFixed(6);
    if (text !== null) this.input.value = text;
    this.show(note);
    this.pin();
    if (go) this.map?.goTo(lon, lat, 16);
    this.onPlace(this.point);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  show(note = "") {
    this.tag.hidden = !this.point;
    this.tag.textContent = gettext("✓ On the map");
    this.says.textContent = note || (this.point ? "" : gettext("Choose from the list, or click on the map."));
  }

  clear() {
    this.form.elements.lon.value = this.form.elements.lat.value = "";
    this.show();
    this.pin();
    this.close();
    this.map?.home();
  }

  async clicked({ lon, lat }) {
    this.take({ lon, lat }, { go: false });
    try {
      const found = await getJson(`${this.form.dataset.place}?lon=${lon}&lat=${lat}`);
      const near = nameOf(found);
      if (!this.input.value.trim() && near) { this.input.value = near; this.form.dispatchEvent(new Event("input", { bubbles: true })); }
      this.show(found.outside ? gettext("Outside the district") : [near && fill(gettext("near %(place)s"), { place: near }), found.area].filter(Boolean).join(", "));
    } catch (problem) { if (!(problem instanceof Problem)) throw problem; }
  }

  // ---- the list below the field
  search() {
    clearTimeout(this.timer);
    const text = this.input.value.trim(), turn = ++this.turn;
    if (text.length < 2) { this.close(); return; }
    this.timer = setTimeout(async () => {
      try {
        const rows = await getJson(`/api/places?q=${encodeURIComponent(text.slice(0, 80))}`);
        if (turn === this.turn && document.activeElement === this.input) this.offer(rows, text);
        if (turn === this.turn && this.eager && rows.length) this.pick(rows[0]);
      } catch (problem) { if (!(problem instanceof Problem)) throw problem; this.close(); }
    }, 150);
  }

  offer(rows, text) {
    this.rows = rows;
    this.answers = text;
    this.at = -1;
    this.draw();
    this.list.hidden = !rows.length;
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
  }

  draw() {
    const kinds = KIND();
    this.list.innerHTML = html`${this.rows.map((r, i) => html`<li role="option" id="place-${i}" data-i="${i}" aria-selected="${i === this.at}"><span class="grow cut">${nameOf(r)}</span><span class="kind">${kinds[r.kind] ?? ""}</span></li>`)}`;
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `place-${this.at}`); else this.input.removeAttribute("aria-activedescendant");
  }

  close() { this.turn++; clearTimeout(this.timer); this.rows = []; this.list.hidden = true; this.input.setAttribute("aria-expanded", "false"); }

  /** A street or crossing completes the text; whoever typed more (a house number, a shop) keeps it. */
  pick(row) {
    const typed = this.input.value.trim(), name = nameOf(row);
    const keeps = !["coordinates", "gcj02"].includes(row.kind) && typed.toLowerCase().includes(name.toLowerCase()) && typed.length > name.length;
    this.close();
    this.take({ lon: row.lon, lat: row.lat, text: keeps ? typed : name });
  }

  listen() {
    this.input.addEventListener("input", (e) => { if (!e.isComposing) this.search(); });
    this.input.addEventListener("compositionend", () => this.search());
    this.input.addEventListener("keydown", (e) => {
      const enter = e.key === "Enter" && !e.ctrlKey, current = !this.list.hidden && this.answers === this.input.value.trim();
      this.eager = enter && !current; // typed faster than the list came: the first row of the one to come is meant
      if (enter && !this.list.hidden) e.preventDefault();
      if (e.isComposing || this.list.hidden || (!current && e.key !== "Escape")) return;
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        this.at = Math.max(0, Math.min(this.rows.length - 1, this.at + (e.key === "ArrowDown" ? 1 : -1)));
        this.draw();
      } else if (enter) { this.pick(this.rows[Math.max(0, this.at)]); }
      else if (e.key === "Escape") { e.stopPropagation(); this.close(); }
    });
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (e) => e.preventDefault());
    this.list.addEventListener("click", (e) => { const row = e.target.closest("[data-i]"); if (row) this.pick(this.rows[Number(row.dataset.i)]); });
  }
}
