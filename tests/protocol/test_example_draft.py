"""A draft of worked examples: gold's answers filled in, the rest blank, and refused until a person has written it."""

from pathlib import Path

import pytest
import yaml
from support import ROOT

from screener.core.errors import BadInput
from screener.core.judgement import Answer, Basis, Evidence, Value
from screener.protocol import (
    DraftExample,
    QuestionCriterion,
    Review,
    StageProtocol,
    draft_answers,
    draft_file,
    read_examples,
)

YES, NO, UNCLEAR, NOT_ASKED = Value
STAGE = StageProtocol(
    question="?",
    template="t.md",
    criteria=(
        QuestionCriterion(id="bees", question="?"),
        QuestionCriterion(id="hives", question="?", applies_if="bees"),
    ),
)
TEXT = ('Bees: a "study" of hives', "Bees were kept in\nhives. Yes, yes: no.")


def says(value: Value, quote: str = "", **more: Basis) -> Answer:
    place = {"document": "abstract", "start": 0, "end": len(quote)}
    evidence = (Evidence(quote=quote, **place),) if quote else ()
    return Answer(value=value, reason="It is said.", evidence=evidence, **more)


def drafted(right: dict[str, Value], given: dict[str, Answer], **more: bool) -> dict[str, tuple[str, str | None, str]]:
    answers = draft_answers(STAGE, TEXT, right, given, **more)
    return {name: (answer.reason, answer.quote, answer.answer) for name, answer in answers.items()}


def test_reason_and_quote_are_taken_from_a_reviewer_that_answers_as_gold_does() -> None:
    answers = drafted({"bees": YES, "hives": YES}, {"bees": says(YES, "Bees were kept"), "hives": says(NO, "hives")})
    assert answers == {"bees": ("It is said.", "Bees were kept", "yes"), "hives": ("?", "?", "yes")}


def test_a_quote_that_does_not_stand_in_the_text_is_not_taken() -> None:
    answers = drafted({"bees": YES, "hives": UNCLEAR}, {"bees": says(YES, "Wasps were kept"), "hives": says(UNCLEAR)})
    assert answers == {"bees": ("It is said.", "?", "yes"), "hives": ("It is said.", None, "unclear")}


def test_reasons_that_are_no_sentences_are_not_taken() -> None:
    assert drafted({"bees": YES}, {"bees": says(YES, "Bees")}, reasons=False)["bees"] == ("?", "Bees", "yes")


def test_what_gold_does_not_answer_is_blank_and_what_is_not_asked_is_settled() -> None:
    assert drafted({}, {"bees": says(YES, "Bees")}) == {"bees": ("?", "?", "?"), "hives": ("?", "?", "?")}
    answers = drafted({"bees": NO, "hives": NO}, {"bees": says(NO, basis=Basis.ABSENT)})
    assert answers == {"bees": ("It is said.", None, "absent"), "hives": ("`bees` is no.", None, "not_asked")}


def review_with(tmp_path: Path, text: str) -> tuple[Review, StageProtocol, Path]:
    path = tmp_path / "prompts" / "few.yaml"
    path.parent.mkdir()
    (tmp_path / "prompts" / "review.yaml").write_text((ROOT / "prompts" / "review.yaml").read_text())
    path.write_text(text)
    review = Review.of(tmp_path, Review(ROOT).written)
    return review, STAGE.model_copy(update={"examples": "few.yaml"}), path


def draft(right: dict[str, Value], given: dict[str, Answer]) -> str:
    example = DraftExample("r1", None, *TEXT, "bees yes,\nin doubt", draft_answers(STAGE, TEXT, right, given))
    return draft_file([example], ["Fill it in."])


def test_a_draft_is_refused_with_the_line_of_each_blank_until_it_is_filled_in(tmp_path: Path) -> None:
    review, stage, path = review_with(tmp_path, draft({"bees": YES}, {}))
    with pytest.raises(BadInput) as error:
        read_examples(review, stage)
    lines = str(error.value).splitlines()
    numbers = [number for number, line in enumerate(path.read_text().splitlines(), 1) if line.endswith("'?'")]
    assert [line.split(": ")[0] for line in lines] == [f"{path}:{number}" for number in numbers]
    assert len(lines) == 5
    assert 'examples.0.answers.bees.reason: still "?"; say why in a sentence' in lines[0]
    filled = path.read_text()
    for words in ("Said.", "Bees were kept", "Said.", "kept in hives", "yes"):
        filled = filled.replace("'?'", f"'{words}'", 1)
    path.write_text(filled)
    (example,) = read_examples(review, stage).all
    assert (example.title, example.abstract) == TEXT
    assert example.answers["hives"].quote == "kept in hives"


def test_a_filled_in_quote_is_held_to_the_text(tmp_path: Path) -> None:
    text = draft({"bees": NO}, {"bees": says(NO, "Bees were kept")}).replace(
        "Bees were kept\n      answer", "Wasps\n      answer"
    )
    review, stage, _ = review_with(tmp_path, text)
    with pytest.raises(BadInput, match="the quote is not in the example's own text"):
        read_examples(review, stage)


def test_the_file_says_above_each_example_why_it_was_chosen() -> None:
    text = draft({"bees": YES}, {})
    assert text.startswith("# Fill it in.\nexamples:\n# 1. bees yes, in doubt\n- id: r1\n")
    assert yaml.safe_load(text)["examples"][0]["abstract"] == TEXT[1]
