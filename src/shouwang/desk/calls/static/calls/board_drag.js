// A unit is drawn onto a call, from the list of units onto a row or the open pane. By keys: choose the call, then U on the unit's plate.
import { isFree, isOver } from "./board_state.js";

/** `drop(unit, callId)` sends the unit; only free ones can be drawn, only open calls take them. */
export function dragging(board, { chosen, drop }) {
  let held = null;
  const over = (e) => {
    const id = e.target.closest?.("[role=option]")?.dataset.id ?? (e.target.closest?.("#pane-detail") ? chosen() : null), call = id && board.calls.get(id);
    return call && !isOver(call) ? id : null;
  };
  const mark = (id) => { for (const el of document.querySelectorAll("[role=option]")) el.classList.toggle("drop", Boolean(id) && el.dataset.id === id); document.getElementById("pane-detail").classList.toggle("drop", Boolean(id) && id === chosen()); };
  const end = () => { held = null; mark(null); document.body.classList.remove("dragging"); };
  document.addEventListener("dragstart", (e) => {
    const unit = board.units.get(e.target.closest?.("#units [data-unit]")?.dataset.unit);
    if (!unit || !(isFree(unit) || unit.state === "on_break")) return;
    held = unit.id;
    e.dataTransfer.setData("text/plain", unit.code);
    e.dataTransfer.effectAllowed = "link";
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragover", (e) => { if (!held) return; const id = over(e); mark(id); if (id) { e.preventDefault(); e.dataTransfer.dropEffect = "link"; } });
  document.addEventListener("drop", (e) => { if (!held) return; const id = over(e), unit = held; e.preventDefault(); end(); if (id) drop(unit, id); });
  document.addEventListener("dragend", end);
}
