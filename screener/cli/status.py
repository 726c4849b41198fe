"""`screener status`: where the review stands."""

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING, Any

from .common import JsonOption, ReviewOption, console, counted, emit, review_at, table

if TYPE_CHECKING:
    from ..evaluation import RankedQueue, StoppingState
    from ..review.status import ReviewStatus, StageStatus
    from ..stages import GateCheck

SHOWN = 10
"""So many reports are named where more may be meant."""


def status(review: ReviewOption = None, json: JsonOption = False) -> None:
    """Records by source, decisions by stage, what is final and what waits, and what to do next."""
    from ..review.next_steps import first_steps, next_steps
    from .showing import compare_with_searches
    from .sources import missing_line, venue_lines

    current = review_at(review)
    result = current.status()
    if json:
        emit(result.as_json())
        return
    out = console()
    out.print(result.title)
    if not result.records:
        out.print(f"No records yet: {first_steps(current.review)}.")
        return
    out.print(_records_table(result))
    if result.synthetic.count:
        out.print(f"{result.synthetic.sentence}.")
    for line in _open_links(result):
        out.print(line)
    for line in _integrity(result):
        out.print(line)
    for line in venue_lines(result.venues):
        out.print(line)
    compared = compare_with_searches(current.review.sources, result.received, result.stated, everything=True)
    if compared is not None:
        out.print(compared)
    for name, reported in result.missing_sources.items():
        out.print(
            f"{name} reported {reported:,} records, and no file of it was imported: `screener import FILE --source {quote(name)}`."
        )
    if result.no_longer_in:
        out.print(missing_line(result.no_longer_in))
    for line in _models(result):
        out.print(line)
    for stage in result.stages.values():
        criteria = current.review.stage(stage.stage).criteria
        _show_stage(out, stage, {criterion.id: criterion.label for criterion in criteria})
    for batch in result.batches:
        out.print(
            f"Batch {batch.name}: {batch.requests:,} requests of {batch.reviewer} ({batch.stage}) are with the provider since "
            f"{batch.at}; `screener batch collect` fetches the answers."
        )
    out.print(f"Next: {next_steps(current.review, result)}.")


def _open_links(result: "ReviewStatus") -> Iterator[str]:
    """Yield what nobody has decided on of what the program has linked."""
    for count, kind, of_what in (
        (result.candidates, "candidate", "of records are likely duplicates and wait for a decision"),
        (result.supposed_studies, "same_study", "of records may be of one study; each is judged alone until confirmed"),
    ):
        if count:
            noun = "pair" if count == 1 else "pairs"
            yield f"{count:,} {noun} {of_what}: `screener dedup list --kind {kind}`."


def _integrity(result: "ReviewStatus") -> Iterator[str]:
    """Yield the notices that are not screened alone, and the included records about which a person must decide."""
    if result.notices:
        count = len({notice.notice for notice in result.notices})
        yield f"{counted(count, 'record is a notice', 'records are notices')} of others, not screened alone:"
        for item in result.notices[:SHOWN]:
            yield f"  {item.notice}: {item.kind or 'notice'} of {item.paper}"
        if len(result.notices) > SHOWN:
            yield f"  … and {len(result.notices) - SHOWN:,} more: `screener dedup list --kind notice_of`"
    for record in result.must_decide:
        yield f"{record.id} is included and {record.integrity}: a person must decide (`screener integrity`)."


def _models(result: "ReviewStatus") -> Iterator[str]:
    """Yield where models and data sets stand, a line for each class that has some."""
    from ..review.models import CLASSES

    if not result.models:
        return
    total = sum(result.models[name] for name in CLASSES)
    yield f"{counted(total, 'model or data set is', 'models and data sets are')} not screened (`screener models list`):"
    for name, words in CLASSES.items():
        if count := result.models[name]:
            step = {"open": ": `screener models topic`, or Models in the app", "documented": ": the protocol decides"}
            yield f"  {count:,} {words}{step.get(name, '')}"
    yield f"  {counted(result.models['via_model'], 'publication is', 'publications are')} screened via model alone"


def _records_table(result: "ReviewStatus") -> Any:
    record_table = table("Records", "source", "rows", right=(1,))
    for name, count in result.hits.items():
        record_table.add_row(name, f"{count:,}")
    merged = sum(result.hits.values()) - result.records
    record_table.add_row("merged as duplicates", f"−{merged:,}" if merged else "0")
    record_table.add_row("records", f"{result.records:,}")
    return record_table


def _show_stage(out: Any, stage: "StageStatus", labels: Mapping[str, str]) -> None:
    """Print the table of a stage and its remarks; `labels` are those of its criteria, by id."""
    from ..core.judgement import Stage

    out.print(_stage_table(stage))
    if stage.workflow:
        out.print(f"Workflow {stage.workflow}: {stage.who_decides}.")
    if (second := stage.second_reading) is not None:
        step = second.next_step(stage.stage)
        out.print(f"{second.sentence}{f': {step}' if step else ''}.")
    _say_people(out, stage)
    if stage.title_only and stage.stage is Stage.ABSTRACT:
        out.print(f"{stage.title_only:,} of these records have no abstract.")
    if stage.unrecorded_change:
        outdated = sum(stage.unrecorded_change.people.values())
        out.print(
            f"{stage.stage.label}: the criteria have changed since labelling began ({outdated:,} judgements under the earlier ones). "
            "Record the reason on the overview of `screener adjudicate`."
        )
    if stage.reports is not None:
        _say_reports(out, stage.reports, labels)
    if stage.incomplete:
        out.print(_incomplete_line(stage.incomplete))
    if stage.without_criterion:
        out.print(without_criterion_line(stage.without_criterion))
    if stage.without_abstract:
        out.print(without_abstract_line(stage.stage, stage.without_abstract))
    others = {name: who for name, who in stage.on_other_text.items() if name not in stage.without_abstract}
    if others:
        out.print(other_text_line(stage.stage, others))
    if stage.gate:
        out.print(_gate_line(stage.gate, stage.stage))
        for sentence in stage.gate.updates:
            out.print(f"  {sentence}")
    if stage.ranked_queue:
        _say_queue(out, stage.ranked_queue, stage.stage)


def _say_people(out: Any, stage: "StageStatus") -> None:
    """Print how far each person is at a stage, and with its gold sample."""
    sample = stage.gold.sample
    in_sample = sample.people if sample else {}
    if stage.people:
        columns = ("person", "judged", "of", *(("of the gold sample",) if sample else ()))
        people_table = table(f"{stage.stage.label}: progress by person", *columns, right=(1, 2, 3))
        for name, count in stage.people.items():
            row = (name, f"{count:,}", f"{stage.records:,}")
            people_table.add_row(*row, *((f"{in_sample.get(name, 0):,} of {sample.n:,}",) if sample else ()))
        out.print(people_table)
    if sample and (sample.lacking or sample.conflicts):
        out.print(
            f"Gold sample: {sample.n - sample.lacking:,} of {sample.n:,} records are labelled by {sample.needed} people; "
            f"{sample.conflicts:,} conflicts."
        )


def _gate_line(gate: "GateCheck", stage: str) -> str:
    """Return whether a gate is open, when it was checked last, whether data came since, and what to do."""
    checked = f"checked last at {gate.last_at}" if gate.last_at else "never checked"
    checked_since = ", what it stands on has changed since" if gate.last_at and not gate.at else ""
    line = f"Gate of {gate.reviewer}: {'open' if gate.open else 'closed'}, {checked}{checked_since}: {gate.why}."
    if gate.exhausted:
        line += " The next check of this test sample cannot pass: draw a fresh one."
    return line if gate.at else f"{line} `screener gold gate --stage {stage}` checks it."


def _say_queue(out: Any, shown: "RankedQueue | StoppingState", stage: str) -> None:
    """Print what the stopping rule says that was named beforehand, or all of them where none was."""
    from ..evaluation import StoppingState

    queue = shown.queue if isinstance(shown, StoppingState) else shown
    out.print(
        f"Ranked queue: {len(queue.given):,} of {queue.total:,} records screened in this order, {queue.given_kept:,} not excluded."
    )
    for sentence in shown.sentences:
        out.print(f"  {sentence}")
    n = min(200, shown.left) if isinstance(shown, StoppingState) else 200
    if n and (not isinstance(shown, StoppingState) or shown.says.stop):
        out.print(
            f"  To bound the number of missed records, draw a random sample: `screener gold elusion --stage {stage} --n {n}`."
        )


def _say_reports(out: Any, counts: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Two lines of the flow: how many full texts were retrieved, and how the reports were decided."""
    scans = f" ({counts['no_text']:,} without text: scans)" if counts["no_text"] else ""
    out.print(
        f"{counts['reached']:,} reports: {counts['retrieved']:,} retrieved{scans}, {counts['sought']:,} sought, "
        f"{counts['not_retrieved']:,} not retrieved, {counts['no_full_text_exists']:,} without a full text."
    )
    flow = counts["flow"]
    classified = "".join(
        f", {flow[name]:,} {label}"
        for name, label in (("awaiting_classification", "awaiting classification"), ("ongoing", "ongoing"))
        if flow[name]
    )
    why = ", ".join(f"{_reason(name, labels)} {count:,}" for name, count in counts["excluded_by"].items())
    out.print(
        f"{flow['included']:,} included, {flow['excluded']:,} excluded{f' ({why})' if why else ''}, "
        f"{flow['awaiting_decision']:,} awaiting a decision{classified}."
    )


def _reason(criterion: str, labels: Mapping[str, str]) -> str:
    """Return the reason for an exclusion in words."""
    return f"not {labels[criterion]}" if criterion in labels else criterion.replace("_", " ")


def _stage_table(stage: "StageStatus") -> Any:
    counts = stage.counts
    stage_table = table(stage.stage.label, "status", "include", "unclear", "exclude", "all", right=(1, 2, 3, 4))
    for standing in ("final", "suggested"):
        parts = [counts[f"{standing}_{d}"] for d in ("include", "unclear", "exclude")]
        note = " (waiting for humans)" if standing == "suggested" else ""
        stage_table.add_row(standing + note, *(f"{n:,}" for n in parts), f"{counts[standing]:,}")
    for standing in ("conflict", "pending", "error", "awaiting_classification", "ongoing"):
        if counts[standing] or standing == "pending":
            stage_table.add_row(standing.replace("_", " "), "", "", "", f"{counts[standing]:,}")
    return stage_table


def _incomplete_line(incomplete: Mapping[str, Sequence[str]]) -> str:
    """Return which reports wait for the reason of an exclusion, and from whom, in one line."""
    names_shown = [f"{name} ({', '.join(people)})" for name, people in list(incomplete.items())[:SHOWN]]
    further = f" and {len(incomplete) - SHOWN:,} more" if len(incomplete) > SHOWN else ""
    reports = "1 report is" if len(incomplete) == 1 else f"{len(incomplete):,} reports are"
    return (
        f"{reports} excluded without a reason by somebody, and so not final: {', '.join(names_shown)}{further}. `screener adjudicate` "
        "offers them to who excluded them, to say which criterion is not met."
    )


def without_criterion_line(names: Sequence[str]) -> str:
    """Return which reports are excluded without naming a criterion, and what to do, in one line."""
    further = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    reports = "1 report is" if len(names) == 1 else f"{len(names):,} reports are"
    return (
        f"{reports} excluded without naming a criterion: {', '.join(names[:SHOWN])}{further}. Name it in "
        "`screener adjudicate`, or with `screener label` in a file with a column `criterion`."
    )


def against_line(stage: str, records: Mapping[str, Sequence[str]]) -> str:
    """Return which adjudications go against people who agree, by adjudicator, in one line."""
    from ..core.judgement import Stage

    who = [
        f"{name} on {', '.join(of[:SHOWN])}{f' and {len(of) - SHOWN:,} more' if len(of) > SHOWN else ''}"
        for name, of in records.items()
    ]
    count = sum(map(len, records.values()))
    return (
        f"{Stage(stage).label}: {count:,} {'adjudication goes' if count == 1 else 'adjudications go'} against people who "
        f"agree: {'; '.join(who)}"
    )


def without_abstract_line(stage: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return which records people judged before their abstract was looked up, and what to do, in one line."""
    from ..core.judgement import Stage

    names_shown = [f"{name} ({', '.join(people)})" for name, people in list(names.items())[:SHOWN]]
    further = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    judgements = "1 record was" if len(names) == 1 else f"{len(names):,} records were"
    return (
        f"{Stage(stage).label}: {judgements} judged without the abstract, which was looked up since: {', '.join(names_shown)}"
        f"{further}. These judgements still count; under Records in `screener adjudicate`, “judged without the "
        "abstract” lists them."
    )


def other_text_line(stage: str, names: Mapping[str, Sequence[str]]) -> str:
    """Return which reports these are, and what to do, in one line."""
    from ..core.judgement import Stage

    names_shown = [f"{name} ({', '.join(people)})" for name, people in list(names.items())[:SHOWN]]
    further = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    if Stage(stage) is Stage.ABSTRACT:
        judgements = "1 record was" if len(names) == 1 else f"{len(names):,} records were"
        return (
            f"{Stage(stage).label}: {judgements} judged before an update changed title or abstract: {', '.join(names_shown)}"
            f"{further}. These judgements still count; open the records in `screener adjudicate`, which shows what changed, and "
            "save again to confirm or change them."
        )
    judgements = "1 report was" if len(names) == 1 else f"{len(names):,} reports were"
    return (
        f"{Stage(stage).label}: {judgements} judged on documents that have changed since: {', '.join(names_shown)}{further}. "
        "These judgements still count; to renew them, open the reports in `screener adjudicate`, check, and save again."
    )
