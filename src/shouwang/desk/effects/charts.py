"""The course of time as a chart that an office goes on working with: in the workbook, and in the Word report with that
workbook inside, so that “edit data” opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shouwang.tables.drawing import Drawing, Stroke, Words

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
EMU_PER_CM = 360_000
WIDE, HIGH = 16 * EMU_PER_CM, 8 * EMU_PER_CM
DASHED = "sysDash"
WIDE_D, HIGH_D = 840.0, 360.0  # of the drawing, in its own units


def line(sheet: str, rows: Sequence[Sequence[Any]], title: str) -> Any:
    """A chart of `rows` (heading first; a name, then a figure per line) as they stand on a sheet. It holds the values
    too: Word draws it without opening the workbook."""
    from openpyxl.chart import LineChart
    from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
    from openpyxl.chart.series import Series, SeriesLabel
    from openpyxl.utils import get_column_letter

    heading, *body = rows
    where = "'" + sheet.replace("'", "''") + "'"

    def texts(cells: str, values: Sequence[Any]) -> StrRef:
        kept = [StrVal(idx=n, v=str(value)) for n, value in enumerate(values)]
        return StrRef(f=f"{where}!{cells}", strCache=StrData(ptCount=len(kept), pt=kept))

    chart = LineChart()
    for column, name in enumerate(heading[1:], 2):
        letter = get_column_letter(column)
        points = [NumVal(idx=n, v=f"{row[column - 1]:g}") for n, row in enumerate(body)]
        cells = NumRef(f=f"{where}!${letter}$2:${letter}${len(rows)}", numCache=NumData(ptCount=len(points), pt=points))
        series = Series(idx=column - 2, order=column - 2, val=NumDataSource(numRef=cells),
                        tx=SeriesLabel(strRef=texts(f"${letter}$1", [name])))  # fmt: skip
        series.cat = AxDataSource(strRef=texts(f"$A$2:$A${len(rows)}", [row[0] for row in body]))
        series.smooth = False
        series.graphicalProperties.line.width = 22_000
        chart.series.append(series)
    for series, colour, dash in zip(chart.series, ("1F4E9E", "767676"), (None, DASHED), strict=False):
        series.graphicalProperties.line.solidFill = colour
        series.graphicalProperties.line.dashStyle = dash
    chart.title, chart.legend.position = title, "b"
    chart.title.overlay = False
    chart.y_axis.scaling.min = 0
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False  # else newer offices draw none
    chart.width, chart.height = WIDE / EMU_PER_CM, HIGH / EMU_PER_CM
    return chart


def drawn(rows: Sequence[Sequence[Any]], began: str, says: str) -> Drawing:
    """The same course as lines and words, for documents: the second line is dashed, and a stroke stands where the
    measure began."""
    heading, *body = rows
    columns = [[float(row[n]) for row in body] for n in range(1, len(heading))]
    top = max([1.0, *(value for column in columns for value in column)])
    step: int = next(s for s in (m * 10 ** e for e in range(9) for m in (1, 2, 5)) if top / s <= 4)
    top = -(-top // step) * step
    left, right, floor, roof = 46.0, WIDE_D - 10, HIGH_D - 56, 16.0

    def x(n: float) -> float:
        return left + (right - left) * (n + 0.5) / len(body)

    def y(value: float) -> float:
        return floor - (floor - roof) * value / top

    parts: list[Stroke | Words] = []
    for tick in range(int(top / step) + 1):
        at = y(tick * step)
        parts += [Stroke([(left, at), (right, at)], "#cccccc", 0.8),
                  Words(left - 6, at + 4, f"{tick * step:g}", 12, "end")]
    start = x(sum(str(row[0]) < began for row in body) - 0.5)
    parts += [Stroke([(start, roof), (start, floor)], dash=(4, 3)), Words(start + 4, roof + 10, began, 12, halo=True)]
    for n, column in enumerate(columns[:2]):
        ink, dash = (("#1f4e9e", ()), ("#555555", (6.0, 4.0)))[n]
        parts.append(Stroke([(x(i), y(value)) for i, value in enumerate(column)], ink, 2.5, dash=dash))
        at = left + n * 0.45 * WIDE_D
        parts += [Stroke([(at, HIGH_D - 14), (at + 34, HIGH_D - 14)], ink, 2.5, dash=dash),
                  Words(at + 42, HIGH_D - 10, str(heading[n + 1]), 13)]
    for n, anchor in ((0, "start"), (len(body) - 1, "end")):
        parts.append(Words(left if n == 0 else right, floor + 18, str(body[n][0]), 12, anchor))
    return Drawing(WIDE_D, HIGH_D, tuple(parts), says)


def into_word(document: Any, chart: Any, workbook: bytes, says: str) -> None:
    """Put the chart at the end of a document of python-docx; `says`: what it shows, for those who do not see it."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from openpyxl.xml.functions import Element, SubElement, tostring

    space = chart._write()
    outside = Element(f"{{{CHART}}}externalData", {f"{{{RELATIONS}}}id": "rId1"})
    SubElement(outside, f"{{{CHART}}}autoUpdate", {"val": "0"})
    space.append(outside)
    package = document.part.package
    book = Part(PackURI("/word/embeddings/course.xlsx"),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook, package)  # fmt: skip
    part = Part(PackURI("/word/charts/chart1.xml"), "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
                tostring(space), package)  # fmt: skip
    assert part.relate_to(book, f"{RELATIONS}/package") == "rId1"
    shown = document.part.relate_to(part, f"{RELATIONS}/chart")
    inline = parse_xml(
        f'<w:drawing {nsdecls("w")} {nsdecls("wp", "a", "r")}><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{WIDE}" cy="{HIGH}"/><wp:docPr id="1" name="Chart 1"/><a:graphic><a:graphicData uri="{CHART}">'
        f'<c:chart xmlns:c="{CHART}" r:id="{shown}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
    inline.find(".//{*}docPr").set("descr", says)
    document.add_paragraph().add_run()._r.append(inline)
