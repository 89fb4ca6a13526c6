// A dialog of several fields, each checked before it closes: what it needs is named, and nothing typed is lost by that.
import { fill, html } from "./desk.js";

/** Resolves with the fields' values, or null when left. fields: [{name, label, options: [[value, label], …], value, required = true,
 * when (a moment), day, number, line (at most so many signs), check, most}]. `ready(form, err)` may hand back { missing(field), values() } for fields
 * of its own kind, drawn by their `control(id, first)`. */
export function dialog(title, fields, confirm, { bad = false, text = "", ready = () => null } = {}) {
  return new Promise((done) => {
    const el = Object.assign(document.createElement("dialog"), { className: "dialog" });
    el.setAttribute("aria-labelledby", "ask-title");
    el.innerHTML = html`<form class="ask" novalidate><h2 id="ask-title">${title}</h2>${text && html`<p>${text}</p>`}${fields.map(field)}<p class="err" role="alert" hidden></p>
      <div class="flex ask-go"><button class="btn" type="button" data-off>${gettext("Cancel")}</button><button class="btn ${bad ? "btn-bad" : "btn-1"}" type="submit">${confirm}</button></div></form>`;
    const form = el.firstElementChild, err = form.querySelector("p.err"), own = ready(form, err);
    let answer = null;
    form.querySelector("[data-off]").addEventListener("click", () => el.close());
    form.addEventListener("keydown", (e) => { if (e.key === "Enter" && e.ctrlKey) form.requestSubmit(); });
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      const values = Object.fromEntries([...new FormData(form)].filter(([, v]) => typeof v === "string"));
      const empty = (f) => (f.control ? own.missing(f) : f.check ? !(f.name in values) : !String(values[f.name] ?? "").trim());
      const missing = fields.find((f) => f.required !== false && empty(f));
      if (missing) { err.textContent = fill(gettext("%(field)s is missing."), { field: missing.label }); err.hidden = false; form.elements[missing.name]?.focus(); return; }
      for (const f of fields) {
        if (f.check) values[f.name] = f.name in values;
        else if ((f.when || f.day || f.number) && !values[f.name]) delete values[f.name];
        else if (f.number) values[f.name] = Number(values[f.name]);
      }
      answer = { ...values, ...own?.values() };
      el.close();
    });
    el.addEventListener("close", () => { el.remove(); done(answer); });
    document.body.append(el);
    el.showModal();
  });
}

function field(f, i) {
  const { name, label, options, value = "", when, day, number, line, check, most = 1000, rows = 3, required = true } = f;
  const id = `ask-${name}`, first = i ? "" : "autofocus";
  if (check) return html`<div class="f"><label class="chk" for="${id}"><input id="${id}" name="${name}" type="checkbox" ${value && "checked"} ${first}>${label}</label></div>`;
  const control = f.control ? f.control(id, first)
    : options ? html`<select class="in" id="${id}" name="${name}" ${first}>${options.map(([v, t]) => html`<option value="${v}"${v === value && html` selected`}>${t}</option>`)}</select>`
      : when || day || number ? html`<input class="in" id="${id}" name="${name}" type="${when ? "datetime-local" : day ? "date" : "number"}" value="${value}" ${first}>`
        : line ? html`<input class="in" id="${id}" name="${name}" maxlength="${line}" value="${value}" autocomplete="off" ${first}>`
          : html`<textarea class="in" id="${id}" name="${name}" rows="${rows}" maxlength="${most}" ${first}>${value}</textarea>`;
  return html`<div class="f"><label for="${id}">${label}${!required && !when ? gettext(" (optional)") : ""}</label>${control}</div>`;
}
