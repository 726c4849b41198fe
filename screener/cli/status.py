"""`screener status`: where the review stands."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from .common import JsonOption, ReviewOption, console, emit, open_ledger, open_review, table

if TYPE_CHECKING:
    from ..judgement import Stage
    from ..ledger.store import Ledger
    from ..protocol import Review


def status(review: ReviewOption = None, json: JsonOption = False) -> None:
    """Records by source, decisions by stage, what is final and what waits, and what to do next."""
    from ..ledger import reads
    from .import_ import compare_with_searches

    here = open_review(review)
    ledger = open_ledger(here)
    with ledger.read() as connection:
        total = reads.count_records(connection)
        hits = reads.hits_by_source(connection)
        received = reads.rows_received(connection)
    stages = {}
    for stage in here.protocol.stages:
        counts, titles = standing_counts(ledger, here, stage)
        stages[stage.value] = {**counts, "title_only": titles}
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
    for stage_name, counts in stages.items():
        out.print(_stage_table(stage_name, counts))
        if counts["title_only"]:
            out.print(f"{counts['title_only']:,} of these records have no abstract.")
    first = next(iter(stages))
    if stages[first]["pending"]:
        out.print(f"Next: `screener run --stage {first}`.")
    else:
        out.print(
            f"Next: `screener evaluate --stage {first}`, `screener label FILE`, or `screener export --format csv`."
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


def standing_counts(ledger: "Ledger", review: "Review", stage: "Stage") -> tuple[dict[str, int], int]:
    """How many records of a stage have each standing (`final`, `final_include`, …), and how many have no abstract."""
    from ..judgement import Decision
    from ..ledger.standing import Status, standings
    from ..runner import present, records_for

    records = records_for(ledger, review, stage)
    with ledger.read() as connection:
        all_ = standings(connection, stage, review.stage(stage).decided_by, records, protocol=present(review, stage))
    found = Counter(standing.status.value for standing in all_.values())
    found.update(f"{s.status}_{s.decision}" for s in all_.values() if s.decision)
    names = [status.value for status in Status] + [f"{s}_{d}" for s in ("final", "suggested") for d in Decision]
    return {name: found[name] for name in names}, sum(not record.abstract for record in records)
