"""NCBI's E-utilities: asked with who asks, and their answers looked at: whole, refused, or to be asked for again.

Sources: https://www.ncbi.nlm.nih.gov/books/NBK25497/ (usage, `tool`, `email`, `api_key`),
https://www.ncbi.nlm.nih.gov/books/NBK25499/ (parameters and answers).
"""

import re
from xml.etree.ElementTree import Element

from ..core.errors import BadInput
from ..records.readers import pubmed_xml
from ..records.readers.xml_documents import BrokenFileError, elements, every, first, root_name
from .http import Answer, Client, Fault, refusal, unread
from .services import PUBMED

_PASSES = re.compile(
    "backend failed|forwarding request|unable to obtain|time[d ]*out|unavailable|temporar|try again", re.I
)
HISTORY = re.compile("history|webenv|query_key|unable to obtain query", re.I)
_TROUBLES = {
    "PhraseNotFound": "not found: {}",
    "FieldNotFound": "no such field: {}",
    "QuotedPhraseNotFound": "phrase not found, its words are searched one by one: {}",
    "PhraseIgnored": "ignored: {}",
    "OutputMessage": "{}",
}


def ask(
    client: Client, path: str, asked: dict[str, str], fault: Fault, *, as_form: bool = False, look_up: bool = False
) -> Answer:
    """Ask a utility, with who asks."""
    who = {"tool": "screener", "email": client.contact, "api_key": PUBMED.key}
    everything = {"db": "pubmed", **asked, **{name: value for name, value in who.items() if value}}
    send = client.post if as_form else client.get
    answer = send(PUBMED, PUBMED.url(path), everything, allowed=(400,), fault=fault, look_up=look_up)
    if answer.status == 400 and not answer.body.lstrip().startswith(b"<"):
        raise refusal(PUBMED, answer)
    return answer


def text_of(body: bytes) -> str:
    """Return an answer as text; `BrokenFileError` where it is no UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BrokenFileError("it is no UTF-8") from None


def root_of(answer: Answer, name: str) -> Element | None:
    """Return the document's root where it has this name."""
    try:
        text = text_of(answer.body)
        return next(elements(text, {name}), None) if root_name(text) == name else None
    except (BadInput, BrokenFileError) as problem:
        raise unread(PUBMED, problem) from None


def pmids_on(body: bytes) -> list[str]:
    """Return the PMIDs of the records on a page. Raises `SourceError` for entities."""
    try:
        return list(pubmed_xml.pmids_of(text_of(body)))
    except (BadInput, BrokenFileError) as problem:
        raise unread(PUBMED, problem) from None


def search_fault(answer: Answer) -> str:
    """Say what is wrong with an answer of ESearch that may be right when it is asked again."""
    if answer.status == 400:
        return ""
    try:
        text = text_of(answer.body)
        refused = [first(result, "ERROR") for result in elements(text, {"eSearchResult"})]
    except BadInput:
        return ""  # entities; asking again does not help
    except BrokenFileError as problem:
        return f"sent no whole answer: {problem}"
    if root_name(text) != "eSearchResult" or not refused:
        return "sent something that is no search result"
    return f"cannot search now (it says: {refused[0][:200]})" if _PASSES.search(refused[0]) else ""


def articles_fault(wanted: int) -> Fault:
    """Return what says what is wrong with an answer of EFetch; the first one with too few records is asked for again."""
    short = iter((f"sent fewer than {wanted:,} records",))

    def fault(answer: Answer) -> str:
        if answer.status == 400:
            return ""
        try:
            text = text_of(answer.body)
            if root_name(text) == "eFetchResult":
                refused = first(next(elements(text, {"eFetchResult"})), "ERROR")
                passes = _PASSES.search(refused) and not HISTORY.search(refused)
                return f"cannot send records now (it says: {refused[:200]})" if passes else ""
            if root_name(text) not in pubmed_xml.ROOTS:
                return "sent something that is no PubMed XML"
            number = sum(1 for _ in pubmed_xml.pmids_of(text))
        except BadInput:
            return ""
        except BrokenFileError as problem:
            return f"sent no whole page: {problem}"
        return next(short, "") if number < wanted else ""

    return fault


def warnings_of(result: Element) -> tuple[str, ...]:
    """Return what ESearch warns of."""
    return tuple(
        sentence.format(text)
        for part in ("ErrorList", "WarningList")
        for name, sentence in _TROUBLES.items()
        for text in every(result, f"{part}/{name}")
    )
