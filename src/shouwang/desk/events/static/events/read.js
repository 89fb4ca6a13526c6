// A CAP file of another office: sent, told, and not kept.
import { Problem, complain, cookie, fill, html } from "../desk/desk.js";

const form = document.getElementById("read"), told = document.getElementById("told");
form.addEventListener("submit", async (e) => {
  e.preventDefault();
  if (!form.elements.file.files.length) { form.elements.file.focus(); return; }
  try {
    const answer = await fetch("/api/warnings/read", { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": cookie("csrftoken"), Accept: "application/json" } });
    const it = await answer.json();
    if (!answer.ok) throw new Problem(it.detail ?? fill(gettext("The centre answered %(status)s."), { status: answer.status }), { status: answer.status });
    told.innerHTML = html`<p class="num">${it.identifier} (${it.sender}, ${it.sent})<br>${it.status}, ${it.msg_type}</p>${it.infos.map((i) => html`<div class="note" lang="${i.language}"><b>${i.event}: ${i.headline}</b><br>${i.urgency}, ${i.severity}, ${i.certainty}${i.expires && ` – ${i.expires}`}<br>${i.areas.map((a) => a.desc).join(", ")}<p>${i.description}</p><p>${i.instruction}</p></div>`)}`;
  } catch (problem) {
    if (problem instanceof Problem) told.innerHTML = html`<div class="note bad" role="alert"><pre lang="en">${problem.message}</pre></div>`;
    else complain(new Problem(gettext("No connection. Nothing was sent.")));
  }
});
