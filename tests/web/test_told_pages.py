"""What is refused to somebody who goes to an address is a page with ways on; what scripts ask is told in a line."""

from pathlib import Path

import pytest
from support.web_app import HOSTILE, running

pytest.importorskip("fastapi")
GOES = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_what_is_refused_is_a_page_to_who_goes_there_and_a_line_to_scripts(folder: Path) -> None:
    with running(folder, "ada") as app:
        app.enter()
        for path, status in (
            ("/nothing", 404), ("/tags/abstract", 405), (f"/run?stage={HOSTILE}", 400), (f"/results/file?name={HOSTILE}", 422),
        ):  # fmt: skip
            page = app.session.get(app.origin + path, headers=GOES, timeout=60)
            line = app.session.get(app.origin + path, timeout=60)
            assert (page.status_code, line.status_code) == (status, status), path
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"
            assert "<h1>This page cannot be shown</h1>" in page.text
            assert '<a class="button main" href="/">' in page.text
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert HOSTILE not in page.text
            assert line.headers["Content-Type"].startswith("text/plain")
            assert "<h1>" not in line.text
        part = app.session.get(f"{app.origin}/nothing", headers={**GOES, "HX-Request": "true"}, timeout=60)
        assert part.text == "There is no such page."
