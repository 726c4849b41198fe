"""What the app must refuse, asked of every route; the whole campaign is `tests/attacks/web_requests.py`."""

from pathlib import Path

import pytest

pytest.importorskip("fastapi")
from attacks.web_requests import attack


@pytest.mark.slow
def test_no_request_without_token_host_or_origin_changes_anything_and_none_breaks_the_app(tmp_path: Path) -> None:
    outcomes = attack(tmp_path / "review", every=31)
    assert [outcome.line() for outcome in outcomes if outcome.lost] == []
    assert sum(outcome.tried for outcome in outcomes) >= 500
