"""Documents of a report (PDF, text, HTML) as text with places, and the records they belong to.

`plain` is the fast first step, `layout` the second: reading order, blocks, sections, links. A program that reads files
from elsewhere does both through `Workers`, in processes that no file can bring down.
"""

from .files import UNLOADABLE
from .layout import BASELINE, layout
from .matching import Candidate, Matched, match
from .model import LAYOUT_VERSION, Block, Document, Failure, FailureKind, Kind, LinkAnnotation, Unreadable, ranges
from .pictures import Marked, rectangles, render
from .readers import Reader, plain, read_pdfium, read_pypdf
from .workers import ParserProcess, Workers

__all__ = [
    "BASELINE",
    "LAYOUT_VERSION",
    "UNLOADABLE",
    "Block",
    "Candidate",
    "Document",
    "Failure",
    "FailureKind",
    "Kind",
    "LinkAnnotation",
    "Marked",
    "Matched",
    "ParserProcess",
    "Reader",
    "Unreadable",
    "Workers",
    "layout",
    "match",
    "plain",
    "ranges",
    "read_pdfium",
    "read_pypdf",
    "rectangles",
    "render",
]
