"""Which wording led astray: the errors of a reviewer on the part `tune` of gold `dev`, by criterion. Pure.

A *miss* is an eligible record that the reviewer excludes, a *false keep* one that it keeps and gold excludes. A criterion caused
a miss alone where its `no` is the only one; it let a false keep through where people answered it `no` and the reviewer did not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..core.judgement import ASKED, Answer, Basis, Decision, Judgement, Value
from ..ledger.tuned import NOT_TUNED, TuningCounts
from ..protocol import QuestionCriterion
from ..records import Record
from .figures import CriterionAgreement, Figures, JudgedPair, criterion_agreement, figures, short
from .result import Evaluation


@dataclass(frozen=True)
class CausedError:
    """A record that a criterion's answer got wrong. `people` is what they answered to it, where they did."""

    pair: JudgedPair
    answer: Answer
    people: Value | None

    @property
    def record(self) -> Record:
        """Return the record."""
        return self.pair.record

    @property
    def finally_included(self) -> bool:
        """Return whether the review is known to have included it in the end: then it is no mere difference of screeners."""
        return self.pair.final is Decision.INCLUDE

    @property
    def given(self) -> str:
        """Return the answer with what it stands on: `no (contradicted)`, `no (absent)`, `unclear`, `yes`."""
        basis = f" ({self.answer.basis})" if self.answer.basis is not None else ""
        return f"{self.answer.value}{basis}"

    def as_json(self) -> dict[str, Any]:
        """Return what `tune --json` lists."""
        return {
            "id": self.record.id,
            "title": self.record.shown_title,
            "answer": self.answer.value.value,
            "basis": self.answer.basis.value if self.answer.basis else None,
            "reason": self.answer.reason,
            "quotes": [piece.quote for piece in self.answer.evidence],
            "people": self.people.value if self.people else None,
            "finally_included": self.finally_included,
        }


@dataclass(frozen=True)
class CriterionErrors:
    """What one criterion did on `tune`."""

    criterion: QuestionCriterion
    missed: tuple[CausedError, ...]
    """Misses that it alone caused."""
    missed_with_others: tuple[CausedError, ...]
    """Misses where others said `no` too; and those by a probability, without any `no`, to which it is the least likely met."""
    let_through: tuple[CausedError, ...]
    """False keeps to which people answered `no` here, and the reviewer did not."""
    rightly: tuple[CausedError, ...]
    """Records that it alone excludes, as gold does."""
    maybe: Counter[Value]
    """Its answers to false keeps of which people did not say which criterion is not met."""
    answers: Counter[Value]
    silent: int
    """Answers `unclear` that say the text is silent about it."""
    agreement: CriterionAgreement
    """With people, over the records of which both were asked it."""
    differs: Mapping[tuple[Value, Value], int]
    """How often people answered the first and the reviewer the second, where the two differ."""

    @property
    def unclear(self) -> int:
        """Return how many answers are `unclear`."""
        return self.answers[Value.UNCLEAR]

    @property
    def urgency(self) -> tuple[int, ...]:
        """Return by what criteria are ordered, what to reword first being the largest."""
        return (
            sum(error.finally_included for error in self.missed),
            len(self.missed),
            len(self.missed_with_others),
            len(self.let_through),
            sum(self.differs.values()),
            self.unclear,
        )

    @property
    def asked(self) -> int:
        """Return to how many records it was answered."""
        return sum(self.answers[value] for value in ASKED)

    @property
    def not_asked(self) -> int:
        """Return of how many records it was not asked, since what it presupposes is `no`."""
        return self.answers[Value.NOT_ASKED]

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """Return what the kind of its errors says of the wording."""
        hints = []
        of = len(self.missed)
        silent = sum(error.answer.basis is Basis.ABSENT for error in self.missed)
        if silent:
            hints.append(
                f"{silent} of {of} missed by silence: `silence: unclear` keeps them; `no` is right only where the text of every "
                "eligible study says it"
            )
        if of > silent:
            hints.append(
                f"{of - silent} of {of} missed by words of the text: the wording shuts out what people include; say in "
                "`met_when` that it counts"
            )
        if self.let_through:
            given = Counter(error.answer.value for error in self.let_through)
            hints.append(f"let through by {_listed(given)}: say in `not_met_when` what is easily confused with it")
        if self.asked and self.unclear > self.asked / 2:
            hints.append(
                "most answers are unclear: it may presuppose another criterion (`applies_if`), or ask what texts seldom say"
            )
        return tuple(hints)

    def as_json(self) -> dict[str, Any]:
        """Return what `tune --json` prints of it."""
        return {
            "id": self.criterion.id,
            "question": self.criterion.question,
            "missed": [error.as_json() for error in self.missed],
            "missed_with_others": [error.as_json() for error in self.missed_with_others],
            "let_through": [error.as_json() for error in self.let_through],
            "maybe_let_through": {value.value: self.maybe[value] for value in ASKED},
            "answers": {value.value: self.answers[value] for value in Value},
            "unclear_since_silent": self.silent,
            "agreement": self.agreement.as_json(),
            "differs": [
                {"people": people.value, "reviewer": given.value, "n": n} for (people, given), n in self.differs.items()
            ],
            "hints": list(self.hints),
        }


def _listed(counts: Mapping[Value, int]) -> str:
    return ", ".join(f"{n} {value}" for value, n in counts.items())


@dataclass(frozen=True)
class TuningAnalysis:
    """The errors of a reviewer on `tune`, what to reword first. Nothing in it is read from `check` or `test`."""

    evaluation: Evaluation
    """The reviewer on `tune`."""
    check: int
    """How many labels are `check`."""
    criteria: tuple[CriterionErrors, ...]
    """What to reword first comes first."""
    unattributed: tuple[JudgedPair, ...]
    """False keeps of which people did not say which criterion is not met."""
    not_by_wording: tuple[JudgedPair, ...]
    """Misses that no answer to a question caused: a rule of the protocol did, or a reviewer that excludes without answers."""
    tried: TuningCounts

    @cached_property
    def figures(self) -> Figures:
        """Return the figures on `tune`."""
        return figures(self.evaluation.pairs, brief=True)

    @cached_property
    def finally_included(self) -> tuple[int, int]:
        """Return how many studies are known to be included in the end, and how many of these are missed."""
        final = [pair for pair in self.evaluation.pairs if pair.final is Decision.INCLUDE]
        return len(final), sum(not pair.judged.decision.kept for pair in final)

    def as_json(self) -> dict[str, Any]:
        """Return what `tune --json` prints."""
        return {
            "stage": self.evaluation.stage.value,
            "reviewer": self.evaluation.reviewer,
            "part": "tune",
            "reference_status": self.evaluation.status,
            "labels": {"tune": len(self.evaluation.pairs) + len(self.evaluation.missing), "check": self.check},
            "figures": short(self.figures),
            "unclear": self.figures.unclear,
            "finally_included": {"n": self.finally_included[0], "missed": self.finally_included[1]},
            "missing": list(self.evaluation.missing),
            "criteria": [criterion.as_json() for criterion in self.criteria],
            "unattributed": [pair.record.id for pair in self.unattributed],
            "missed_not_by_wording": [
                {"id": pair.record.id, "title": pair.record.shown_title, "why": excluded_by(pair)}
                for pair in self.not_by_wording
            ],
            "tried": self.tried.as_json(),
            "remarks": list(self.evaluation.remarks),
        }


@dataclass
class _Found:
    missed: list[CausedError] = field(default_factory=list)
    with_others: list[CausedError] = field(default_factory=list)
    let_through: list[CausedError] = field(default_factory=list)
    rightly: list[CausedError] = field(default_factory=list)
    maybe: Counter[Value] = field(default_factory=Counter)


def analyse(evaluation: Evaluation, check: int, tried: TuningCounts = NOT_TUNED) -> TuningAnalysis:
    """Return the errors of an evaluation on `tune` by criterion; `check` is how many labels the other part has."""
    protocol, found = evaluation.protocol, {c.id: _Found() for c in evaluation.protocol.criteria}
    unattributed = [pair for pair in evaluation.pairs if not _attribute(pair, found)]
    questions = {criterion.id for criterion in protocol.questions}
    entered = {error.record.id for name in questions for error in (*found[name].missed, *found[name].with_others)}
    missed = [p for p in evaluation.pairs if p.reference.decision.kept and not p.judged.decision.kept]
    not_by_wording = tuple(pair for pair in missed if pair.record.id not in entered)
    rows = [_criterion(criterion, found[criterion.id], evaluation.pairs) for criterion in protocol.questions]
    # sorted is stable: criteria without errors stay in the protocol's order.
    ordered = tuple(sorted(rows, key=lambda row: row.urgency, reverse=True))
    return TuningAnalysis(evaluation, check, ordered, tuple(unattributed), not_by_wording, tried)


def excluded_by(pair: JudgedPair) -> str:
    """Return what excludes a record that no answer to a question excludes: the rule, or the reviewer's own reason."""
    failed = pair.judged.failed()
    return f"rule `{failed}`" if failed is not None else pair.judged.reason or "no reason given"


def _attribute(pair: JudgedPair, found: Mapping[str, _Found]) -> bool:
    """Enter what a record says of the criteria; return False for a false keep of which nobody says what is not met."""
    judged, people = pair.judged.answers, pair.reference.answers
    noes = [name for name, answer in judged.items() if answer.value is Value.NO and name in found]

    def caused(name: str) -> CausedError:
        return CausedError(pair, judged[name], people[name].value if name in people else None)

    kept, eligible = pair.judged.decision.kept, pair.reference.decision.kept
    if not kept:
        lists = {True: "missed" if len(noes) == 1 else "with_others", False: "rightly" if len(noes) == 1 else ""}[
            eligible
        ]
        for name in noes if lists else ():
            getattr(found[name], lists).append(caused(name))
        likely = {name: p for name, answer in judged.items() if name in found and (p := answer.probability) is not None}
        if eligible and likely and not noes:  # the probability of inclusion excluded it
            found[least := min(likely, key=lambda name: likely[name])].with_others.append(caused(least))
        return True
    if eligible:
        return True
    not_met = [name for name, answer in people.items() if answer.value is Value.NO and name in found]
    for name in not_met:
        if name in judged:
            found[name].let_through.append(caused(name))
    if not not_met:
        for name, answer in judged.items():
            if name in found and answer.value in ASKED:
                found[name].maybe[answer.value] += 1
    return bool(not_met)


def _criterion(criterion: QuestionCriterion, found: _Found, pairs: Sequence[JudgedPair]) -> CriterionErrors:
    name = criterion.id
    answers = [answer for pair in pairs if (answer := pair.judged.answers.get(name)) is not None]
    both = [(p.reference.answers[name].value, p.judged.answers[name].value) for p in pairs if _both_asked(p, name)]
    differs = Counter(pair for pair in both if pair[0] is not pair[1])
    return CriterionErrors(
        criterion,
        tuple(sorted(found.missed, key=_final_first)),
        tuple(sorted(found.with_others, key=_final_first)),
        tuple(found.let_through),
        tuple(found.rightly),
        found.maybe,
        Counter(answer.value for answer in answers),
        sum(answer.value is Value.UNCLEAR and answer.basis is Basis.ABSENT for answer in answers),
        criterion_agreement(pairs, name),
        dict(differs.most_common()),
    )


def _final_first(error: CausedError) -> bool:
    return not error.finally_included


def _both_asked(pair: JudgedPair, name: str) -> bool:
    sides: tuple[Judgement, Judgement] = (pair.reference, pair.judged)
    return all(name in side.answers and side.answers[name].value in ASKED for side in sides)
