// A note of the duty: kept on the phone at once, sent through the outbox. What is typed survives a closed page.
import { fill, html, minuteOf, toast } from "../desk/desk.js";
import { put, watch } from "./outbox.js";

const words = document.getElementById("words"), DRAFT = `note-${document.body.dataset.who}`;
words.value = localStorage.getItem(DRAFT) ?? "";
words.addEventListener("input", () => localStorage.setItem(DRAFT, words.value));
document.getElementById("note").addEventListener("submit", async (e) => {
  e.preventDefault();
  const reason = words.value.trim();
  if (!reason) { words.focus(); return; }
  const label = fill(gettext("Note: %(text)s"), { text: reason.slice(0, 30) });
  const kept = put({ kind: "note", reason, label });
  words.value = "";
  localStorage.removeItem(DRAFT);
  if (await kept) { toast(gettext("Sent.")); location.reload(); }
});
watch((acts) => {
  document.getElementById("unsent-notes").innerHTML = html`${acts.filter((a) => a.kind === "note" && !a.refused).map((a) =>
    html`<li><span class="num dim">${minuteOf(a.at)}</span> <span lang="">${a.reason}</span> <span class="tag line">${gettext("Not yet sent")}</span></li>`)}`;
});
