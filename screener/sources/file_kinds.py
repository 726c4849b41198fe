"""What came from an address that is said to be a full text: a PDF, an article in JATS, or something else.

Sources: ISO 32000-1, annex H.3.4 (a reader looks for `%PDF-` in the first 1,024 bytes), https://jats.nlm.nih.gov/publishing/,
https://scholar.google.com/intl/en/scholar/inclusion.html (`citation_pdf_url`).
"""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from ..records.readers.xml_documents import root_name
from .http import Answer

PDF, JATS = ".pdf", ".xml"
_START = 1_024
_PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--(?:(?!-->).)*+-->\s*)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(answer: Answer) -> tuple[str, str]:
    """Return the ending of the file that an answer is, `.pdf` or `.xml`, and an empty reason; else no ending and why not.

    The first bytes decide: a type that a server gives may be wrong, but a PDF in a page is none.
    """
    body, media = answer.body, answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body.strip():
        return "", "sent nothing"
    if body.startswith(b"%PDF-") or (b"%PDF-" in body[:_START] and "html" not in media and not _PAGE.match(body)):
        return PDF, ""
    if _PAGE.match(body) or "html" in media:
        return "", "sent a web page instead of a file"
    root = root_name(body[:20_000].decode("utf-8", "replace"))
    if root in ("article", "pmc-articleset"):
        # PubMed Central sends title and abstract alone of an article whose text may not be had.
        return (
            (JATS, "") if re.search(rb"<body[\s>]", body) else ("", "has title and abstract alone in its XML, no text")
        )
    return "", f"sent something that is no PDF ({media or 'of no stated type'})"


def file_link(answer: Answer) -> str:
    """Return the address of the PDF that a web page names for search engines; empty where it names none."""
    head = _Head()
    head.feed(answer.body[:500_000].decode("utf-8", "replace"))
    return urljoin(answer.url, head.link) if head.link else ""


class _Head(HTMLParser):
    """Looks for `<meta name="citation_pdf_url">`."""

    def __init__(self) -> None:
        super().__init__()
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and (given.get("name") or "").lower() == "citation_pdf_url" and not self.link:
            self.link = (given.get("content") or "").strip()
