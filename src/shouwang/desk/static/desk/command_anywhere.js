// The command bar on pages that do not bring one of their own.
import { anywhere, commandBar } from "./command.js";

const form = document.getElementById("cmd");
if (form && !form.dataset.mounted) commandBar(form, { onDone: anywhere });
