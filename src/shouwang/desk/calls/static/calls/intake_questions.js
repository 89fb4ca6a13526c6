// The guided questions of a type: one row each, answered by mouse or keys. What an answer asks for comes from the server.
import { cookie, html } from "../desk/desk.js";

/** `questions`: [{id, text, note, answers: [{id, text, advice}]}]; `given`: answers that stand already; `onFollow(found)` is told what type
 * and answers ask for: {severity, services, plan, needs, agencies, suggests}. */
export class Questions {
  constructor(root, form, questions, given, { onFollow, onType }) {
    Object.assign(this, { root, form, given: new Map(Object.entries(given)), onFollow, turn: 0 });
    this.all = new Map(questions.map((q) => [q.id, q]));
    this.list = root.querySelector("#question-list");
    this.result = root.querySelector("#question-result");
    this.list.addEventListener("input", (e) => this.#answered(e.target));
    // A chosen answer that is clicked again is taken back.
    this.list.addEventListener("click", (e) => { if (e.target.matches("[type=radio]") && this.given.get(this.#id(e.target)) === e.target.value && e.target.dataset.was) this.#back(e.target); });
    this.list.addEventListener("pointerdown", (e) => { const box = e.target.closest("label")?.querySelector("[type=radio]"); if (box) box.dataset.was = box.checked ? "1" : ""; });
    this.result.addEventListener("click", (e) => { const code = e.target.closest("[data-suggest]")?.dataset.suggest; if (code) onType(code); });
  }

  #id(el) { return el.name.slice("answer.".length); }

  /** The questions of this type; what was answered for another one stays answered where it is asked again. */
  show(type) {
    this.asks = (type?.asks ?? []).map((id) => this.all.get(id)).filter(Boolean);
    this.root.hidden = !this.asks.length;
    this.list.innerHTML = html`<input type="hidden" name="asked" value="1">${this.asks.map((q) => this.#row(q))}`;
    this.result.innerHTML = "";
    for (const q of this.asks) this.#say(q);
    if (type && this.asks.some((q) => this.given.has(q.id))) this.follow();
  }

  #row(q) {
    const value = this.given.get(q.id) ?? "", name = `answer.${q.id}`;
    const field = q.answers.length
      ? html`<span class="qa">${q.answers.map((a) => html`<label class="btn btn-s"><input type="radio" name="${name}" value="${a.id}"${a.id === value && html` checked`}>${a.text}</label>`)}</span>`
      : html`<input class="in" name="${name}" value="${value}" maxlength="200" aria-labelledby="q-${q.id}" lang="">`;
    return html`<div class="q" data-question="${q.id}"${q.answers.length && html` role="radiogroup" aria-labelledby="q-${q.id}"`}><span class="qt" id="q-${q.id}">${q.text}${q.note && html` <small class="dim">${q.note}</small>`}</span>${field}<p class="say" role="status" hidden></p></div>`;
  }

  #answered(el) {
    const id = this.#id(el);
    if (el.value.trim()) this.given.set(id, el.value); else this.given.delete(id);
    this.#say(this.all.get(id));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(), 120);
  }

  #back(el) {
    el.checked = false;
    this.given.delete(this.#id(el));
    this.#say(this.all.get(this.#id(el)));
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
    this.follow();
  }

  /** What is to be read to the caller. */
  #say(q) {
    const line = this.list.querySelector(`[data-question="${q.id}"] .say`), advice = q.answers.find((a) => a.id === this.given.get(q.id))?.advice;
    line.hidden = !advice;
    line.innerHTML = advice ? html`<b>${gettext("Tell the caller")}</b> ${advice}` : "";
  }

  async follow() {
    const mine = ++this.turn, body = new URLSearchParams([...new FormData(this.form)].filter(([name]) => ["type", "lon", "lat"].includes(name) || name.startsWith("answer.")));
    try {
      const answer = await fetch(this.root.dataset.follow, { method: "POST", credentials: "same-origin", body, headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") } });
      if (!answer.ok || mine !== this.turn) return;
      const found = await answer.json();
      if (mine !== this.turn) return;
      this.#tell(found);
      this.onFollow(found);
    } catch { /* without a network the answers are kept and count when the call is saved */ }
  }

  #tell({ plan, needs, agencies, suggests }) {
    const list = (parts) => parts.join(gettext(", "));
    this.result.innerHTML = html`${suggests.map((t) => html`<button type="button" class="btn btn-s" data-suggest="${t.code}">${interpolate(gettext("Change the type to %(type)s"), { type: t.name }, true)}</button> `)}${plan && html`<p><b>${plan}</b>${needs.length > 0 && html` ${list(needs.map((n) => `${n.name} ${n.count}`))}`}</p>`}${agencies.length > 0 && html`<p class="dim">${gettext("To be told:")} ${list(agencies)}</p>`}`;
  }

  /** The next question without an answer. */
  next() {
    const open = this.asks?.find((q) => !this.given.has(q.id));
    this.list.querySelector(open ? `[data-question="${open.id}"] input` : "input")?.focus();
  }

  /** Answers to the questions that are asked, by question. */
  get answers() { return Object.fromEntries((this.asks ?? []).filter((q) => this.given.has(q.id)).map((q) => [q.id, this.given.get(q.id)])); }

  /** Answers that were given before stand again. */
  restore(type, answers) { this.given = new Map(Object.entries(answers)); this.show(type); }

  clear() { this.given.clear(); this.show(null); }
}
