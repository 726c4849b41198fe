"""Whether the parts of a protocol agree with each other and with the files of its folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.fault_words import meant
from ..core.judgement import Stage
from ..core.yamlfile import Path_, YamlFile
from .endpoints import ChatSpec
from .reviewer_kinds import REVIEWERS
from .reviewer_specs import EnsembleSpec, OtherReviewer
from .stopping import misplaced
from .workflows import contradictions

if TYPE_CHECKING:
    from .model import Protocol, StageProtocol

Mistake = tuple[Path_, BadInput]
"""The place in the protocol, and what is wrong there."""


def protocol_mistakes(document: YamlFile, protocol: "Protocol", prompts: Path) -> list[Mistake]:
    """Return the mistakes of a protocol that are in none of its values alone. `prompts` is its folder."""
    written = document.data.get("reviewers")
    places = [(where, message) for where, message in _mistakes(protocol, prompts, written)]
    mistakes = [(where, document.fail(where, message)) for where, message in places]
    for name, reviewer in protocol.reviewers.items():
        if isinstance(reviewer, OtherReviewer):
            where = ("reviewers", name, "options")
            try:
                document.check(REVIEWERS[reviewer.kind].options, reviewer.options, where)
            except BadInput as error:
                mistakes.append((where, error))
    return mistakes


def _mistakes(protocol: "Protocol", prompts: Path, written: Any) -> Iterator[tuple[Path_, str]]:
    # A reviewer that is written but faulty is told as such, and not as missing too.
    names = list(dict.fromkeys([*protocol.reviewers, *(written if isinstance(written, dict) else ())]))
    able = [name for name in names if not isinstance(protocol.reviewers.get(name), EnsembleSpec)]
    for stage, spec in protocol.stages.items():
        where: Path_ = ("stages", stage.value)
        yield from _shape(where, stage, spec)
        yield from _files(where, spec, prompts)
        ids = [criterion.id for criterion in spec.criteria]
        for position, name in enumerate(ids):
            if name in ids[:position]:
                yield (
                    (*where, "criteria", position, "id"),
                    f"the criterion `{name}` appears twice; rename or remove one",
                )
        yield from _presupposed(where, spec)
        yield from _machines(where, stage, spec, names)
        yield from misplaced(where, stage, spec)
        yield from contradictions(where, stage, spec, protocol.reviewers)
    for name, reviewer in protocol.reviewers.items():
        if isinstance(reviewer, EnsembleSpec):
            yield from _members(name, reviewer, able)
        elif not isinstance(reviewer, OtherReviewer):
            yield from _thresholds(name, reviewer, protocol)
    if protocol.sources and not (prompts / protocol.sources).is_file():
        yield ("sources",), f"there is no file {prompts / protocol.sources}"


def _shape(where: Path_, stage: Stage, spec: "StageProtocol") -> Iterator[tuple[Path_, str]]:
    extracts = stage is Stage.EXTRACTION
    if extracts and (spec.criteria or not spec.form):
        yield where, "the stage `extraction` has a `form` and no `criteria`"
    if not extracts and (spec.form or not spec.criteria):
        yield where, "a screening stage has `criteria` and no `form`"
    if not extracts and spec.show_machine == "before":
        yield (*where, "show_machine"), "people judge before they are shown that; `after` or `never`"


def _files(where: Path_, spec: "StageProtocol", prompts: Path) -> Iterator[tuple[Path_, str]]:
    named = [("template", spec.template), ("examples", spec.examples), *(("form", name) for name in spec.form)]
    for key, name in named:
        if name is not None and not (path := prompts / name).is_file():
            others = (path.with_suffix(suffix) for suffix in (".yaml", ".py") if key == "form")
            there = next((other.name for other in others if other.is_file()), "")
            yield (*where, key), f"there is no file {path}{f'; did you mean `{there}`?' if there else ''}"


def _presupposed(where: Path_, spec: "StageProtocol") -> Iterator[tuple[Path_, str]]:
    """Yield each `applies_if` that does not name an earlier question of its stage."""
    ids, questions = [criterion.id for criterion in spec.criteria], {criterion.id for criterion in spec.questions}
    for position, criterion in enumerate(spec.criteria):
        parent = getattr(criterion, "applies_if", None)
        if parent is None or parent in questions.intersection(ids[:position]):
            continue
        if parent == criterion.id:
            problem = "a criterion cannot presuppose itself; name an earlier one"
        elif parent not in ids:
            problem = (
                f"the stage has no criterion `{parent}`{meant(parent, [name for name in ids if name in questions])}"
            )
        elif parent in questions:
            problem = f"`{parent}` comes later; put it above `{criterion.id}`"
        else:
            problem = f"`{parent}` is decided by rule; only a question can be presupposed"
        yield (*where, "criteria", position, "applies_if"), problem


def _machines(where: Path_, stage: Stage, spec: "StageProtocol", names: Sequence[str]) -> Iterator[tuple[Path_, str]]:
    rule = spec.decided_by
    for key, name in (("machine", rule.machine), ("second", rule.second)):
        if name is not None and name not in names:
            yield (*where, "decided_by", key), f"no reviewer is named `{name}`{meant(name, names)}"
    if rule.second is not None and (stage is not Stage.EXTRACTION or rule.machine in (None, rule.second)):
        yield (
            (*where, "decided_by", "second"),
            "a second machine extracts beside a first, other one, at the stage `extraction` only",
        )


def _members(name: str, ensemble: EnsembleSpec, able: Sequence[str]) -> Iterator[tuple[Path_, str]]:
    for position, member in enumerate(ensemble.members):
        if member not in able:
            problem = f"`{member}` is not a reviewer of this protocol that can be a member{meant(member, able)}"
            yield ("reviewers", name, "members", position), problem


def _thresholds(name: str, reviewer: Any, protocol: "Protocol") -> Iterator[tuple[Path_, str]]:
    for stage in reviewer.until if isinstance(reviewer, ChatSpec) else ():
        if stage not in protocol.stages or stage is Stage.EXTRACTION:
            yield ("reviewers", name, "until", stage.value), f"the protocol has no screening stage `{stage}`"
    for stage, by_criterion in reviewer.thresholds.items():
        where = ("reviewers", name, "thresholds", stage.value)
        if stage not in protocol.stages:
            yield where, f"the protocol has no stage `{stage}`"
            continue
        names = [criterion.id for criterion in protocol.stages[stage].questions]
        for criterion in by_criterion:
            if criterion not in names:
                yield (*where, criterion), f"no such criterion{meant(criterion, names)}"
