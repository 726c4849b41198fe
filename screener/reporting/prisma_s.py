"""The 16 items of PRISMA-S, filled from the search log; what only the searchers know is marked so.

Numbers and topics are those of table 1 of Rethlefsen et al. 2021, Syst Rev 10:39; the words are ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from . import wording as w

_Source = Mapping[str, Any]


def prisma_s(
    sources: Sequence[_Source], files: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Return one line an item: `id`, `topic`, `filled` (what the log says) and `person` (what is left, empty if nothing)."""
    listed = [source for source in sources if source["listed"]]
    queries = sum(len(source["queries"]) for source in listed)
    items = (
        ("Databases, each with its platform", _of_kind(listed, "database"), "The platform of each, if its name does not tell."),
        ("Several databases searched at once on one platform", "", "Which, or that there were none."),
        ("Study registries", _of_kind(listed, "register"), "" if _of_kind(listed, "register") else "Which, or that there were none."),
        ("Web sites and other places that were browsed", _of_kind(listed, "repository"), "How they were browsed; others beside them."),
        ("Cited and citing works", "", "Whether they were looked through, and how."),
        ("People who were asked", "", "Authors, experts, makers, or nobody."),
        ("Other ways", _strangers(sources), "Any other way, or that there was none."),
        ("Every search as it was run", f"{w.plural(queries, 'query is', 'queries are')} listed in full, as pasted." if queries else "",
         "" if queries else "The queries, as they were run."),
        ("Limits, with their reasons", "; ".join(f"{source['name']}: {source['limits']}" for source in listed if source["limits"]),
         "Why these limits, and where there were none."),
        ("Published search filters", "", "Which, or that none was used."),
        ("Searches taken over from earlier reviews", "", "Which, or that there were none."),
        ("Updates of the searches", _imports(files), "How the searches were or will be updated."),
        ("Day of each search", _days(listed), "" if listed and all(source["searched"] for source in listed) else "The days that are missing."),
        ("Peer review of the searches", "", "Whether somebody reviewed them, and by what."),
        ("Records by source", _counts(sources), ""),
        ("How duplicates were recognised", _rules(links), ""),
    )  # fmt: skip
    return [
        {"id": str(number), "topic": topic, "filled": filled, "person": person}
        for number, (topic, filled, person) in enumerate(items, start=1)
    ]


def _of_kind(listed: Sequence[_Source], kind: str) -> str:
    return ", ".join(source["name"] for source in listed if source["kind"] == kind)


def _strangers(sources: Sequence[_Source]) -> str:
    names = [source["name"] for source in sources if not source["listed"]]
    return f"Imported, but not among the protocol’s sources: {w.listed(names)}." if names else ""


def _imports(files: Sequence[Mapping[str, Any]]) -> str:
    days = sorted({file["at"][:10] for file in files})
    if not days:
        return "No file has been imported."
    between = f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}, on {len(days)} days"
    return f"{w.plural(len(files), 'file')} imported {between}."


def _days(listed: Sequence[_Source]) -> str:
    return "; ".join(f"{source['name']}: {source['searched']}" for source in listed if source["searched"])


def _counts(sources: Sequence[_Source]) -> str:
    counts = []
    for source in sources:
        reported = "" if source["reported"] is None else f" of {source['reported']:,} reported"
        counts.append(f"{source['name']}: {source['received']:,} received{reported}")
    return "; ".join(counts) or "None yet."


def _rules(links: Sequence[Mapping[str, Any]]) -> str:
    counts = [f"{link['count']:,} by {link['rule'].replace('_', ' ')}" for link in links if link["kind"] == "duplicate"]
    merged = f" Links that stand: {', '.join(counts)}." if counts else " No duplicate was found."
    return f"By the program: identifiers first, then title, year and authors; every merge can be undone.{merged}"
