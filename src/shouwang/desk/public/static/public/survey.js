// A survey, answered without a name.
import { asking } from "./asking.js";

const form = document.getElementById("survey");
const questions = [...form.querySelectorAll("fieldset")].map((box) => box.id);
const answers = () => Object.fromEntries([...form.querySelectorAll("input:checked")].map((input) => [input.name, Number(input.value)]));
asking({
  id: "survey", path: form.dataset.path, fields: [...questions, "area", "answers"],
  missing: () => (Object.keys(answers()).length ? {} : { answers: gettext("Answer at least one question.") }),
  said: () => ({ answers: answers(), area: document.getElementById("area").value }),
});
