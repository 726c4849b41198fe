"""`screener models same`: a person says that two studies report one model, and takes it back."""

from pathlib import Path

import pytest
from support import Cli
from support.tables import extract, reported, trials

pytestmark = pytest.mark.slow
PARTS = """
tables:
  reproducibility:
    Code: {item: arms.name.code}
"""


@pytest.fixture
def review(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = trials(tmp_path / "review", cli, PARTS)
    for name in ("ada", "bo"):
        extract(folder, name, "ann", {"arms[0].name.drug": reported("Net: One"), "arms[0].name.code": reported("x")})
    extract(folder, "cho", "ann", {"arms[0].name.code": reported("y")})
    monkeypatch.chdir(folder)
    return folder


def units(cli: Cli) -> int:
    rows = cli("export", "--table", "reproducibility", "--json").json["rows"]
    return int(next(row["units"] for row in rows if row["year"] == "all"))


def test_two_units_are_counted_once_until_it_is_taken_back(review: Path, cli: Cli) -> None:
    listed = cli("models", "same", "--json").json
    # A unit without a name of its own is no candidate.
    assert [(pair["a"]["study"], pair["b"]["study"]) for pair in listed["open"]] == [("ada", "bo")]
    assert units(cli) == 3
    assert cli("models", "same", "ada:arms[0]", "bo:Net: One", "--who", "zoe").code == 0
    assert units(cli) == 2
    listed = cli("models", "same", "--json").json
    assert [(pair["who"], pair["holds"]) for pair in listed["linked"]] == [("zoe", True)]
    assert listed["open"] == []
    assert cli("models", "same", "bo:Net: One", "ada:arms[0]", "--undo", "--who", "zoe").code == 0
    assert units(cli) == 3
    assert cli("models", "same", "--json").json == {"linked": [], "open": []}


def test_a_link_whose_unit_is_called_otherwise_now_counts_no_more_and_is_shown(review: Path, cli: Cli) -> None:
    assert cli("models", "same", "ada:arms[0]", "bo:arms[0]", "--who", "zoe").code == 0
    extract(review, "bo", "ann", {"arms[0].name.drug": reported("Net Two")})
    assert units(cli) == 3
    assert "DOES NOT HOLD ANY MORE" in cli("models", "same").out
    assert "1 links between units do not hold any more" in cli("export", "--table", "reproducibility").err


def test_what_names_no_two_units_of_two_studies_is_refused(review: Path, cli: Cli) -> None:
    for units_, told in (
        (("ada:arms[0]",), "give two units"),
        (("ada:arms[0]", "ada:arms[0]"), "are of one study"),
        (("ada:arms[7]", "bo:arms[0]"), "no unit of ada is `arms[7]`; it has arms[0] (Net: One)"),
        (("eve:arms[0]", "bo:arms[0]"), "no included study has this id"),
    ):
        result = cli("models", "same", *units_)
        assert (result.code, told in result.err) == (2, True), result.err
