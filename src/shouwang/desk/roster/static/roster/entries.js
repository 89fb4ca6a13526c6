// Leave and wishes: entered at the top, taken back in the list.
import { complain, newId, send } from "../desk/desk.js";
import { fault, submit } from "./faults.js";

const place = document.getElementById("place"), form = document.getElementById("enter");
const fields = form?.elements;
let id = newId();

function fitting() { // a shift is chosen for wishes alone
  const wish = fields.kind.value.startsWith("wish_");
  if (!wish) fields.shift.value = "";
  fields.shift.disabled = !wish;
}

place?.addEventListener("change", () => place.requestSubmit());
fields?.kind.addEventListener("change", fitting);
fields?.first.addEventListener("change", () => { if (fields.last.value < fields.first.value) fields.last.value = fields.first.value; });
form?.addEventListener("submit", (e) => {
  e.preventDefault();
  const bad = [...form.elements].find((el) => !el.validity.valid);
  if (bad) { fault(form, bad.name, bad.validationMessage); return; }
  submit(form, async () => {
    await send("/api/rosters/entries", { id, area: form.dataset.area, user: fields.user.value, kind: fields.kind.value, first: fields.first.value, last: fields.last.value, shift: fields.shift.value });
    id = newId();
    location.reload();
  });
});
document.body.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-strike]");
  if (!button) return;
  button.disabled = true;
  try { await send(`/api/rosters/entries/${button.dataset.strike}`, {}, "DELETE"); button.closest("tr").remove(); }
  catch (problem) { button.disabled = false; complain(problem); }
});
if (form) fitting();
