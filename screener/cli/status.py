"""`screener status`: where the review stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .common import JsonOption, ReviewOption, console, emit, open_ledger, open_review, table

if TYPE_CHECKING:
    from ..evaluation.stopping import RankedQueue
    from ..records import Record
    from ..stages.standing import Standing

SHOWN = 10
"""So many reports are named where more may be meant."""


def status(review: ReviewOption = None, json: JsonOption = False) -> None:
    """Records by source, decisions by stage, what is final and what waits, and what to do next."""
    from ..core.judgement import Stage
    from ..evaluation.stopping import ranked_queue
    from ..ledger import reads
    from ..ledger.snapshot import Snapshot
    from ..stages.amendments import unrecorded
    from ..stages.standing import Status
    from ..stages.state import load_stages
    from .import_ import compare_with_searches

    here = open_review(review)
    ledger = open_ledger(here)
    with ledger.read() as connection:
        total = reads.count_records(connection)
        hits = reads.hits_by_source(connection)
        received = reads.rows_received(connection)
    stages: dict[str, dict[str, Any]] = {}
    seen, queues = Snapshot(ledger), dict[str, "RankedQueue"]()
    for stage, state in load_stages(ledger, here).items():
        records, standing = state.records, state.standings
        counts, titles = standing_counts(records, standing)
        stages[stage.value] = {**counts, "title_only": titles, "on_other_text": on_other_text(standing)}
        queue = ranked_queue(seen, stage, sum(counts[one.value] for one in Status))
        if queue is not None:
            queues[stage.value] = queue
            stages[stage.value]["ranked_queue"] = queue.as_json()
        changed = unrecorded(ledger, here, stage)
        stages[stage.value]["unrecorded_change"] = asdict(changed) if changed else None
        if stage is Stage.FULLTEXT:
            stages[stage.value]["reports"] = report_counts(records, standing)
    if json:
        sources = {s.name: {"reported": s.total_reported, "received": hits.get(s.name, 0)} for s in here.sources}
        sources |= {name: {"reported": None, "received": n} for name, n in hits.items() if name not in sources}
        emit(
            {
                "review": str(here.root),
                "title": here.protocol.title,
                "records": total,
                "sources": sources,
                "stages": stages,
            }
        )
        return
    out = console()
    out.print(here.protocol.title)
    if not total:
        out.print(
            "No records yet: `screener import FILE…`, or `screener run --stage abstract` to start with the gold records."
        )
        return
    shown = table("Records", "source", "rows", right=(1,))
    for name, count in hits.items():
        shown.add_row(name, f"{count:,}")
    merged = sum(hits.values()) - total
    shown.add_row("merged as duplicates", f"−{merged:,}" if merged else "0")
    shown.add_row("records", f"{total:,}")
    out.print(shown)
    compared = compare_with_searches(here.sources, received)
    if compared is not None:
        out.print(compared)
    for name, part in stages.items():
        out.print(_stage_table(name, part))
        if part["title_only"] and name == Stage.ABSTRACT:
            out.print(f"{part['title_only']:,} of these records have no abstract.")
        if part["unrecorded_change"]:
            under = sum(part["unrecorded_change"]["people"].values())
            out.print(
                f"The wording of stage {name} has changed since people began ({under:,} judgements stand under the earlier "
                "one); say why on the overview of `screener adjudicate`, so that it is on record."
            )
        if "reports" in part:
            _say_reports(out, part["reports"])
        if part["on_other_text"]:
            out.print(other_text_line(name, part["on_other_text"]))
        if name in queues:
            _say_queue(out, queues[name], name)
    out.print(f"Next: {_next(stages)}.")


def _next(stages: dict[str, dict[str, Any]]) -> str:
    """What to do: the first stage on which something is to be judged, or to be judged upon."""
    for name, counts in stages.items():
        flow = counts.get("reports", {}).get("flow", {})
        textless = sum(flow.get(place, 0) for place in ("sought", "not_retrieved", "no_full_text_exists"))
        if counts["pending"] > textless + counts.get("reports", {}).get("no_text", 0):
            return f"`screener run --stage {name}`"
        if flow.get("sought"):
            return f"`screener import --pdfs FOLDER` for the {flow['sought']:,} reports whose full text is sought"
    first = next(iter(stages))
    return f"`screener evaluate --stage {first}`, `screener label FILE`, or `screener export --format csv`"


def _say_queue(out: Any, queue: "RankedQueue", stage: str) -> None:
    """What the stopping rules say of a queue in the order of a machine's probabilities."""
    out.print(
        f"Ranked queue: {len(queue.labels):,} of {queue.total:,} records screened in its order, {sum(queue.labels):,} of them kept."
    )
    for rule in queue.rules:
        out.print(f"  {rule.sentence}")
    out.print(f"  A bound on what was lost takes a random sample: `screener gold elusion --stage {stage} --n 200`.")


def _say_reports(out: Any, counts: dict[str, Any]) -> None:
    """Two lines of the flow: what became of the search for full texts, and of the reports."""
    scans = f" ({counts['no_text']:,} without text: scans)" if counts["no_text"] else ""
    out.print(
        f"{counts['reached']:,} reports: {counts['retrieved']:,} retrieved{scans}, {counts['sought']:,} sought, "
        f"{counts['not_retrieved']:,} not retrieved, {counts['no_full_text_exists']:,} without any full text."
    )
    flow = counts["flow"]
    why = ", ".join(f"{name} {count:,}" for name, count in counts["excluded_by"].items())
    out.print(
        f"Of these {flow['included']:,} are included, {flow['excluded']:,} excluded{f' ({why})' if why else ''}, "
        f"{flow['awaiting_classification']:,} await classification."
    )


def _stage_table(name: str, counts: dict[str, Any]) -> Any:
    shown = table(f"Stage {name}", "standing", "include", "unclear", "exclude", "all", right=(1, 2, 3, 4))
    for standing in ("final", "suggested"):
        parts = [counts[f"{standing}_{d}"] for d in ("include", "unclear", "exclude")]
        note = " (waits for humans)" if standing == "suggested" else ""
        shown.add_row(standing + note, *(f"{n:,}" for n in parts), f"{counts[standing]:,}")
    for standing in ("conflict", "pending", "error"):
        if counts[standing] or standing == "pending":
            shown.add_row(standing, "", "", "", f"{counts[standing]:,}")
    return shown


def standing_counts(records: Sequence["Record"], all_: Mapping[str, "Standing"]) -> tuple[dict[str, int], int]:
    """How many records of a stage have each standing (`final`, `final_include`, …), and how many have no abstract."""
    from ..core.judgement import Decision
    from ..stages.standing import Status

    found = Counter(standing.status.value for standing in all_.values())
    found.update(f"{s.status}_{s.decision}" for s in all_.values() if s.decision)
    names = [status.value for status in Status] + [f"{s}_{d}" for s in ("final", "suggested") for d in Decision]
    return {name: found[name] for name in names}, sum(not record.abstract for record in records)


def on_other_text(all_: Mapping[str, "Standing"]) -> dict[str, list[str]]:
    """The reports that people judged on other documents than they have now, with who did."""
    return {name: list(standing.other_text) for name, standing in all_.items() if standing.other_text}


def other_text_line(stage: str, found: Mapping[str, Sequence[str]]) -> str:
    """Which reports these are, and what to do, in one line."""
    shown = [f"{name} ({', '.join(people)})" for name, people in list(found.items())[:SHOWN]]
    more = f" and {len(found) - SHOWN:,} more" if len(found) > SHOWN else ""
    what = "1 report was" if len(found) == 1 else f"{len(found):,} reports were"
    return (
        f"At stage {stage} {what} judged by people on other documents than the present ones: {', '.join(shown)}{more}. "
        "What they said stays and counts; open the reports in `screener adjudicate` and save them anew once they are looked at."
    )


def report_counts(records: Sequence["Record"], all_: Mapping[str, "Standing"]) -> dict[str, Any]:
    """What became of the reports that reached full text: by retrieval, by place in the flow, by main reason.

    `retrieved + sought + not_retrieved + no_full_text_exists = reached`, and the counts of `flow` add up to it as well;
    `no_text` are those of the retrieved that are scans.
    """
    from ..documents.report import Report, Retrieval
    from ..stages.standing import Place, place

    reports = [one for one in records if isinstance(one, Report)]
    search = Counter(report.retrieval for report in reports)
    flow = Counter(place(report, all_[report.id]) for report in reports)
    out = [all_[one.id].judgement for one in reports if place(one, all_[one.id]) is Place.EXCLUDED]
    why = Counter((judgement.failed() if judgement else None) or "no criterion named" for judgement in out)
    return {
        "reached": len(reports),
        **{status.value: search[status] for status in Retrieval},
        "no_text": sum(report.scan for report in reports),
        "flow": {one.value: flow[one] for one in Place},
        "excluded_by": dict(why),
    }
