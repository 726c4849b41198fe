"""Extraction without a model: what is found by pattern is right, and for all else the place is given.

The figures are those of the synthetic review: they show that the machinery works, not how it does on real papers.
"""

import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Cli
from support.extraction import copied, extracted, gold_lines, prepare, the_form

from screener.core.judgement import ItemStatus, Judgement, Match
from screener.core.messages import Passage
from screener.documents.evidence import EvidenceTexts
from screener.forms import ItemField, Link, Quantity, Vocabulary
from screener.forms.load import load_form
from screener.reviewers.pattern_extractor import BEST, find, names_of, variants_of

RUN = ("run", "--stage", "extraction", "--json")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("prepared") / "review")


@pytest.fixture(scope="module")
def done(prepared: Path) -> tuple[dict[str, Any], dict[str, Judgement]]:
    """The figures and judgements of the embedded reviewer over the whole review, whose protocol names it."""
    import json

    from support.extraction import command

    before = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(prepared)
        command(*RUN)
        figures = json.loads(command("evaluate", "--stage", "extraction", "--split", "all", "--json"))
    assert Path.cwd() == before
    return figures, extracted(prepared, "embedded")


@pytest.fixture
def by_kind(done: tuple[dict[str, Any], dict[str, Judgement]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, counts in done[0]["items"].items():
        found[the_form().by_path[name].kind].update(counts)
    return found


@pytest.mark.slow
def test_the_place_of_what_is_reported_is_among_the_three_best(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    figures, _ = done
    assert figures["n"] == 9
    assert figures["evidence_at_3"]["value"] >= 0.85
    assert figures["quote_validity"]["value"] == 1.0


def test_closed_vocabularies_are_mostly_right_and_nothing_is_passed_over_in_silence(
    by_kind: dict[str, Counter[str]], done: tuple[dict[str, Any], dict[str, Judgement]]
) -> None:
    codes = by_kind["code"] + by_kind["codes"]
    given = codes["correct"] + codes["wrong"] + codes["fabricated"]
    assert given > 80
    assert codes["correct"] / given >= 0.8
    # It cannot tell that something is not there, so it never says so.
    assert done[0]["totals"]["missed"] == done[0]["totals"]["not_reported"] == 0
    assert done[0]["micro"]["recall"]["value"] > 0.2


def test_no_number_and_no_link_is_wrong_or_made_up(by_kind: dict[str, Counter[str]]) -> None:
    for kind in ("number", "url"):
        assert (by_kind[kind]["wrong"], by_kind[kind]["fabricated"]) == (0, 0), kind
    assert by_kind["number"]["correct"] >= 15
    assert by_kind["url"]["correct"] >= 6


def test_names_and_other_free_text_are_left_to_people(done: tuple[dict[str, Any], dict[str, Judgement]]) -> None:
    form = the_form()
    for judgement in done[1].values():
        for path, answer in judgement.items.items():
            field = form.item(path)
            if field is None or field.kind in ("text", "texts"):  # a list of objects has no field of its own
                assert answer.status is ItemStatus.UNCLEAR, path


def test_what_is_unclear_comes_with_the_three_best_passages(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    unclear = [a for j in done[1].values() for a in j.items.values() if a.status is ItemStatus.UNCLEAR]
    assert len(unclear) > 100
    for answer in unclear:
        assert len(answer.evidence) == BEST
        assert all(one.status is Match.EXACT and one.page for one in answer.evidence)
        assert answer.value is None
        assert "best passages" in answer.reason


def test_three_sizes_in_one_row_of_a_table_are_ambiguous(done: tuple[dict[str, Any], dict[str, Judgement]]) -> None:
    answer = done[1]["syn-02"].items["models[0].identity.encoder_parameters_millions"]
    assert answer.status is ItemStatus.UNCLEAR
    assert any("86.2" in one.quote for one in answer.evidence)


def test_variants_of_a_model_are_told_apart_and_other_studies_say_that_one_is_assumed(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    two = done[1]["syn-11"]
    assert two.flags == ()
    assert any(path.startswith("models[1].") for path in two.items)
    assert done[1]["syn-01"].flags == ("one_of_models",)
    assert not any(path.startswith("models[1].") for path in done[1]["syn-01"].items)


def test_nothing_is_taken_from_the_references(
    done: tuple[dict[str, Any], dict[str, Judgement]], prepared: Path
) -> None:
    theirs = {"https://git.example.org/others/wavenest", "https://models.example.org/grandfield-305m"}
    values = {answer.value for j in done[1].values() for answer in j.items.values() if isinstance(answer.value, str)}
    assert not values & theirs
    assert {line["value"] for line in gold_lines() if line["path"].endswith("url") and line["value"]} & values


def test_questions_of_an_appraisal_are_never_answered_by_words(
    prepared: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = copied(prepared, tmp_path / "review")
    shutil.copy(ROOT / "prompts" / "appraisal.py", review / "prompts")
    protocol = review / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("form: form.py", "form: appraisal.py"))
    monkeypatch.chdir(review)
    done = cli(*RUN, "--limit", "3")
    assert done.code == 0, done.err
    form = load_form(ROOT / "prompts" / "appraisal.py")
    plain = [path for path, item in form.asked.by_path.items() if item.vocabulary is not None and not item.coded]
    assert len(plain) > 20
    found = [judgement for judgement in extracted(review, "embedded").values() if plain[0] in judgement.items]
    assert len(found) == 3
    for judgement in found:
        for path in plain:
            assert (judgement.items[path].status, judgement.items[path].value) == (ItemStatus.UNCLEAR, None)
            assert len(judgement.items[path].evidence) == BEST
        for path in form.derived:
            assert judgement.items[path].derived == "unclear"


# -- finding in passages ----------------------------------------------------------------------------------------------


class Shape(Vocabulary):
    ROUND = "round", "circular"
    FLAT = "flat"
    OTHER = "other"


RATE = ItemField("rate_hz", "Rate?", "number", quantity=Quantity({"Hz": 1.0, "kHz": 1000.0}, near=("sampl*",)))
COUNT = ItemField("seeds", "Seeds?", "number", whole=True, quantity=Quantity({"": 1.0}, near=("seeds",)))
CODE_URL = ItemField("url", "Where?", "url", link=Link(near=("code",), hosts=("github.com",)))
SHAPE = ItemField("shape", "Shape?", "code", vocabulary=Shape, coded=True)


def value(item: ItemField, text: str) -> Any:
    found = find(item, [Passage("main", 1, "Methods", text)], EvidenceTexts({"main": text}))
    return found.value if found else None


@pytest.mark.parametrize(
    ("item", "text", "expected"),
    [
        (RATE, "Signals were sampled at 0.5 kHz. They are long.", 500),
        (RATE, "Signals were sampled at 500 Hz, and later resampled to 250 Hz.", None),
        (RATE, "Signals were sampled at 500 Hz. They were resampled to 500 Hz.", 500),
        (RATE, "A filter of 40 Hz was used.", None),
        (COUNT, "We used five random seeds.", 5),
        (COUNT, "The seed was 42, and of all seeds it was the best.", None),
        (COUNT, "We used one of the seeds.", None),
        (COUNT, "Among the seeds was 42.", None),
        (RATE, "Die Samplingrate betrug 0,5 kHz, das Alter 62,4 und 12,5 Jahre.", 500),
        (RATE, "Sampled at 12,5 Hz.", None),
        (RATE, "Sampled at 12,5 Hz, 62,4 Jahre alt.", 12.5),
        (RATE, "Sampled at 1.250 Hz, 62,4 und 12,5 Jahre alt.", 1250),
        (RATE, "Sampled at 1.250 Hz.", None),
        (CODE_URL, "The code is at https://github.com/we/ours.", "https://github.com/we/ours"),
        (CODE_URL, "Code: https://github.com/we/ours and https://github.com/they/theirs.", None),
        (CODE_URL, "The code will be released.", None),
        (SHAPE, "It is circular.", "round"),
        (SHAPE, "It is not circular.", None),
        (SHAPE, "It is circular. Others are flat.", None),
    ],
)
def test_a_value_is_given_only_where_no_other_competes(item: ItemField, text: str, expected: Any) -> None:
    assert value(item, text) == expected


def test_a_name_and_its_variants_are_read_from_title_and_text() -> None:
    names = names_of("Fathom: deep models for long recordings")
    assert "fathom" in names
    text = "Fathom-C is small. Fathom-T is large. Fathom-C and Fathom-T differ. We like Fathom-C and Fathom-T."
    assert variants_of(names, [Passage("main", 1, "", text)]) == ["Fathom-C", "Fathom-T"]
    assert variants_of(names, [Passage("main", 1, "", "Fathom-C is small. BERT-L is large.")]) == []
