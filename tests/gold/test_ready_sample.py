"""A gold sample that comes with a review: its size follows from the gate, and everybody who takes it gets the same records."""

import csv
import importlib.util
from pathlib import Path

import pytest
from scipy.stats import hypergeom
from support import ROOT, Cli

from screener.core.errors import BadInput
from screener.core.yamlfile import YamlFile
from screener.evaluation import GateSampleSize, gate_sample_size
from screener.gold.ready_sample import ReadySample
from screener.gold.sample import shuffled
from screener.protocol import Gate

SPEC = "stage: abstract\nfile: sample.csv\nseed: s\nframe: 12\nn: 6\ntest_share: 0.5\n"
NAMES = [f"f{n:02}" for n in range(12)]
ROWS = "id,title,year,doi\n" + "".join(
    f"{name},Whales of sea {name} and their songs,2020,10.5555/{name}\n" for name in NAMES
)


def chance(size: GateSampleSize, test: int) -> float:
    """The chance that so many records, drawn without replacement, hold the eligible ones that the gate needs."""
    return float(hypergeom.sf(size.positives - 1, size.frame, int(size.prevalence * size.frame), test))


@pytest.mark.parametrize(
    ("low", "frame", "share", "half", "misses"),
    [(0.95, 1107, 0.15, 0.8, 0), (0.95, 20_000, 0.05, 0.5, 0), (0.9, 3000, 0.08, 0.5, 2), (0.8, 500, 0.3, 1.0, 1)],
)
def test_the_size_is_the_least_whose_test_half_holds_what_the_gate_needs_nine_times_in_ten(
    low: float, frame: int, share: float, half: float, misses: int
) -> None:
    size = gate_sample_size(Gate(recall_low=low), frame, share, test_share=half, misses=misses)
    assert size.n is not None
    assert size.test is not None
    assert chance(size, size.test) >= 0.9 > chance(size, size.test - 1)
    assert size.test <= size.n * half < size.test + 1


def test_a_gate_that_not_even_all_records_could_open_is_said() -> None:
    size = gate_sample_size(Gate(recall_low=0.95), 400, 0.1)
    assert (size.n, size.positives) == (None, 73)
    assert size.sentence.startswith("Not even all 400 records would do: ")


def test_the_size_of_the_packaged_sample_is_the_one_that_its_own_expectations_give() -> None:
    spec = YamlFile(ROOT / "gold" / "sample.yaml").validate(ReadySample)
    assert spec.prevalence is not None
    size = gate_sample_size(None, spec.frame, spec.prevalence, test_share=spec.test_share)
    assert (size.n, size.positives) == (spec.n, 73)
    with (ROOT / "gold" / spec.file).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == len(rows) == spec.frame
    assert "abstract" not in rows[0]
    with (ROOT / "gold" / "records.csv").open(encoding="utf-8", newline="") as file:
        assert {row["id"] for row in csv.DictReader(file)} <= {row["id"] for row in rows}


@pytest.mark.slow
def test_the_packaged_sample_is_drawn_from_what_the_exports_of_the_search_give(shared: Path) -> None:
    path = ROOT / "tests" / "reviews" / "seed-sample" / "make.py"
    spec = importlib.util.spec_from_file_location("seed_sample_make", path)
    assert spec is not None
    assert spec.loader is not None
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    with (ROOT / "gold" / "sample.csv").open(encoding="utf-8", newline="") as file:
        assert make.rows(make.merged(shared / "seed-review")) == list(csv.DictReader(file))


@pytest.mark.slow
def test_the_packaged_sample_is_taken_with_its_records_and_meets_those_that_are_there(ecg: Path, cli: Cli) -> None:
    drawn = cli("gold", "sample", "--stage", "abstract", "--ready", "--json").json
    assert (drawn["n"], drawn["frame"], drawn["drawn"]) == (669, 1107, "random")
    assert cli("status", "--json").json["records"] == 1107


@pytest.fixture
def folder(blank: Path) -> Path:
    """A review with a ready sample of 6 of 12 records; standing in it."""
    (blank / "gold" / "sample.yaml").write_text(SPEC)
    (blank / "gold" / "sample.csv").write_text(ROWS)
    return blank


def taken(cli: Cli) -> list[str]:
    done = cli("gold", "sample", "--stage", "abstract", "--ready", "--json")
    assert done.code == 0, done.err
    return sorted(record["id"] for record in done.json["records"])


def imported(cli: Cli, text: str) -> None:
    Path("more.csv").write_text(text)
    assert cli("import", "more.csv").code == 0


def test_the_records_follow_from_seed_and_file_alone_whatever_else_is_in_the_review(folder: Path, cli: Cli) -> None:
    # One record of the sample is there already, by another name, and so is one that is not of it.
    imported(
        cli, "id,title,year,doi\nmine,Whales of sea f03 and their songs,2020,10.5555/f03\nother,Bees,2020,10.5555/b\n"
    )
    expected = sorted({"f03": "mine"}.get(name, name) for name in shuffled(NAMES, "s")[:6])
    assert taken(cli) == expected
    assert cli("status", "--json").json["records"] == 13
    assert taken(cli) == expected  # asked again it is the same sample, not another one


def test_what_cannot_be_taken_is_refused_in_one_line_and_adds_nothing(folder: Path, cli: Cli) -> None:
    (folder / "gold" / "sample.csv").write_text("".join(ROWS.splitlines(keepends=True)[:-1]))
    imported(cli, "id,title,year\nown,Bees of the meadow and their dances,2020\nown2,Ants of the wood,2020\n")
    at = ("gold", "sample", "--stage")
    refused = cli(*at, "abstract", "--ready")
    assert (refused.code, "has 11 usable rows with 11 ids, and the sample was drawn from 12" in refused.err) == (
        2,
        True,
    )
    (folder / "gold" / "sample.csv").write_text(ROWS)
    assert "comes with this review is one of abstract" in cli(*at, "fulltext", "--ready").err
    assert cli(*at, "abstract", "--n", "1").code == 0
    assert "a gold sample was drawn at titles and abstracts before" in cli(*at, "abstract", "--ready").err
    assert cli("status", "--json").json["records"] == 2
    (folder / "gold" / "sample.yaml").unlink()
    assert "no gold sample comes with this review" in cli(*at, "abstract", "--ready").err


def test_two_people_label_it_and_the_lock_says_that_it_was_drawn_at_random(folder: Path, cli: Cli) -> None:
    names = taken(cli)
    for who in ("anna", "ben"):
        Path("said.csv").write_text("id,decision\n" + "".join(f"{name},include\n" for name in names))
        assert cli("label", "said.csv", "--stage", "abstract", "--reviewer", who).code == 0
    lock = cli("gold", "lock", "--stage", "abstract", "--json").json
    assert (lock["locked"], lock["drawn"], lock["frame"], lock["labels"]) == (True, "random", 12, 6)


def test_a_size_is_computed_for_the_gate_where_a_prevalence_is_given(folder: Path, cli: Cli) -> None:
    imported(
        cli,
        "id,title\n" + "".join(f"r{n},Whales of sea {n} and what they sing of at night {n * 7}\n" for n in range(300)),
    )
    at = ("gold", "sample", "--stage", "abstract", "--prevalence")
    drawn = cli(*at, "0.5", "--test-share", "1")
    size = gate_sample_size(None, 300, 0.5, test_share=1.0)
    assert f"{size.n} of 300 records" in drawn.out
    assert "Not even all" in cli(*at, "0.1").err
    for wrong in ("0", "15"):
        assert "does not lie between 0 and 1" in cli(*at, wrong).err


def test_a_file_of_another_shape_is_told_with_its_line(folder: Path) -> None:
    (folder / "gold" / "sample.yaml").write_text(SPEC.replace("sample.csv", "../x.csv"))
    with pytest.raises(BadInput, match=r"sample\.yaml:2: file"):
        YamlFile(folder / "gold" / "sample.yaml").validate(ReadySample)
