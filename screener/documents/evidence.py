"""Where the words that a reviewer quotes stand: in the title, the abstract or a document of the report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..core.judgement import Evidence, Match
from ..core.messages import Readable
from ..text import QuotePlace
from ..text.quotes import RANK
from .model import Block, Document, Kind
from .report import Report
from .table_quotes import has_bars, locate_in_tables, locate_in_text


@dataclass(frozen=True)
class Quote:
    """Words that a reviewer quotes. `document` and `start` say where they stand, if the reviewer knows."""

    text: str
    document: str = ""
    start: int | None = None


@dataclass(frozen=True)
class EvidenceTexts:
    """The texts of one record in which quotes are looked up, by name; `documents` are those that have pages."""

    texts: Mapping[str, str]
    documents: Mapping[str, Document] = field(default_factory=dict)
    pictured: bool = False
    """Whether the reviewer was shown pictures of pages beside them: they hold no evidence."""

    @classmethod
    def of(cls, record: Readable) -> "EvidenceTexts":
        """Return the abstract and the title of a record, and the documents of a report."""
        texts = {"abstract": record.abstract, "title": record.title}
        if not isinstance(record, Report):
            return cls(texts)
        documents = record.documents
        # The documents first: what stands in the paper and in a database's abstract is shown in the paper.
        return cls({name: document.text for name, document in documents.items()} | texts, documents)

    @property
    def hidden(self) -> bool:
        """Return whether any of the documents has text that nobody sees on its page."""
        return any(document.hidden for document in self.documents.values())

    def find(self, quote: Quote) -> Evidence:
        """Return the quote as evidence.

        It is looked for in the document that is named, and else taken from the one that has it most strictly.
        """
        text = self.texts.get(quote.document, "")
        if quote.start is not None and quote.text and text.startswith(quote.text, quote.start):
            name, place = quote.document, QuotePlace("exact", quote.start, quote.start + len(quote.text))
        else:
            name, place = self._look_up(quote)
            name, place = self._in_own_text(quote, name, place)
        document = self.documents.get(name)
        page = document.page_of(place.start) if document and place.start is not None else None
        return Evidence(
            quote=quote.text,
            document=name,
            page=page,
            start=place.start,
            end=place.end,
            status=Match(place.status),
            ocr=document is not None and page in document.recognised_pages,
        )

    def _look_up(self, quote: Quote) -> tuple[str, QuotePlace]:
        """Return the text that has a quote most strictly, and the place; of one with bars, a row of a table that has it."""
        named = [quote.document] if quote.document in self.texts else []
        names = list(dict.fromkeys([*named, *self.texts]))
        if not has_bars(quote.text):
            name, place = self._in_texts(quote.text, names)
            if place.status in ("exact", "normalized"):
                return name, place
        in_tables = (
            (name, locate_in_tables(quote.text, self.documents[name])) for name in names if name in self.documents
        )
        found = next((found for found in in_tables if found[1].status != "missing"), None)
        if found is not None:
            return found
        if has_bars(quote.text):
            return self._in_texts(quote.text, names)
        if self.documents:
            # A sentence may run on over the foot of a page: it is looked for without what stands there.
            flows = {other: _blanked(text_document, _is_aside) for other, text_document in self.documents.items()}
            across = self._in_texts(quote.text, list(flows), flows)
            if across[1].status != "missing" and (place.status == "missing" or across[1].status != "fuzzy"):
                return across
        return name, place

    def _in_texts(
        self, quote: str, names: Sequence[str], texts: Mapping[str, str] | None = None
    ) -> tuple[str, QuotePlace]:
        """Return the first of these texts that has a quote most strictly, and the place."""
        texts = self.texts if texts is None else texts
        found: list[tuple[str, QuotePlace]] = []
        for name in names:
            found.append((name, locate_in_text(quote, texts[name], self.documents.get(name))))
            if found[-1][1].status == "exact":
                return found[-1]
        return min(found, key=lambda each: RANK[each[1].status])

    def _in_own_text(self, quote: Quote, name: str, place: QuotePlace) -> tuple[str, QuotePlace]:
        """Of a quote that stands in the references or in hidden text, a place outside them if there is one too."""
        document = self.documents.get(name)
        if document is None or place.start is None:
            return name, place
        if not document.in_references(place.start) and not document.is_hidden(place.start, place.end):
            return name, place
        for other, text in self.texts.items():
            text_document = self.documents.get(other)
            own = _blanked(text_document, _not_own, "\0") if text_document else text
            elsewhere = locate_in_text(quote.text, own, text_document)
            if elsewhere.status != "missing":
                return other, elsewhere
        return name, place

    def is_hidden(self, evidence: Evidence) -> bool:
        """Return whether the quote stands in text that nobody sees on the page: nothing may rest on it."""
        document = self.documents.get(evidence.document)
        return document is not None and evidence.start is not None and document.is_hidden(evidence.start, evidence.end)

    def of_others(self, evidence: Evidence) -> bool:
        """Return whether the quote stands in the list of references: what it says is not said of this study."""
        document = self.documents.get(evidence.document)
        return document is not None and evidence.start is not None and document.in_references(evidence.start)


def _blanked(document: Document, unwanted: Callable[[Document, Block], bool], filler: str = " ") -> str:
    """Return the text without some of its blocks; all else keeps its place."""
    text, pieces, end = document.text, [], 0
    for block in document.blocks:
        if unwanted(document, block):
            pieces += [text[end : block.start], filler * (block.end - block.start)]
            end = block.end
    return "".join([*pieces, text[end:]])


def _not_own(document: Document, block: Block) -> bool:
    return block.kind is Kind.HIDDEN or document.in_references(block.start)


def _is_aside(_: Document, block: Block) -> bool:
    return block.kind in (Kind.RUNNING_HEAD, Kind.FOOTNOTE, Kind.LINK, Kind.HIDDEN)
