"""Documents as PDF: headings, paragraphs, tables and drawings, on A4 with numbered pages, in Chinese and English.

Chinese is set in STSong-Light, a font that readers bring themselves (Adobe-GB1): no font of ten megabytes lies in the
package or in each file. Latin letters are set in Helvetica, whose widths every reader knows."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from .drawing import Drawing, Stroke, Words

LATIN, BOLD, CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"
MARGIN, WIDE = 16 * mm, A4[0] - 32 * mm
BELOW = 6 * mm  # between the text and the line over the foot
SMALL, NORMAL, HEAD, TITLE = 8.0, 9.5, 12.0, 17.0
LEADING = 1.4
ROOM_AFTER_HEADING = 22 * mm  # a heading with less than this below it begins the next page
_CHINESE = re.compile(r"[^\x00-\xff–—‘’“”•…€]+")  # what Helvetica has no letter for
_UNSAID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Text:
    """Paragraphs, one for each line break in `text`."""

    text: str
    bold: bool = False
    small: bool = False


@dataclass(frozen=True)
class Pairs:
    """What is known, each with its name before it."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Grid:
    """A table. `shares`: how wide its columns are, beside one another; `head`: its first row is a heading, repeated on
    each page; `boxed` with lines all round, rows at least `high_mm`, to be written in."""

    rows: Sequence[Sequence[str]]
    shares: Sequence[float] = ()
    head: bool = True
    boxed: bool = False
    high_mm: float = 0.0


Part = Heading | Text | Pairs | Grid | Drawing


@dataclass(frozen=True)
class Document:
    """`above`: a line over the title; `foot`: what stands below on each page beside its number; `page`: how that is
    said, with %(n)s and %(all)s."""

    title: str
    parts: Sequence[Part]
    language: str
    above: str = ""
    foot: str = ""
    page: str = "%(n)s / %(all)s"


def written(document: Document) -> bytes:
    """The file. The same values make the same pages, but for the moment it was made, which stands in the file."""
    file = io.BytesIO()
    frame = Frame(MARGIN, MARGIN + BELOW, WIDE, A4[1] - 2 * MARGIN - BELOW, 0, 0, 0, 0)
    pages = BaseDocTemplate(file, pagesize=A4, title=document.title, creator="Shouwang",
                            pageTemplates=[PageTemplate(frames=[frame])],
                            lang="zh-CN" if document.language.startswith("zh") else "en")
    story: list[Any] = [_paragraph(document.above, SMALL)] if document.above else []
    story += [_paragraph(document.title, TITLE, bold=True), Spacer(0, 3 * mm)]
    for part in document.parts:
        story += _flowables(part)
    pages.build(story, canvasmaker=_numbered(document))
    return file.getvalue()


def _flowables(part: Part) -> list[Any]:
    if isinstance(part, Heading):
        return [CondPageBreak(ROOM_AFTER_HEADING), Spacer(0, 3 * mm), _paragraph(part.text, HEAD, bold=True),
                Spacer(0, 1 * mm)]
    if isinstance(part, Text):
        size = SMALL if part.small else NORMAL
        return [one for line in part.text.splitlines()
                for one in (_paragraph(line, size, bold=part.bold), Spacer(0, 1.2 * mm))]
    if isinstance(part, Drawing):
        return [_Drawn(part), Spacer(0, 2 * mm)]
    return [_pairs(part) if isinstance(part, Pairs) else _grid(part), Spacer(0, 2 * mm)]


def _paragraph(text: str, size: float = NORMAL, *, bold: bool = False) -> Any:
    chinese = bool(_CHINESE.search(text))
    style = ParagraphStyle("", fontName=BOLD if bold else LATIN, fontSize=size, leading=size * LEADING,
                           wordWrap="CJK" if chinese else None)
    return Paragraph(_CHINESE.sub(lambda run: f'<font name="{CHINESE}">{run[0]}</font>', escape(_UNSAID.sub("", text))),
                     style)


def _pairs(part: Pairs) -> Any:
    rows = [[_paragraph(name, SMALL), _paragraph(value)] for name, value in part.rows]
    return Table(rows, [0.2 * WIDE, 0.8 * WIDE], splitInRow=1, style=TableStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]))


def _grid(part: Grid) -> Any:
    shares = part.shares or [1.0] * len(part.rows[0])
    widths = [WIDE * share / sum(shares) for share in shares]
    rows = [[_paragraph(cell, SMALL + 0.5, bold=part.head and not n) for cell in row]
            for n, row in enumerate(part.rows)]
    lines = [("GRID", (0, 0), (-1, -1), 0.6, HexColor("#000000"))] if part.boxed else [
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#bbbbbb")),
        *([("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#000000"))] if part.head else [])]
    padding = 4 if part.boxed else 0
    return Table(rows, widths, rowHeights=[part.high_mm * mm] * len(rows) if part.high_mm else None,
                 repeatRows=int(part.head), splitInRow=0 if part.high_mm else 1, style=TableStyle([
                     ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), padding),
                     ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3), *lines]))


class _Drawn(Flowable):  # type: ignore[misc]  # the library has no types
    """A drawing as wide as the text."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self.drawing, self.scale = drawing, WIDE / drawing.wide
        self.width, self.height = WIDE, drawing.high * self.scale

    def wrap(self, _wide: float, _high: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas, high = self.canv, self.drawing.high
        canvas.saveState()
        canvas.scale(self.scale, self.scale)
        for part in self.drawing.parts:
            if isinstance(part, Stroke):
                _stroke(canvas, part, high)
            else:
                _words(canvas, part, high)
        canvas.restoreState()


def _stroke(canvas: Any, one: Stroke, high: float) -> None:
    path = canvas.beginPath()
    for n, (x, y) in enumerate(one.points):
        (path.lineTo if n else path.moveTo)(x, high - y)
    if one.closed:
        path.close()
    canvas.setStrokeColor(HexColor(one.ink))
    canvas.setLineWidth(one.width)
    canvas.setDash(*([list(one.dash)] if one.dash else []))
    if one.fill:
        canvas.setFillColor(HexColor(one.fill))
    canvas.drawPath(path, stroke=1, fill=int(bool(one.fill)))


def _words(canvas: Any, one: Words, high: float) -> None:
    runs = _runs(one.text, BOLD if one.bold else LATIN)
    wide = sum(pdfmetrics.stringWidth(text, font, one.size) for text, font in runs)
    start = {"start": 0.0, "middle": -wide / 2, "end": -wide}[one.anchor]
    canvas.saveState()
    canvas.translate(one.x, high - one.y)
    canvas.rotate(-one.turn)
    if one.halo:  # a white ground: an edge of letters set twice would be copied twice
        canvas.setFillColor(white)
        canvas.rect(start - 1, -one.size * 0.25, wide + 2, one.size * 1.1, stroke=0, fill=1)
    _set(canvas, runs, one.size, start, HexColor(one.ink))
    canvas.restoreState()


def _set(canvas: Any, runs: Sequence[tuple[str, str]], size: float, start: float, ink: Any, at: float = 0.0) -> None:
    text = canvas.beginText(start, at)
    text.setFillColor(ink)
    for said, font in runs:
        text.setFont(font, size)
        text.textOut(said)
    canvas.drawText(text)


def _runs(text: str, latin: str) -> list[tuple[str, str]]:
    """Pieces of one font each."""
    text, out, last = _UNSAID.sub("", text), [], 0
    for run in _CHINESE.finditer(text):
        out += [(text[last:run.start()], latin), (run[0], CHINESE)]
        last = run.end()
    return [piece for piece in (*out, (text[last:], latin)) if piece[0]]


def _numbered(document: Document) -> type[Canvas]:
    """Pages are kept until their number is known: each says which of how many it is."""

    class Numbered(Canvas):  # type: ignore[misc]  # the library has no types
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for n, page in enumerate(self.kept, 1):
                self.__dict__.update(page)
                _foot(self, document.foot, document.page % {"n": n, "all": len(self.kept)})
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: Any, foot: str, page: str) -> None:
    canvas.setStrokeColor(HexColor("#000000"))
    canvas.setDash()
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, MARGIN, A4[0] - MARGIN, MARGIN)
    said = _paragraph(foot, SMALL - 1)
    _wide, high = said.wrap(WIDE - 28 * mm, MARGIN)
    said.drawOn(canvas, MARGIN, MARGIN - 2 - high)
    runs = _runs(page, LATIN)
    wide = sum(pdfmetrics.stringWidth(text, font, SMALL) for text, font in runs)
    _set(canvas, runs, SMALL, A4[0] - MARGIN - wide, HexColor("#000000"), MARGIN - 2 - SMALL)
