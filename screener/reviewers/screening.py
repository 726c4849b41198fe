"""From proposed answers to a judgement: a reviewer proposes answers and quotes, this module disposes.

Everything here is pure. What a machine may claim is decided in one place, so that every reviewer (embedded, chat,
probability) is held to the same rules; `RULE_VERSION` changes when they change.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..core.judgement import PAGES_NOT_READ, Answer, Basis, Decision, Evidence, Judgement, Match, Value, ocr_flags
from ..core.messages import Readable
from ..documents import PAGE_BREAK, EvidenceTexts, Quote, Report
from ..protocol import QuestionCriterion, RuleCriterion, StageProtocol, apply_rule, decide, with_not_asked
from ..text import SUSPICIOUS, hostile_flags
from .page_images import of_images
from .record_details import shown_details

RULE_VERSION = "8"
"""Version of the rules below; part of the hash of everything that is derived by them."""


@dataclass(frozen=True)
class Proposal:
    """What a reviewer proposes for one criterion. `silent` marks a `no` that rests on nothing being said (`absent`)."""

    value: Value
    reason: str = ""
    probability: float | None = None
    quotes: tuple[Quote, ...] = ()
    silent: bool = False


def inclusion_probability(stage: StageProtocol, answers: Mapping[str, Answer]) -> float | None:
    """Return the probability that every criterion is met: the product of the criteria's probabilities.

    The product is right if the criteria are independent given the text. They are not quite (what lacks the first
    often lacks the second), so it is too low in size, but in order it is what a decision by "any `no` excludes"
    needs: one criterion that is surely not met is enough. A criterion decided by rule counts 1, or 0 for its `no`:
    an unknown date must not lower a record's rank. What is not asked is no factor. None if any question that is asked
    has no probability.
    """
    factors = [1.0]
    for criterion in stage.criteria:
        answer = answers.get(criterion.id)
        if answer is not None and answer.value is Value.NOT_ASKED:
            continue
        if isinstance(criterion, RuleCriterion):
            factors.append(0.0 if answer is not None and answer.value is Value.NO else 1.0)
        elif answer is None or answer.probability is None:
            return None
        else:
            factors.append(answer.probability)
    return math.prod(sorted(factors))  # in one order: else two records with the same grades differ in the last digit


def finish(
    stage: StageProtocol,
    record: Readable,
    proposals: Mapping[str, Proposal],
    *,
    probability: float | None = None,
    flags: Iterable[str] = (),
    unread: Iterable[str] = (),
    pictured: bool = False,
) -> Judgement:
    """Return the judgement that the proposals amount to, answers in the protocol's order, criteria by rule among them.

    `unread` are the parts of a long report that the reviewer was not shown; with any, or where the flag `text_cut` says
    that a long abstract was cut, silence proves nothing. So it is with a report of which some pages could not be read:
    they are added, and flagged.

    `probability` replaces the product of the criteria where a reviewer has a better one (a fitted model).
    A question that was not answered is `unclear`, one that presupposes another (`applies_if`) `not_asked` where that is
    `no`; a proposal for anything else is ignored. A text that may be written for a machine is flagged, whoever judges it.
    """
    answers: dict[str, Answer] = {}
    sources = replace(EvidenceTexts.of(record), pictured=pictured)
    unreadable = record.unreadable if isinstance(record, Report) else ()
    unread, flags = (*unread, *unreadable), (*flags, *[PAGES_NOT_READ][: len(unreadable)])
    written = [document.text for document in sources.documents.values()]
    partial = bool(unread) or "text_cut" in flags
    for criterion in stage.criteria:
        if isinstance(criterion, RuleCriterion):
            answers[criterion.id] = apply_rule(criterion, record, written)
        else:
            proposal = proposals.get(criterion.id, Proposal(Value.UNCLEAR, "not answered"))
            answers[criterion.id] = settle(criterion, record, proposal, sources, partial=partial)
    answers = with_not_asked(stage, answers)
    if probability is None:
        probability = inclusion_probability(stage, answers)
    decision = decide(stage, answers)
    texts = [text.replace(PAGE_BREAK, "\n") for text in sources.texts.values()] + shown_details(record)
    flags = (*flags, *[f"{SUSPICIOUS}hidden"][: sources.hidden])
    return Judgement(
        decision=decision,
        answers=answers,
        probability=probability,
        reason=_main_reason(decision, answers),
        unread=unread,
        flags=tuple(dict.fromkeys((*hostile_flags(*texts), *flags, *ocr_flags(a.evidence for a in answers.values())))),
    )


def _main_reason(decision: Decision, answers: Mapping[str, Answer]) -> str:
    value = {Decision.EXCLUDE: Value.NO, Decision.UNCLEAR: Value.UNCLEAR}.get(decision)
    named = (f"{name}: {answer.reason}" for name, answer in answers.items() if answer.value is value)
    return next(named, "")


def settle(
    criterion: QuestionCriterion,
    record: Readable,
    proposal: Proposal,
    sources: EvidenceTexts | None = None,
    *,
    partial: bool = False,
) -> Answer:
    """Return one proposal as an answer: its quotes looked up, and its value only as strong as what it stands on.

    - A quote that is not in the record, or only in its list of references, makes the answer `unclear`.
    - `quote: required`: a `yes` without a verified quote is `unclear`; so is a `yes` to any criterion where page images
      were shown, which nobody can quote.
    - A `no` is `contradicted` with a verified quote; without one the text is silent about the criterion. That needs a
      record with an abstract: a title alone is never silent about anything. Nor is a report of which only a part was read
      (`partial`). With `silence: no` in the protocol it is a `no` with the basis `absent`, else `unclear` with this basis.
    """
    sources = sources or EvidenceTexts.of(record)
    evidence = tuple(sources.find(quote) for quote in proposal.quotes)
    value, reason, basis = proposal.value, proposal.reason, None
    verified = any(piece.status is not Match.MISSING for piece in evidence)
    if objection := _fault_of_quotes(evidence, sources):
        value, reason = Value.UNCLEAR, _with_objection(reason, objection)
    elif value is Value.YES and (criterion.quote == "required" or sources.pictured) and not verified:
        value, reason = (
            Value.UNCLEAR,
            _with_objection(reason, f"a quote is required and none was given{of_images(sources)}"),
        )
    elif value is Value.NO and verified and not proposal.silent:
        basis = Basis.CONTRADICTED
    elif value is Value.NO:
        if partial:
            value, reason = Value.UNCLEAR, _with_objection(reason, "only a part of the text was read")
        elif not record.abstract.strip() and not isinstance(record, Report):
            value, reason = Value.UNCLEAR, _with_objection(reason, "there is no abstract")
        else:
            basis = Basis.ABSENT
            if criterion.silence != "no":
                value, reason = Value.UNCLEAR, _with_objection(reason, "silence is no answer to this criterion")
    return Answer(value=value, reason=reason, probability=proposal.probability, evidence=evidence, basis=basis)


def _fault_of_quotes(evidence: Sequence[Evidence], sources: EvidenceTexts) -> str:
    """Return which quote proves nothing, and why; the empty string where all may."""
    for fault, words in (
        (lambda piece: piece.status is Match.MISSING, "is not in the record"),
        (sources.of_others, "is from the references, about the work of others"),
        (sources.is_hidden, "is text that cannot be seen on the page"),
    ):
        if piece := next((piece for piece in evidence if fault(piece)), None):
            return f"the quote {piece.named} {words}{of_images(sources)}"
    return ""


def _with_objection(reason: str, objection: str) -> str:
    return f"{reason}; {objection}" if reason else objection
