"""What full texts are asked for: arXiv's PDFs, PubMed Central by its three doors, Unpaywall, and hosts that keep files.

As documented in https://pmc.ncbi.nlm.nih.gov/tools/oa-service/, https://pmc.ncbi.nlm.nih.gov/tools/cloud/,
https://www.ncbi.nlm.nih.gov/books/NBK25499/ and https://unpaywall.org/data-format.
"""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from screener.sources.services import ARXIV_PDF, PMC, PMC_CLOUD, PUBMED, UNPAYWALL, Service

from .base import Asked, Reply, json_reply

HOST = Service("PUBLISHER", "https://publisher.example", "", 1)
"""Any host that keeps files; a test gives its address in what other services say."""
PAGE = Reply(b"<!DOCTYPE html><html><head></head><body>Sign in</body></html>", 200, {"Content-Type": "text/html"})


def pdf_reply(body: bytes, media: str = "application/pdf") -> Reply:
    return Reply(body, 200, {"Content-Type": media})


@dataclass
class FilesApi:
    """A host with files by path; what it has not is answered with status 404."""

    files: Mapping[str, bytes | Reply]
    service: Service = HOST

    def answer(self, asked: Asked) -> Reply:
        found = self.files.get(asked.path, Reply(b"nothing", 404))
        return found if isinstance(found, Reply) else pdf_reply(found)


def arxiv_pdfs(files: Mapping[str, bytes | Reply]) -> FilesApi:
    """arXiv's PDFs by id."""
    return FilesApi({f"/{number}": file for number, file in files.items()}, ARXIV_PDF)


@dataclass
class PmcApi:
    """The open-access service, and the file server behind its `ftp://` addresses. Articles by PMCID: format and path."""

    links: Mapping[str, Mapping[str, str]]
    files: Mapping[str, bytes] = field(default_factory=dict)
    service = PMC

    def answer(self, asked: Asked) -> Reply:
        if asked.path != "/oa.fcgi":
            body = self.files.get(asked.path)
            return Reply(b"", 404) if body is None else pdf_reply(body, "application/octet-stream")
        pmcid = asked.params.get("id", "")
        if pmcid not in self.links:
            return _xml(f"<OA><error code='idIsNotOpenAccess'>identifier '{pmcid}' is not Open Access</error></OA>")
        links = "".join(
            f'<link format="{kind}" updated="2024-01-01 00:00:00" href="ftp://ftp.ncbi.nlm.nih.gov{path}"/>'
            for kind, path in self.links[pmcid].items()
        )
        return _xml(
            f'<OA><records returned-count="1"><record id="{pmcid}" license="CC BY">{links}</record></records></OA>'
        )


@dataclass
class PmcCloudApi:
    """The cloud service: files by key, `PMC7.1/PMC7.1.pdf`."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    service = PMC_CLOUD

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/" and asked.params.get("list-type") == "2":
            prefix = asked.params.get("prefix", "")
            keys = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in self.files if key.startswith(prefix))
            return _xml(f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{keys}</ListBucketResult>')
        body = self.files.get(asked.path.removeprefix("/"))
        return Reply(b"<Error/>", 404) if body is None else pdf_reply(body, "binary/octet-stream")


@dataclass
class PmcFetchApi:
    """EFetch for `db=pmc`: articles in JATS by the number of their PMCID."""

    articles: Mapping[str, str] = field(default_factory=dict)
    service = PUBMED

    def answer(self, asked: Asked) -> Reply:
        if asked.path != "/efetch.fcgi" or asked.params.get("db") != "pmc":
            return Reply(b"", 400)
        return _xml(f"<pmc-articleset>{self.articles.get(asked.params.get('id', ''), '')}</pmc-articleset>")


@dataclass
class UnpaywallApi:
    """Unpaywall: the addresses of free PDFs by DOI. An e-mail address is wanted."""

    places: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    service = UNPAYWALL

    def answer(self, asked: Asked) -> Reply:
        if "@" not in asked.params.get("email", ""):
            return json_reply({"error": True, "message": "Email address required"}, 422)
        doi = asked.path.removeprefix("/")
        if doi not in self.places:
            return json_reply({"error": True, "message": f"'{doi}' isn't in Unpaywall"}, 404)
        places = self.places[doi]
        return json_reply(
            {"doi": doi, "is_oa": bool(places), "best_oa_location": next(iter(places), None), "oa_locations": places}
        )


def jats(title: str, *, doi: str = "", text: str = "There is none.", supplements: tuple[str, ...] = ()) -> str:
    """An article that is invented, in JATS; without `text` its title alone, as of one that is not open access."""
    beside = "".join(
        f'<supplementary-material><media xlink:href="{name}"/></supplementary-material>' for name in supplements
    )
    body = f"<body><sec><title>Methods</title><p>{text}</p>{beside}</sec></body>" if text else ""
    number = f'<article-id pub-id-type="doi">{doi}</article-id>' if doi else ""
    return (
        f'<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>{number}<title-group><article-title>{title}'
        f"</article-title></title-group></article-meta></front>{body}</article>"
    )


def package(files: Mapping[str, bytes]) -> bytes:
    """A package of PubMed Central: files by name in a folder of their own, as `.tar.gz`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(f"PMC7/{name}")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


def _xml(text: str) -> Reply:
    return Reply(text.encode(), 200, {"Content-Type": "text/xml; charset=UTF-8"})
