"""What the decisions of a screening stage stand on: labels, the machine's recall, agreement, samples of what was left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..core.judgement import Stage
from ..evaluation import quality_words as q
from ..protocol import Review, StageProtocol
from ..reporting import wording as w
from ..stages import unfit
from .results import Results
from .status import StageStatus
from .trust_line import GOOD, Sign, TrustLine
from .trust_stage import conflicts, decisions, errors, quotes, stale

_ALSO = {
    "rounds": ("Tuned wording", "Draw a sample", "gold"), "unjudged": ("Judged labels", "Run it", "run"),
    "learned": ("Test labels", "See the links", "duplicates"), "exhausted": ("Test sample", "Draw a fresh sample", "gold"),
    "groups": ("Groups without eligible records", "", ""),
}  # fmt: skip
"""What else is known or missing of a machine's figures, by its code: the topic, and what comes next on which screen."""


@dataclass(frozen=True)
class _Screened:
    """A screening stage with all that its lines are made from."""

    stage: Stage
    spec: StageProtocol
    status: StageStatus
    state: Mapping[str, Any]
    """The stage in the figures."""
    gold: Mapping[str, Any] | None
    """The version of its labels, likewise."""

    @property
    def machine(self) -> str | None:
        return self.spec.decided_by.machine

    @property
    def relies(self) -> bool:
        """Return whether decisions rest on the machine: else its figures only tell how good it is."""
        by = self.spec.decided_by
        return self.spec.gate is not None or by.second_reviewer is not None or self.status.counts["suggested"] > 0

    @property
    def row(self) -> Mapping[str, Any] | None:
        """Return the quality of the stage's machine; None where it is not compared with gold."""
        rows = (self.state["quality"] or {"reviewers": ()})["reviewers"]
        return next((row for row in rows if row["reviewer"] == self.machine), None)


def screening_lines(results: Results, review: Review, stage: Stage, status: StageStatus) -> Iterator[TrustLine]:
    """Yield the lines of a screening stage; what the protocol asks for nowhere has none."""
    if not status.records:
        before = Stage.ABSTRACT.value if stage is Stage.FULLTEXT else "import"
        yield TrustLine(
            "Records", "missing", "No record has come to this stage yet.", "What comes before", before, weight=50
        )
        return
    document = results.document
    gold = (document["gold"] or {"versions": {}})["versions"].get(stage.value)
    s = _Screened(stage, review.stage(stage), status, document["stages"][stage.value], gold)
    yield decisions(stage, status)
    yield from _people(s)
    if s.machine is not None:
        yield from _labels(s, review)
        yield _recall(s)
        yield from _gate(s)
        yield from _thresholds(s, document)
        yield from _also(s)
        yield from quotes(results, stage, s.machine)
    yield from _left_out(s)
    yield from stale(stage, status)
    yield from errors(stage, status)
    yield from _texts(s)


def _people(s: _Screened) -> Iterator[TrustLine]:
    """Yield how far people agree, and what they differ on."""
    humans = s.state["agreement"]["humans"]
    several = s.spec.decided_by.humans > 1
    if humans is None:
        if several:
            says = "No record was judged by two people independently."
            yield TrustLine("Agreement of people", "missing", says, "Judge", s.stage.value, weight=57, tells=True)
    else:
        yield _agreement(humans)
    judged = humans["records"] if humans else 0
    if judged or s.status.counts["conflict"]:
        yield conflicts(s.stage, s.status, max(judged, s.status.counts["conflict"]))
    if (second := s.status.second_reading) is not None:
        do = "Have a second person read a sample"
        yield (
            TrustLine("Second person", "holds", f"{second.sentence}.", tells=True)
            if second.done
            else TrustLine("Second person", "missing", f"{second.sentence}.", do, "gold", weight=66, tells=True)
        )


def _agreement(humans: Mapping[str, Any]) -> TrustLine:
    estimates = humans["decision"]["estimates"]
    name = "kappa" if "kappa" in estimates else "alpha"
    figure, n = estimates[name], humans["decision"]["n"]
    says = f"{w.metric(name)} {w.estimate(figure)} between {w.listed(humans['reviewers'])}."
    where = ("See it by criterion", "results", "#agreement")
    if figure["value"] is None or n < w.FEW:
        return TrustLine(
            "Agreement of people",
            "missing",
            f"{says} Fewer than {w.FEW} records tell little.",
            *where,
            weight=45,
            tells=True,
        )
    if figure["value"] < GOOD:
        says += (
            f" Below {GOOD:.2f}, what is called good: discuss the conflicts and reword what people read differently."
        )
        return TrustLine("Agreement of people", "fails", says, *where, weight=62, tells=True)
    return TrustLine("Agreement of people", "holds", says, *where, tells=True)


def _labels(s: _Screened, review: Review) -> Iterator[TrustLine]:
    """Yield the labels that the machine is held against: whose, how many, drawn how, locked."""
    gold, sample, weight = s.gold, s.status.gold.sample, 80 if s.relies else 40
    if gold is None:
        if sample is not None:
            says = f"A sample of {sample.n:,} is drawn; {sample.lacking:,} of them have fewer than {sample.needed} judgements."
            do = ("Label them", s.stage.value) if sample.lacking else ("Lock them", "gold")
            yield TrustLine("Gold labels", "missing", says, *do, weight=weight)
        else:
            says = f"None: how many eligible records {s.machine} loses is not known."
            yield TrustLine("Gold labels", "missing", says, "Draw a random sample", "gold", weight=weight)
        return
    halves = f"{gold['labels']:,} labels, {gold['dev']:,} of them dev and {gold['test']:,} test"
    if gold["status"] == "provisional":
        says = f"PROVISIONAL: {halves}; no person has confirmed them, so figures against them are no evidence."
        yield TrustLine("Gold labels", "missing", says, "Draw a random sample for two people", "gold", weight=weight)
        return
    lock = gold["lock"]
    by = f" by {w.listed(lock['reviewers'])}" if lock and lock["reviewers"] else " by people"
    if gold["drawn"] == "random":
        yield TrustLine("Gold labels", "holds", f"{halves}{by}, drawn at random.")
    else:
        how = {"stratified": "drawn within strata", "chosen": "chosen, not drawn"}.get(gold["drawn"], gold["drawn"])
        says = f"{halves}{by}, {how}: no bound of recall follows from them."
        yield TrustLine("Gold labels", "missing", says, "Draw a random sample", "gold", weight=64)
    if lock is None:
        says = f"The {gold['labels']:,} labels are not locked: they could be changed after the results."
        yield TrustLine("Lock", "missing", says, "Lock them", "gold", weight=63)
    elif gold["drawn"] == "random" and unfit(review, s.stage):
        says = f"Version {lock['version']} was locked under other criteria: see whether its labels still hold."
        yield TrustLine("Lock", "fails", says, "Lock again", "gold", weight=71)
    else:
        yield TrustLine("Lock", "holds", f"Version {lock['version']}, locked on {str(lock['at'])[:10]}.")


def _recall(s: _Screened) -> TrustLine:
    topic, row = f"Recall of {s.machine}", s.row
    if row is None:
        why = w.no_accuracy(s.state["no_accuracy"]) or f"{s.machine} has not judged records of gold."
        if s.gold is None:
            return TrustLine(topic, "missing", why, "Draw a sample", "gold", weight=68, tells=True)
        return TrustLine(topic, "missing", why, "Run it", "run", f"?stage={s.stage}", weight=68, tells=True)
    goal, bound = s.state["quality"]["goal"], row["bound"]
    found = q.share_words(row["relevant"] - row["lost"], row["relevant"], row["recall"], row["weighted"])
    mark = ", PROVISIONAL" if row["status"] == "provisional" else ""
    says = (
        f"{found} of gold {row['split']}{mark}; lower bound {q.bound_words(bound)}, target {goal['recall']:g}: "
        f"{q.verdict_words(bound, goal)}."
    )
    signs: Mapping[str, Sign] = {"reached": "holds", "not_reached": "fails"}
    sign = signs.get(bound["verdict"], "missing")
    return TrustLine(topic, sign, says, "See the figures", "results", "#accuracy", weight=69, tells=True)


def _gate(s: _Screened) -> Iterator[TrustLine]:
    """Yield the gate; nothing where the protocol has none: then the machine excludes nothing by itself."""
    gate = s.state["gate"]
    if gate is None:
        return
    low = "none" if gate["low"] is None else f"{int(gate['low'] * 1000 + 1e-9) / 1000:.3f}"
    says = (
        f"{gate['kept']:,} of {gate['positives']:,} eligible test records kept; lower bound {low}, target {gate['recall_low']:g}; "
        f"{w.plural(gate['looks'], 'check')} of this sample. {_plain(gate['why'])}."
    )
    if gate["open"]:
        yield TrustLine("Gate", "holds", f"Open: {says}", tells=True)
        return
    again = (
        " The next check could not pass even without a miss: a fresh sample is needed." if gate.get("exhausted") else ""
    )
    sign: Sign = "fails" if gate.get("last_at") else "missing"
    do = "Draw a fresh sample" if again else "See gold"
    yield TrustLine(
        "Gate",
        sign,
        f"Closed: {says}{again}",
        do,
        "gold",
        command=f"screener gold gate --stage {s.stage}",
        weight=67,
        tells=True,
    )


def _thresholds(s: _Screened, document: Mapping[str, Any]) -> Iterator[TrustLine]:
    """Yield where the thresholds of the machine come from, and whether the criteria have changed since."""
    row = s.row
    if row is None or not row["thresholds"]:
        return
    fit = next((lack for lack in s.state["quality"]["missing"] if lack["code"] == "fit"), None)
    count = w.plural(len(row["thresholds"]), "threshold")
    changed = [change["at"] for change in document["amendments"] if change["stage"] == s.stage.value]
    if fit is None:
        says = f"{count} in the protocol; on which labels they were chosen is not recorded."
        if changed:
            says += f" The criteria were changed on {max(changed)[:10]}: see whether they still fit."
        yield TrustLine(
            "Thresholds",
            "missing",
            says,
            command=f"screener evaluate --stage {s.stage} --split dev",
            weight=20,
            tells=True,
        )
        return
    says, command = q.lack_words(fit, s.stage.value, s.state["quality"]["goal"])
    fitted = max((run["at"] for run in document["reproduction"]["runs"] if _ran(run, s) and run.get("fit")), default="")
    if fitted and changed and max(changed) > fitted:
        says += f". Fitted by {fitted[:10]}, before the criteria were changed on {max(changed)[:10]}"
        yield TrustLine("Thresholds", "fails", f"{says}.", command=command, weight=52, tells=True)
    else:
        yield TrustLine("Thresholds", "holds", f"{says}.", tells=True)


def _ran(run: Mapping[str, Any], s: _Screened) -> bool:
    return bool(run["stage"] == s.stage.value and run["reviewer"] == s.machine)


def _also(s: _Screened) -> Iterator[TrustLine]:
    """Yield what else the report says is known or missing of the machine's figures."""
    quality = s.state["quality"]
    for lack in quality["missing"] if quality else ():
        if lack["code"] in _ALSO and lack["reviewer"] in (None, s.machine):
            says, command = q.lack_words(lack, s.stage.value, quality["goal"])
            told = says.removeprefix(f"{s.machine}: ")
            topic, do, screen = _ALSO[lack["code"]]
            says = f"{told[:1].upper()}{told[1:]}."
            if lack["known"]:
                yield TrustLine(topic, "holds", says, tells=True)
            else:
                yield TrustLine(topic, "missing", says, do, screen, command=command, weight=35, tells=True)


def _left_out(s: _Screened) -> Iterator[TrustLine]:
    """Yield what is known of the records that no person, or only one, has excluded: elusion, and the rule for stopping."""
    sample, stopping = s.state["elusion"], s.state["stopping"]
    if stopping is not None and "rule" in stopping:
        yield from _stopping(s, stopping)
    second = s.spec.decided_by.second_reviewer
    if sample is None:
        if s.spec.gate is not None or second or s.spec.stopping is not None:
            says = "No sample drawn: how many eligible records are among those left out is not known."
            yield TrustLine("Elusion", "missing", says, "Draw one", "gold", weight=65)
        return
    of = f"sample {sample['sample']}, {sample['n']:,} of {sample['frame']:,} records {w.excluded(sample)}"
    if sample["why"]:
        done = f"{sample['labelled']:,} of {sample['n']:,} labelled; " if "labelled" in sample else ""
        do = ("Label them", s.stage.value) if sample["why"] == "unfinished" else ("Draw another", "gold")
        sign: Sign = "missing" if sample["why"] == "unfinished" else "fails"
        yield TrustLine("Elusion", sign, f"No bound from {of}: {done}{w.no_bound(sample['why'])}.", *do, weight=65)
        return
    goal = s.spec.gate.recall_low if s.spec.gate else s.spec.stopping.target if s.spec.stopping else 0.95
    least = sample["recall_at_least"]
    says = f"{sample['hits']:,} eligible in {of}. {sample['sentence']}"
    if "drawn_at" in sample:
        yield TrustLine("Elusion", "missing", says, "Draw another", "gold", weight=50, tells=True)
    elif least is not None and least >= goal:
        yield TrustLine("Elusion", "holds", says, tells=True)
    else:
        says += f" That is below the target of {goal:g}."
        yield TrustLine("Elusion", "fails", says, "Screen on", s.stage.value, weight=65, tells=True)


def _stopping(s: _Screened, stopping: Mapping[str, Any]) -> Iterator[TrustLine]:
    says = f"{stopping['screened']:,} of {stopping['records']:,} records screened. {stopping['sentence']}"
    if stopping["says_stop"]:
        yield TrustLine("Rule for stopping", "holds", says)
    else:
        yield TrustLine("Rule for stopping", "missing", says, "Go on", s.stage.value, weight=59)
    if (sample := stopping["recall_sample"]) is None:
        return
    recall = sample["recall"]
    if recall is None or recall["value"] is None:
        yield TrustLine("Recall of the ranking", "missing", sample["sentence"], "Go on", s.stage.value, weight=48)
    else:
        reached = recall["low"] is not None and recall["low"] >= stopping["target"]
        yield TrustLine(
            "Recall of the ranking",
            "holds" if reached else "missing",
            sample["sentence"],
            "" if reached else "Go on",
            s.stage.value,
            weight=48,
        )


def _texts(s: _Screened) -> Iterator[TrustLine]:
    """Yield the records that were judged by title alone, and reports without a full text or without a reason."""
    status = s.status
    if s.stage is Stage.ABSTRACT:
        if status.title_only:
            says = f"{status.title_only:,} of {status.records:,} records have none and are judged by title."
            weight = 10 + 40 * status.title_only / status.records
            yield TrustLine(
                "Abstracts",
                "missing",
                says,
                "See the records",
                "records",
                f"?stage={s.stage}&abstract=no",
                command="screener retrieve --enrich",
                weight=weight,
            )
        else:
            yield TrustLine("Abstracts", "holds", f"All {status.records:,} records have one.")
        return
    reports = status.reports or {}
    lacking = {name: reports.get(name, 0) for name in ("sought", "not_retrieved", "no_full_text_exists", "no_text")}
    if not any(lacking.values()):
        yield TrustLine("Full texts", "holds", f"All {reports.get('reached', 0):,} reports have one that can be read.")
    else:
        named = {
            "sought": "still sought",
            "not_retrieved": "not retrieved",
            "no_full_text_exists": "without any",
            "no_text": "scans that are not read",
        }
        says = f"Of {reports['reached']:,} reports {', '.join(f'{n:,} {named[name]}' for name, n in lacking.items() if n)}."
        sign: Sign = "missing" if lacking["sought"] or lacking["no_text"] else "holds"
        yield TrustLine("Full texts", sign, says, "Get them", "full-texts", weight=61)
    unnamed = len(status.without_criterion) + len(status.incomplete)
    if unnamed:
        says = f"{unnamed:,} of {status.records:,} reports are excluded without naming a criterion."
        yield TrustLine("Reasons for exclusion", "fails", says, "Give them", s.stage.value, weight=57)


def _plain(words: str) -> str:
    """Return a clause for people who have no terminal, with a capital and without marks of commands."""
    text = words.replace("`", "")
    return f"{text[:1].upper()}{text[1:]}"
