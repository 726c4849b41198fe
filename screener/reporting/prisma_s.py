"""The 16 items of PRISMA-S, filled from the search log; what only the searchers know is marked so.

Numbers and topics are those of table 1 of Rethlefsen et al. 2021, Syst Rev 10:39; the words are ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from . import wording as w

_Source = Mapping[str, Any]


def prisma_s(
    sources: Sequence[_Source], files: Sequence[Mapping[str, Any]], links: Sequence[Mapping[str, Any]], asked: int = 0
) -> list[dict[str, str]]:
    """Return one line an item: `id`, `topic`, `filled` (what the log says) and `person` (what is left, empty if nothing).

    `files` are those that people imported, `asked` counts the logged questions to authors.
    """
    listed = [source for source in sources if source["listed"]]
    browsed = [_of_kind(listed, kind) for kind in ("website", "organisation", "repository")]
    cited, reviewed = _of_kind(listed, "citation_searching"), _told(listed, "peer_review")
    strategies, rounds = _strategies(listed), _rounds(listed)
    items = (
        ("Databases, each with its platform", _of_kind(listed, "database"), "The platform of each, if its name does not tell."),
        ("Several databases searched at once on one platform", "", "Which, or that there were none."),
        ("Study registries", _of_kind(listed, "register"), "" if _of_kind(listed, "register") else "Which, or that there were none."),
        ("Web sites and other places that were browsed", ", ".join(filter(None, browsed)), "How they were browsed; others beside them."),
        ("Cited and citing works", rounds or cited, "" if rounds else "How they were looked through." if cited else
         "Whether they were looked through, and how."),
        ("People who were asked", f"{w.plural(asked, 'question')} to authors {'is' if asked == 1 else 'are'} logged." if asked else "",
         "Experts and makers." if asked else "Authors, experts, makers, or nobody."),
        ("Other ways", _strangers(sources), "Any other way, or that there was none."),
        ("Every search as it was run", strategies, "" if strategies else "The queries, as they were run."),
        ("Limits, with their reasons", _told(listed, "limits"), "Why these limits, and where there were none."),
        ("Published search filters", "", "Which, or that none was used."),
        ("Searches taken over from earlier reviews", "", "Which, or that there were none."),
        ("Updates of the searches", " ".join(filter(None, (_run_by_program(listed), _imports(files, listed)))), "How the searches were or will be updated."),
        ("Day of each search", _told(listed, "searched"), "" if listed and all(source["searched"] for source in listed) else "The days that are missing."),
        ("Peer review of the searches", reviewed,
         "" if listed and all(source["peer_review"] for source in listed) else "Whether somebody reviewed the others, and by what."
         if reviewed else "Whether somebody reviewed them, and by what (PRESS)."),
        ("Records by source", _counts(sources), ""),
        ("How duplicates were recognised", _rules(links), ""),
    )  # fmt: skip
    return [
        {"id": str(number), "topic": topic, "filled": filled, "person": person}
        for number, (topic, filled, person) in enumerate(items, start=1)
    ]


def _of_kind(listed: Sequence[_Source], kind: str) -> str:
    return ", ".join(source["name"] for source in listed if source["kind"] == kind)


def _told(listed: Sequence[_Source], key: str) -> str:
    return "; ".join(f"{source['name']}: {source[key]}" for source in listed if source[key])


def _strategies(listed: Sequence[_Source]) -> str:
    """Return how many queries the log has, with how many translations and warnings of the databases."""
    queries = [query for source in listed for query in source["queries"]]
    if not queries:
        return ""
    by_program = sum(bool(query["runs"]) for query in queries)
    how = {0: "as pasted", len(queries): "as the program ran them" if by_program > 1 else "as the program ran it"}
    shared = f"{by_program:,} as the program ran them, {len(queries) - by_program:,} as pasted"
    text = f"{w.plural(len(queries), 'query is', 'queries are')} listed in full, {how.get(by_program, shared)}."
    translated = sum(bool(query["translation"]) for query in queries)
    warned = sum(len(query["warnings"]) for query in queries)
    text += f" The database’s own translation is kept of {translated:,}." if translated else ""
    return text + (
        f" {w.plural(warned, 'warning')} of databases {'is' if warned == 1 else 'are'} listed." if warned else ""
    )


def _strangers(sources: Sequence[_Source]) -> str:
    names = [source["name"] for source in sources if not source["listed"]]
    return f"Imported, but not among the protocol’s sources: {w.listed(names)}." if names else ""


def _runs(listed: Sequence[_Source]) -> list[Mapping[str, Any]]:
    return [run for source in listed for query in source["queries"] for run in query["runs"]]


def _rounds(listed: Sequence[_Source]) -> str:
    """Return each round of each search by citation: direction, seeds, index, day, counts before and after duplicates."""
    told = []
    for source in listed:
        for query in source["queries"]:
            for run in query["runs"]:
                if "round" in run:
                    after = f", {run['new']:,} of them new after duplicates" if "new" in run else ""
                    told.append(
                        f"{source['name']}, round {run['round']}, {run['direction']} from {w.plural(len(run['seeds']), 'seed')}"
                        f"{' in ' + run['index'] if run['index'] else ''} on {run['at'][:10]}: {w.plural(run['received'], 'record')}{after}"
                    )
    return "; ".join(told)


def _run_by_program(listed: Sequence[_Source]) -> str:
    """Return how many searches the program ran, when, and how many of them were for what was new."""
    runs = _runs(listed)
    later = sum(bool(run["since"]) for run in runs)
    if not runs:
        return ""
    new = f", {later:,} of them for what was new or changed since an earlier one" if later else ""
    ran = w.plural(len(runs), "search was", "searches were")
    return f"{ran} run by the program {_between([run['at'] for run in runs])}{new}."


def _between(times: Sequence[str]) -> str:
    days = sorted({time[:10] for time in times})
    return f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}, on {len(days)} days"


def _imports(files: Sequence[Mapping[str, Any]], listed: Sequence[_Source]) -> str:
    if not files:
        return "" if _runs(listed) else "No file has been imported."
    return f"{w.plural(len(files), 'file')} imported {_between([file['at'] for file in files])}."


def _counts(sources: Sequence[_Source]) -> str:
    counts = []
    for source in sources:
        reported = "" if source["reported"] is None else f" of {source['reported']:,} reported"
        if not reported and "stated" in source:
            reported = f" of {source['stated']:,} stated on {source['stated_on']}"
        counts.append(f"{source['name']}: {source['received']:,} received{reported}")
    return "; ".join(counts) or "None yet."


def _rules(links: Sequence[Mapping[str, Any]]) -> str:
    counts = [f"{link['count']:,} by {link['rule'].replace('_', ' ')}" for link in links if link["kind"] == "duplicate"]
    merged = f" Links that stand: {', '.join(counts)}." if counts else " No duplicate was found."
    return (
        "By the program: one identifier and agreeing titles, else one title and beside author and year volume and pages, the "
        f"abstract or an identical row. What is only likely waits for a person; every merge can be undone.{merged}"
    )
