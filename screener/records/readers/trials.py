"""Registrations of trials: ClinicalTrials.gov (JSON, XML, CSV) and the WHO's ICTRP (XML and table).

Sources: https://clinicaltrials.gov/data-api/about-api/study-data-structure,
https://clinicaltrials.gov/ct2/html/images/info/public.xsd, https://trialsearch.who.int (export of search results).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from .. import normalise as n
from ..model import Entry, KnownDate, Relation, RelationKind
from . import values as v
from .columns import Row
from .delimited import FAULT
from .json_dialects import Dialect, Item, year_of
from .rows import RowCollector
from .xml_documents import BrokenFileError, elements, every, first, root_name

REGISTRATION = "trial registration"
"""The publication type of a registration."""
_ROOTS = frozenset({"clinical_study", "search_results", "Trials_downloaded_from_ICTRP", "Trials"})
_RECORDS = frozenset({"clinical_study", "Trial"})
_GOV = "ClinicalTrials.gov"


def registration(
    *,
    number: str,
    titles: Sequence[str],
    summary: str = "",
    sponsors: Iterable[str] = (),
    dates: tuple[KnownDate, ...] = (),
    more: Mapping[str, Any],
) -> Entry:
    """Return the entry of a registration.

    Args:
        number: the number of the registry; other registries' numbers of the trial stand in `more["others"]`.
        titles: its titles; the first that there is counts.
        summary: the text about it.
        sponsors: who is named as responsible, as its authors.
        dates: when it was registered.
        more: `register`, `url`, `keywords`, `others`, `language` and `relations`, where known.
    """
    register, numbers = more.get("register", ""), n.registry_numbers(f"{number} ; {more.get('others', '')}")
    return Entry(
        title=next(filter(None, titles), ""),
        abstract=summary,
        authors=v.unique(sponsors),
        year=year_of(*dates),
        dates=dates,
        venue=register,
        publisher=register,
        # No manager of references has a type for registrations; Zotero stores them as reports.
        reference_type="RPRT",
        publication_types=(REGISTRATION,),
        keywords=v.unique(more.get("keywords", ())),
        url=more.get("url", ""),
        registry=numbers or v.unique((number,)),
        relations=v.relations(more.get("relations", ())),
    )


def _is_study(item: Item) -> bool:
    return isinstance(v.at(item, "protocolSection", "identificationModule"), dict)


def _study(item: Item) -> Entry:
    protocol = item["protocolSection"]
    identity, status = protocol["identificationModule"], protocol.get("statusModule")
    sponsors = protocol.get("sponsorCollaboratorsModule")
    design, arms = protocol.get("designModule"), protocol.get("armsInterventionsModule")
    number = v.text(identity.get("nctId"))
    others = [v.text(other.get("id")) for other in v.dicts(identity.get("secondaryIdInfos"))]
    posted = v.text(v.at(status, "studyFirstPostDateStruct", "date")) or v.text(v.at(status, "studyFirstSubmitDate"))
    conditions = protocol.get("conditionsModule")
    papers = v.dicts(v.at(protocol, "referencesModule", "references"))
    return registration(
        number=number,
        titles=(v.text(identity.get("briefTitle")), v.text(identity.get("officialTitle"))),
        summary=v.text(v.at(protocol, "descriptionModule", "briefSummary"))
        or v.text(v.at(protocol, "descriptionModule", "detailedDescription")),
        sponsors=[v.text(v.at(sponsors, "leadSponsor", "name")),
                  *(v.text(other.get("name")) for other in v.dicts(v.at(sponsors, "collaborators")))],
        dates=v.known_dates(n.published(posted, None)),
        more={
            "register": _GOV,
            "url": f"https://clinicaltrials.gov/study/{number}" if number else "",
            "others": " ; ".join([v.text(v.at(identity, "orgStudyIdInfo", "id")), *others, *v.texts(identity.get("nctIdAliases"))]),
            "keywords": (*v.texts(v.at(conditions, "conditions")), *v.texts(v.at(conditions, "keywords")),
                         *(v.text(arm.get("name")) for arm in v.dicts(v.at(arms, "interventions"))),
                         v.text(v.at(design, "studyType")), *v.texts(v.at(design, "phases"))),
            "relations": [v.relation(RelationKind.LINKED, pmid=paper.get("pmid")) for paper in papers
                          if v.text(paper.get("type")).upper() in ("RESULT", "DERIVED") and paper.get("pmid")],
        },
    )  # fmt: skip


CLINICAL_TRIALS = Dialect("ClinicalTrials.gov JSON", _GOV, _is_study, _study, (("studies",),), (), ("totalCount",))


def looks_like_trials_xml(text: str) -> bool:
    """Return whether a text is ClinicalTrials.gov's or ICTRP's XML."""
    return root_name(text) in _ROOTS


def read_trials_xml(text: str, into: RowCollector) -> list[str]:
    """Read studies of ClinicalTrials.gov, or trials exported from ICTRP."""
    row = 0
    try:
        for row, element in enumerate(elements(text, _RECORDS), start=1):
            entry = entry_of(element)
            into.add(row, entry, _GOV if element.tag == "clinical_study" else "ICTRP")
    except BrokenFileError as problem:
        into.reject(row + 1, f"{problem}; export them again")
    if row == 0 and root_name(text) == "search_results":
        return ["a list of search results without studies; download the studies themselves"]
    return []


def entries_of(document: str) -> Iterator[Entry]:
    """Yield the entries of a document in XML. Raises `BrokenFileError` where it breaks off."""
    return map(entry_of, elements(document, _RECORDS))


def entry_of(element: Element) -> Entry:
    """Return the entry of a `clinical_study` or a `Trial`."""
    if element.tag == "Trial":
        return _ictrp({_plain(child.tag): first(element, child.tag) for child in element})
    number = first(element, "id_info/nct_id")
    posted = first(element, "study_first_posted", "study_first_submitted", "firstreceived_date")
    papers = every(element, "results_reference/PMID")
    related: list[Relation | None] = [v.relation(RelationKind.LINKED, pmid=paper) for paper in papers]
    paths = ("condition", "keyword", "intervention/intervention_name", "study_type", "phase")
    return registration(
        number=number,
        titles=(first(element, "brief_title"), first(element, "official_title")),
        summary=first(element, "brief_summary/textblock", "brief_summary", "detailed_description/textblock"),
        sponsors=[*every(element, "sponsors/lead_sponsor/agency"), *every(element, "sponsors/collaborator/agency")],
        dates=v.known_dates(n.published(n.year(posted), posted)),
        more={
            "register": _GOV,
            "url": first(element, "required_header/url") or f"https://clinicaltrials.gov/study/{number}",
            "others": " ; ".join([*every(element, "id_info/org_study_id"), *every(element, "id_info/secondary_id")]),
            "keywords": [word for path in paths for word in every(element, path)],
            "relations": related,
        },
    )


def is_clinical_trials_table(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of ClinicalTrials.gov's CSV, today's or that of before 2024."""
    names = set(map(_plain, columns))
    return "nctnumber" in names and not names.isdisjoint({"studytitle", "title"})


def is_ictrp_table(columns: Sequence[str]) -> bool:
    """Return whether these are the columns of an export from ICTRP."""
    names = set(map(_plain, columns))
    return "trialid" in names and not names.isdisjoint({"publictitle", "scientifictitle"})


def read_trials_table(rows: Iterable[Row], into: RowCollector) -> list[str]:
    """Read a table of either."""
    for number, row in enumerate(rows, start=1):
        if FAULT in row:
            into.reject(number, row[FAULT])
            continue
        into.add(number, table_entry(row))
    return []


def table_entry(row: Mapping[str, Any]) -> Entry:
    """Return the entry of one row of a table of either."""
    fields = {_plain(name): n.clean(value) for name, value in row.items() if isinstance(name, str)}
    return _ictrp(fields) if "trialid" in fields else _gov_row(fields)


def _gov_row(fields: Mapping[str, str]) -> Entry:
    def several(*names: str) -> list[str]:
        return [part.strip() for name in names for part in fields.get(name, "").split("|") if part.strip()]

    number, posted = fields.get("nctnumber", ""), fields.get("firstposted", "")
    interventions = (re.sub(r"^[A-Za-z_ ]{4,25}: ", "", name) for name in several("interventions"))
    return registration(
        number=number,
        titles=(fields.get("studytitle", ""), fields.get("title", "")),
        summary=fields.get("briefsummary", ""),
        sponsors=several("sponsor", "collaborators", "sponsorcollaborators"),
        dates=v.known_dates(n.published(n.year(posted), posted)),
        more={
            "register": _GOV,
            "url": fields.get("studyurl") or fields.get("url") or f"https://clinicaltrials.gov/study/{number}",
            "others": fields.get("otherids", ""),
            "keywords": [*several("conditions"), *interventions, *several("studytype", "phases")],
        },
    )


def _ictrp(fields: Mapping[str, str]) -> Entry:
    registered = fields.get("dateregistration") or fields.get("dateregistration3", "")
    # ICTRP has no summary; what a reader would judge the trial by stands in these fields.
    parts = {"Scientific title": fields.get("scientifictitle", ""), "Condition": fields.get("condition", ""),
             "Intervention": fields.get("intervention", ""), "Primary outcome": fields.get("primaryoutcome", "")}  # fmt: skip
    if n.normalise_title(parts["Scientific title"]) == n.normalise_title(fields.get("publictitle", "")):
        parts["Scientific title"] = ""
    conditions = re.split(r"\s*(?:;|<br>)\s*", fields.get("condition", ""))
    sponsors = (fields.get("primarysponsor", ""), fields.get("secondarysponsor", ""))
    return registration(
        number=fields.get("trialid", ""),
        titles=(fields.get("publictitle", ""), fields.get("scientifictitle", "")),
        summary=" ".join(f"{name}: {text.rstrip('.')}." for name, text in parts.items() if text),
        sponsors=[
            sponsor for sponsor in sponsors if sponsor.casefold() not in ("none", "n/a", "nil", "not applicable")
        ],
        dates=v.known_dates(_day(registered)),
        more={
            "register": fields.get("sourceregister", "") or "ICTRP",
            "url": fields.get("webaddress") or fields.get("url", ""),
            "others": f"{fields.get('secondaryid', '')} ; {fields.get('secondaryids', '')}",
            "keywords": (*conditions, fields.get("studytype", ""), fields.get("phase", "")),
        },
    )


def _day(written: str) -> KnownDate | None:
    """Return ICTRP's date of registration: `20180307`, `2018-03-07` or, day first, `07/03/2018`."""
    if match := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", written):
        day, month, year = match.groups()
        return n.published(f"{year}-{month.zfill(2)}-{day.zfill(2)}", None)
    return n.published(written, None)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
