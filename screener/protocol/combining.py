"""Several reviewers as one: a rule over what each member said of a record. Pure; nobody is asked anything here."""

from collections.abc import Mapping

from ..core.judgement import Decision, Judgement
from .model import EnsembleSpec


def settles(spec: EnsembleSpec, judgement: Judgement) -> bool:
    """Return whether a cascade may stop at this member's judgement.

    With a probability: outside the span between `exclude_below` and `include_above`. Without one: any decision but
    `unclear`.
    """
    assert spec.until is not None
    if judgement.probability is None:
        return judgement.decision is not Decision.UNCLEAR
    return judgement.probability < spec.until.exclude_below or judgement.probability >= spec.until.include_above


def combine(spec: EnsembleSpec, judgements: Mapping[str, Judgement]) -> Judgement | None:
    """Return the combined judgement from those of the members, or None while one is missing that is needed.

    `any_include`: include if any includes, exclude only if all exclude. `all_include`: include only if all include,
    exclude if any excludes. `majority`: what more than half say. `mean`: the mean of the members' probabilities
    against `until`. A cascade (`until` without a rule) takes the first member that settles the record, else the last.
    In all else it is unclear. Reasons and evidence are those of the first member with the combined decision; the
    probability is the mean of the members' that give one, in a cascade that of the member that settled.
    """
    if spec.rule is None:
        for position, name in enumerate(spec.members):
            if name not in judgements:
                return None
            if settles(spec, judgements[name]) or position == len(spec.members) - 1:
                return _combined(name, judgements[name], judgements[name].decision, judgements[name].probability)
        return None
    if any(name not in judgements for name in spec.members):
        return None
    members = {name: judgements[name] for name in spec.members}
    probabilities = [judgement.probability for judgement in members.values() if judgement.probability is not None]
    probability = sum(probabilities) / len(probabilities) if probabilities else None
    decision = _decide(spec, [judgement.decision for judgement in members.values()], probability)
    name = next((name for name, judgement in members.items() if judgement.decision is decision), spec.members[0])
    return _combined(name, members[name], decision, probability)


def _decide(spec: EnsembleSpec, decisions: list[Decision], probability: float | None) -> Decision:
    includes, excludes = decisions.count(Decision.INCLUDE), decisions.count(Decision.EXCLUDE)
    if spec.rule == "mean":
        assert spec.until is not None
        if probability is None:
            return Decision.UNCLEAR
        if probability < spec.until.exclude_below:
            return Decision.EXCLUDE
        return Decision.INCLUDE if probability >= spec.until.include_above else Decision.UNCLEAR
    needed = {"any_include": (1, len(decisions)), "all_include": (len(decisions), 1)}
    half = len(decisions) // 2 + 1
    to_include, to_exclude = needed.get(str(spec.rule), (half, half))
    if includes >= to_include:
        return Decision.INCLUDE
    return Decision.EXCLUDE if excludes >= to_exclude else Decision.UNCLEAR


def _combined(name: str, judgement: Judgement, decision: Decision, probability: float | None) -> Judgement:
    """Return the member's judgement with the combined decision; its answers are shown only where they agree with it."""
    flags = (*judgement.flags, f"by_{name}")
    answers = judgement.answers if judgement.decision is decision else {}
    return Judgement(
        decision=decision,
        answers=answers,
        probability=probability,
        stated=not answers,
        reason=judgement.reason if answers else "the members differ",
        flags=tuple(dict.fromkeys(flags)),
        unread=judgement.unread,
    )
