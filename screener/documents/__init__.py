"""Documents of a report (PDF, JATS XML, HTML, Markdown, Docling JSON, text) as text with places, and the records they belong to.

`plain` is the fast first step, `layout` the second: reading order, blocks, sections, links. A program that reads files
from elsewhere does both through `Workers`, in processes that no file can bring down.
"""

from typing import TYPE_CHECKING

from ..core.faces import on_demand

if TYPE_CHECKING:
    from .abstracts import own_abstract
    from .evidence import EvidenceTexts, Quote
    from .files import UNLOADABLE, has_pdfium, library
    from .front import FrontMatter, front_matter
    from .matching import Candidate, Matched, match
    from .model import PAGE_BREAK, Block, Document, Failure, FailureKind, Kind, LinkAnnotation, Unreadable, ranges
    from .ocr.recognised import RecognisedPage
    from .ocr.remarks import can_recognise, remedy
    from .pages.layout import BASELINE, layout
    from .pages.pictures import Marked, rectangles, render
    from .pages.readers import Reader, plain, read_pdfium, read_pypdf
    from .pages.text_layer import PageText, PlacedLine, page_sizes, page_text
    from .passages import PASSAGES_VERSION, Finder, PassageQuery, background_of, passages_of
    from .report import Attached, Report, ReportNotice, Retrieval, Role, borrowed
    from .tables import BETWEEN_HEADS, Cell, Table
    from .textfiles import SUFFIXES as TEXT_SUFFIXES
    from .textfiles import no_document
    from .workers import ParserProcess, Workers
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "BASELINE",
    "BETWEEN_HEADS",
    "PAGE_BREAK",
    "PASSAGES_VERSION",
    "TEXT_SUFFIXES",
    "UNLOADABLE",
    "Attached",
    "Block",
    "Candidate",
    "Cell",
    "Document",
    "EvidenceTexts",
    "Failure",
    "FailureKind",
    "Finder",
    "FrontMatter",
    "Kind",
    "LinkAnnotation",
    "Marked",
    "Matched",
    "PageText",
    "ParserProcess",
    "PassageQuery",
    "PlacedLine",
    "Quote",
    "Reader",
    "RecognisedPage",
    "Report",
    "ReportNotice",
    "Retrieval",
    "Role",
    "Table",
    "Unreadable",
    "Workers",
    "background_of",
    "borrowed",
    "can_recognise",
    "front_matter",
    "has_pdfium",
    "layout",
    "library",
    "match",
    "no_document",
    "own_abstract",
    "page_sizes",
    "page_text",
    "passages_of",
    "plain",
    "ranges",
    "read_pdfium",
    "read_pypdf",
    "rectangles",
    "remedy",
    "render",
]
