// The legend, bottom left, closable; whether it is open is kept in the browser.
import { html } from "./desk.js";
import { callSign, closureSign, severityName, shownName, small, unitClass, unitSign } from "./symbols.js";

const raw = (svg, text) => `<span>${svg}${html`${text}`}</span>`;

export function legend(el) {
  const box = document.createElement("details");
  box.className = "legend";
  box.open = localStorage.getItem("legend") !== "closed" && el.clientWidth > 560 && el.clientHeight > 420;
  const call = (severity) => raw(small(`m-c l${severity}`, callSign({ severity, small: true })), severityName(severity));
  const service = (letter, text) => raw(small("m-u free", unitSign({ zh: letter, en: letter, letter, shown: "free" })), text);
  const state = (shown, more = {}) => raw(small(unitClass({ shown, ...more }), unitSign({ letter: letters[0], zh: letters[0], en: letters[0], shown, ...more })), more.jump ? gettext("Position cannot be true") : more.stale ? gettext("Old position") : shownName(shown));
  const letters = document.documentElement.lang.startsWith("zh") ? "巡所交消卫" : "PSTFG";
  const services = [gettext("Patrol"), gettext("Station"), gettext("Traffic"), gettext("Fire"), gettext("Guard")];
  box.innerHTML = `<summary>${html`${gettext("Legend")}`}</summary>
    <div>${[1, 2, 3, 4].map(call).join("")}</div><div class="dim3">${html`${gettext("A diamond is a call")}`}</div>
    <div>${[...letters].map((l, i) => service(l, services[i])).join("")}</div>
    <div>${state("free")}${state("route", { course: 90 })}${state("scene")}${state("busy")}${state("free", { stale: true })}</div>
    <div>${raw(small("m-x shut", closureSign({ factor: 0 })), gettext("Closed street"))}${raw(small("m-x slow", closureSign({ factor: 2 })), gettext("Slow street: times as long"))}${state("free", { jump: true })}</div>`;
  box.addEventListener("toggle", () => localStorage.setItem("legend", box.open ? "open" : "closed"));
  el.append(box);
  return box;
}
