"""Documents as PDF, read back."""

from __future__ import annotations

import io

from pypdf import PdfReader

from shouwang.tables.drawing import Drawing, Stroke, Words, circle, svg
from shouwang.tables.pdf import Document, Grid, Heading, Pairs, Text, written

MAP = Drawing(200, 100, (
    Stroke(circle(100, 50, 20), dash=(3, 3)), Stroke([(0, 0), (200, 0), (200, 100)], fill="#ffffff", closed=True),
    Words(100, 50, "人民南路 S 4th St", anchor="middle", turn=30, halo=True)))  # fmt: skip


def test_a_document_holds_its_words_in_both_scripts_on_numbered_pages() -> None:
    long = "单位已到达现场 and more " * 400  # more than a page in one cell
    content = written(Document("警情 <1> & Co", [
        Pairs([("地点", "三槐树路 17 号 → 5F")]), MAP, Heading("经过"), Text("first\nsecond \x00é"),
        Grid([["时间", "What"], ["12:00", long], ["12:01", "the end"]], (1, 4)),
        Grid([["签名", ""]], head=False, boxed=True, high_mm=14)],
        "zh", foot="由 A 导出", page="第 %(n)s 页，共 %(all)s 页",
    ))  # fmt: skip
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content), strict=True).pages]
    assert len(pages) > 1
    for n, text in enumerate(pages, 1):
        assert f"第 {n} 页，共 {len(pages)} 页" in text and "由 A 导出" in text
    text = "".join(pages)
    for word in ("警情 <1> & Co", "三槐树路 17 号 → 5F", "人民南路 S 4th St", "second é", "the end", "签名"):
        assert text.count(word) == 1, word
    assert text.count("单位已到达") > 300 and text.count("What") >= 2  # the heading stands on each page
    assert "人民南路" in svg(MAP)
