"""A drawing of lines and words, as plain values: written as SVG for pages, and by `tables.pdf` into documents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]
EDGES_OF_CIRCLE = 48


@dataclass(frozen=True)
class Stroke:
    """A course of straight pieces; `closed` joins its ends, `fill` "" leaves it open to what lies below."""

    points: Points
    ink: str = "#000000"
    width: float = 1.0
    fill: str = ""
    closed: bool = False
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Words:
    """Words at a point: `anchor` start, middle or end; `turn` in degrees clockwise; `halo` keeps them off the lines
    below."""

    x: float
    y: float
    text: str
    size: float = 12.0
    anchor: str = "start"
    turn: float = 0.0
    bold: bool = False
    halo: bool = False
    ink: str = "#000000"


@dataclass(frozen=True)
class Drawing:
    """Sizes in units of the drawing, from its upper left corner. `says`: what it shows, for those who do not see it."""

    wide: float
    high: float
    parts: tuple[Stroke | Words, ...]
    says: str = ""


def circle(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    turns = (2 * math.pi * n / EDGES_OF_CIRCLE for n in range(EDGES_OF_CIRCLE))
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


def svg(drawing: Drawing) -> str:
    body = "".join(_stroke(p) if isinstance(p, Stroke) else _words(p) for p in drawing.parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.wide:g} {drawing.high:g}" '
            f'font-family="sans-serif">{body}</svg>')


def _stroke(one: Stroke) -> str:
    course = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in one.points) + ("Z" if one.closed else "")
    dash = f' stroke-dasharray="{" ".join(f"{d:g}" for d in one.dash)}"' if one.dash else ""
    return f'<path d="{course}" fill="{one.fill or "none"}" stroke="{one.ink}" stroke-width="{one.width:g}"{dash}/>'


def _words(one: Words) -> str:
    turn = f' transform="rotate({one.turn:.1f} {one.x:.1f} {one.y:.1f})"' if one.turn else ""
    bold = ' font-weight="700"' if one.bold else ""
    halo = ' stroke="#fff" stroke-width="3" paint-order="stroke"' if one.halo else ""
    return (f'<text x="{one.x:.1f}" y="{one.y:.1f}" font-size="{one.size:g}" text-anchor="{one.anchor}" '
            f'fill="{one.ink}"{turn}{bold}{halo}>{escape(one.text)}</text>')
