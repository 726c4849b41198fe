"""The queue that learns and the rule for stopping: what a stage may say of them, and what is refused with its place."""

from pathlib import Path

import pytest
from support.one_stage import ONE, mistakes, stage_of

from screener.core.judgement import Stage
from screener.protocol import Review, Stopping


def test_a_learned_queue_may_name_a_rule_its_target_and_the_size_of_the_sample(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "queue: learned\nstopping: {rule: safe, target: 0.9, sample: 120}")
    assert (spec.queue, spec.stopping) == ("learned", Stopping(rule="safe", target=0.9, sample=120))


def test_the_target_is_recall_of_95_percent_unless_another_is_named(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "queue: ranked\nstopping: {rule: buscar}")
    assert spec.stopping is not None
    assert spec.stopping.target == 0.95


@pytest.mark.parametrize(("records", "size"), [(50, 50), (3_000, 200), (20_001, 201), (100_000, 1_000)])
def test_a_sample_without_a_size_is_200_or_one_percent_and_never_more_than_there_is(records: int, size: int) -> None:
    assert Stopping(rule="buscar").sample_size(records) == size


def test_a_sample_of_a_size_is_never_more_than_there_is() -> None:
    assert Stopping(rule="buscar", sample=400).sample_size(300) == 300


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("stopping: {rule: buscar}", "11: stages.abstract.stopping: with `queue: random` everything is screened"),
        (
            "queue: given\nstopping: {rule: safe}",
            "12: stages.abstract.stopping: with `queue: given` everything is screened",
        ),
        ("queue: learned\nstopping: {rule: knee}", "12: stages.abstract.stopping.rule: "),
        ("queue: learned\nstopping: {rule: safe, target: 0}", "12: stages.abstract.stopping.target: "),
        ("queue: learned\nstopping: {rule: safe, target: 1.2}", "12: stages.abstract.stopping.target: "),
        ("queue: learned\nstopping: {rule: safe, sample: 0}", "12: stages.abstract.stopping.sample: "),
        ("queue: learned\nstopping: {target: 0.9}", "stages.abstract.stopping.rule"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, stage: str, told: str) -> None:
    (mistake,) = mistakes(tmp_path, stage)
    assert told in mistake


def test_an_order_that_learns_tells_the_person_what_a_second_reviewer_thinks(tmp_path: Path) -> None:
    stage = "workflow: person_and_machine\nqueue: learned"
    (mistake,) = mistakes(tmp_path, stage, ONE)
    assert "stages.abstract.queue: the order would tell" in mistake


def test_order_and_rule_make_no_judgement_stale(tmp_path: Path) -> None:
    path = tmp_path / "prompts" / "review.yaml"
    stage_of(tmp_path, "queue: random", ONE)
    before = Review(tmp_path).fingerprint(Stage.ABSTRACT, "gpt")
    path.write_text(path.read_text().replace("queue: random", "queue: learned\n    stopping: {rule: buscar}"))
    assert Review(tmp_path).fingerprint(Stage.ABSTRACT, "gpt") == before
