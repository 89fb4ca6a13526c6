// What part of the board is shown and how it is laid out: it stands in the address, and an account keeps it under names.
import { ask, complain, fill, html, send, toast } from "../desk/desk.js";

const PARTS = ["q", "level", "service", "area", "free", "hide", "room", "off"];

export class Views {
  /** `onChange()` hears that something else is to be shown. */
  constructor(saved, onChange) {
    this.saved = saved;
    this.onChange = onChange;
    const asked = location.search.length > 1 ? location.search : saved.find((v) => v.starts)?.query ?? "";
    this.values = Object.fromEntries([...new URLSearchParams(asked)].filter(([part]) => PARTS.includes(part)));
    document.getElementById("views").addEventListener("click", (e) => this.#click(e.target.closest("button")));
    document.getElementById("filter").addEventListener("change", (e) => this.#changed(e.target));
    this.#put();
  }

  get(part) { return this.values[part] ?? ""; }
  get query() { return new URLSearchParams(PARTS.filter((p) => this.values[p]).map((p) => [p, this.values[p]])).toString(); }
  get narrowed() { return ["q", "level", "service", "area"].some((p) => this.values[p]); }

  set(part, value) {
    if (value) this.values[part] = value; else delete this.values[part];
    this.#put();
    this.onChange();
  }

  use(query) {
    this.values = Object.fromEntries(new URLSearchParams(query));
    this.#put();
    this.onChange();
  }
  reset() { this.use(""); }

  /** Whether a call is shown: by its words, level, services and area. */
  fits(call, words) {
    const { q, level, service, area } = this.values;
    return (!q || words.includes(q)) && (!level || call.severity === Number(level)) && (!service || call.services.includes(service)) && (!area || call.area.startsWith(area));
  }

  #changed(field) {
    const part = field.dataset.part;
    if (part) this.set(part, field.type === "checkbox" ? (field.checked ? field.value : "") : field.value);
  }

  #put() {
    history.replaceState(null, "", `${location.pathname}${this.query ? `?${this.query}` : ""}${location.hash}`);
    for (const field of document.querySelectorAll("[data-part]")) {
      if (field.type === "checkbox") field.checked = this.get(field.dataset.part) === field.value; else field.value = this.get(field.dataset.part);
    }
    const board = document.getElementById("board");
    board.dataset.room = this.get("room");
    board.dataset.hide = this.get("hide");
    const mine = this.saved.find((v) => v.query === this.query);
    document.getElementById("view-name").textContent = mine ? mine.name : this.query ? gettext("Part of the board is hidden") : "";
    this.#list();
  }

  #list() {
    document.getElementById("view-list").innerHTML = html`${this.saved.map((v) => html`<li class="flex"><button type="button" class="btn btn-s btn-0 grow" data-cmd="view" data-cmd-arg="${v.name}" data-use="${v.id}"><span lang="">${v.name}</span>${v.starts && html` <span class="tag line">${gettext("opens first")}</span>`}</button><button type="button" class="btn btn-s btn-0" data-cmd="view" data-cmd-arg="delete ${v.name}" data-drop="${v.id}" aria-label="${fill(gettext("Delete the view %(name)s"), { name: v.name })}">×</button></li>`)}`;
  }

  async #click(button) {
    if (!button) return;
    const { use, drop } = button.dataset;
    if (use) this.use(this.saved.find((v) => v.id === use).query);
    if (drop) await this.#drop(drop);
    if (button.id === "view-save") await this.#save();
    if (button.id === "view-reset") this.reset();
    if (use || button.id) document.querySelector("#views details").open = false; // the list was made anew
  }

  async #save() {
    const answer = await ask({ title: gettext("Keep this view"), confirm: gettext("Keep"), text: gettext("Under the same name it replaces the one before."),
      fields: [{ name: "name", label: gettext("Name of the view"), rows: 1 }, { name: "starts", label: gettext("When the board opens"), options: [["", gettext("as before")], ["yes", gettext("show this view")]], required: false }] });
    if (!answer) return;
    try {
      const kept = await send("/api/board/views", { name: answer.name.slice(0, 40), query: this.query, starts: answer.starts === "yes" }, "PUT");
      this.saved = [...this.saved.filter((v) => v.id !== kept.id).map((v) => ({ ...v, starts: v.starts && !kept.starts })), kept].sort((a, b) => a.name.localeCompare(b.name));
      this.#put();
      toast(fill(gettext("Kept: %(name)s"), { name: kept.name }));
    } catch (problem) { complain(problem); }
  }

  async #drop(id) {
    try { await send(`/api/board/views/${id}`, {}, "DELETE"); } catch (problem) { complain(problem); return; }
    this.saved = this.saved.filter((v) => v.id !== id);
    this.#put();
  }
}
