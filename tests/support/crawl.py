"""Going through all pages of a site by its links, and what of a page people read."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin

TERMINAL = re.compile(
    r"\bscreener (?:adjudicate|attach|batch|check|contact|dedup|evaluate|export|form|gold|import|init|integrity|label|ledger|links|models"
    r"|open|report|retrieve|run|serve|simulate|sources|status|tune|version)\b"
    r"|(?<![\w-])--[a-z][a-z-]+|run the (?:same )?command|at the terminal|pip install|\b(?:form|review|sources|server)\.(?:py|yaml)\b"
)
"""What sends people to a terminal or to the files of a program."""
_LINKS = re.compile(r'(?:href|hx-get)="([^"#]*)')
_UNSEEN = re.compile(r"<(script|style|svg|template)\b.*?</\1>|<[^>]*>", re.DOTALL)
_RECORD = re.compile(r"/records/[^/?]+")


def pages(get: Callable[[str], Any], start: str, most: int = 300) -> Iterator[tuple[str, str]]:
    """Each page below an address that links lead to, with what it says: as it is, and with one query; one of the records."""
    waiting, seen = [start], {start}
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        answer = get(path)
        found = [answer.headers["location"]] if answer.is_redirect else []
        if (
            answer.headers.get("content-type", "").startswith("text/html")
            and "content-disposition" not in answer.headers
        ):
            yield path, read(answer.text)
            found = [unescape(link) for link in _LINKS.findall(answer.text)]
        for link in found:
            address = urljoin(path, link)
            kind = _RECORD.sub("/records/ONE", re.sub(r"\?.*", "?", address, flags=re.DOTALL))
            if address.startswith(start) and kind not in seen:
                seen.add(kind)
                waiting.append(address)


def read(html: str) -> str:
    """What people read of a page, its titles and placeholders too."""
    spoken = " ".join(re.findall(r'(?:title|placeholder|aria-label)="([^"]*)"', html))
    return " ".join(unescape(f"{_UNSEEN.sub(' ', html)} {spoken}").split())
