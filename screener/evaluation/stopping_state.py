"""What is shown of a ranked queue whose rule for stopping was named beforehand: that rule's state, yield and recall.

It is shown of the whole queue only, on the overview, in `screener status` and in the report: beside a record, it would tell what a
machine thinks of that.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..gold import NamedRule, draw_elusion, named_rules, recall_sample
from ..ledger import Ledger, Sample, Snapshot, reads
from ..ledger.judged import probabilities
from ..ledger.rankings import RankingRow, newest_ranking
from ..metrics import Estimate, Heuristic, RecallEstimate
from ..protocol import Review, Stopping
from ..stages import ids_for
from .stopping import TEN, RankedQueue, labelled_queue
from .stopping_rules import SAFE_LACKS, ask, first_stop


@dataclass(frozen=True)
class RecallSample:
    """The recall sample, and what it says once all of it is judged. How far it is judged is told to nobody: whoever watched
    the number grow would know which records are its.
    """

    drawn_at: str
    frame: int
    n: int
    later: int
    """Records that came after it was drawn: it says nothing of them."""
    estimate: RecallEstimate | None

    @property
    def sentence(self) -> str:
        """Return what is known of recall, in plain sentences."""
        outside = ""
        if self.later:
            outside = (
                f" It says nothing of {self.later:,} {'record' if self.later == 1 else 'records'} that came later."
            )
        of = f"{self.n:,} of {self.frame:,} records drawn at random on {self.drawn_at[:10]}"
        if self.estimate is None:
            return f"Recall sample: {of}, mixed in unmarked. Not all judged yet, so it says nothing.{outside}"
        kept, total = self.estimate.kept, self.estimate.kept_in_frame
        about = (
            f"{total.value:,.0f} ({_interval(total, '{:,.0f}')})" if total.value is not None else "an unknown number"
        )
        found = f"Recall sample: {of}, all judged, {kept:,} kept; about {about} of the {self.frame:,} would be."
        recall = self.estimate.recall
        if recall is None:
            return f"{found} How many of them the ranking has come to is not known.{outside}"
        if recall.value is None:
            return f"{found} Without a kept record in it there is no estimate of recall.{outside}"
        return (
            f"{found} Of the kept ones the ranking itself has come to {self.estimate.reached:,}: recall {recall.value:.2f} "
            f"(95 % interval {_interval(recall, '{:.2f}')}).{outside}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as `status --json` prints it."""
        made = self.estimate
        return {
            "drawn_at": self.drawn_at, "frame": self.frame, "n": self.n, "later": self.later, "complete": made is not None,
            "kept": made and made.kept, "reached": made and made.reached,
            "recall": _json(made.recall) if made and made.recall else None,
            "kept_in_frame": _json(made.kept_in_frame) if made else None, "sentence": self.sentence,
        }  # fmt: skip


@dataclass(frozen=True)
class StoppingState:
    """A ranked queue with the rule for stopping that the protocol names."""

    stopping: Stopping
    queue: RankedQueue
    sample: RecallSample | None
    named: tuple[NamedRule, ...]
    """The rules that were named, each from when on: the first before anybody was given records in this order."""
    named_after: int
    """Records that people had judged when the first was named."""
    ranking: RankingRow | None
    """The ranking that was fitted last, or the fit that failed last, with what is known from the one before."""

    @cached_property
    def says(self) -> Heuristic:
        """Return what the rule says."""
        return self._at(self._seen)

    @property
    def left(self) -> int:
        """Return how many records nobody has judged."""
        return self.queue.total - len(self.queue.kept)

    @property
    def sentence(self) -> str:
        """Return that in plain sentences."""
        lacks = f" {SAFE_LACKS}" if self.stopping.rule == "safe" else ""
        seen = f" That is as of the first {self._seen:,} records." if self._seen < len(self.queue.given) else ""
        return f"{self.says.sentence}{lacks}{seen}"

    @cached_property
    def fired_after(self) -> int | None:
        """Return after how many records given in this order the rule said stop first; None where it has not."""
        return first_stop(lambda given: self._at(given).stop, self._seen, self.queue.total)

    @property
    def _told_by_tens(self) -> bool:
        """Return whether the sample is not all judged: a figure that moves with every record but its own would tell which they are."""
        return self.sample is not None and self.sample.estimate is None

    @property
    def _seen(self) -> int:
        """Return how many of the records that were given in this order the rule is asked about, those of the sample counted."""
        given = len(self.queue.given)
        return given - given % TEN if self._told_by_tens else given

    @cached_property
    def _labels_upto(self) -> list[int]:
        """Return how many labels there are among the first records that were given, by their number."""
        labelled = set(self.queue.order)
        return list(accumulate((name in labelled for name in self.queue.given), initial=0))

    def _at(self, given: int) -> Heuristic:
        queue = self.queue
        labels = queue.labels_by_tens if self._told_by_tens else queue.labels
        return ask(
            self.stopping.rule, labels[: self._labels_upto[given]], queue.total, random_start=queue.random_start,
            target=self.stopping.target,
        )  # fmt: skip

    @property
    def named_words(self) -> str:
        """Return since when the rule is named, in a sentence."""
        if not self.named:
            return "It takes effect when records are next given out."
        first, last = self.named[0], self.named[-1]
        present = (self.stopping.rule, self.stopping.target)
        before = (
            f"after {self.named_after:,} records had been judged" if self.named_after else "before anybody screened"
        )
        if len(self.named) == 1 and (first.rule, first.target) == present:
            return f"Named on {first.at[:10]}, {before}."
        changes = [f"changed on {rule.at[:10]} to {rule.words}" for rule in self.named[1:]]
        if (last.rule, last.target) != present:
            changes.append("changed since")
        return f"Named on {first.at[:10]} ({first.words}), {before}; {'; '.join(changes)}."

    @property
    def expected_yield(self) -> tuple[int, float] | None:
        """Return of how many next records how many are expected to be kept; None where no ranking says."""
        told = self.ranking.body.get("expected_yield") if self.ranking else None
        return (int(told["next"]), float(told["kept"])) if told else None

    @property
    def yield_sentence(self) -> str:
        """Return that in a sentence; empty where no ranking says."""
        told = self.expected_yield
        return f"Of the next {told[0]:,} records about {told[1]:.1f} are expected to be kept." if told else ""

    @property
    def ranking_sentence(self) -> str:
        """Return what the order was learned from, or why there is no new one; empty where nothing was learned yet."""
        body = self.ranking.body if self.ranking else {}
        failed = self.ranking.failed if self.ranking else ""
        if not body.get("labels"):
            return f"The ranking could not be learned: {failed}." if failed else ""
        stays = f" It could not be learned anew: {failed}." if failed else ""
        done, of = body.get("vectors") or (0, 0)
        vectors = f"; {100 * done // of} % of the sentence vectors are made" if done < of else ""
        learned = f"The order is learned from {body['labels']:,} labels, {body.get('kept', 0):,} of them kept{vectors}."
        return f"{learned}{stays}"

    @property
    def sentences(self) -> list[str]:
        """Return all that is shown of it, in plain sentences."""
        rule = f"Rule for stopping: {self.stopping.rule}, recall {self.stopping.target:g}. {self.named_words}"
        sample = self.sample.sentence if self.sample else ""
        told = (rule, self.sentence, self.yield_sentence, self.ranking_sentence, sample)
        return [sentence for sentence in told if sentence]

    def as_json(self) -> dict[str, Any]:
        """Return it as `status --json` and the report have it."""
        told = self.expected_yield
        return {
            **self.queue.counts,
            "rule": self.stopping.rule, "target": self.stopping.target,
            "named": [vars(rule) for rule in self.named], "named_after": self.named_after,
            "named_sentence": self.named_words, "left": self.left, "says_stop": self.says.stop, "figure": self.says.figure,
            "conditions": dict(self.says.conditions), "sentence": self.sentence, "fired_after": self.fired_after,
            "expected_yield": {"next": told[0], "kept": told[1]} if told else None,
            "recall_sample": self.sample.as_json() if self.sample else None, "sentences": self.sentences,
        }  # fmt: skip


def stopping_state(snapshot: Snapshot, review: Review, stage: Stage, records: Collection[str]) -> StoppingState | None:
    """Return the state of a stage's named rule; None where it names none. `records` are all that the stage has to judge."""
    stopping = review.stage(stage).stopping
    if stopping is None:
        return None
    queue = labelled_queue(snapshot, stage, records)
    with snapshot.ledger.read() as connection:
        sample, named = recall_sample(connection, stage), tuple(named_rules(connection, stage))
        ranking = newest_ranking(connection, stage)
        later = reads.imported_after(connection, stage, sample.at).intersection(records) if sample else ()
        scores = probabilities(connection, stage, review.stage(stage).decided_by.machine)
    made = None
    if sample is not None:
        learned = review.stage(stage).queue == "learned"
        reached = (
            reached_by_fits(ranking, snapshot.current_ids)
            if learned
            else reached_by_scores(queue, scores, sample, records)
        )
        made = RecallSample(sample.at, sample.frame, sample.n, len(later), _estimate(queue, sample, records, reached))
    judged = int(sample.about["judged"]) if sample else 0
    return StoppingState(stopping, queue, made, named, judged, ranking)


def draw_elusion_after_stop(
    ledger: Ledger, review: Review, stage: Stage, n: int, *, seed: str | None = None, before_stop: bool = False
) -> Sample:
    """Draw an elusion sample; where the stage names a rule for stopping, only once that says stop.

    A sample that is drawn before would close a queue in which the ranking still finds records, and there is only one for a pile.
    Raises `BadInput` before, unless `before_stop`, and where `gold.draw_elusion` does.
    """
    if review.stage(stage).stopping is not None and not before_stop:
        names = set(ids_for(ledger, review, stage))
        state = stopping_state(Snapshot(ledger), review, stage, names)
        if state is not None and not state.says.stop:
            raise BadInput(
                f"--n: the rule for stopping that the protocol names ({state.stopping.rule}) does not say stop yet, and there is "
                f"one sample for what is left; go on screening, or draw it all the same with `screener gold elusion --stage "
                f"{stage} --n {n} --early`"
            )
    return draw_elusion(ledger, review, stage, n, seed=seed)


def _estimate(
    queue: RankedQueue, sample: Sample, records: Collection[str], reached: Collection[str] | None
) -> RecallEstimate | None:
    """Return what the sample says; None until all of its records that are still there are judged."""
    members = [member.record_id for member in sample.members if member.record_id in records]
    if not members or not queue.kept.keys() >= set(members):
        return None
    kept = [name for name in members if queue.kept[name]]
    found = None if reached is None else sum(name in reached for name in kept)
    return RecallEstimate(sample.frame, len(members), len(kept), found)


def reached_by_fits(ranking: RankingRow | None, current_ids: Mapping[str, str]) -> set[str] | None:
    """Return the records of the sample that some fit of a learned queue put among its next; None where no fit says."""
    reached = ranking.body.get("reached") if ranking else None
    return None if reached is None else {current_ids.get(name, name) for name in reached}


def reached_by_scores(
    queue: RankedQueue, scores: Mapping[str, float], sample: Sample, records: Collection[str]
) -> set[str] | None:
    """Return the records of the sample to which a queue in the order of a machine's probabilities has come by itself.

    Those before which fewer other records stand than were screened in that order; of records with the same probability the
    others come first, which errs to the safe side. None where the machine has given none.
    """
    members = {member.record_id for member in sample.members}
    screened = set(queue.order)
    others = sorted(
        -score
        for name, score in scores.items()
        if name in records and name not in members and (name in screened or name not in queue.kept)
    )
    if not scores:
        return None
    return {name for name in members if name in scores and bisect_right(others, -scores[name]) < len(screened)}


def _interval(estimate: Estimate, form: str) -> str:
    return f"{form.format(estimate.low)}–{form.format(estimate.high)}"


def _json(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}
