"""`screener retrieve --pdfs`: full texts are looked for where they are free, attached, or why there is none is noted."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.services import Fault, Services
from servers.services.base import Reply
from servers.services.full_texts import (
    PAGE,
    FilesApi,
    PmcApi,
    PmcCloudApi,
    PmcFetchApi,
    UnpaywallApi,
    arxiv_pdfs,
    jats,
    package,
    pdf_reply,
)
from servers.services.openalex import OpenAlexApi, openalex_work
from support import Cli
from support.documents import paper

from screener.records import Record
from screener.sources import Client
from screener.sources.full_texts import FullTextFinder

pytestmark = pytest.mark.slow

Serve = Callable[..., Services]
TITLES = {
    n: f"synthetic {word} of heart beats in long recordings"
    for n, word in enumerate(("a", "count", "model", "trial", "survey"))
}


@pytest.fixture
def review(blank: Path) -> Path:
    """A review that begins with full texts, so that every record is sought."""
    protocol = blank / "prompts" / "review.yaml"
    text = protocol.read_text()
    start, end = text.index("  abstract:"), text.index("  fulltext:")
    protocol.write_text(text[:start] + text[end:])
    return blank


def records(cli: Cli, *rows: dict[str, Any]) -> None:
    """Import records: the n-th is called `rN` and has the n-th title."""
    with Path("records.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "title", "doi", "arxiv", "pmcid", "url"])
        writer.writeheader()
        writer.writerows({"id": f"r{n}", "title": TITLES.get(n, ""), **row} for n, row in enumerate(rows))
    assert cli("import", "records.csv").code == 0


def found(cli: Cli, *options: str) -> dict[str, Any]:
    done = cli("retrieve", "--pdfs", *options, "--json")
    return {report["record"]: report for report in done.json["reports"]}


def test_a_full_text_is_taken_from_the_first_place_that_has_it(
    review: Path, serve: Serve, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENER_EMAIL", "")
    host = FilesApi(
        {
            "/3.pdf": paper(TITLES[3]),
            "/page": Reply(
                b'<html><head><meta name="citation_pdf_url" content="4.pdf">', 200, {"Content-Type": "text/html"}
            ),
            "/4.pdf": paper(TITLES[4]),
        }
    )
    openalex, unpaywall = OpenAlexApi([]), UnpaywallApi()
    server = serve(
        host, openalex, unpaywall, PmcCloudApi(), arxiv_pdfs({"2401.00001": paper(TITLES[0])}),
        PmcApi({"PMC7": {"pdf": "/pub/pmc/oa_pdf/a.pdf"}}, {"/pub/pmc/oa_pdf/a.pdf": paper(TITLES[1])}),
        PmcFetchApi({"8": jats(TITLES[2], text="We had ten recordings.")}),
    )  # fmt: skip
    monkeypatch.setenv("SCREENER_EMAIL", "ann@example.org")
    at = server.url(host.service)
    openalex.works = [openalex_work(3, best_oa_location={"is_oa": True, "pdf_url": f"{at}/3.pdf"})]
    unpaywall.places = {"10.5555/synthetic.4": [{"url_for_pdf": None, "url": f"{at}/page"}]}
    records(cli, {"arxiv": "2401.00001", "doi": "10.5555/none"}, {"pmcid": "PMC7"}, {"pmcid": "PMC8"},
            {"doi": "10.5555/synthetic.3"}, {"doi": "10.5555/synthetic.4"})  # fmt: skip
    reports = found(cli)
    assert [(report["status"], report["new"]) for report in reports.values()] == [("retrieved", True)] * 5
    assert {name: report["source"].partition(":")[0] for name, report in reports.items()} == {
        "r0": "arXiv", "r1": "PubMed Central", "r2": "PubMed Central", "r3": "127.0.0.1 (by OpenAlex)", "r4": "127.0.0.1 (by Unpaywall)",
    }  # fmt: skip
    assert reports["r3"]["url"] == f"{at}/3.pdf"
    assert reports["r4"]["url"] == f"{at}/4.pdf"
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(cli("export", "--stage", "fulltext").out))}
    assert rows["r2"]["documents"] == "main: r2.xml"
    assert rows["r3"]["retrieval_reason"] == f"retrieved from 127.0.0.1 (by OpenAlex) ({at}/3.pdf)"
    assert rows["r3"]["retrieval_at"]
    before = len(server.requests)
    assert not any(report["new"] for report in found(cli).values())
    assert len(server.requests) == before, "what is there is not asked for again"


def test_what_is_no_full_text_is_not_kept_and_the_report_says_why(
    review: Path, serve: Serve, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[tuple[Reply, str]] = [
        (PAGE, "sent a web page instead of a file"),
        (Reply(PAGE.body, 200, {"Content-Type": "application/pdf"}), "sent a web page instead of a file"),
        (Reply(b"<p>%PDF-1.4 is a format", 200, {"Content-Type": "text/html"}), "sent a web page instead of a file"),
        (Reply(b"{}", 200, {"Content-Type": "application/json"}), "sent something that is no PDF (application/json)"),
        (Reply(b"", 200, {"Content-Type": "application/pdf"}), "sent nothing"),
        (Reply(b"%PDF-1.4 and no more", 200), "is damaged or cut short"),
        (Reply(b"%PDF-" + b"0" * 2_000_000, 200), "too large: the answer has more than 1 MB"),
        (Reply(b"", 403), "access is refused (status 403)"),
        (Reply(b"", 404), "nothing is there (status 404)"),
        (Reply(b"", 302, {"Location": "/publisher/9.pdf"}), "more than 5 redirects"),
        (Reply(b"", 302, {"Location": "file:///etc/passwd"}), "no usable address"),
        (Reply(b"", 302, {"Location": "ftp://127.0.0.1/x"}), "no usable address"),
        (pdf_reply(paper(TITLES[0])), "it is the text of r0 (title on page one)"),
    ]
    monkeypatch.setattr("screener.sources.full_texts.MOST_BYTES", 1_000_000)
    host, openalex = FilesApi({f"/{n}.pdf": answer for n, (answer, _) in enumerate(answers)}), OpenAlexApi([])
    at = serve(host, openalex).url(host.service)
    openalex.works = [
        openalex_work(n, best_oa_location={"is_oa": True, "pdf_url": f"{at}/{n}.pdf"}) for n in range(len(answers))
    ]
    records(
        cli,
        *(
            {"doi": f"10.5555/synthetic.{n}", "title": f"synthetic record {n}" if n else TITLES[0]}
            for n in range(len(answers))
        ),
    )
    done = cli("retrieve", "--pdfs", "--json")
    assert done.code == 0
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(cli("export", "--stage", "fulltext").out))}
    for report, (_, why) in zip(done.json["reports"], answers, strict=True):
        assert (report["status"], report["source"]) == ("sought", None), why
        assert why in report["why"]
        assert why in rows[report["record"]]["retrieval_reason"]
    assert not list((review / ".screener").glob("documents/*"))


def test_a_paper_by_others_is_not_taken_and_one_with_another_title_by_its_authors_is_marked(
    review: Path, serve: Serve, cli: Cli
) -> None:
    other = paper("synthetic optics of deep lenses", text=("By Ada Synthetic and Bob Sample, of nowhere.",))
    host, openalex = FilesApi({f"/{n}.pdf": other for n in range(2)}), OpenAlexApi([])
    at = serve(host, openalex).url(host.service)
    openalex.works = [openalex_work(n, best_oa_location={"is_oa": True, "pdf_url": f"{at}/{n}.pdf"}) for n in range(2)]
    authors = ("Elsewhere, Eve", "Sample, Bob")
    Path("records.csv").write_text(
        "id,title,authors,doi\n" + "".join(f'r{n},{TITLES[n]},"{authors[n]}",10.5555/synthetic.{n}\n' for n in range(2))
    )
    assert cli("import", "records.csv").code == 0
    reports = found(cli)
    assert [report["status"] for report in reports.values()] == ["sought", "retrieved"]
    assert "nor one of its authors is on the first pages" in reports["r0"]["why"]
    assert reports["r1"]["why"].startswith("look whether it is the paper")


def test_a_host_that_sends_on_to_one_that_is_down_is_asked_for_the_next_paper(
    review: Path, serve: Serve, cli: Cli
) -> None:
    answers = {"/0.pdf": Reply(b"", 302, {"Location": "http://127.0.0.2:9/x.pdf"}), "/1.pdf": paper(TITLES[1])}
    host, openalex = FilesApi(answers), OpenAlexApi([])
    at = serve(host, openalex).url(host.service)
    openalex.works = [openalex_work(n, best_oa_location={"is_oa": True, "pdf_url": f"{at}/{n}.pdf"}) for n in range(2)]
    records(cli, *({"doi": f"10.5555/synthetic.{n}"} for n in range(2)))
    assert [report["status"] for report in found(cli).values()] == ["sought", "retrieved"]


def test_a_private_address_is_not_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    host, openalex = FilesApi({"/x.pdf": paper(TITLES[0])}), OpenAlexApi([])
    server = serve(host, openalex)
    address = f"{server.url(host.service)}/x.pdf"
    monkeypatch.delenv("SCREENER_ALLOW_LOOPBACK")
    outcome = FullTextFinder(Client()).find(Record(id="r", url=address))
    assert "127.0.0.1 is a private address: nothing was sent to it" in outcome.why
    assert server.requests == []


def test_a_report_without_an_open_copy_stays_sought_with_the_reason(review: Path, serve: Serve, cli: Cli) -> None:
    server = serve(OpenAlexApi([]))
    records(cli, {"doi": "10.5555/synthetic.0"}, {}, {"doi": "10.5555/synthetic.2"}, {"doi": "10.5555/synthetic.3"})
    cli("attach", "r2", "--not-retrieved", "the library has it not")
    cli("attach", "r3", "--no-full-text", "a meeting abstract")
    plan = cli("retrieve", "--pdfs", "--dry-run")
    assert "2 reports of 4 sought, 0 retrieved; 1 of those sought have nothing to look for them by" in " ".join(
        plan.out.split()
    )
    assert server.requests == []
    done = cli("retrieve", "--pdfs")
    assert "SCREENER_EMAIL" in done.err
    reports = found(cli)
    assert [reports[name]["why"] for name in reports] == [
        "no open-access copy is known", "it has no DOI, PMID, PMCID, arXiv id or link to look for it by",
        "the library has it not", "a meeting abstract",
    ]  # fmt: skip
    assert [reports[name]["status"] for name in reports] == ["sought", "sought", "not_retrieved", "no_full_text_exists"]
    assert all(report["at"] for report in reports.values())
    assert {one.path for one in server.requests} == {"/works/doi:10.5555/synthetic.0"}
    assert cli("status", "--json").json["stages"]["fulltext"]["reports"]["not_retrieved"] == 1


def test_a_search_that_was_stopped_goes_on_with_the_reports_that_are_left(review: Path, serve: Serve, cli: Cli) -> None:
    server = serve(arxiv_pdfs({"2401.00003": paper(TITLES[3])}))
    records(cli, *({"arxiv": f"2401.0000{n}"} for n in range(5)))
    stopped = cli("retrieve", "--pdfs", "--most-requests", "2")
    assert stopped.code == 3
    assert (
        "2 requests were sent, as many as you allow; run the same command again to go on; 3 of 5 reports are left"
        in stopped.err
    )
    server.fail(None, Fault(503), Fault(503), Fault(503), Fault(503), Fault(503))
    broken = cli("retrieve", "--pdfs", "--json")
    assert broken.code == 3
    assert "is out of order" in broken.json["reports"][4]["why"]
    assert [one.path for one in server.requests[:3]] == ["/2401.00000", "/2401.00001", "/2401.00002"]
    later = found(cli)
    assert later["r3"]["new"]
    assert [one.path for one in server.requests[-2:]] == ["/2401.00003", "/2401.00004"]
    found(cli)
    assert [one.path[-1] for one in server.requests[-4:]] == ["0", "1", "2", "4"], "all that are missing, anew"


def test_supplements_are_attached_beside_the_main_document(review: Path, serve: Serve, cli: Cli) -> None:
    article = jats(TITLES[0], supplements=("s1.pdf", "s2.xlsx")).encode()
    files = {"main.nxml": article, "main.pdf": paper(TITLES[0]), "s1.pdf": paper("Settings"), "s2.xlsx": b"PK"}
    cloud = {"PMC8.1/PMC8.1.pdf": paper("old"), "PMC8.2/PMC8.2.pdf": paper(TITLES[1]), "PMC8.2/PMC8.2.xml": b"<article/>",
             "PMC8.2/more.pdf": paper("More"), "PMC8.2/figure.jpg": b"", "PMC9.1/PMC9.1.pdf": paper(TITLES[2])}  # fmt: skip
    serve(
        PmcApi({"PMC7": {"tgz": "/pub/pmc/a.tar.gz"}}, {"/pub/pmc/a.tar.gz": package(files)}),
        PmcCloudApi(cloud), PmcFetchApi({"6": jats(TITLES[4], supplements=("more.docx",))}),
        arxiv_pdfs({"2401.00003": paper(TITLES[3])}),
    )  # fmt: skip
    records(cli, {"pmcid": "PMC7"}, {"pmcid": "PMC8"}, {"pmcid": "PMC9"}, {"arxiv": "2401.00003"}, {"pmcid": "PMC6"})
    reports = found(cli, "--supplements")
    beside = {name: report["supplements"] for name, report in reports.items()}
    assert {name: told["status"] for name, told in beside.items()} == {
        "r0": "known", "r1": "known", "r2": "none", "r3": "not looked for", "r4": "known",
    }  # fmt: skip
    assert [(file["name"], file["document"], file["why"]) for file in beside["r0"]["files"]] == [
        ("s1.pdf", "supplement", ""), ("s2.xlsx", "", ".xlsx is not read"),
    ]  # fmt: skip
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(cli("export", "--stage", "fulltext").out))}
    assert [rows[name]["documents"] for name in ("r0", "r1", "r2")] == [
        "main: r0.pdf; supplement: s1.pdf", "main: r1.pdf; supplement: more.pdf", "main: r2.pdf",
    ]  # fmt: skip


def test_supplements_of_reports_that_have_their_text_are_looked_for_later(review: Path, serve: Serve, cli: Cli) -> None:
    article = jats(TITLES[0], supplements=("s1.pdf",)).encode()
    files = {"main.nxml": article, "main.pdf": paper(TITLES[0]), "s1.pdf": paper("Settings")}
    packages = {"PMC7": {"pdf": "/pub/pmc/0.pdf", "tgz": "/pub/pmc/a.tar.gz"}, "PMC9": {"tgz": "/pub/pmc/b.tar.gz"}}
    plain = {"main.pdf": paper(TITLES[2]), "data.xlsx": b"PK", "figure.png": b""}
    cloud = {"PMC8.2/PMC8.2.pdf": paper(TITLES[1]), "PMC8.2/more.pdf": paper("More")}
    served = {
        "/pub/pmc/0.pdf": paper(TITLES[0]),
        "/pub/pmc/a.tar.gz": package(files),
        "/pub/pmc/b.tar.gz": package(plain),
    }
    server = serve(PmcApi(packages, served), PmcCloudApi(cloud))
    records(cli, {"pmcid": "PMC7"}, {"pmcid": "PMC8"}, {"pmcid": "PMC9"})
    first = found(cli)
    assert [report["supplements"]["status"] for report in first.values()] == ["not looked for", "known", "known"]
    assert first["r2"]["supplements"]["files"][0]["name"] == "data.xlsx"
    later = found(cli, "--supplements")
    assert [[(f["name"], f["document"]) for f in report["supplements"]["files"]] for report in later.values()] == [
        [("s1.pdf", "supplement")], [("more.pdf", "supplement")], [("data.xlsx", "")],
    ]  # fmt: skip
    assert [report["source"] for report in later.values()] == ["PubMed Central"] * 3
    asked = len(server.requests)
    found(cli, "--supplements")
    assert len(server.requests) == asked, "what is there is not asked for again"


def test_the_text_of_an_article_that_is_not_open_access_is_not_its_title_and_abstract(
    review: Path, serve: Serve, cli: Cli
) -> None:
    serve(PmcApi({}), PmcCloudApi(), PmcFetchApi({"7": jats(TITLES[0], text="")}))
    records(cli, {"pmcid": "PMC7"})
    report = found(cli)["r0"]
    assert report["status"] == "sought"
    assert "PubMed Central: it is not in its open-access subset; its cloud service has no file of it" in report["why"]


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ("Mu\u0308ller 2020.pdf", "M\u00fcller 2020.pdf"),
        ("one two.pdf", "one%20two.pdf"),
        ("100% sure.pdf", "100% sure.pdf"),
        ("UPPER; a.PDF", "UPPER; a.PDF"),
    ],
)
def test_a_file_of_an_export_is_found_however_its_name_is_written(
    review: Path, serve: Serve, cli: Cli, stored: str, named: str
) -> None:
    serve(OpenAlexApi([]))
    (review / "zotero" / "files").mkdir(parents=True)
    (review / "zotero" / "files" / stored).write_bytes(paper("a scan of a proof"))
    (review / "zotero" / "a.ris").write_text(
        f"TY  - JOUR\nTI  - {TITLES[0]}\nL1  - {'x' * 300}\nL1  - files/{named}\nER  - \n", "utf-8"
    )
    records(cli, {})
    assert found(cli, "--pdfs-from", "zotero")["r0"]["source"] == "named in a.ris"


def test_an_export_of_zotero_gives_each_record_the_file_that_it_names(review: Path, serve: Serve, cli: Cli) -> None:
    server = serve(OpenAlexApi([]))
    folder = review / "zotero"
    for number in range(3):
        (folder / "files" / str(number)).mkdir(parents=True)
        (folder / "files" / str(number) / "Full Text.pdf").write_bytes(
            paper(
                "a scan of a proof" if number < 2 else TITLES[2],
                text=(f"number {number} has few words, and none of its title",),
            )
        )
    (folder / "Exported Items.ris").write_text(
        f"TY  - JOUR\nTI  - {TITLES[0]}\nDO  - 10.5555/synthetic.0\nL1  - files/0/Full Text.pdf\nER  - \n\n"
        f"TY  - JOUR\nTI  - {TITLES[4]}\nL1  - ../../outside.pdf\nER  - \n"
    )
    (folder / "more.bib").write_text(
        f"@article{{a, title={{{TITLES[1]}}}, file={{PDF:files/1/Full Text.pdf:application/pdf}}}}\n"
    )
    (folder / "files" / "snapshot.html").write_text("<h1>A page of nobody</h1>")
    records(cli, {"doi": "10.5555/synthetic.0"}, {}, {}, {}, {})
    done = cli("retrieve", "--pdfs", "--pdfs-from", "zotero", "--json").json
    assert [remark for remark in done["remarks"] if "documents in zotero" in remark] == [
        "1 unmatched of 4 documents in zotero: `screener import --pdfs` with it lists them"
    ]
    reports = {report["record"]: report for report in done["reports"]}
    assert {name: report["source"] for name, report in reports.items() if report["status"] == "retrieved"} == {
        "r0": "named in Exported Items.ris", "r1": "named in more.bib", "r2": "title on page one",
    }  # fmt: skip
    assert server.requests == []
