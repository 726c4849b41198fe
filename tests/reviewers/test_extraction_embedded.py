"""Extraction without a model: what is found by pattern is right, and for all else the place is given.

The figures are those of the synthetic review: they show that the machinery works, not how it does on real papers.
"""

import json
import shutil
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Cli
from support.extraction import copied, extracted, gold_lines, prepare, the_form

from screener.core.judgement import ItemStatus, Judgement, Match
from screener.core.messages import Passage
from screener.documents import Block, Cell, Document, Kind, Table, passages_of
from screener.documents.evidence import EvidenceTexts
from screener.forms import ItemField, Link, Quantity, Vocabulary
from screener.forms.load import load_form
from screener.reviewers.pattern_extractor import BEST, left_to_people, names_of, variants_of
from screener.reviewers.pattern_values import find
from screener.reviewers.places import Line, lines_of
from screener.text.sentences import sentences

RUN = ("run", "--stage", "extraction", "--json")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("prepared") / "review")


@pytest.fixture(scope="module")
def done(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Judgement]]:
    """The figures and judgements of the embedded reviewer over the whole review, whose protocol names it."""
    from support.extraction import command

    before = Path.cwd()
    review = copied(prepared, tmp_path_factory.mktemp("done") / "review")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(review)
        command(*RUN)
        figures = json.loads(command("evaluate", "--stage", "extraction", "--split", "all", "--json"))
    assert Path.cwd() == before
    return figures, extracted(review, "embedded")


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


def test_lists_and_free_text_but_the_models_own_name_are_left_to_people(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    form = the_form()
    for judgement in done[1].values():
        for path, answer in judgement.items.items():
            field = form.item(path)
            free = field is None or field.kind in ("text", "texts")  # a list of objects has no field of its own
            if free and not path.endswith(".identity.name"):
                assert answer.status is ItemStatus.UNCLEAR, path
                assert "not attempted" in answer.reason, path


def test_a_name_is_that_of_the_title(done: tuple[dict[str, Any], dict[str, Judgement]]) -> None:
    names = {name: [a.value for path, a in judgement.items.items() if path.endswith(".identity.name")]
             for name, judgement in done[1].items()}  # fmt: skip
    assert names["syn-01"] == ["PulseWeave"]
    assert names["syn-11"] == ["Fathom-C", "Fathom-T"]
    assert names["syn-04"] == [None]  # no word for naming leads to it


def test_what_is_unclear_comes_with_the_three_best_places(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    unclear = [a for j in done[1].values() for a in j.items.values() if a.status is ItemStatus.UNCLEAR]
    assert len(unclear) > 100
    for answer in unclear:
        assert len(answer.evidence) == BEST
        assert all(one.status is Match.EXACT and one.page for one in answer.evidence)
        assert len({(one.document, one.start) for one in answer.evidence}) == BEST
        assert answer.value is None
        assert "best places" in answer.reason


def test_of_three_sizes_in_one_row_of_a_table_the_models_own_is_taken(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    answer = done[1]["syn-02"].items["models[0].identity.encoder_parameters_millions"]
    assert (answer.status, answer.value) == (ItemStatus.REPORTED, 86.2)
    assert answer.evidence[0].quote.split() == ["Parameters", "(M)", "86.2", "305", "212"]


def test_variants_of_a_model_are_told_apart_and_other_studies_say_that_one_is_assumed(
    done: tuple[dict[str, Any], dict[str, Judgement]],
) -> None:
    two = done[1]["syn-11"]
    assert two.flags == ()
    assert any(path.startswith("models[1].") for path in two.items)
    assert done[1]["syn-01"].flags == ("one_of_models",)
    assert not any(path.startswith("models[1].") for path in done[1]["syn-01"].items)


def test_nothing_is_taken_from_the_references(done: tuple[dict[str, Any], dict[str, Judgement]]) -> None:
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
            assert "not attempted (a judgement)" in judgement.items[path].reason
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


SHAPES = ItemField("shapes", "Shapes?", "codes", vocabulary=Shape, coded=True)
LEAST = ItemField("smallest_share", "Share?", "number", quantity=Quantity({"%": 1.0}, near=("label*",)))


LOW, LEVEL = (ItemField(name, "?", "number", quantity=Quantity({"": 1.0, "%": 1.0}, near=("confidence interval",)))
              for name in ("interval_low", "level_percent"))  # fmt: skip


def value(item: ItemField, text: str, section: str = "Methods", **about: Any) -> Any:
    lines = [Line(one.text, "main", one.start, 0, section, **about) for one in sentences(text)]
    found = find(item, lines, EvidenceTexts({"main": text}))
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
        (SHAPE, "It is circular, unlike the flat ones.", "round"),
        (SHAPE, "We compare it with a flat one.", None),
        (SHAPE, "It is better than the flat baseline.", None),
        (SHAPE, "It is a circular one [3].", None),
        (SHAPE, "We made a circular one as others did [3].", "round"),
        (SHAPE, "Miller et al. (2020) made it circular.", None),
        (SHAPE, "We also made it flat but dropped this form. It is circular.", "round"),
        (COUNT, "There are 12-lead seeds.", None),
        (COUNT, "Page 34 says that it has seeds.", None),
        (LEAST, "We used 1%, 10% and 100% of the labels. With 1% of the labels it was worse.", 1),
        (LEAST, "We used 1%, 10% and 100% of the labels.", None),
        (LOW, "The 95% confidence interval is in the appendix.", None),
        (LEVEL, "The 95% confidence interval is in the appendix.", 95),
        (SHAPES, "It is circular and flat.", ["round", "flat"]),
        (SHAPES, f"It is circular. {'It is circular and small. ' * 8}It is flat.", None),
    ],
)
def test_a_value_is_given_only_where_no_other_competes(item: ItemField, text: str, expected: Any) -> None:
    assert value(item, text) == expected


@pytest.mark.parametrize("section", ["1 Introduction", "2 Related work"])
def test_what_is_told_of_others_is_no_value(section: str) -> None:
    assert value(SHAPE, "It is circular.", section, background=True) is None
    assert value(SHAPE, "Ours is circular.", section, background=True) == "round"


def test_where_comparators_are_described_there_is_no_value() -> None:
    assert value(SHAPE, "We made it flat.", "Baseline implementation") is None
    assert value(SHAPE, "We made it flat.", "Adaptation and comparators") == "flat"


def test_rows_of_a_table_are_lines_of_their_own() -> None:
    rows = "Table 1. Settings.\nShape\tflat\nRate of sampling (Hz)\t500\nRate of others\t250\t100"
    assert value(RATE, rows, kind=Kind.TABLE_ROW) == 500
    assert value(SHAPE, rows, kind=Kind.TABLE_ROW) == "flat"


def document(*blocks: tuple[Kind, str]) -> Document:
    text, made = "", []
    for kind, words in blocks:
        made.append(Block(start=len(text), end=len(text) + len(words), kind=kind, section="3 Results"))
        text += f"{words}\n\n"
    return Document(text=text, pages=(0,), blocks=tuple(made), reader="test")


def test_a_table_is_one_line_with_its_caption_and_what_was_not_seen_as_a_row() -> None:
    told = document(
        (Kind.TEXT, "Table 1 has the results. They are good."),
        (Kind.CAPTION, "Table 1. Results."),
        (Kind.TABLE_ROW, "Ours\t0.9\nTheirs\t0.8"),
        (Kind.TEXT, "A long name of one 0.7"),
        (Kind.TABLE_ROW, "Another\t0.6\t0.5"),
        (Kind.REFERENCE, "[1] A reference."),
        (Kind.TABLE_ROW, "Of another\t0.4"),
    )
    lines = lines_of(passages_of({"main": told}), {"main": told})
    assert [line.plain for line in lines if not line.table] == ["Table 1 has the results.", "They are good."]
    first, second = [line for line in lines if line.table]
    assert first.text.startswith("Table 1.")
    assert first.text.endswith("0.5")
    assert "reference" not in first.text
    assert second.text == "Of another\t0.4"
    assert all(told.text[line.start : line.end] == line.text for line in lines)


def test_of_a_table_the_columns_and_rows_of_comparators_are_not_read() -> None:
    by_columns = grid(["Setting", "Ours", "Theirs"], ["Rate of sampling (Hz)", "500", "250"])
    by_rows = grid(["Model", "Sampling"], ["Theirs", "at 250 Hz"], ["Ours-B", "at 500 Hz"])
    neither = grid(["Setting", "One", "Other"], ["Rate of sampling (Hz)", "500", "250"])
    for told, expected in ((by_columns, 500), (by_rows, 500), (neither, None)):
        [table] = lines_of(passages_of({"main": told}), {"main": told}, frozenset({"ours", "ours-b"}))
        found = find(RATE, [table], EvidenceTexts({"main": told.text}, {"main": told}))
        assert (found.value if found else None) == expected
        if found:
            assert all(quote.text in told.text for quote in found.quotes)


def grid(*rows: list[str]) -> Document:
    """A document that is a table; the first row and the first column are heads."""
    cells, text = [], ""
    for number, row in enumerate(rows):
        for column, words in enumerate(row):
            cells.append(
                Cell(
                    start=len(text), end=len(text) + len(words), row=number, column=column, head=not (number and column)
                )
            )
            text += words + ("\t" if column < len(row) - 1 else "\n")
    text = text.rstrip()
    block = Block(start=0, end=len(text), kind=Kind.TABLE_ROW, section="2 Data")
    return Document(text=text, pages=(0,), blocks=(block,), tables=(Table(cells=tuple(cells)),), reader="test")


def test_entries_of_the_references_that_a_page_carried_elsewhere_are_no_lines() -> None:
    told = document((Kind.TEXT, "We made it."), (Kind.TEXT, "[2] Miller, A. A circular one"), (Kind.TEXT, "of 2020."))
    lines = lines_of(passages_of({"main": told}), {"main": told})
    assert [line.plain for line in lines] == ["We made it."]


def test_what_is_not_attempted_is_known_before_a_study_is_read() -> None:
    left = left_to_people(the_form())
    assert left["models.evaluation.results"] == "a list"
    assert left["models.evaluation.comparators"] == "free text"
    assert left["models.evaluation.from_scratch"] == "a judgement"
    assert not {"study.design", "models.identity.sampling_rate_hz", "models.reproducibility.code.url"} & set(left)
    assert not any(path.startswith("models.evaluation.results.") for path in left)
    appraisal = load_form(ROOT / "prompts" / "appraisal.py")
    assert set(left_to_people(appraisal)) == set(appraisal.asked.by_path)


@pytest.mark.slow
def test_run_and_its_dry_run_name_what_is_not_attempted(
    prepared: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copied(prepared, tmp_path / "review"))
    planned = cli("run", "--stage", "extraction", "--dry-run")
    assert "not attempted, left to people with the places to look: Data sets, Results, Countries" in planned.out
    told = json.loads(cli("run", "--stage", "extraction", "--dry-run", "--json").out)["left_to_people"]
    assert told["models.evaluation.results"].endswith("Results")
    ran = cli("run", "--stage", "extraction", "--limit", "1")
    assert "not attempted, left to people" in ran.err
    abstracts = json.loads(cli("run", "--stage", "abstract", "--dry-run", "--json").out)
    assert abstracts["left_to_people"] == {}


def test_a_name_and_its_variants_are_read_from_title_and_text() -> None:
    names = names_of("Fathom: deep models for long recordings")
    assert "fathom" in names
    assert names_of("3KG: contrastive learning of twelve leads") == {"3kg"}
    assert names_of("Automated Retrieval of Records by Learning") == frozenset()
    text = "Fathom-C is small. Fathom-T is large. Fathom-C and Fathom-T differ. We like Fathom-C and Fathom-T."
    assert variants_of(names, [Passage("main", 1, "", text)]) == ["Fathom-C", "Fathom-T"]
    assert variants_of(names, [Passage("main", 1, "", "Fathom-C is small. BERT-L is large.")]) == []
