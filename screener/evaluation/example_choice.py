"""Which records of gold `dev` teach most as worked examples: near misses of each criterion, on both of its sides. Pure.

A record is a *near miss* of a criterion where reviewer and people answer it differently, or the reviewer is in doubt about it. Those
come first, and of equal ones the shorter text. Only records of the part `tune` are to be given: what is shown with its answer says
nothing when it is asked again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.judgement import Answer, Value
from ..protocol import StageProtocol
from ..text import alike, content_of
from .figures import JudgedPair

Why = Literal["differs", "doubtful", "kept", "plain"]
_HARDNESS: dict[Why, int] = {"differs": 0, "doubtful": 1, "kept": 1, "plain": 2}
MIDDLE = (0.25, 0.75)
"""Between which probabilities of `yes` an answer is in doubt; `probably` of graded answers lies on the bounds."""
TOO_ALIKE = 0.5
"""From which share of common content words two titles are taken for one subject: the second teaches less."""
SIDES = (Value.YES, Value.NO)


@dataclass(frozen=True)
class ChosenExample:
    """A record to be shown as an example: for which criterion and which right answer to it, and why it is hard.

    `given` is what the reviewer answered. `sure` says that people answered that criterion themselves: else the side is taken
    from their decision, or from the reviewer where that says nothing of one criterion.
    """

    pair: JudgedPair
    criterion: str
    side: Value
    why: Why
    given: Value
    sure: bool

    @property
    def sentence(self) -> str:
        """Return why it was chosen, in words."""
        side = f"{self.criterion} {self.side}" if self.sure else f"{self.criterion} perhaps {self.side}"
        if self.why == "differs":
            return f"{side}, the reviewer answered {self.given}"
        if self.why == "kept":
            return f"{side}: people exclude it, the reviewer does not"
        return f"{side}, the reviewer was in doubt" if self.why == "doubtful" else f"{side}, as the reviewer answered"


@dataclass(frozen=True)
class _Candidate:
    chosen: ChosenExample
    title: frozenset[str]
    length: int
    study: str


def choose_examples(
    pairs: Sequence[JudgedPair], spec: StageProtocol, n: int, study_of: Mapping[str, str] | None = None
) -> list[ChosenExample]:
    """Return up to `n` records that are hard for the criteria of a stage, both sides of each in turn, no study twice.

    The criteria with most near misses come first. Records without an abstract are taken only where nothing else is left.
    `study_of` names the study of records that are linked.
    """
    by_slot = {
        (criterion.id, side): _candidates(pairs, criterion.id, side, study_of or {})
        for criterion in spec.questions
        for side in SIDES
    }
    hard = {
        criterion.id: sum(c.chosen.why != "plain" for side in SIDES for c in by_slot[criterion.id, side])
        for criterion in spec.questions
    }
    slots = sorted(by_slot, key=lambda slot: (-hard[slot[0]], [c.id for c in spec.questions].index(slot[0])))
    taken: list[_Candidate] = []
    while len(taken) < n:
        before = len(taken)
        for slot in slots:
            if len(taken) < n and (best := _best(by_slot[slot], taken)) is not None:
                taken.append(best)
        if len(taken) == before:
            break
    return [candidate.chosen for candidate in taken]


def _best(candidates: Sequence[_Candidate], taken: Sequence[_Candidate]) -> _Candidate | None:
    studies = {candidate.study for candidate in taken}
    free = [candidate for candidate in candidates if candidate.study not in studies]

    def rank(candidate: _Candidate) -> tuple[bool, int, bool, int, str]:
        similar = any(alike(candidate.title, other.title) >= TOO_ALIKE for other in taken)
        record = candidate.chosen.pair.record
        return not record.abstract.strip(), _HARDNESS[candidate.chosen.why], similar, candidate.length, record.id

    return min(free, key=rank, default=None)


def _candidates(
    pairs: Sequence[JudgedPair], criterion: str, side: Value, study_of: Mapping[str, str]
) -> list[_Candidate]:
    found = []
    for pair in pairs:
        given = pair.judged.answers.get(criterion)
        right, sure = _right(pair, criterion)
        if given is None or given.value is Value.NOT_ASKED or right is not side:
            continue
        chosen = ChosenExample(pair, criterion, side, _why(pair, given, side, sure=sure), given.value, sure)
        text = f"{pair.record.title} {pair.record.abstract}"
        name = pair.record.id
        found.append(_Candidate(chosen, content_of(pair.record.title), len(text), study_of.get(name, name)))
    return found


def _right(pair: JudgedPair, criterion: str) -> tuple[Value | None, bool]:
    """Return the right answer to a criterion as far as it is known, and whether people gave it themselves.

    Whatever people include meets every criterion. Of what they exclude without a reason the criterion that the reviewer
    doubts or denies may be the one; where the reviewer keeps it, any may be.
    """
    if (label := pair.reference.answers.get(criterion)) is not None:
        return (label.value if label.value in SIDES else None), True
    if pair.reference.decision.value == "include":
        return Value.YES, False
    given = pair.judged.answers.get(criterion)
    if pair.reference.decision.kept or given is None:
        return None, False
    doubted = given.value is not Value.YES
    return (Value.NO if doubted or pair.judged.decision.kept else None), False


def _why(pair: JudgedPair, given: Answer, side: Value, *, sure: bool) -> Why:
    if given.value in SIDES and given.value is not side and (sure or side is Value.YES):
        return "differs"
    low, high = MIDDLE
    if given.value is Value.UNCLEAR or (given.probability is not None and low <= given.probability <= high):
        return "doubtful"
    return "kept" if side is Value.NO and not sure and pair.wrong else "plain"
