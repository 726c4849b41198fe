"""Named workflows of a screening stage: what each name fills in, what contradicts it, and what it means in words."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..core.judgement import Stage
from ..core.yamlfile import Path_
from .deciding import Gate
from .reviewer_specs import EnsembleSpec, ReviewerSpec, answer_json
from .stopping import RANKED

if TYPE_CHECKING:
    from .model import StageProtocol

GATE = Gate(recall_low=0.95)
"""The gate of `machine_with_gate` where the stage has none of its own."""


def filled_in(spec: "StageProtocol", reviewers: Mapping[str, ReviewerSpec]) -> "StageProtocol":
    """Return a stage with what its workflow says and the stage does not; what the stage says stays, right or wrong."""
    rule, said = spec.decided_by, spec.decided_by.model_fields_set
    of_rule: dict[str, Any] = {}
    of_stage: dict[str, Any] = {}
    if spec.workflow == "person_and_machine":
        of_rule = {"machine_as": "second_reviewer"} | ({} if "humans" in said else {"humans": 1})
    if spec.workflow == "machine_with_gate":
        of_rule = {"machine_as": "first"}
        of_stage = {} if spec.gate is not None else {"gate": GATE}
    able = _machines(spec, reviewers)
    if spec.workflow != "two_people" and rule.machine is None and len(able) == 1:
        of_rule["machine"] = able[0]
    if of_rule:
        of_stage["decided_by"] = rule.model_copy(update=of_rule)
    return spec.model_copy(update=of_stage) if of_stage else spec


def _machines(spec: "StageProtocol", reviewers: Mapping[str, ReviewerSpec]) -> list[str]:
    """Return the reviewers that can be the machine of a stage's workflow."""
    if spec.workflow != "two_models":
        return list(reviewers)
    return [name for name, reviewer in reviewers.items() if isinstance(reviewer, EnsembleSpec) and _unanimous(reviewer)]


def _unanimous(ensemble: EnsembleSpec) -> bool:
    return ensemble.rule == "any_include" and len(ensemble.members) > 1


def contradictions(
    where: Path_, stage: Stage, spec: "StageProtocol", reviewers: Mapping[str, ReviewerSpec]
) -> Iterator[tuple[Path_, str]]:
    """Yield what of a stage its workflow does not allow: the place, what is wrong, and what to write."""
    rule, named = (*where, "decided_by"), spec.workflow
    for workflow, machine_as in (("person_and_machine", "second_reviewer"), ("machine_with_gate", "first")):
        if named != workflow and spec.decided_by.machine_as == machine_as:
            yield (*rule, "machine_as"), f"`workflow: {workflow}` sets that; write the workflow and remove this key"
    if named is None:
        return
    if stage is Stage.EXTRACTION:
        yield (
            (*where, "workflow"),
            "a workflow is of a screening stage; remove it, and say in `decided_by` who extracts",
        )
        return
    if named != "two_people" and spec.decided_by.machine is None:
        kind = "an ensemble with `rule: any_include`" if named == "two_models" else "a reviewer of this protocol"
        yield (*where, "workflow"), f"`{named}` needs a machine; name {kind} as `decided_by.machine`"
    if named != "machine_with_gate" and spec.gate is not None:
        problem = f"in `{named}` no machine excludes alone; remove the gate, or write `workflow: machine_with_gate`"
        yield (*where, "gate"), problem
    yield from _OF_EACH[named](where, spec, reviewers)


_Reviewers = Mapping[str, ReviewerSpec]


def _two_people(where: Path_, spec: "StageProtocol", _: _Reviewers) -> Iterator[tuple[Path_, str]]:
    if spec.decided_by.humans < 2:
        yield (*where, "decided_by", "humans"), "`two_people` takes 2 or more; write 2, or another workflow"


def _person_and_machine(where: Path_, spec: "StageProtocol", _: _Reviewers) -> Iterator[tuple[Path_, str]]:
    if spec.decided_by.humans != 1:
        yield (
            (*where, "decided_by", "humans"),
            "`person_and_machine` takes one person; write 1, or `workflow: two_people`",
        )
    if spec.decided_by.machine_as != "second_reviewer":
        yield (*where, "decided_by", "machine_as"), "in `person_and_machine` it is `second_reviewer`; remove this key"
    if spec.shows_machine != "never":
        yield (
            (*where, "show_machine"),
            "whoever sees the second reviewer's answer may take it over, and no conflict reaches a third person; "
            "write `never` or remove this key",
        )
    if spec.queue in RANKED:
        yield (*where, "queue"), "the order would tell the person what a machine thinks; write `random` or `given`"


def _two_models(where: Path_, spec: "StageProtocol", reviewers: _Reviewers) -> Iterator[tuple[Path_, str]]:
    name = spec.decided_by.machine
    if spec.decided_by.humans == 0:
        yield (*where, "decided_by", "humans"), "in `two_models` people decide the rest; write at least 1"
    if name is None or name not in reviewers:
        return
    ensemble = reviewers[name]
    if not isinstance(ensemble, EnsembleSpec) or not _unanimous(ensemble):
        yield (
            (*where, "decided_by", "machine"),
            f"`two_models` takes an ensemble of two or more members with `rule: any_include`, which `{name}` is not; "
            "such a one excludes only what all of its members exclude",
        )
        return
    answers = [answer_json(reviewers[member]) for member in ensemble.members if member in reviewers]
    if len(set(answers)) < len(answers):
        yield (
            ("reviewers", name, "members"),
            "two of them ask the same model in the same way, so they always agree; name two different models",
        )


def _machine_with_gate(where: Path_, spec: "StageProtocol", _: _Reviewers) -> Iterator[tuple[Path_, str]]:
    yield from ()


_OF_EACH = {
    "two_people": _two_people,
    "person_and_machine": _person_and_machine,
    "two_models": _two_models,
    "machine_with_gate": _machine_with_gate,
}


def in_words(workflow: str, humans: int, machine: str | None) -> str:
    """Return in one sentence who decides in a workflow, without its stop."""
    people = "one person decides" if humans == 1 else f"{humans} people decide" if humans else "nobody else decides"
    if workflow == "two_people":
        return f"{people}, each without seeing the others; where they differ an adjudicator decides"
    if workflow == "person_and_machine":
        return (
            f"one person decides, without seeing what {machine} says, and {machine} is the second reviewer; where the two "
            "differ a third person decides, and a second person reads a sample of what both exclude"
        )
    if workflow == "two_models":
        return f"what all members of {machine} exclude is suggested for exclusion, never excluded by them; {people} on each record"
    return (
        f"{machine} judges first, and what it excludes is final only while its gate is open; {people} on what it keeps "
        "or leaves open"
    )
