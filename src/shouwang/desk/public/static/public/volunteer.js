// Registering as a volunteer, or an association.
import { asking } from "./asking.js";

const $ = (id) => document.getElementById(id);
const FIELDS = ["title", "name", "how", "area", "trade", "association", "group", "consent"];
const said = () => Object.fromEntries(FIELDS.filter((name) => $(name)).map((name) => [name, name === "consent" ? ($(name).checked ? $(name).value : "") : $(name).value.trim()]));
asking({
  id: "join", path: "/r/volunteer/send/", fields: FIELDS,
  missing: () => ($("join").dataset.what === "association" && !said().title ? { title: gettext("Give the name of the association, up to 80 characters.") } : {}),
  said: () => { const body = said(); return { ...body, association: body.association || null }; },
});
$("association")?.addEventListener("change", (e) => { const trade = e.target.selectedOptions[0]?.dataset.trade; if (trade) $("trade").value = trade; });
