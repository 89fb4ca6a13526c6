// An answer: given again, printed, deleted.
import { Problem, ask, complain, send } from "../desk/desk.js";

const bar = document.getElementById("do"), url = `/api/effects/${bar.dataset.id}`;
const doing = {
  again: async () => { await send(`${url}/again`); location.reload(); },
  delete: async () => {
    const sure = await ask({ title: gettext("Delete this question and its answer?"), confirm: gettext("Delete"), bad: true });
    if (sure) { await send(url, undefined, "DELETE"); location.assign("/effects/"); }
  },
};
bar.addEventListener("click", async (e) => {
  const button = e.target.closest("button");
  if (!button) return;
  if ("print" in button.dataset) { window.print(); return; }
  button.disabled = true;
  try {
    await doing[button.dataset.do]();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    complain(problem);
  } finally {
    button.disabled = false;
  }
});
