"""Named workflows: what a name fills in, and what of a stage contradicts it, told with file, line and remedy."""

from pathlib import Path

import pytest
from support.one_stage import GPT, ONE, PAIR, folder, mistakes, stage_of

from screener.core.judgement import Stage
from screener.protocol import Review
from screener.protocol.model import DecidedBy


def test_a_stage_that_names_none_is_as_it_was(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "decided_by: {humans: 1, machine: gpt}")
    assert (spec.workflow, spec.decided_by.second_reviewer, spec.gate) == (None, None, None)
    assert "machine_as" not in spec.decided_by.model_dump_json()


def test_two_people_are_two_people(tmp_path: Path) -> None:
    assert stage_of(tmp_path, "workflow: two_people").decided_by == DecidedBy(humans=2)


def test_a_person_and_the_only_machine_there_is_as_second_reviewer(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "workflow: person_and_machine", ONE)
    assert (spec.decided_by.humans, spec.decided_by.second_reviewer, spec.shows_machine) == (1, "gpt", "never")


def test_what_the_stage_says_beside_its_workflow_stays(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "workflow: person_and_machine\ndecided_by: {machine: mini, resolvers: [zoe]}")
    assert spec.decided_by.second_reviewer == "mini"
    assert (spec.decided_by.humans, spec.decided_by.resolvers) == (1, ("zoe",))


def test_two_models_are_the_ensemble_that_excludes_only_what_all_exclude(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "workflow: two_models")
    assert (spec.decided_by.machine, spec.decided_by.humans, spec.gate) == ("pair", 2, None)


def test_a_machine_with_a_gate_has_one_unless_the_stage_has_its_own(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "workflow: machine_with_gate", ONE)
    assert spec.gate is not None
    assert (spec.decided_by.machine, spec.gate.recall_low) == ("gpt", 0.95)


def test_the_gate_of_the_stage_stays(tmp_path: Path) -> None:
    spec = stage_of(tmp_path, "workflow: machine_with_gate\ngate: {recall_low: 0.9}", ONE)
    assert spec.gate is not None
    assert spec.gate.recall_low == 0.9


def test_a_workflow_makes_no_judgement_stale(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain, named = (Review(folder(tmp_path / name, text, ONE)) for name, text in (
        ("a", "decided_by: {humans: 2, machine: gpt}"), ("b", "workflow: person_and_machine")))  # fmt: skip
    assert plain.fingerprint(Stage.ABSTRACT, "gpt") == named.fingerprint(Stage.ABSTRACT, "gpt")


WRONG = {
    "workflow: two_people\ndecided_by: {humans: 1}": "12: stages.abstract.decided_by.humans: `two_people` takes 2 or more",
    "workflow: two_people\ngate: {recall_low: 0.9}": "12: stages.abstract.gate: in `two_people` no machine excludes alone",
    "workflow: person_and_machine": "11: stages.abstract.workflow: `person_and_machine` needs a machine",
    "workflow: person_and_machine\ndecided_by: {humans: 2, machine: gpt}": "12: stages.abstract.decided_by.humans: `person_and_machine` takes one person",
    "workflow: person_and_machine\ndecided_by: {machine: gpt}\nshow_machine: after": "13: stages.abstract.show_machine: whoever sees",
    "workflow: person_and_machine\ndecided_by: {machine: gpt}\nqueue: ranked": "13: stages.abstract.queue: the order would tell",
    "workflow: person_and_machine\ndecided_by: {machine: gpt}\ngate: {recall_low: 0.9}": "13: stages.abstract.gate: in `person_and_machine`",
    "workflow: two_models\ndecided_by: {machine: gpt}": "12: stages.abstract.decided_by.machine: `two_models` takes an ensemble",
    "workflow: two_models\ngate: {recall_low: 0.9}": "12: stages.abstract.gate: in `two_models` no machine excludes alone",
    "workflow: two_models\ndecided_by: {humans: 0}": "12: stages.abstract.decided_by.humans: in `two_models` people decide the rest",
    "decided_by: {humans: 1, machine: gpt, machine_as: second_reviewer}": "11: stages.abstract.decided_by.machine_as: `workflow: person_and_machine` sets that",
}  # fmt: skip


@pytest.mark.parametrize("stage", WRONG)
def test_what_contradicts_the_workflow_is_told_with_its_line(tmp_path: Path, stage: str) -> None:
    (told,) = mistakes(tmp_path, stage)
    assert told.startswith(WRONG[stage])


def test_two_members_that_ask_the_same_model_alike_are_no_two_models(tmp_path: Path) -> None:
    alike = (GPT, GPT.replace("gpt:", "again:", 1), PAIR.replace("mini", "again"))
    (told,) = mistakes(tmp_path, "workflow: two_models", alike)
    assert told.startswith("6: reviewers.pair.members: two of them ask the same model in the same way")


def test_an_unknown_workflow_is_a_mistake_that_lists_the_names(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "workflow: two_persons")
    assert "two_people" in told
