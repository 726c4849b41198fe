"""The labels of criteria: what people read as the reason for an exclusion."""

from pathlib import Path

from support import Cli

from screener.core.judgement import Stage
from screener.protocol.model import Review


def test_a_criterion_without_a_label_has_its_id_in_words(ecg: Path) -> None:
    path = ecg / "prompts" / "review.yaml"
    path.write_text(path.read_text().replace("        label: human ECG\n", ""))
    labels = {one.id: one.label for one in Review(ecg).stage(Stage.FULLTEXT).criteria}
    assert (labels["human_ecg"], labels["language"]) == ("human ecg", "in English")


def test_a_label_makes_no_judgement_stale_and_is_what_people_read(ecg: Path, cli: Cli) -> None:
    path = ecg / "prompts" / "review.yaml"
    before = Review(ecg).fingerprint(Stage.ABSTRACT, "embedded")
    text = path.read_text()
    assert text.count("        label: published 2018 to 2025\n") == 1
    path.write_text(text.replace("label: published 2018 to 2025\n", "label: in the years of the search\n"))
    review = Review(ecg)
    assert [one.label for one in review.stage(Stage.ABSTRACT).criteria][-1] == "in the years of the search"
    assert review.fingerprint(Stage.ABSTRACT, "embedded") == before
    assert "label" not in review.stage(Stage.ABSTRACT).criteria[-1].model_dump()
