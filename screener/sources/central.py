"""PubMed Central: the files of an article, by its open-access service, its cloud service, and as JATS by EFetch.

The open-access service names a PDF and a package (`.tar.gz` with the article in JATS, its PDF, pictures and supplements) by
`ftp://` addresses, which are asked for by `https://`. Since August 2026 the files are on the cloud service alone, each under
`PMCID.VERSION/`. EFetch gives title and abstract alone of an article that is not open access.

Sources: https://pmc.ncbi.nlm.nih.gov/tools/oa-service/, https://pmc.ncbi.nlm.nih.gov/tools/cloud/,
https://pmc.ncbi.nlm.nih.gov/tools/pmcaws/, https://www.ncbi.nlm.nih.gov/books/NBK25499/
"""

import html
import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

from ..core.errors import BadInput
from ..records.readers.xml_documents import BrokenFileError, content, elements
from .http import Client, SourceError, title
from .services import PMC, PMC_CLOUD, PUBMED

MOST_UNPACKED = 200_000_000
"""Bytes of a package, unpacked."""
_PICTURES = frozenset({".gif", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".eps", ".svg", ".webp"})
_NOT_BESIDE = _PICTURES | {".nxml", ".xml", ".json"}


@dataclass(frozen=True)
class CentralFiles:
    """Where the files of an article are; empty where there is none. `why` says what the service says instead of files."""

    pdf: str = ""
    xml: str = ""
    package: str = ""
    beside: tuple[str, ...] | None = None
    """The addresses of its supplements; None where the service does not say."""
    why: str = ""


def by_open_access_service(client: Client, pmcid: str) -> CentralFiles:
    """Return what the open-access service has of an article. Raises `SourceError`."""
    answer = client.get(PMC, PMC.url("oa.fcgi"), {"id": pmcid}, allowed=(404, 410))
    if answer.status in (404, 410):
        return CentralFiles(why="its open-access service is not there")
    try:
        parts = [(element.tag, element.attrib.get("code", ""), content(element), _links(element))
                 for element in elements(answer.body.decode("utf-8", "replace"), {"record", "error"})]  # fmt: skip
    except (BrokenFileError, BadInput):
        raise SourceError(f"{title(PMC)} sent something that is no XML; run the same command again later") from None
    for tag, code, said, links in parts:
        if tag == "record":
            return CentralFiles(pdf=links.get("pdf", ""), package=links.get("tgz", ""))
        return CentralFiles(why="it is not in its open-access subset" if code == "idIsNotOpenAccess" else said or code)
    return CentralFiles(why="it is not known there")


def _links(element: object) -> dict[str, str]:
    found = getattr(element, "iter", lambda _: ())("link")
    return {link.get("format", ""): _over_https(link.get("href", "")) for link in found}


def _over_https(address: str) -> str:
    """Return an address of NCBI's file server as HTTPS has it; from a mirror of the service, on that mirror."""
    parts = urlsplit(address)
    mirror = os.environ.get(PMC.setting, "").rstrip("/").removesuffix(PMC.root)
    if mirror and parts.hostname == "ftp.ncbi.nlm.nih.gov":
        return f"{mirror}{parts.path}"
    return f"https://{parts.netloc}{parts.path}" if parts.scheme == "ftp" else address


def by_cloud_service(client: Client, pmcid: str) -> CentralFiles:
    """Return what the cloud service has of an article, of its newest version. Raises `SourceError`."""
    answer = client.get(PMC_CLOUD, PMC_CLOUD.url(""), {"list-type": "2", "prefix": f"{pmcid}."}, allowed=(403, 404))
    names = re.findall(r"<Key>([^<]+)</Key>", answer.body.decode("utf-8", "replace"))
    keys = [html.unescape(name) for name in names] if answer.status < 400 else []
    versions = {int(match[1]) for key in keys if (match := re.match(rf"{pmcid}\.(\d+)/.", key))}
    if not versions:
        return CentralFiles(why="its cloud service has no file of it")
    folder = f"{pmcid}.{max(versions)}"
    files = {key.removeprefix(f"{folder}/"): PMC_CLOUD.url(quote(key)) for key in keys if key.startswith(f"{folder}/")}
    beside = (url for name, url in files.items()
              if PurePosixPath(name).stem != folder and _suffix(name) not in _NOT_BESIDE)  # fmt: skip
    return CentralFiles(files.get(f"{folder}.pdf", ""), files.get(f"{folder}.xml", ""), beside=tuple(sorted(beside)))


def jats_address(client: Client, pmcid: str) -> tuple[str, dict[str, str]]:
    """Return the address and the parameters by which EFetch gives an article as JATS."""
    who = {"tool": "screener", "email": client.contact, "api_key": PUBMED.key}
    number = pmcid.upper().removeprefix("PMC")
    return PUBMED.url("efetch.fcgi"), {"db": "pmc", "id": number, "retmode": "xml"} | {
        k: v for k, v in who.items() if v
    }


def supplements_named(jats: bytes) -> tuple[str, ...]:
    """Return the names of the files that an article in JATS has as its supplementary material."""
    names = list[str]()
    try:
        for element in elements(jats.decode("utf-8", "replace"), {"supplementary-material"}):
            for part in element.iter():
                names += [value for name, value in part.attrib.items() if name.rpartition("}")[2] == "href"]
    except (BrokenFileError, BadInput):
        return ()
    return tuple(dict.fromkeys(name for name in names if name and "://" not in name))


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def package_files(package: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files in a package. `SourceError` for what is none, or unpacks to too much."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        raw = unpacker.decompress(package, MOST_UNPACKED + 1)
        if len(raw) > MOST_UNPACKED:
            raise SourceError(f"too large: the package unpacks to more than {MOST_UNPACKED // 1_000_000:,} MB")
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield PurePosixPath(member.name).name, file.read()
    except (zlib.error, tarfile.TarError, EOFError, OSError):
        raise SourceError("the package cannot be unpacked; try again later") from None


def sorted_package(package: bytes) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """Return the article's files in a package, its PDF before its JATS, and its supplements. Raises `SourceError`.

    Supplements are what the article names so in its JATS and PDFs beside its own; in a package without JATS, everything
    beside its first PDF that is no picture.
    """
    files = list(package_files(package))
    articles = [
        (name, body) for name, body in files if _suffix(name) in (".nxml", ".xml") and re.search(rb"<body[\s>]", body)
    ]
    named = {PurePosixPath(name).name for _, body in articles for name in supplements_named(body)}
    if articles:
        beside = [(name, body) for name, body in files if name in named]
    else:
        beside = [(name, body) for name, body in files if _suffix(name) not in _NOT_BESIDE | {".pdf"}]
    papers = [(name, body) for name, body in files if _suffix(name) == ".pdf" and name not in named]
    if articles:  # the article's PDF is called as its JATS
        stem = PurePosixPath(articles[0][0]).stem
        papers.sort(key=lambda paper: (PurePosixPath(paper[0]).stem != stem, len(paper[0])))
    beside += papers[1:]
    return [*papers[:1], *articles[:1]], beside
