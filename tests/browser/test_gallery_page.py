"""The gallery's pages in a browser: no text of a chart lies on another one or leaves its chart."""

from __future__ import annotations

import pytest
from looks import CHART_OVERLAPS

from analysis import assets
from analysis.gallery import pages
from analysis.gallery.cases import cases

pytestmark = [pytest.mark.browser]

HARD = (
    "scale-labels-200-items-30", "scale-open-groups-12", "trust-groups-12-long-names",
    "dots-labels-200-items-30", "dots-open-groups-12", "sort-four-buckets", "collect-by-group-long",
    "marks-groups-12-long-names",
)  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_no_text_lies_on_another(name, open_page, tmp_path):
    case = next(case for case in cases() if case.name == name)
    html, walls = pages.page(case)
    (tmp_path / "plotly.js").write_text(assets.bundle(), encoding="utf-8")
    (tmp_path / "gallery.css").write_text(pages.style(), encoding="utf-8")
    file = tmp_path / f"{name}.html"
    file.write_text(html, encoding="utf-8")
    page = open_page(str(file), 1280, 720, base="file://", offline=True)
    charts = page.locator(".chart")
    page.locator(".main-svg").first.wait_for()
    assert charts.count() > walls >= 2
    for number in range(charts.count()):
        chart = charts.nth(number)
        assert chart.locator("svg text").count(), f"{name}: chart {number} holds no words"
        assert chart.evaluate(CHART_OVERLAPS) == [], f"{name}: chart {number}"
