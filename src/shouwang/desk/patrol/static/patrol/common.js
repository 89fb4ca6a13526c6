// What both pages share: cells on the map, the chart of hours with its table, and buttons that ask the worker.
import * as echarts from "../vendor/echarts/echarts.esm.min.mjs";
import { chinese, complain, fill, getJson, html, send } from "../desk/desk.js";

export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const zone = document.body.dataset.zone || undefined;
const hourFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" });
const dayFormat = new Intl.DateTimeFormat(chinese ? "zh-CN" : "en-GB", { timeZone: zone, weekday: "short" });
export const hourOf = (at) => hourFormat.format(at);
export const dayOf = (at) => dayFormat.format(at);
export const later = (at, hours) => new Date(new Date(at).getTime() + hours * 3600e3);

/** Draws the expected calls of some hours as cells, with their legend. */
export async function showCells(map, start, hours, title) {
  const query = `?start=${encodeURIComponent(new Date(start).toISOString())}&hours=${hours}`, told = await getJson(`/api/forecast/cells${query}`);
  map.setCells({ type: "FeatureCollection", features: told.lon.map((lon, i) => cell(lon, told.lat[i], told.cell_m, step(told.expected[i], told.steps))) });
  legend(map.el, title, told.steps, query);
}
const step = (value, steps) => 1 + steps.filter((s) => value >= s).length;

function cell(lon, lat, width_m, q) {
  const dy = (width_m / 2) / 111195, dx = dy / Math.cos((lat * Math.PI) / 180);
  const ring = [[lon - dx, lat - dy], [lon + dx, lat - dy], [lon + dx, lat + dy], [lon - dx, lat + dy], [lon - dx, lat - dy]];
  return { type: "Feature", properties: { q }, geometry: { type: "Polygon", coordinates: [ring] } };
}

function legend(el, title, steps, query) {
  let box = el.querySelector(".cells-legend");
  if (!box) { box = document.createElement("div"); box.className = "cells-legend"; el.append(box); }
  const from = ["0", ...steps.map(String)];
  box.innerHTML = html`<b>${title}</b><div>${from.map((low, i) => html`<span><i class="q${i + 1}"></i>${i === 4 ? fill(gettext("%(n)s and more"), { n: low }) : low}</span>`)}</div>
    <div class="files no-print"><a class="btn btn-s btn-0" href="/forecast/cells.csv${query}" download>CSV</a><a class="btn btn-s btn-0" href="/forecast/cells.xlsx${query}" download>Excel</a></div>`;
}

/** Bars of expected calls by hour with their 80 % intervals. rows: [{at: Date, expected, low, high, quiet, chosen}]. */
export function hoursChart(el, tableEl, rows, { onPick = null } = {}) {
  const { chart, draw } = barChart(el, tableEl, "hours", rows, { option, table, sentence });
  if (onPick) chart.getZr().on("click", (e) => {
    const [x] = chart.convertFromPixel({ gridIndex: 0 }, [e.offsetX, e.offsetY]);
    if (rows[x]) onPick(x);
  });
  return { draw };
}

/** Buttons that choose between two charts in one place; the second, `name`, is opened when it is first looked at. */
export function charts(name, open) {
  const buttons = [...document.querySelectorAll("[data-chart]")];
  let opened = false;
  for (const button of buttons) button.addEventListener("click", () => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    for (const part of document.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== button.dataset.chart;
    if (button.dataset.chart !== name || opened) return;
    opened = true;
    open().catch((problem) => { opened = false; complain(problem); });
  });
}

/** A chart of rows with its table view behind the button [data-table=name], drawn anew when the theme changes. */
export function barChart(el, tableEl, name, rows, { option, table, sentence }) {
  const chart = echarts.init(el, null, { renderer: "svg" });
  const draw = (now = rows) => {
    rows = now;
    chart.setOption(option(rows), { notMerge: true });
    tableEl.innerHTML = table(rows);
    el.setAttribute("role", "img");
    el.setAttribute("aria-label", sentence(rows));
  };
  draw();
  new ResizeObserver(() => chart.resize()).observe(el);
  new MutationObserver(() => draw()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  for (const button of document.querySelectorAll(`[data-table="${name}"]`)) button.addEventListener("click", () => {
    tableEl.hidden = !tableEl.hidden; el.hidden = !tableEl.hidden;
    button.setAttribute("aria-expanded", String(!tableEl.hidden));
    button.textContent = tableEl.hidden ? gettext("Table") : gettext("Chart");
  });
  return { chart, draw };
}

function option(rows) {
  const text = token("--text-2"), line = token("--line"), font = token("--font").replaceAll('"', "");
  const quiet = [];
  rows.forEach((r, i) => { if (r.quiet) quiet.push([{ xAxis: i }, { xAxis: i }]); });
  return {
    animation: false, aria: { enabled: false }, textStyle: { fontFamily: font },
    grid: { left: 40, right: 14, top: 12, bottom: 26 },
    xAxis: { type: "category", data: rows.map((r) => hourOf(r.at)), axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
      axisLabel: { color: text, fontSize: 12, interval: rows.length > 30 ? 5 : rows.length > 12 ? 2 : 0 } },
    yAxis: { type: "value", min: 0, max: Math.max(1, ...rows.map((r) => r.high)), splitNumber: 3, axisLabel: { color: text, fontSize: 12 }, splitLine: { lineStyle: { color: line } } },
    series: [
      { type: "bar", barCategoryGap: "28%", data: rows.map((r) => ({ value: r.expected, itemStyle: { color: token(r.chosen ? "--q5" : "--q3"),
          decal: null, borderColor: r.quiet ? token("--text-3") : "transparent", borderType: "dashed", borderWidth: r.quiet ? 1 : 0, opacity: r.quiet ? 0.55 : 1 } })) },
      { type: "custom", silent: true, data: rows.map((r, i) => [i, r.low, r.high]), renderItem: (_, api) => {
          const low = api.coord([api.value(0), api.value(1)]), high = api.coord([api.value(0), api.value(2)]);
          return { type: "line", shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] }, style: { stroke: text, lineWidth: 1.4 } };
        } },
    ],
  };
}

const sentence = (rows) => {
  if (!rows.length) return "";
  const most = rows.reduce((a, b) => (b.expected > a.expected ? b : a));
  return fill(gettext("Expected calls by hour, most at %(hour)s:00: %(calls)s"), { hour: hourOf(most.at), calls: most.expected.toFixed(1) });
};
const table = (rows) => html`<table class="tbl"><thead><tr><th scope="col">${gettext("Hour")}</th><th class="n" scope="col">${gettext("Expected")}</th><th class="n" scope="col">${gettext("80 % interval")}</th></tr></thead>
  <tbody>${rows.map((r) => html`<tr><td class="num">${dayOf(r.at)} ${hourOf(r.at)}:00</td><td class="n">${r.expected.toFixed(1)}</td><td class="n">${r.low}–${r.high}</td></tr>`)}</tbody></table>`;

/** Buttons that ask the worker for a forecast or proposals, and the one that ends such work. */
export function jobButtons() {
  document.body.addEventListener("click", async (e) => {
    const start = e.target.closest("[data-job]"), stop = e.target.closest("[data-cancel]");
    try {
      if (start) { start.disabled = true; await send("/api/patrol-jobs", { kind: start.dataset.job }); refresh(); }
      if (stop) { stop.disabled = true; await send(`/api/patrol-jobs/${stop.dataset.cancel}/cancel`); refresh(); }
    } catch (problem) { if (start) start.disabled = false; complain(problem); }
  });
}
const refresh = () => htmx.ajax("GET", "/plan/job/?was=1", { target: "#job", swap: "outerHTML" });
