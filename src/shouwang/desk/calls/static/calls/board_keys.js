// The board's keys. One-key actions work only outside fields and dialogs.
import { html, typing, undoLast } from "../desk/desk.js";

const MAP = () => [
  ["/", gettext("Command bar")], ["J K", gettext("Next, previous call")], ["Enter", gettext("Main action: send what is ticked")],
  ["1–9", gettext("Tick a recommended unit")], ["D", gettext("Send by name")], ["U", gettext("Send the unit under the focus to the selected call")], ["X", gettext("Next set of units")], ["R", gettext("Close a ring around the call")],
  ["F", gettext("Filter calls")], ["G", gettext("Only available units")], ["0", gettext("Centre the map on the selection")],
  ["Z", gettext("Undo, for 8 s")], ["Esc", gettext("One step back")], ["F6", gettext("Next pane")], ["?", gettext("This list")],
];

export function help() {
  const dialog = document.createElement("dialog");
  const verbs = JSON.parse(document.getElementById("verbs").textContent);
  dialog.className = "dialog ask";
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.innerHTML = html`<h2 id="keys-title">${gettext("Keys")}</h2><dl class="keys">${MAP().map(([key, text]) => html`<dt>${key.split(" ").map((k) => html`<kbd>${k}</kbd> `)}</dt><dd>${text}</dd>`)}</dl>
    <h3>${gettext("Commands")}</h3><p class="sm dim">${gettext("Any beginning that only one has is enough. Tab completes, the arrows bring back what was typed before. Fields: unit:, call:, reason:, result:, level:, text:")}</p>
    <ul class="verbs sm">${verbs.map(([name, ...also]) => html`<li><b>${name}</b> <span class="dim">${also.join(" ")}</span></li>`)}</ul>
    <form method="dialog" class="flex ask-go"><button class="btn" autofocus>${gettext("Leave")}</button></form>`;
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // the button below has the focus
}

export function keys({ step, tab, pane, map, chosen, toggleFree, openFilter, filterOpen }) {
  const panes = ["pane-list", "pane-detail", "pane-map"];
  const nextPane = () => {
    const shown = ["cmd-in", ...panes].map((id) => document.getElementById(id)).filter((el) => el?.offsetParent);
    const at = shown.findIndex((el) => el.contains(document.activeElement)), next = shown[(at + 1) % shown.length];
    (next.querySelector?.("[role=option][tabindex='0'], button:not([disabled]), a") ?? next).focus();
  };
  const back = () => {
    if (filterOpen()) { openFilter(false); return; }
    document.activeElement?.blur();
    if (matchMedia("(max-width: 719px)").matches) tab("list"); else if (matchMedia("(max-width: 1179px)").matches) tab("map");
  };
  const single = {
    j: () => step(1), k: () => step(-1), d: () => pane.sendByName(), u: () => { const unit = document.activeElement?.closest?.("#units [data-unit]")?.dataset.unit; if (unit) pane.sendByName([unit]); }, x: () => pane.nextSet(), r: () => pane.ring(), f: () => openFilter(true), g: toggleFree,
    0: () => map.centre(chosen()), z: undoLast, "?": help, Escape: back,
  };
  document.addEventListener("keydown", (e) => {
    if (e.key === "F6") { e.preventDefault(); nextPane(); return; }
    if (e.key === "Escape" && e.target.id === "filter-in") { openFilter(false); return; }
    if (e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.querySelector("dialog[open]")) return;
    const inList = e.target.closest("[role=option]"), key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (inList && (key === "ArrowDown" || key === "ArrowUp")) { e.preventDefault(); step(key === "ArrowDown" ? 1 : -1); return; }
    // Enter is the main action unless the focus is on a control of its own.
    if (key === "Enter" && !e.target.closest("button, a, summary, [role=tab]")) { e.preventDefault(); pane.main(); return; }
    if (/^[1-9]$/.test(key)) { pane.tick(key); return; }
    if (single[key]) { e.preventDefault(); single[key](); }
  });
}
