"""Where conferences keep the PDF and the supplement of a paper, by the address of its page.

As the pages of proceedings.mlr.press, papers.nips.cc, openaccess.thecvf.com, aclanthology.org and openreview.net link them.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from ..records import Record

_OF_HOST: tuple[tuple[str, str, str, str], ...] = (
    (r"openreview\.net", r"/(?:forum|pdf)", r"/pdf?id={id}", r"/attachment?id={id}&name=supplementary_material"),
    (r"proceedings\.mlr\.press", r"/(v\d+)/([^/.]+)(?:\.html|/\2\.pdf)", r"/\1/\2/\2.pdf", r"/\1/\2/\2-supp.pdf"),
    (
        r"(?:papers\.nips\.cc|papers\.neurips\.cc|proceedings\.neurips\.cc)",
        r"(/paper(?:_files/paper)?/\d{4})/(?:hash|file)/(\w+)-(?:Abstract|Paper)(-\w+)?\.(?:html|pdf)",
        r"\1/file/\2-Paper\3.pdf",
        r"\1/file/\2-Supplemental\3.pdf",
    ),
    (
        r"openaccess\.thecvf\.com",
        r"(/content\w*/.*?)/(?:html|papers)/(.+?)_paper\.(?:html|pdf)",
        r"\1/papers/\2_paper.pdf",
        r"\1/supplemental/\2_supplemental.pdf",
    ),
    (r"(?:www\.)?aclanthology\.org", r"/([A-Za-z]\d{2}-\d{4}|\d{4}\.[\w.-]+?)(?:\.pdf)?/?", r"/\1.pdf", ""),
)


def venue_files(address: str) -> tuple[str, str]:
    """Return the addresses of the PDF and the supplement of a paper whose page is at an address; empty where unknown."""
    parts = urlsplit(address)
    for host, path, file, supplement in _OF_HOST:
        match = re.fullmatch(path, parts.path)
        if match is None or not re.fullmatch(host, parts.hostname or ""):
            continue
        number = parse_qs(parts.query).get("id", [""])[0]
        if "{id}" in file and not number:
            continue
        base = f"https://{parts.hostname}"
        return tuple(base + match.expand(form).replace("{id}", number) if form else "" for form in (file, supplement))  # type: ignore[return-value]
    return "", ""


def addresses(record: Record) -> Iterable[str]:
    """Return the addresses that a record's own row gives, those of free full texts first."""
    given = (*record.open_access, record.url)
    return [
        part for address in given for part in re.split(r"[\s;|]+", address) if part.startswith(("http://", "https://"))
    ]
