// What can be done with a question that a worker answers: run it again, cancel its run, delete it, print its page.
import { ask, complain, fill, send } from "./desk.js";

/** Buttons with data-do and data-print on the page of the row behind `url`; `back`: the list it stands in. */
export function asked(url, { back, title, loses }) {
  document.body.addEventListener("click", async (e) => {
    const button = e.target.closest("[data-do], [data-print]");
    if (!button) return;
    if ("print" in button.dataset) { print(); return; }
    try {
      if (button.dataset.do === "delete") {
        const sure = await ask({ title: fill(gettext("Delete “%(title)s”?"), { title }), text: loses, confirm: gettext("Delete"), bad: true });
        if (!sure) return;
        await send(url, {}, "DELETE");
        location.assign(back);
        return;
      }
      button.disabled = true;
      await send(`${url}/${button.dataset.do}`);
      if (button.dataset.do === "again") location.reload();
    } catch (problem) { button.disabled = false; complain(problem); }
  });
}
