"""The course of time as a chart that an office goes on working with: in the workbook, and in the Word report with that
workbook inside, so that “edit data” opens it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
EMU_PER_CM = 360_000
WIDE, HIGH = 16 * EMU_PER_CM, 8 * EMU_PER_CM
DASHED = "sysDash"


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
