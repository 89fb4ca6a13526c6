// The type picker: classes on the left, types on the right, one field that finds by code, words and first letters of the pinyin.
import { html, nameOf } from "../desk/desk.js";
import { initials } from "./pinyin.js";

/** Whether a word stands in a text; a word in Latin letters as a whole word alone ("gas" is not in "gasp"). */
const stands = (text, word) => /^[\x20-\x7e]+$/.test(word) ? new RegExp(`(?<![\\w])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w])`).test(text) : text.includes(word);

/** `types`: [{code, parent, zh, en, severity, services, words}]; onChoose(type) when one is taken. */
export class TypePicker {
  constructor(root, types, { onChoose }) {
    Object.assign(this, { root, onChoose });
    this.input = root.querySelector("#type-in");
    this.value = root.querySelector("[name=type]");
    this.classList_ = root.querySelector("#class-list");
    this.list = root.querySelector("#type-list");
    this.chosenLine = root.querySelector("#type-chosen");
    this.classes = types.filter((t) => !t.parent);
    this.types = types.filter((t) => t.parent).map((t) => ({ ...t, name: t.en.toLowerCase(), initials: initials(t.zh),
      found: [...t.words.map((w) => w.toLowerCase()), this.classes.find((c) => c.code === t.parent)?.zh ?? ""] }));
    this.open = (this.chosen ?? this.classes[0])?.parent || this.classes[0]?.code;
    this.at = -1;
    this.said = "";
    this.listen();
    this.show();
    this.mark();
  }

  /** How well a word fits a type: 0 the code or Chinese name begins so or it is a word of the name, 1 name or pinyin begins so or
   * it stands in the name, 2 a search word begins so, 3 it stands in one. */
  rank(t, word) {
    if (t.code.startsWith(word) || t.zh.startsWith(word) || ` ${t.name} `.includes(` ${word} `)) return 0;
    if (t.initials.startsWith(word) || t.zh.includes(word) || ` ${t.name}`.includes(` ${word}`)) return 1;
    if (t.found.some((f) => f.startsWith(word))) return 2;
    return t.found.some((f) => f.includes(word)) ? 3 : 99;
  }

  get chosen() { return this.types.find((t) => t.code === this.value.value) ?? null; }

  /** What the caller said: types whose words stand in it come first while nothing is typed here. */
  hear(text) { this.said = text.toLowerCase(); if (!this.input.value) this.show(); }

  found() {
    const asked = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!asked.length) {
      const inClass = this.types.filter((t) => t.parent === this.open), fits = this.fitting();
      return [...fits, ...inClass.filter((t) => !fits.includes(t))];
    }
    const rank = (t) => asked.reduce((sum, word) => sum + this.rank(t, word), 0);
    return this.types.map((t) => [rank(t), t]).filter(([r]) => r < 99).sort((a, b) => a[0] - b[0] || a[1].code.localeCompare(b[1].code)).map(([, t]) => t).slice(0, 40);
  }

  fitting() {
    if (this.said.length < 2) return [];
    return this.types.map((t) => [t.words.reduce((said, w) => said + (stands(this.said, w.toLowerCase()) ? w.length : 0), 0), t]).filter(([hits]) => hits)
      .sort((a, b) => b[0] - a[0] || a[1].severity - b[1].severity || a[1].code.localeCompare(b[1].code)).map(([, t]) => t).slice(0, 4);
  }

  show() {
    const rows = this.rows = this.found(), fits = this.fitting(), chosen = this.value.value;
    const openNow = this.input.value ? rows[Math.max(0, this.at)]?.parent : this.open;
    this.classList_.innerHTML = html`${this.classes.map((c) => html`<li role="option" id="class-${c.code}" data-code="${c.code}" aria-selected="${c.code === openNow}"><span class="cd">${c.code}</span><span class="grow cut">${nameOf(c)}</span></li>`)}`;
    this.list.innerHTML = html`${rows.map((t, i) => html`<li role="option" id="type-${t.code}" data-code="${t.code}" aria-selected="${t.code === chosen}" class="${i === this.at ? "at" : ""}"><span class="cd">${t.code}</span><span class="grow cut">${nameOf(t)}</span>${fits.includes(t) && html`<span class="tag info">${gettext("Fits")}</span>`}</li>`)}`;
    if (!rows.length) this.list.innerHTML = html`<li class="dim" role="option" aria-selected="false" aria-disabled="true">${gettext("No type fits.")}</li>`;
    const at = this.rows.length ? this.list.children[this.at] : null, chosenRow = this.list.querySelector("[aria-selected=true]");
    if (at) this.input.setAttribute("aria-activedescendant", at.id); else this.input.removeAttribute("aria-activedescendant");
    this.reveal(this.list, at ?? chosenRow);
    this.classList_.setAttribute("aria-activedescendant", openNow ? `class-${openNow}` : "");
    this.reveal(this.classList_, this.classList_.querySelector("[aria-selected=true]"));
  }

  /** Scrolls the list alone, never the page. */
  reveal(list, row) {
    if (!row) return;
    const top = row.offsetTop - list.offsetTop, over = top + row.offsetHeight - list.clientHeight;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (over > list.scrollTop) list.scrollTop = over;
  }

  choose(code, { quiet = false } = {}) {
    const type = this.types.find((t) => t.code === code);
    if (!type) return;
    this.value.value = code;
    this.open = type.parent;
    this.input.value = "";
    this.at = -1;
    this.show();
    this.mark();
    if (!quiet) this.onChoose(type);
  }

  /** The next or previous class. */
  turn(step) {
    const codes = this.classes.map((c) => c.code);
    this.open = codes[(codes.indexOf(this.open) + step + codes.length) % codes.length];
    this.at = 0;
    this.show();
  }

  clear() { this.value.value = ""; this.input.value = ""; this.at = -1; this.said = ""; this.show(); this.mark(); }

  mark() {
    const type = this.chosen;
    this.chosenLine.hidden = !type;
    if (type) this.chosenLine.innerHTML = html`<span class="cd">${type.code}</span>${nameOf(type)}`;
  }

  listen() {
    this.input.addEventListener("input", () => { this.at = this.input.value.trim() ? 0 : -1; this.show(); });
    this.input.addEventListener("keydown", (e) => {
      if (e.isComposing) return;
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        this.at = Math.max(0, Math.min(this.rows.length - 1, this.at + (e.key === "ArrowDown" ? 1 : -1)));
        this.show();
      } else if (e.key === "Enter" && !e.ctrlKey) {
        e.preventDefault();
        if (this.rows[this.at]) this.choose(this.rows[this.at].code);
      } else if ((e.key === "ArrowRight" || e.key === "ArrowLeft") && !this.input.value) {
        e.preventDefault();
        this.turn(e.key === "ArrowRight" ? 1 : -1);
      } else if (e.key === "Escape" && this.input.value) { e.stopPropagation(); this.input.value = ""; this.at = -1; this.show(); }
    });
    this.classList_.addEventListener("keydown", (e) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (step) { e.preventDefault(); this.input.value = ""; this.turn(step); }
      if (e.key === "Enter" && !e.ctrlKey) { e.preventDefault(); this.input.focus(); }
    });
    this.classList_.addEventListener("click", (e) => {
      const row = e.target.closest("[data-code]");
      if (row) { this.open = row.dataset.code; this.input.value = ""; this.at = -1; this.show(); this.input.focus(); }
    });
    this.list.addEventListener("click", (e) => { const row = e.target.closest("[data-code]"); if (row) this.choose(row.dataset.code); });
  }
}
