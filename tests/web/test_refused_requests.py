"""What the app must refuse, asked of every route; the whole campaign is `tests/attacks/web_requests.py`."""

from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("argon2")
from attacks.web_requests import Browser, ServerBrowser, attack


@pytest.mark.slow
@pytest.mark.parametrize("browser", [Browser, ServerBrowser])
def test_no_request_without_token_host_or_origin_changes_anything_and_none_breaks_the_app(
    tmp_path: Path, browser: type[Browser]
) -> None:
    outcomes = attack(tmp_path / "review", 61, browser)
    assert [outcome.line() for outcome in outcomes if outcome.lost] == []
    assert sum(outcome.tried for outcome in outcomes) >= 400
