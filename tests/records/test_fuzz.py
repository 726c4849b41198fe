"""Whatever is changed in a file, every reader reads it or refuses it in one line. `tests/attacks/fuzz.py` tries more."""

from pathlib import Path

import pytest
from attacks.fuzz import Kind, attack, campaign

from screener.core.errors import BadInput


def test_some_mutants_of_every_kind(tmp_path: Path) -> None:
    assert [outcome.line() for outcome in campaign(30, 2, tmp_path) if outcome.lost] == []


@pytest.mark.slow
def test_more_mutants_of_every_kind(tmp_path: Path) -> None:
    outcomes = list(campaign(500, 3, tmp_path))
    assert sum(outcome.tried for outcome in outcomes) > 450
    assert [outcome.line() for outcome in outcomes if outcome.lost] == []


def test_the_campaign_sees_what_fails(tmp_path: Path) -> None:
    def bad(path: Path) -> str:
        match path.stat().st_size % 4:
            case 0:
                raise ValueError
            case 1:
                raise BadInput("two\nlines")
            case 2:
                return "a row"
        raise BadInput("one line")

    outcome = attack(Kind(".txt", [b"content"], bad, 0), "bad", 60, 1, tmp_path)
    assert outcome.tried == 60
    assert 0 < outcome.survived < 30
    assert outcome.lost == 60 - outcome.survived
