"""Audits that earlier programs wrote still open and still hold."""

import copy
from pathlib import Path
from typing import Any

import pytest
from support import Cli

from screener.reporting.audit.compare import compare
from screener.reporting.audit.earlier import keep_what_is_not_here, other_rules_of_items

ARCHIVES = Path(__file__).parent / "archives"
"""Written by earlier programs.

`open-gate.zip`: 90 made-up records, double labels, locked gold and an open gate, as looks at gates were recorded first.
`exclusions-without-reasons.zip`: five made-up reports; of two that both people exclude, one of them or both say no reason,
which was not asked for. `ensemble-called-combine.zip`: five made-up records and two engines, put together by the kind `combine`.
"""


@pytest.mark.parametrize("name", ["open-gate.zip", "exclusions-without-reasons.zip", "ensemble-called-combine.zip"])
def test_an_audit_of_an_earlier_program_holds(
    name: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    held = cli("check", "--audit", ARCHIVES / name)
    assert held.code == 0, held.out + held.err
    assert "IT HOLDS" in held.out


def test_only_figures_that_came_later_may_be_absent() -> None:
    recorded = {"stages": {"abstract": {"gate": {"open": True}, "agreement": {"humans": {"records": 1}}}}}
    now = {
        "stages": {
            "abstract": {"gate": {"open": True, "last_at": "x"}, "agreement": {"humans": {"records": 1, "same": 1}}}
        }
    }
    assert compare(recorded, now).different == []
    assert [found.path for found in compare(recorded, {"stages": {**now["stages"], "x": 1}}).different] == ["stages.x"]
    assert [found.path for found in compare(now, recorded).different] == [
        "stages.abstract.gate.last_at", "stages.abstract.agreement.humans.same",
    ]  # fmt: skip


def extraction(**evaluation: object) -> dict[str, Any]:
    same = {"embedder": "minilm", "offered": 1, "open": 1}
    full = {"same_meaning": same, "not_in_text": 0, "parts": {"a": {"items": 2, "offered": 1, "not_in_text": 0}},
            "wrong": [{"item": "a.x", "same_meaning": "open", "not_in_text": False}]}  # fmt: skip
    return {"stages": {"extraction": {"accuracy": [{"evaluation": copy.deepcopy(full | evaluation)}], "agreement": {}}}}


def test_an_extraction_that_was_scored_by_other_rules_is_not_compared() -> None:
    before = extraction()
    assert other_rules_of_items(before) == []
    del before["stages"]["extraction"]["accuracy"][0]["evaluation"]["same_meaning"]
    assert other_rules_of_items(before) == [("stages", "extraction", "accuracy"), ("stages", "extraction", "agreement")]
    assert other_rules_of_items({"stages": {"abstract": {}}}) == other_rules_of_items(None) == []


def test_what_another_sentence_model_offers_is_no_difference_and_all_else_is() -> None:
    here = {"same_meaning": {"embedder": "hashed", "offered": 0, "open": 0},
            "parts": {"a": {"items": 2, "offered": 0, "not_in_text": 0}},
            "wrong": [{"item": "a.x", "same_meaning": None, "not_in_text": False}]}  # fmt: skip
    now = extraction(**here)
    keep_what_is_not_here(extraction(), now, texts=True)
    assert compare(extraction(), now).different == []
    changed = extraction(**here | {"parts": {"a": {"items": 3, "offered": 0, "not_in_text": 0}}})
    keep_what_is_not_here(extraction(), changed, texts=True)
    assert next(found.path for found in compare(extraction(), changed).different).endswith("parts.a.items")
    # The same model must offer the same.
    other = extraction(same_meaning={"embedder": "minilm", "offered": 2, "open": 2})
    keep_what_is_not_here(extraction(), other, texts=True)
    assert len(compare(extraction(), other).different) == 2


def test_what_only_texts_tell_is_kept_where_they_were_left_out() -> None:
    told = {"not_in_text": 1, "parts": {"a": {"items": 2, "offered": 1, "not_in_text": 1}},
            "wrong": [{"item": "a.x", "same_meaning": "open", "not_in_text": True}]}  # fmt: skip
    for texts, differences in ((False, 0), (True, 3)):
        now = extraction(**told)
        keep_what_is_not_here(extraction(), now, texts=texts)
        assert len(compare(extraction(), now).different) == differences
