"""The report, saved and opened from disk by somebody without a net."""

from __future__ import annotations

import pytest
from gatherings import DRAWN_AS_DOTS, EVERY_KIND, question

pytestmark = [pytest.mark.browser]


def test_the_report_opens_from_disk_without_a_net(gather, facilitator, open_page, tmp_path, find_nothing):
    meeting = gather(*(question(kind) for kind in EVERY_KIND))
    meeting.show(*EVERY_KIND)
    facilitator.note(meeting.key, "Vegen over fjellet <er> viktig")
    facilitator.end(meeting.key)
    file = tmp_path / "report.html"
    file.write_text(facilitator.report(meeting.key), encoding="utf-8")

    page = open_page(str(file), 1280, 900, base="file://", offline=True)
    assert page.evaluate("document.documentElement.lang") == "nn"
    page.locator(".main-svg").first.wait_for()
    charts = page.locator(".js-plotly-plot").count()
    assert charts == len(EVERY_KIND)
    assert page.locator(".points path").count() > 18 * len(DRAWN_AS_DOTS)
    assert page.locator("table").count() >= charts
    for table in page.locator("table").all():
        assert table.locator("th").count()
    assert "Vegen over fjellet <er> viktig" in page.locator("body").inner_text()
    find_nothing(page)
    page.set_viewport_size({"width": 320, "height": 568})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
