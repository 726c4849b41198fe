"""A frozen version never changes, and the report of what comes later shows its studies as previous ones."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from support import Cli, Later
from support.two_stages import two_stage_review

import screener
from screener.core.errors import BadInput
from screener.reporting.audit.checking import check_audit
from screener.review import OpenReview

recomputed = Later("recomputed")

KEPT = {"0": "include", "1": "include", "2": "exclude", "3": "exclude"}


def boxes(review: OpenReview) -> dict[str, Any]:
    document = review.report().figures["previous"]
    assert document["adds_up"], [box["problems"] for box in document["boxes"]]
    return {box["id"]: box for box in document["boxes"]}


def decide(review: OpenReview, stage: str, decisions: dict[str, str]) -> None:
    """Two people decide alike, by DOI."""
    rows = "".join(
        f"10.1000/{n},{decision},{'software' if decision == 'exclude' else ''}\n" for n, decision in decisions.items()
    )
    Path("decisions.csv").write_text("doi,decision,criterion\n" + rows)
    for who in ("anna", "ben"):
        review.label("decisions.csv", stage, who)


@pytest.fixture
def review(database: str, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> OpenReview:
    """Four records, all decided at titles and abstracts and two of them included at full text."""
    folder = two_stage_review(tmp_path / "review", cli, records=4)
    monkeypatch.chdir(tmp_path)
    opened = screener.open(folder)
    decide(opened, "abstract", KEPT)
    decide(opened, "fulltext", {"0": "include", "1": "include"})
    return opened


def add(review: OpenReview, name: str, *rows: str) -> None:
    Path(f"{name}.csv").write_text("title,doi,year\n" + "".join(f"{row}\n" for row in rows))
    review.import_files(f"{name}.csv", source=name)


@pytest.mark.slow
def test_the_previous_box_is_that_of_the_version_whatever_comes_later(review: OpenReview) -> None:
    assert review.report().figures["previous"] is None
    version = review.freeze("2026", who="anna")
    assert (version.body["records"], len(version.studies), len(version.reports), version.body["open"]) == (4, 2, 2, {})
    frozen = review.version("2026")
    assert review.report().figures["previous"] is None, "nothing has come since"
    new = [f"Another study of the order of tests with the number {n},10.1000/9{n},2024" for n in range(4)]
    add(review, "Embase", *new, "Ordering of tests by their cost number 1,10.1000/1,2001")
    decide(review, "abstract", {"90": "include", "91": "exclude"})
    decide(review, "fulltext", {"90": "include"})
    after = boxes(review)
    assert after["previous"]["count"] == 2
    # Five rows came: one of them the version had already, four are screened, two wait, one is included.
    assert after["identified"]["count"] == 5
    assert after["removed"]["parts"][0]["count"] == 1
    counts = {name: after[name]["count"] for name in ("screened", "excluded", "undecided", "included", "total")}
    assert counts == {"screened": 4, "excluded": 1, "undecided": 2, "included": 1, "total": 3}
    # What happens to earlier records later has lines of its own; the box of the version stays.
    Path("over.csv").write_text("doi,decision\n10.1000/0,exclude\n10.1000/2,include\n")
    review.label("over.csv", "abstract", "cleo:adjudicator", overrule=True)
    decide(review, "fulltext", {"2": "include"})
    changed = boxes(review)
    assert changed["previous"] == after["previous"]
    parts = {part["label"]: part["count"] for part in changed["total"]["parts"]}
    assert parts == {"In the previous version": 2, "New": 1, "Included since then, among earlier records": 1,
                     "Not included any more": -1}  # fmt: skip
    assert changed["total"]["count"] == 3
    again = review.version("2026")
    assert again.figures == frozen.figures
    assert again.as_json() == frozen.as_json()
    protocol = json.loads(json.dumps(again.as_json()))["protocol"]
    assert protocol["prompts/review.yaml"] == (review.root / "prompts" / "review.yaml").read_text()
    # After the next version nothing has come yet: the report is still that of this update.
    review.freeze("2027", with_open=True)
    assert review.report().figures["previous"]["version"] == "2026"
    add(review, "Scopus", "One more on the order of tests in the large,10.1000/99,2025")
    assert boxes(review)["previous"]["title"].startswith("Studies of the previous version (2027, ")
    assert boxes(review)["identified"]["count"] == 1


@pytest.mark.slow
def test_the_numbers_of_an_update_are_those_that_other_code_finds_in_its_audit(review: OpenReview) -> None:
    (review.root / "gold").mkdir()
    (review.root / "gold" / "gold.yaml").write_text("name: none\nstatus: provisional\nsplit: {salt: none}\n")
    review.freeze("2026")
    source = next(iter(review.sources().rows))
    rows = Path(review.root / "records.csv").read_text().replace("number 2,", "number 2 once more,")
    Path("next.csv").write_text(rows + "A wholly new study of the order of tests at night,10.1000/50,2026\n")
    review.update_source(source, "next.csv")
    add(review, "Embase", "Another study of the order of tests in the large,10.1000/51,2024",
        "Ordering of tests by their cost number 1,10.1000/1,2001")  # fmt: skip
    decide(review, "abstract", {"50": "include", "51": "exclude"})
    decide(review, "fulltext", {"50": "include"})
    review.report("audit.zip", audit=True)
    audit = recomputed.Audit(Path("audit.zip"))
    made = recomputed.previous(audit)
    same, different, strange = recomputed.compared(audit.figures["previous"], made, {})
    assert (different, strange) == ([], [])
    assert same > 30
    assert check_audit(Path("audit.zip")).verdict == "holds"


def test_open_records_are_frozen_only_when_told_so_and_no_name_twice(review: OpenReview) -> None:
    add(review, "Embase", "Another study of the order of tests in the large,10.1000/90,2024")
    with pytest.raises(BadInput, match=r"open are 1 pending \(titles and abstracts: doi:10.1000/90\).*--with-open"):
        review.freeze("one")
    version = review.freeze("one", with_open=True)
    assert version.body["open"] == {"abstract": {"pending": ["doi:10.1000/90"]}}
    with pytest.raises(BadInput, match=r"there is a version one already"):
        review.freeze(" one ", with_open=True)
    with pytest.raises(BadInput, match=r"no version is called two; there are: one"):
        review.version("two")
    with pytest.raises(BadInput, match=r"a name has 1 to 80 characters"):
        review.freeze(" ")


def test_what_another_process_imports_while_a_version_is_frozen_comes_after_it(review: OpenReview) -> None:
    rows = [f"Another study of the order of tests with the number {n},10.1000/9{n},2024" for n in range(4)]

    before, came = review.report().figures["flow"], list[str]()

    def disturb(*statement: Any) -> None:
        if "FROM judgements" in statement[2] and not came:
            came.append("Embase")
            with screener.open(review.review.root) as other:
                add(other, "Embase", *rows)

    event.listen(Engine, "before_cursor_execute", disturb)
    try:
        version = review.freeze("2026")
    finally:
        event.remove(Engine, "before_cursor_execute", disturb)
    assert came
    assert version.body["records"] == 4
    assert review.version("2026").figures["flow"] == before
    assert boxes(review)["identified"]["count"] == 4, "all that came meanwhile is new"


@pytest.mark.slow
def test_a_newer_text_of_an_earlier_record_is_no_new_record(review: OpenReview) -> None:
    review.freeze("2026")
    source = next(iter(review.sources().rows))
    rows = Path(review.root / "records.csv").read_text().replace("number 2,", "number 2 once more,")
    Path("next.csv").write_text(rows + "A wholly new study of the order of tests at night,10.1000/50,2026\n")
    review.update_source(source, "next.csv")
    update = boxes(review)
    assert (update["identified"]["count"], update["screened"]["count"], update["total"]["count"]) == (1, 1, 2)
