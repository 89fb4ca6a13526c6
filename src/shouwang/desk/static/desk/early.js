// What is pressed or typed before the page's own scripts stand is kept, and done once they do. On a slow phone a button can
// be seen seconds before anything listens to it; without this the press would be lost and nobody would know.
// A plain script in the head: it must run before the body is there.
{
  const kept = [], acts = "button, [role=button], summary, label, input:not([type=text], [type=search])";
  const early = (e) => {
    const held = e.type === "submit" || (e.type === "click" && e.target.closest(acts));
    if (held) { e.preventDefault(); e.stopImmediatePropagation(); }
    if (held || e.type !== "click") kept.push(e);
  };
  const kinds = ["click", "submit", "input", "change", "keydown"];
  const again = (e) => {
    if (!e.target.isConnected) return;
    if (e.type === "click") e.target.click();
    else if (e.type === "submit") e.target.requestSubmit(e.submitter);
    else e.target.dispatchEvent(new e.constructor(e.type, e));
  };
  for (const kind of kinds) addEventListener(kind, early, true);
  // On the window: after everything that waits for the document itself, htmx among them. Modules have run by then.
  addEventListener("DOMContentLoaded", () => {
    for (const kind of kinds) removeEventListener(kind, early, true);
    kept.splice(0).forEach(again);
  }, { once: true });
}
