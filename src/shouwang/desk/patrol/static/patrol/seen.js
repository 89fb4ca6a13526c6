// 见警率 by hour: the share of streets that patrols should see by the plan, and what they saw, beside each other.
import { fill, getJson, html } from "../desk/desk.js";
import { barChart, charts, dayOf, hourOf, token } from "./common.js";

/** The buttons above the chart: calls, or streets seen, asked for when they are first looked at. */
export const seenChart = (url) => charts("seen", () => open(url));

async function open(url) {
  const rows = (await getJson(url)).map((row) => ({ ...row, at: new Date(row.start) }));
  document.getElementById("seen-said").textContent = sentence(rows);
  barChart(document.getElementById("seen"), document.getElementById("seen-table"), "seen", rows, { option, table, sentence });
}

const percent = (share) => (share === null ? "—" : `${(share * 100).toFixed(1)} %`);
const mean = (shares) => shares.reduce((a, b) => a + b, 0) / shares.length;

function sentence(rows) {
  const both = rows.filter((r) => r.achieved !== null && r.expected !== null), counted = rows.filter((r) => r.achieved !== null);
  if (both.length) return fill(gettext("In %(n)s hours with an approved plan patrols saw %(achieved)s of the streets an hour, by the calls expected on them; the plan said %(expected)s."),
    { n: both.length, achieved: percent(mean(both.map((r) => r.achieved))), expected: percent(mean(both.map((r) => r.expected))) });
  if (counted.length) return fill(gettext("Patrols saw %(achieved)s of the streets an hour, by the calls expected on them. No plan was approved for these hours."), { achieved: percent(mean(counted.map((r) => r.achieved))) });
  return gettext("No hour is counted yet: that is done an hour after it is over, from the positions of units on duty.");
}

function option(rows) {
  const text = token("--text-2"), line = token("--line");
  return {
    animation: false, aria: { enabled: false }, textStyle: { fontFamily: token("--font").replaceAll('"', "") },
    grid: { left: 48, right: 14, top: 12, bottom: 26 },
    xAxis: { type: "category", data: rows.map((r) => hourOf(r.at)), axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
      axisLabel: { color: text, fontSize: 12, interval: rows.length > 30 ? 5 : rows.length > 12 ? 2 : 0 } },
    yAxis: { type: "value", min: 0, splitNumber: 3, axisLabel: { color: text, fontSize: 12, formatter: (v) => `${Math.round(v * 100)} %` }, splitLine: { lineStyle: { color: line } } },
    series: [
      { type: "bar", barGap: "-100%", barCategoryGap: "28%", data: rows.map((r) => r.achieved ?? 0), itemStyle: { color: token("--q4") } },
      { type: "bar", data: rows.map((r) => r.expected ?? 0), itemStyle: { color: "transparent", borderColor: text, borderType: "dashed", borderWidth: 1.2 } },
    ],
  };
}

const table = (rows) => html`<table class="tbl"><thead><tr><th scope="col">${gettext("Hour")}</th><th class="n" scope="col">${gettext("By plan")}</th><th class="n" scope="col">${gettext("Achieved")}</th></tr></thead>
  <tbody>${rows.map((r) => html`<tr><td class="num">${dayOf(r.at)} ${hourOf(r.at)}:00</td><td class="n">${percent(r.expected)}</td><td class="n">${percent(r.achieved)}</td></tr>`)}</tbody></table>`;
