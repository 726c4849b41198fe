"""What keeps the page short: wrong decisions beyond some, and rows of agreement over few records."""

import copy
from pathlib import Path
from typing import Any

import pytest
from support.report import Element, figures_in, read_page, section

from screener.reporting.page import LISTED_ERRORS, page


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The figures of the packaged review, judged by a person who excludes most and by one who excludes nothing."""
    import screener
    from screener.examples import copy_example

    folder = tmp_path_factory.mktemp("length") / "ecg"
    copy_example("ecg", folder)
    review = screener.open(folder)
    review.import_files(folder / "gold" / "records.csv")
    ids = [record.id for record in review.records()]
    for name, decision, names in (("hard", "exclude", ids), ("mild", "include", ids), ("rare", "include", ids[:9])):
        path = folder / f"{name}.csv"
        path.write_text("id,decision\n" + "".join(f"{one},{decision}\n" for one in names))
        review.label(path, "abstract", name)
    return review.report().figures


def drawn(document: Any, tmp_path: Path) -> Element:
    path = tmp_path / "report.html"
    path.write_text(page(document), encoding="utf-8")
    return read_page(path)


def test_missed_records_come_first_and_at_most_twenty_others(document: Any, tmp_path: Path) -> None:
    found = section(drawn(document, tmp_path), "wrong")
    accuracy = {one["evaluation"]["reviewer"]: one for one in document["stages"]["abstract"]["accuracy"]}
    wrongly_kept = accuracy["mild"]["wrong_in_words"]
    assert len(wrongly_kept) > LISTED_ERRORS, "the example has too few"
    tags = [next(one.all("span")).text for one in found.all("article")]
    kept = [sum(not case["missed"] for case in one["wrong_in_words"]) for one in accuracy.values()]
    assert tags.count("not excluded, gold excludes") == sum(min(LISTED_ERRORS, count) for count in kept)
    assert f"{len(wrongly_kept) - LISTED_ERRORS} records are not listed here: the ZIP" in " ".join(found.text.split())
    assert figures_in(drawn(document, tmp_path)) == document, "the figures have all of them"


def test_every_missed_record_is_listed_the_first_ones_with_their_quotes(document: Any, tmp_path: Path) -> None:
    many = copy.deepcopy(document)
    [hard] = [one for one in many["stages"]["abstract"]["accuracy"] if one["evaluation"]["reviewer"] == "hard"]
    missed = [{**one, "missed": True} for one in hard["wrong_in_words"]]
    hard["wrong_in_words"] = [{**missed[0], "id": f"missed-{n:02d}"} for n in range(LISTED_ERRORS + 5)]
    text = section(drawn(many, tmp_path), "wrong").text
    assert all(f"missed-{n:02d}" in text for n in range(LISTED_ERRORS + 5))
    assert text.index("missed-19") < text.index("Also missed:") < text.index("missed-20")


def test_rows_of_agreement_over_few_records_are_folded_and_stay_in_the_figures(document: Any, tmp_path: Path) -> None:
    found = section(drawn(document, tmp_path), "agreement")
    pairs = document["stages"]["abstract"]["agreement"]["pairs"]
    few = {f"{one['first']}, {one['second']}" for one in pairs if one["n"] < 10}
    assert len(few) == 2
    folded = {row.text.strip() for fold in found.all("details") for row in fold.all("th")}
    shown = {row.text.strip() for row in found.all("th")} - folded
    assert few <= folded
    assert {f"{one['first']}, {one['second']}" for one in pairs} - few <= shown
