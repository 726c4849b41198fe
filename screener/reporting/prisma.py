"""The PRISMA 2020 checklist (27 items) and the one for abstracts (12 items), each item with its place in this report.

Numbers and topics are those of Page et al. 2021, BMJ 372:n71; the words are ours. An item has a place only where the
report really says something of it. What follows from the studies (synthesis, bias, certainty, discussion) is the authors'.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from . import wording as w

Document = Mapping[str, Any]
Place = tuple[str, str]
"""An anchor of the page, and what stands there."""
WHOLE = "authors to complete"
"""What an item says that this report has nothing for."""
SOURCE = "Page et al. 2021, BMJ 372:n71"


@dataclass(frozen=True)
class PrismaItem:
    """An item. `places` are anchors of the page with their names; `person` is what authors must write, empty if nothing."""

    id: str
    section: str
    topic: str
    places: tuple[Place, ...] = ()
    person: str = ""


def prisma(document: Document) -> dict[str, list[dict[str, Any]]]:
    """Return the items of both checklists, from the figures document alone."""
    return {
        "items": [_as_json(item) for part in (_front, _sources, _process, _planned, _results, _rest) for item in part(document)],
        "abstract": [_as_json(item) for item in _abstract(document)],
    }  # fmt: skip


def _as_json(item: PrismaItem) -> dict[str, Any]:
    places = [{"anchor": anchor, "name": name} for anchor, name in item.places]
    return {**asdict(item), "places": places, "person": item.person or ("" if places else WHOLE)}


def _front(document: Document) -> list[PrismaItem]:
    titled = "systematic review" in document["review"]["title"].casefold()
    return [
        PrismaItem("1", "Title", "Says that it is a systematic review", (("title", "Title"),) if titled else ()),
        PrismaItem("2", "Abstract", "Follows the checklist for abstracts", (),
                   "The abstract; the checklist for abstracts below names what this report has for it."),
        PrismaItem("3", "Introduction", "Why the review is needed, given what is known"),
        PrismaItem("4", "Introduction", "Questions or objectives", (("questions", "Questions of the review"),)),
    ]  # fmt: skip


def _sources(document: Document) -> list[PrismaItem]:
    sources, queries = _searched(document)
    return [
        PrismaItem("5", "Methods", "Eligibility criteria; how studies were grouped", _criteria(document),
                   "How studies were grouped for the syntheses."),
        PrismaItem("6", "Methods", "Every source, with the day of its last search", sources,
                   "" if sources and _all_dated(document) else "Sources and days that the search log lacks."),
        PrismaItem("7", "Methods", "Full search strategies, with filters and limits", queries,
                   "" if queries else "The strategies as they were run."),
    ]  # fmt: skip


def _process(document: Document) -> list[PrismaItem]:
    judged = any(state["reviewers"] for name, state in document["stages"].items() if name != "extraction")
    selection: tuple[Place, ...] = (("methods", "Methods text"), ("effort", "Who judged how many")) if judged else ()
    asked: tuple[Place, ...] = (("contacts", "Contact with authors"),) if document["contacts"] else ()
    collected = _extracted(document, "extraction", "Extracted data")
    items = _extracted(document, "extraction-items", "Reporting by item")
    return [
        PrismaItem("8", "Methods", "How studies were selected: how many people, independence, automation", selection,
                   "" if judged else "How studies were selected."),
        PrismaItem("9", "Methods", "How data were collected: how many people, independence, automation", collected + asked,
                   "Whatever was done beside the form." if asked else
                   "Contacts with authors to obtain or confirm data, and whatever else was done beside the form."),
        PrismaItem("10a", "Methods", "Outcomes for which data were sought", items,
                   "Which items are outcomes, and which of their results were sought."),
        PrismaItem("10b", "Methods", "Other variables for which data were sought", items,
                   "What was assumed where information was missing or unclear."),
        PrismaItem("11", "Methods", "Risk of bias in the studies: tools, how many people, automation"),
        PrismaItem("12", "Methods", "Effect measures of each outcome"),
    ]  # fmt: skip


def _planned(_: Document) -> list[PrismaItem]:
    topics = {
        "13a": "Which studies were eligible for each synthesis",
        "13b": "How data were prepared: missing statistics, conversions",
        "13c": "How results were tabulated or drawn",
        "13d": "How results were synthesised, and why so; models, heterogeneity, software",
        "13e": "How causes of heterogeneity were explored",
        "13f": "Sensitivity analyses",
        "14": "How bias from missing results was assessed",
        "15": "How certainty of the evidence was assessed",
    }
    return [PrismaItem(number, "Methods", topic) for number, topic in topics.items()]


def _results(document: Document) -> list[PrismaItem]:
    lists = document["reports"] or {"excluded": (), "included": ()}
    excluded: tuple[Place, ...] = (("excluded", "Reports excluded at full text"),) if lists["excluded"] else ()
    included: tuple[Place, ...] = (("included", "Included studies"),) if lists["included"] else ()
    values = _extracted(document, "extraction", "Extracted data")
    open_topics = {
        "20a": "For each synthesis, its studies and their risk of bias",
        "20b": "Results of the syntheses with precision and heterogeneity",
        "20c": "Results on causes of heterogeneity",
        "20d": "Results of the sensitivity analyses",
        "21": "Bias from missing results, for each synthesis",
        "22": "Certainty of the evidence, for each outcome",
    }
    return [
        PrismaItem("16a", "Results", "From the records identified to the studies included, with a flow diagram",
                   (("flow", "Flow of records"),)),
        PrismaItem("16b", "Results", "Studies that seem eligible but were excluded, cited with the reason", excluded,
                   "" if excluded else "The list; this report has none yet."),
        PrismaItem("17", "Results", "Each included study, cited, with its characteristics",
                   included + (values if included else ()) + _retraction_status(document),
                   " ".join(filter(None, (_to_decide(document),
                                          "The characteristics of each study." if included and not values else "")))),
        PrismaItem("18", "Results", "Risk of bias of each study"),
        PrismaItem("19", "Results", "Results of each study: summary statistics, effects with precision",
                   _extracted(document, "extraction-values", "All values with their quotes"),
                   "Effects with their precision, for all outcomes."),
        *(PrismaItem(number, "Results", topic) for number, topic in open_topics.items()),
    ]  # fmt: skip


def _rest(document: Document) -> list[PrismaItem]:
    review = document["review"]
    discussion = ("Results in the light of other evidence", "Limitations of the evidence", "Limitations of the review’s methods",
                  "Meaning for practice, policy and research")  # fmt: skip
    registration, protocol = _registration(review)
    amended: tuple[Place, ...] = (("protocol", "Protocol, with its amendments"),) if document["amendments"] else ()
    return [
        *(PrismaItem(f"23{letter}", "Discussion", topic) for letter, topic in zip("abcd", discussion, strict=True)),
        PrismaItem("24a", "Other", "Registration: register and number, or that there is none", registration,
                   "" if registration else "`registration` in the protocol."),
        PrismaItem("24b", "Other", "Where the protocol can be read, or that there is none", protocol,
                   "" if protocol else "`registration: protocol` in the protocol."),
        PrismaItem("24c", "Other", "Amendments, explained", amended,
                   "Why." if amended else "Amendments, or that there were none; no change of the criteria is recorded."),
        PrismaItem("25", "Other", "Support and the role of funders", _said(review, "funding", "Funding"),
                   "" if review["funding"] else "`funding` in the protocol."),
        PrismaItem("26", "Other", "Competing interests", _said(review, "competing_interests", "Competing interests"),
                   "" if review["competing_interests"] else "`competing_interests` in the protocol."),
        PrismaItem("27", "Other", "What data, code and forms are public, and where", (("reproduce", "How to reproduce"),),
                   "Where they are deposited."),
    ]  # fmt: skip


_ABSTRACT: tuple[tuple[str, str, Callable[[Document], tuple[Place, ...]] | None], ...] = (
    ("Title", "Says that it is a systematic review", lambda d: _front(d)[0].places),
    ("Background", "Questions or objectives", lambda d: _front(d)[3].places),
    ("Methods", "Eligibility criteria", lambda d: _criteria(d)),
    ("Methods", "Sources, with the day of the last search", lambda d: _searched(d)[0]),
    ("Methods", "How risk of bias was assessed", None),
    ("Methods", "How results were presented and synthesised", None),
    ("Results", "Number of studies and participants, characteristics of the studies", lambda d: (("flow", "Flow of records"),)),
    ("Results", "Main results with their precision", None),
    ("Discussion", "Limitations of the evidence", None),
    ("Discussion", "What it means", None),
    ("Other", "Funding", lambda d: _said(d["review"], "funding", "Funding")),
    ("Other", "Register and number", lambda d: _registration(d["review"])[0]),
)  # fmt: skip


def _abstract(document: Document) -> list[PrismaItem]:
    # The abstract itself is no part of this report, so each sentence of it is still to be written.
    return [
        PrismaItem(str(number), section, topic, places := where(document) if where else (),
                   "The sentence of the abstract." if places else "")
        for number, (section, topic, where) in enumerate(_ABSTRACT, start=1)
    ]  # fmt: skip


def _criteria(document: Document) -> tuple[Place, ...]:
    stages = (stage for stage in document["review"]["stages"] if stage["criteria"])
    return tuple((f"criteria-{stage['stage']}", f"Criteria, {w.stage(stage['stage'])}") for stage in stages)


def _searched(document: Document) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return the places of the sources and of their queries."""
    sources = [source for source in document["searches"]["sources"] if source["listed"]]
    queries = any(source["queries"] for source in sources)
    return ((("searches", "Search log"),) if sources else ()), ((("queries", "Queries as run"),) if queries else ())


def _all_dated(document: Document) -> bool:
    return all(source["searched"] for source in document["searches"]["sources"])


def _extracted(document: Document, anchor: str, name: str) -> tuple[Place, ...]:
    extraction = document["extraction"]
    return ((anchor, name),) if extraction and not extraction["problem"] else ()


def _retraction_status(document: Document) -> tuple[Place, ...]:
    checked = document.get("integrity", {}).get("checked")
    return (("integrity", f"Retraction status, checked on {checked['at'][:10]}"),) if checked else ()


def _to_decide(document: Document) -> str:
    """Return what stands in the checklist of included studies that are marked as retracted, and the like."""
    marked = document.get("integrity", {}).get("marked", ())
    names = [f"{item['id']} ({item['integrity']})" for item in marked if item["must_decide"] == "yes"]
    return f"A person must decide about {', '.join(names)}." if names else ""


def _registration(review: Mapping[str, Any]) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """Return the places of the registration and of the protocol."""
    registration = review["registration"]
    if registration is None:
        return (), ()
    place = (("registration", "Registration"),)
    said = bool(registration["number"] or registration["statement"])
    return (place if said else ()), (place if registration["protocol"] else ())


def _said(review: Mapping[str, Any], key: str, name: str) -> tuple[Place, ...]:
    return ((key.replace("_", "-"), name),) if review[key] else ()
