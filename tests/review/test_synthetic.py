"""What test servers sent is marked as synthetic and enters no report, flow, search log or version, unless that says so."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.services import Services
from servers.services.pubmed import PubMedApi, synthetic
from support import Cli
from support.report import figures_in, read_page

pytestmark = pytest.mark.slow

Serve = Callable[..., Services]
SOURCES = """sources:
  - name: PubMed
    queries: [{name: titles, query: "heart[Title]"}]
  - name: Scopus
    queries: [{name: all, query: "TITLE(heart)"}]
"""
TOLD = "3 rows are synthetic, from test servers (PubMed 3): no result of a search"


@pytest.fixture
def tried(blank: Path, serve: Serve, cli: Cli) -> Path:
    """A review with three records of a test server, the first of which Scopus has too, and one of Scopus alone."""
    (blank / "prompts" / "sources.yaml").write_text(SOURCES)
    first = synthetic(0)
    Path("all.csv").write_text(
        f"PMID,Title,Year\n{first.pmid},{first.title},2020\n,a title of quite other words,2023\n"
    )
    assert cli("import", "all.csv", "--source", "Scopus").code == 0
    serve(PubMedApi([synthetic(n) for n in range(3)]))
    kept = cli("retrieve", "pubmed")
    assert (kept.code, TOLD in words(kept.out)) == (0, True)
    return blank


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_report_is_refused_and_nothing_of_it_is_written(tried: Path, cli: Cli) -> None:
    for kind in ((), ("--audit",), ("--figures", "figures"), ("--json",), ("--short",)):
        done = cli("report", *kind)
        assert (done.code, done.out) == (2, "")
        assert TOLD in done.err
        assert "--with-synthetic" in done.err
    assert not any(Path(name).exists() for name in ("report.html", "audit.zip", "figures"))
    frozen = cli("version", "freeze", "1", "--who", "anna", "--with-open")
    assert (frozen.code, TOLD in frozen.err) == (2, True)


def test_status_check_and_exports_name_them(tried: Path, cli: Cli) -> None:
    assert TOLD in words(cli("status").out)
    assert cli("status", "--json").json["synthetic"] == {
        "rows": {"PubMed": 3}, "records": 2, "servers": {"PubMed": "127.0.0.1"},
    }  # fmt: skip
    assert TOLD in words(cli("check").out)
    exported = cli("export", "-o", "all_records.csv")
    assert TOLD in words(exported.err)
    with Path("all_records.csv").open() as file:
        marked = [row["synthetic"] for row in csv.DictReader(file)]
    assert sorted(marked) == ["", "", "yes", "yes"], "a record that Scopus has too is there by a real row"


@pytest.mark.slow
def test_a_report_for_trial_says_on_each_page_and_drawing_that_it_is_synthetic(tried: Path, cli: Cli) -> None:
    done = cli("report", "--with-synthetic", "--figures", "figures")
    assert done.code == 0
    assert "SYNTHETIC: 3 rows came from test servers" in words(done.out)
    page = Path("report.html").read_text()
    assert "<title>Synthetic · " in page
    assert '<h1 id="title">Synthetic: ' in page
    assert '@top-center { content: "Synthetic' in page
    assert figures_in(read_page(Path("report.html")))["synthetic"]["rows"] == {"PubMed": 3}
    for drawing in Path("figures").glob("*.svg"):
        assert "<title" in drawing.read_text()
        assert ">Synthetic: " in drawing.read_text()
    assert cli("report", "--with-synthetic", "--audit").code == 0
    assert cli("check", "--audit", "audit.zip").code == 0


def test_all_of_them_are_taken_back_at_once_and_records_of_other_sources_stay(tried: Path, cli: Cli) -> None:
    api = synthetic(1)
    assert cli("retrieve", "pubmed").code == 0
    undone = cli("import", "--undo", "test-servers")
    assert undone.code == 0, undone.err
    assert "2 records in the review" in undone.out
    assert cli("status", "--json").json["synthetic"]["rows"] == {}
    assert cli("report").code == 0
    page = Path("report.html").read_text()
    assert "ynthetic" not in page.replace(synthetic(0).title, "")
    assert api.title not in page
    again = cli("import", "--undo", "test-servers")
    assert again.code == 2


def test_the_database_itself_is_not_asked_for_what_is_new_since_a_test(
    tried: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCREENER_ALLOW_LOOPBACK")
    refused = cli("retrieve", "pubmed")
    assert refused.code == 3
    assert "PubMed: 3 of its rows came from a test server; take them back first" in words(refused.err)


@pytest.fixture
def without_rows(blank: Path, serve: Serve, cli: Cli) -> PubMedApi:
    """A review whose search was run at a test server that found nothing: nothing can be taken back."""
    (blank / "prompts" / "sources.yaml").write_text(SOURCES)
    api = PubMedApi([])
    serve(api)
    assert cli("retrieve", "pubmed").code == 0
    return api


def test_no_search_of_a_test_server_is_in_a_report_that_has_none_of_its_rows(without_rows: PubMedApi, cli: Cli) -> None:
    figures = cli("report", "--json").json
    pubmed = next(source for source in figures["searches"]["sources"] if source["name"] == "PubMed")
    assert (pubmed["searched"], pubmed["test_server"]) == ("", "")
    assert [query["runs"] for query in pubmed["queries"]] == [[]]
    assert "run by the program" not in str(figures).casefold()
    assert "stated" not in cli("status", "--json").json["sources"]["PubMed"]
    assert cli("retrieve", "pubmed", "--json").json["sources"][0]["queries"][0]["since"], "a test is tried on"


def test_a_search_at_a_test_server_is_no_earlier_search_of_another_server(
    without_rows: PubMedApi, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(without_rows.service.setting)
    # The database itself is out of reach: it is asked through a proxy that nobody runs.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    asked = cli("retrieve", "pubmed", "--json").json["sources"][0]["queries"][0]
    assert asked["since"] == ""
