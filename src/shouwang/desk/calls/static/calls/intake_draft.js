// Nothing typed is lost: what is open is kept in this tab at every key, everything on the server, encrypted, a second later.
// Name, number and words never stay in the browser.
import { Problem, cookie, fill, timeOf } from "../desk/desk.js";

const OPEN = ["id", "received_at", "place", "detail", "lon", "lat", "type", "severity", "services"], KEY = "call-draft", AFTER_MS = 1000;

export class Drafts {
  constructor(form, saved) {
    Object.assign(this, { form, saved, unsaved: false, version: 0 });
    if (form.dataset.savedAt) this.tell(form.dataset.savedAt);
    form.addEventListener("input", () => this.touched());
    form.addEventListener("change", () => this.touched());
    addEventListener("pagehide", () => { if (this.unsaved) this.post(true); });
    addEventListener("beforeunload", (e) => { if (this.unsaved && this.failed) e.preventDefault(); });
  }

  /** What this tab knows better than the server's draft: keys typed after the last save. Only for the same call. */
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null"), fields = this.form.elements;
    if (!kept || Date.parse(kept.at) <= Date.parse(this.form.dataset.savedAt || 0)) return false;
    if (this.form.dataset.savedAt && kept.values.id?.[0] !== fields.id.value) return false;
    for (const [name, values] of Object.entries(kept.values)) {
      for (const el of this.form.querySelectorAll(`[name="${name}"]`)) {
        if (el.type === "checkbox" || el.type === "radio") el.checked = values.includes(el.value); else el.value = values[0] ?? "";
      }
    }
    return true;
  }

  touched() {
    this.unsaved = true;
    this.version++;
    const data = new FormData(this.form);
    sessionStorage.setItem(KEY, JSON.stringify({ at: new Date().toISOString(), values: Object.fromEntries(OPEN.map((n) => [n, data.getAll(n)])) }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), AFTER_MS);
  }

  post(keepalive = false) {
    return fetch(this.form.dataset.draft, { method: "POST", keepalive, credentials: "same-origin", body: new URLSearchParams(new FormData(this.form)),
      headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") } });
  }

  async save() {
    const version = this.version;
    try {
      const answer = await this.post();
      if (!answer.ok) throw new Problem("", { status: answer.status });
      const { saved_at } = await answer.json();
      this.failed = false;
      if (version === this.version) this.unsaved = false;
      this.tell(saved_at);
    } catch {
      this.failed = true;
      this.saved.hidden = false;
      this.saved.textContent = gettext("Not kept yet: no connection");
      if (version === this.version) this.timer = setTimeout(() => this.save(), 5000);
    }
  }

  tell(at) { this.saved.hidden = false; this.saved.textContent = fill(gettext("Kept %(time)s"), { time: timeOf(at) }); }

  /** Saves nothing until the next key. */
  pause() { clearTimeout(this.timer); }

  /** The form became a call, or was cleared. */
  done() {
    this.pause();
    this.version++;
    this.unsaved = this.failed = false;
    this.form.dataset.savedAt = "";
    sessionStorage.removeItem(KEY);
    this.saved.hidden = true;
  }
}
