"""The addresses that studies give, with what they say of them and, beside it, what was last seen there."""

from collections.abc import Iterator, Mapping

from ...core.judgement import ItemStatus
from ...forms import FormSpec, ItemField, bare
from ...ledger.link_checks import LinkCheck
from .named_items import entry_name
from .studies import ExtractedStudy
from .table import CellCounts, SynthesisTable, TableCell, answer_cell, unanswered_note
from .units import Synthesis

_COLUMNS = (
    "id", "study", "unit", "item", "address", "says", "by", "checked_at", "status", "answers", "seen", "final", "redirects",
    "asked", "licence_seen", "licence_from", "weights_seen",
)  # fmt: skip


def links_table(synthesis: Synthesis) -> SynthesisTable:
    """Return a row an address of a study. `says` is what the report says beside it, such as availability and licence."""
    form, counts, rows = synthesis.form, CellCounts(), list[Mapping[str, TableCell]]()
    urls = {path: _siblings(form, path) for path, field in form.by_path.items() if field.kind == "url"}
    for study in synthesis.studies:
        for path, answer in study.items.items():
            given = answer.status is ItemStatus.REPORTED and isinstance(answer.value, str)
            if given and bare(path) in urls:
                counts.count(study, answer)
                check = synthesis.observed.get(answer.value)
                rows.append(_claimed(synthesis, study, path, urls[bare(path)]) | _seen(check))
    looked = sum(row["checked_at"].value is not None for row in rows)
    notes = (
        f"{looked:,} of {len(rows):,} addresses were looked at (`screener links`). What was seen is an observation of that day; it "
        "changes nothing that a report says.",
        *unanswered_note(synthesis.studies),
    )
    headings = {
        "id": "ID",
        "study": "Study",
        "unit": "Unit",
        "item": "Item",
        "address": "Address",
        "says": "The report says",
    }
    return SynthesisTable("links", "Addresses that the studies give", _COLUMNS, rows, counts, headings, notes)


def _siblings(form: FormSpec, url: str) -> dict[str, ItemField]:
    """Return the items of an address's group, by their last names."""
    group = url.rpartition(".")[0]
    return {path.rpartition(".")[2]: field for path, field in form.by_path.items() if path.rpartition(".")[0] == group}


def _claimed(
    synthesis: Synthesis, study: ExtractedStudy, path: str, beside: Mapping[str, ItemField]
) -> dict[str, TableCell]:
    place = path[: path.index("]") + 1] if "]" in path else ""
    told = {
        "id": study.id, "study": study.label, "unit": entry_name(synthesis.form, study, place), "item": path, "by": study.by,
        "says": "; ".join(_beside(study, path, beside)),
    }  # fmt: skip
    return {name: TableCell(value) for name, value in told.items()} | {
        "address": TableCell(study.items[path].value, by=study.by)
    }


def _beside(study: ExtractedStudy, path: str, beside: Mapping[str, ItemField]) -> Iterator[str]:
    """Yield what a study says in the other items of the address's group: `availability: openly available`."""
    group = path.rpartition(".")[0]
    for other, field in beside.items():
        answer = study.items.get(f"{group}.{other}")
        if answer is not None and other != path.rpartition(".")[2]:
            yield f"{other}: {answer_cell(study, field, answer).shown}"


def _seen(check: LinkCheck | None) -> dict[str, TableCell]:
    if check is None:
        return {"checked_at": TableCell(None), "seen": TableCell("not looked at")}
    answers = {True: "yes", False: "no", None: "not known"}[check.answers]
    told = {
        "checked_at": check.at, "status": check.status, "answers": answers, "seen": check.words, "final": check.final,
        "redirects": list(check.redirects), "asked": check.kind, "licence_seen": check.licence,
        "licence_from": check.licence_from, "weights_seen": None if check.weights is None else list(check.weights),
    }  # fmt: skip
    return {name: TableCell(value, "\n".join(value) if isinstance(value, list) else "") for name, value in told.items()}
