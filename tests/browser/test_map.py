"""Very many units on a map: marks that can be picked, and signs again where few are in view."""
from __future__ import annotations

from playwright.sync_api import expect

from screens import Desk

# 400 units in rows of 20 around a place, in a map of its own above the page.
MANY = """async () => {
  const { streetMap } = await import("/static/desk/map.js");
  const el = Object.assign(document.createElement("div"), { id: "many", style: "position:fixed;inset:0;z-index:99" });
  document.body.append(el);
  const shown = ["free", "busy", "route", "scene"];
  const units = Array.from({ length: 400 }, (_, i) => ({
    id: `u${i}`, zh: `巡${i}`, en: `P${i}`, letter: "巡", service: "police", shown: shown[i % 4], stale: i % 5 === 0,
    lon: -90.25 + (i % 20) * 0.002, lat: 38.62 + Math.floor(i / 20) * 0.002,
  }));
  const onPick = ({ kind, id }) => { el.dataset.picked = `${kind} ${id}`; };
  const map = await streetMap(el, { bounds: [-90.26, 38.61, -90.2, 38.67], onPick, showLegend: false });
  window.show = (choose) => map.setUnits(units.map(choose).filter(Boolean));
  window.spot = (id) => {
    const unit = units.find((one) => one.id === id), { x, y } = map.base.project(unit.lon, unit.lat);
    return [x, y];
  };
  window.closer = () => map.goTo(-90.25, 38.62, 16);
  window.show((unit) => unit);
}"""
DRAWN = """() => {
  const canvas = document.querySelector("#many .map-crowd"), { width, height } = canvas;
  const dots = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return dots.filter((value, i) => i % 4 === 3 && value).length;
}"""


def test_many_units_are_marks_to_be_picked_and_signs_closer_up(desk: Desk) -> None:
    page = desk.open("dispatcher", "/units/", reduced_motion="reduce")
    page.evaluate(MANY)
    signs = page.locator("#many .m-u:not([display=none])")
    page.wait_for_function(f"({DRAWN})() > 400 * 50")
    expect(signs).to_have_count(0)
    page.mouse.click(*page.evaluate("window.spot('u133')"))
    expect(page.locator("#many")).to_have_attribute("data-picked", "units u133")
    page.evaluate("window.show((u) => ({ ...u, picked: u.id === 'u7', panic: u.id === 'u8' }))")
    expect(signs).to_have_count(2)  # whom somebody asked for, and who asks for help
    page.evaluate("window.closer()")
    page.wait_for_function(f"({DRAWN})() === 0")
    assert signs.count() > 4
    page.evaluate("window.show((u) => (Number(u.id.slice(1)) < 3 ? u : null))")
    expect(page.locator("#many .m-u")).to_have_count(3)
