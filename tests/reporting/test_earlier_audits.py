"""Audits that earlier programs wrote still open and still hold."""

from pathlib import Path

import pytest
from support import Cli

from screener.reporting.audit.compare import compare

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
