// Asking for mediation.
import { asking } from "./asking.js";

const $ = (id) => document.getElementById(id);
const FIELDS = ["kind", "area", "account", "name", "phone", "other_who", "other", "other_address"];
const NEEDED = { kind: gettext("Choose what it is about."), area: gettext("Choose the community."), name: gettext("Say what you are called."),
  phone: gettext("Leave a telephone number: the office has to ask you back.") };
asking({
  id: "ask", path: "/r/mediation/send/", fields: FIELDS,
  missing: () => Object.fromEntries(Object.entries(NEEDED).filter(([name]) => !$(name).value.trim())),
  said: () => Object.fromEntries(FIELDS.map((name) => [name, $(name).value.trim()])),
});
