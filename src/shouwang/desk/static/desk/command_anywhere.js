// The command bar on pages that do not bring one of their own: what is done is said, what has a page opens it.
import { commandBar, press } from "./command.js";
import { toast } from "./desk.js";

const form = document.getElementById("cmd");
if (form && !form.dataset.mounted) commandBar(form, { onDone: (answer) => {
  if (answer.url) { location.href = answer.url; return; }
  if (answer.press && (answer.press === "do" || document.querySelector(`[data-cmd="${answer.press}"]`) || !answer.call)) {
    const fault = press(answer.press, answer.text);
    if (fault) toast(fault, { bad: true });
    return;
  }
  if (answer.press || answer.verb === "goto") {
    const unit = answer.verb === "goto" && answer.units[0];
    location.href = `/board/${answer.press ? `?do=${answer.press}` : unit ? `?unit=${unit}` : ""}#${answer.call}`;
    return;
  }
  toast(answer.sentence);
} });
