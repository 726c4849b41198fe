"""Pairs of records that the program has linked and nobody has decided on, from the tables of links and members alone."""

from collections.abc import Iterable
from typing import Any

Pair = frozenset[str]


def undecided(links: Iterable[dict[str, Any]], members: Iterable[dict[str, Any]]) -> dict[str, set[Pair]]:
    """The pairs by kind, `candidate` and `same_study`; what is a candidate is no study as well."""
    record = {row["hit_id"]: row["record_id"] for row in members}
    last: dict[tuple[str, frozenset[int]], dict[str, Any]] = {}
    for row in sorted(links, key=lambda row: row["id"]):
        last[row["kind"], frozenset((row["a"], row["b"]))] = row
    by_people: dict[Pair, list[dict[str, Any]]] = {}
    for row in last.values():
        if row["who"] != "screener" and row["rule"] != "taken back":
            by_people.setdefault(frozenset((record.get(row["a"], ""), record.get(row["b"], ""))), []).append(row)
    open_now: dict[str, set[Pair]] = {"candidate": set(), "same_study": set()}
    for (kind, _), row in last.items():
        pair = frozenset(record[hit] for hit in (row["a"], row["b"]) if hit in record)
        if kind not in open_now or row["who"] != "screener" or not row["active"] or len(pair) < 2:
            continue
        settles = (
            {"candidate", "same_study"} if kind == "same_study" else {one["kind"] for one in by_people.get(pair, ())}
        )
        if not any(one["kind"] in settles for one in by_people.get(pair, ())):
            open_now[kind].add(pair)
    open_now["same_study"] -= open_now["candidate"]
    return open_now
