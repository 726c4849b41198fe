"""`screener retrieve`: the protocol's searches are run, kept, and entered; later calls bring what is new or has changed."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servers.services import Fault, Services
from servers.services.dblp import DblpApi, dblp_hit
from servers.services.huggingface import HubApi, hub_model
from servers.services.pubmed import PubMedApi, citations_of_table, synthetic
from servers.services.zenodo import ZenodoApi, zenodo_record
from support import Cli
from support.report import figures_in, read_page

import screener
from screener.core.errors import BadInput
from screener.ledger import lock_file, reads
from screener.protocol import Source
from screener.review.retrieving import database_of
from screener.sources import DATABASES
from screener.sources.http import TRIES

Serve = Callable[..., Services]
NOW = "2026/11/20"
SOURCES = """sources:
  - name: Web of Science
    queries: [{name: HEART, query: "TI=(heart)", reported: 3}]
  - name: PubMed
    queries: [{name: titles, query: "heart[Title]"}]
  - name: Zenodo
    kind: repository
    searched: "2024-01-10"
    queries: [{name: all, query: "metadata.title:synthetic", reported: 9}]
"""


@pytest.fixture
def review(blank: Path) -> Path:
    """A review with three sources, of which two can be asked."""
    (blank / "prompts" / "sources.yaml").write_text(SOURCES)
    return blank


HITS = [dblp_hit(f"conf/aaai/Synthetic{n}", f"synthetic heart {n}: pretrain", 2018 + n % 8) for n in range(40)]


def records(n: int) -> list[synthetic]:
    return [synthetic(number, entered=f"2024/01/{number + 1:02}") for number in range(n)]


def searches(review: Path) -> list[Path]:
    return sorted((review / ".screener" / "searches").glob("*"))


TINY = """
from screener.records import Entry
from screener.sources import Page


class Tiny:
    name, suffix = "Tiny Base", "txt"

    def count(self, client, search):
        return 1

    def page(self, client, search, cursor):
        return Page(b"synthetic heart of a tiny base", 1, 1, None)

    def entries(self, body):
        return [Entry(title=body.decode())]


DATABASE = Tiny()
"""


@pytest.fixture
def tiny(review: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a database, installed beside the program, and in the review a source of it before PubMed."""
    folder = tmp_path_factory.mktemp("packages")
    (folder / "tiny_base-1.0.dist-info").mkdir()
    (folder / "tiny_base-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tiny-base\nVersion: 1.0\n"
    )
    (folder / "tiny_base-1.0.dist-info" / "entry_points.txt").write_text(
        "[screener.sources]\ntiny = tiny_base:DATABASE\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    (review / "prompts" / "sources.yaml").write_text(
        "sources:\n  - {name: Tiny Base, queries: [{name: one, query: heart}]}\n  - {name: PubMed, queries: [{name: titles, query: x}]}\n"
    )
    DATABASES.__dict__.pop("_declared", None)
    yield folder / "tiny_base.py"
    sys.modules.pop("tiny_base", None)
    DATABASES.__dict__.pop("_declared", None)
    DATABASES._loaded.pop("tiny", None)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("return 1", "return 1", ""),
        ("return Page(", "raise RuntimeError('boom'); return Page(", "failed in `page` (RuntimeError: boom)"),
        ("return Page(", "return (", "failed in `page` (TypeError: no Page with a body of bytes)"),
        (", 1, 1, None", ", 1, '1', None", "a Page whose numbers are no numbers"),
        (", 1, 1, None", ", 1, 1, cursor or '2'", "the page at '2' is said to follow itself"),
        ("[Entry(title=body.decode())]", "[body]", "failed in `entries` (TypeError: a bytes is no Entry)"),
    ],
)
def test_a_database_of_another_package_is_asked_and_one_that_fails_stops_no_other(
    tiny: Path, serve: Serve, cli: Cli, right: str, wrong: str, told: str
) -> None:
    serve(PubMedApi(records(3)))
    tiny.write_text(TINY.replace(right, wrong))
    done = cli("retrieve", "--json")
    assert done.code == (3 if told else 0), done.err
    of_tiny, of_pubmed = done.json["sources"]
    assert (of_tiny["new"], of_pubmed["new"]) == (0 if told else 1, 3)
    assert told in " ".join(of_tiny["errors"])


def test_all_sources_that_can_be_asked_are_and_the_queries_of_the_others_are_named(
    review: Path, serve: Serve, cli: Cli
) -> None:
    serve(PubMedApi(records(7)), ZenodoApi([zenodo_record(n) for n in range(30)]))
    done = cli("retrieve")
    assert done.code == 0, done.err
    assert "PubMed: 7 new records, 0 records updated." in done.out
    assert "Zenodo, all: stated 9 on 2024-01-10; received 30 now, 12 of them there by then" in done.out
    assert (
        'Web of Science is searched by hand (1 query, 0 rows imported): `screener retrieve "Web of Science"`'
        in done.out
    )
    assert "37 records in the review." in done.out
    by_hand = cli("retrieve", "web of science")
    assert "TI=(heart)" in by_hand.out.splitlines()
    assert '--source "Web of Science"' in " ".join(by_hand.out.split())


def test_what_is_printed_as_json_has_each_source_with_its_counts(review: Path, serve: Serve, cli: Cli) -> None:
    serve(PubMedApi(records(7), stated_more=2), ZenodoApi([]))
    document = cli("retrieve", "pubmed", "zenodo", "--json").json
    assert document["records"] == 7
    counts = ("name", "stated", "received", "new", "updated", "errors")
    assert [[source[name] for name in counts] for source in document["sources"]] == [
        ["PubMed", 9, 7, 7, 0, []], ["Zenodo", 0, 0, 0, 0, []],
    ]  # fmt: skip
    told = cli("retrieve", "--whole", "pubmed").out
    assert "PubMed, titles: 9 stated, 7 received" in told


def test_a_later_call_asks_for_what_is_new_and_updates_what_changed(review: Path, serve: Serve, cli: Cli) -> None:
    api = PubMedApi(records(5))
    server = serve(api)
    cli("retrieve", "pubmed")
    retracted = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Synthetic</RefSource><PMID>9</PMID>'
        "</CommentsCorrections></CommentsCorrectionsList>"
    )
    api.records[1] = replace(api.records[1], title="synthetic record, revised", changed=NOW)
    api.records[2] = replace(api.records[2], more=retracted, changed=NOW)
    api.records.append(synthetic(77, entered=NOW))
    before = len(server.requests)
    later = cli("retrieve", "pubmed")
    assert "PubMed: 1 new record, 2 records updated." in later.out
    assert all("mindate" in one.params for one in server.asked("esearch.fcgi")[1:])
    assert len(server.requests) - before <= 6
    opened = screener.open(review)
    titles = [row.title for row in opened.records("abstract")]
    assert "synthetic record, revised" in titles
    assert len(titles) == 6
    assert [record["id"] for record in cli("integrity", "--json").json["marked"]] == ["PMID:10000002"]
    assert "PubMed: 0 new records, 0 records updated." in cli("retrieve", "pubmed").out


def test_rows_that_were_imported_by_hand_get_the_abstracts_that_the_database_has(
    review: Path, serve: Serve, cli: Cli
) -> None:
    serve(PubMedApi(records(2)))
    Path("hand.csv").write_text("PMID,Title\n10000000,synthetic record 0\n")
    assert cli("import", "hand.csv", "--source", "PubMed").code == 0
    assert "PubMed: 1 new record, 1 record updated." in cli("retrieve", "pubmed").out
    with screener.open(review).ledger.read() as connection:
        kept = {record.pmid: record.abstract for record in reads.records(connection)}
    assert kept["10000000"] == "BACKGROUND: Synthetic abstract of record 10000000. METHODS: There are none."
    assert len(kept) == 2


def test_a_search_that_is_stopped_goes_on_behind_the_last_page_that_came(review: Path, serve: Serve, cli: Cli) -> None:
    server = serve(ZenodoApi([zenodo_record(n) for n in range(60)]))
    server.fail(None, *[Fault(503)] * TRIES)
    stopped = cli("retrieve", "zenodo", "--json")
    assert stopped.code == 3
    [line] = stopped.err.splitlines()
    assert line.startswith("screener: Zenodo (127.0.0.1:")
    assert line.endswith("is out of order (status 503); run the same command again later")
    assert (stopped.json["sources"][0]["received"], stopped.json["records"]) == (25, 0)
    asked = len(server.requests)
    assert cli("retrieve", "zenodo", "--json").json["records"] == 60
    assert [one.params["page"] for one in server.requests[asked:]] == ["2", "3"]
    assert len(searches(review)) == 1


def test_a_source_that_fails_stops_no_other_one(review: Path, serve: Serve, cli: Cli) -> None:
    serve(PubMedApi(records(3), refused={"heart[Title]": "Unknown field: heart"}), ZenodoApi([zenodo_record(1)]))
    done = cli("retrieve", "--json")
    assert done.code == 3
    assert [source["new"] for source in done.json["sources"]] == [0, 0, 1]
    assert "Unknown field: heart" in done.err
    assert done.json["sources"][1]["errors"] == [done.err.strip().removeprefix("screener: ")]


def test_a_query_that_is_rejected_is_named_and_the_others_are_asked(review: Path, serve: Serve, cli: Cli) -> None:
    (review / "prompts" / "sources.yaml").write_text(
        "sources:\n  - name: PubMed\n    queries:\n"
        "      - {name: first, query: heart}\n      - {name: broken, query: '(heart'}\n      - {name: last, query: hearts}\n"
    )
    serve(PubMedApi(records(3), refused={"(heart": "unbalanced parentheses"}))
    done = cli("retrieve", "--json")
    assert done.code == 3
    [source] = done.json["sources"]
    assert [query["received"] for query in source["queries"]] == [3, 0, 3]
    [line] = source["errors"]
    assert line.startswith("PubMed, broken: PubMed (127.0.0.1:")
    assert line.endswith("rejects the search (it says: unbalanced parentheses); correct the query")


def test_of_a_source_that_is_down_it_is_said_how_many_queries_were_not_asked(
    review: Path, serve: Serve, cli: Cli
) -> None:
    (review / "prompts" / "sources.yaml").write_text(
        "sources:\n  - name: PubMed\n    queries:\n"
        "      - {name: first, query: heart}\n      - {name: second, query: hearts}\n      - {name: last, query: cardiac}\n"
    )
    server = serve(PubMedApi(records(3)))
    server.fail(*[Fault(503)] * TRIES)
    [line] = cli("retrieve", "--json").json["sources"][0]["errors"]
    assert line.endswith("run the same command again later; 2 more of its queries were not asked")


def test_a_source_that_is_named_twice_is_asked_once(review: Path, serve: Serve, cli: Cli) -> None:
    serve(PubMedApi(records(3)))
    assert len(cli("retrieve", "PubMed", "pubmed", "--json").json["sources"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--service", "crossref"], "retrieve: --service goes with --enrich"),
        (["--enrich", "--pdfs"], "retrieve: --enrich or --pdfs, one after the other"),
        (["--enrich", "--whole"], "retrieve: --whole goes with a search, not with --enrich"),
        (["--supplements", "--whole"], "retrieve: --whole goes with a search, not with --pdfs"),
        (["PubMed", "--candidates"], "retrieve: SOURCE goes with a search or --enrich or --pdfs"),
        (["--check-known", "known.csv", "--dry-run"], "retrieve: --dry-run goes with a search or --enrich or --pdfs"),
    ],
)
def test_options_that_do_not_go_together_are_refused(review: Path, cli: Cli, words: list[str], said: str) -> None:
    done = cli("retrieve", *words)
    assert done.code == 2
    assert said in done.err


def test_a_dry_run_counts_and_keeps_nothing(review: Path, serve: Serve, cli: Cli) -> None:
    serve(PubMedApi(records(4)), ZenodoApi([zenodo_record(1)]))
    done = cli("retrieve", "--dry-run", "--json").json
    assert [source["stated"] for source in done["sources"]] == [None, 4, 1]
    assert (done["records"], searches(review)) == (0, [])
    assert not (review / ".screener" / "ledger.db").exists()


def test_no_more_is_asked_than_is_allowed_and_the_next_call_goes_on(review: Path, serve: Serve, cli: Cli) -> None:
    server = serve(ZenodoApi([zenodo_record(n) for n in range(60)]))
    stopped = cli("retrieve", "zenodo", "--most-requests", "2")
    assert (stopped.code, len(server.requests)) == (3, 2)
    assert "2 requests were sent, as many as you allow; run the same command again to go on" in stopped.err
    assert "60 records in the review" in cli("retrieve", "zenodo").out


def test_the_search_log_of_the_report_tells_each_search_and_that_a_test_server_is_no_database(
    review: Path, serve: Serve, cli: Cli
) -> None:
    serve(PubMedApi(records(3)))
    cli("retrieve", "pubmed")
    cli("retrieve", "pubmed")
    assert cli("report", "-o", "report.html", "--with-synthetic").code == 0
    page = Path("report.html").read_text()
    assert "PubMed was not asked: its records come from a test server (127.0.0.1)." in page
    source = next(
        one for one in figures_in(read_page(Path("report.html")))["searches"]["sources"] if one["name"] == "PubMed"
    )
    assert source["received"] == 3
    assert source["queries"][0]["translation"] == "heart[Title][All Fields]"
    assert [(run["since"] != "", run["stated"], run["received"]) for run in source["queries"][0]["runs"]] == [
        (False, 3, 3), (True, 0, 0),
    ]  # fmt: skip


def test_a_source_that_is_not_in_the_protocol_is_named_with_those_that_are(review: Path, cli: Cli) -> None:
    done = cli("retrieve", "scopus")
    assert (done.code, done.out) == (2, "")
    assert done.err == "screener: retrieve: the protocol has no source scopus; it has: Web of Science, PubMed, Zenodo\n"


@pytest.mark.slow
def test_the_first_review_is_retrieved_whole_while_a_tenth_of_all_requests_fails(
    ecg: Path, shared: Path, serve: Serve, cli: Cli
) -> None:
    table = citations_of_table(shared / "seed-review/pubmed/csv-ECGTitleOR-set.csv")
    hub = HubApi([hub_model(n) for n in range(114)])
    zenodo = ZenodoApi(
        [zenodo_record(n) for n in range(9)],
        query="metadata.title:(pretrained AND (ECG OR electrocardiogram)) AND metadata.publication_date:[2018 TO 2025]",
    )
    server = serve(PubMedApi(table), hub, zenodo, DblpApi(HITS, {}))
    server.fail_often(0.1)
    for _ in range(6):
        done = cli("retrieve", "pubmed", "dblp", "hugging face", "zenodo", "--json")
        if done.code == 0:
            break
    received = {source["name"]: source["received"] for source in done.json["sources"]}
    assert server.failed
    counts = screener.open(ecg).sources().as_json()["sources"]
    assert {one["name"]: one["rows"] for one in counts} | {"Web of Science": 0} == {
        "Web of Science": 0, "PubMed": 821, "DBLP": 40, "Hugging Face": 114, "Zenodo": 9,
    }, received  # fmt: skip


def test_known_studies_are_told_by_the_search_that_found_them(review: Path, serve: Serve, cli: Cli) -> None:
    serve(PubMedApi(records(3)), ZenodoApi([zenodo_record(5)]))
    cli("retrieve")
    Path("known.csv").write_text(
        "title,pmid,doi,year,authors\n"
        "synthetic record 1,10000001,,,\n"
        "synthetic record 5,,10.5281/zenodo.5,2024,\n"  # a data set, and no publication
        "A study that nobody finds in any database,,10.1000/none,2020,Zhu X\n"
    )
    told = cli("retrieve", "--check-known", "known.csv")
    assert told.code == 0
    assert "1 of 3 known studies found by the searches." in told.out
    assert "not found: 10.5281/zenodo.5: synthetic record 5 (may be " in told.out
    assert "not found: 10.1000/none: A study that nobody finds in any database" in told.out
    document = cli("retrieve", "--check-known", "known.csv", "--json").json
    assert [(one["search"], one["found"]) for one in document["queries"]] == [
        ("Web of Science, HEART", 0), ("PubMed, titles", 1), ("Zenodo, all", 0),
    ]  # fmt: skip
    assert [study["searches"] for study in document["studies"]] == [["PubMed, titles"], [], []]


@pytest.mark.parametrize(
    "named", ["ClinicalTrials.gov", "clinicaltrials", "Hugging Face", "huggingface", "Europe PMC", "DBLP"]
)
def test_a_source_is_a_database_by_either_name(named: str) -> None:
    assert database_of(Source(name=named)) is not None


def test_a_source_of_another_name_says_which_database_it_is() -> None:
    assert database_of(Source(name="Scopus")) is None
    assert database_of(Source(name="Trials", database="clinicaltrials")) is not None
    with pytest.raises(BadInput, match=r"`database: nix` of Trials is unknown; known: .*zenodo"):
        database_of(Source(name="Trials", database="nix"))


def test_a_retrieval_that_was_taken_back_is_entered_again_from_what_was_kept(
    review: Path, serve: Serve, cli: Cli
) -> None:
    server = serve(PubMedApi(records(3)))
    cli("retrieve", "pubmed")
    assert cli("import", "--undo", "1").code == 0
    asked = len(server.requests)
    again = cli("retrieve", "pubmed")
    assert "3 records in the review." in again.out
    assert len(server.requests) == asked
    cli("retrieve", "pubmed")
    assert "mindate" in server.requests[-1].params


def test_what_a_whole_search_does_not_have_is_marked_and_what_a_broken_one_does_not_have_is_not(
    review: Path, serve: Serve, cli: Cli
) -> None:
    api = ZenodoApi([zenodo_record(n) for n in range(60)])
    server = serve(api)
    cli("retrieve", "zenodo")
    api.records = api.records[:-1]
    server.fail(None, *[Fault(503)] * TRIES)
    assert cli("retrieve", "zenodo", "--whole").code == 3
    api.stated = 70
    assert "59 received" in cli("retrieve", "zenodo", "--whole").out
    assert cli("status", "--json").json["no_longer_in"] == []
    api.stated = None
    assert cli("retrieve", "zenodo", "--whole").code == 0
    assert [row["source"] for row in cli("status", "--json").json["no_longer_in"]] == ["Zenodo"]


def test_more_than_half_of_a_source_is_not_marked_as_gone(review: Path, serve: Serve, cli: Cli) -> None:
    api = ZenodoApi([zenodo_record(n) for n in range(10)])
    serve(api)
    cli("retrieve", "zenodo")
    api.records = [*api.records[:2], zenodo_record(77)]
    done = cli("retrieve", "zenodo", "--whole", "--json")
    assert (done.code, done.json["records"], done.json["sources"][0]["new"]) == (3, 11, 1)
    assert "8 of 10 earlier rows were not among what came; none was marked as gone" in done.err
    assert cli("status", "--json").json["no_longer_in"] == []


def test_a_whole_search_does_not_go_on_with_one_for_what_is_new(review: Path, serve: Serve, cli: Cli) -> None:
    api = ZenodoApi([zenodo_record(n) for n in range(3)])
    server = serve(api)
    cli("retrieve", "zenodo")
    server.fail(*[Fault(503)] * TRIES)
    assert cli("retrieve", "zenodo").code == 3
    assert "AND updated:" in server.requests[-1].params["q"]
    whole = cli("retrieve", "zenodo", "--whole", "--json").json["sources"][0]["queries"][0]
    assert (whole["since"], whole["received"], whole["resumed"]) == ("", 3, False)


def test_what_a_database_says_of_a_query_is_printed(review: Path, serve: Serve, cli: Cli) -> None:
    trouble = "<WarningList><QuotedPhraseNotFound>heart</QuotedPhraseNotFound></WarningList>"
    serve(PubMedApi(records(1), trouble=trouble))
    assert "PubMed, titles: " in (said := cli("retrieve", "pubmed").out)
    assert "heart" in said


def test_two_calls_at_the_same_time_do_not_ask_for_the_same(review: Path, serve: Serve, cli: Cli) -> None:
    server = serve(PubMedApi(records(3)), ZenodoApi([]))
    (review / ".screener").mkdir(exist_ok=True)
    with (review / ".screener" / "retrieve.lock").open("wb") as file:
        assert lock_file(file)
        done = cli("retrieve")
        assert (done.code, server.requests) == (2, [])
        assert "another `retrieve` of this review is running" in done.err
        assert cli("retrieve", "--dry-run").code == 0
    assert cli("retrieve").code == 0


def test_a_folder_that_cannot_be_written_is_one_line(review: Path, serve: Serve, cli: Cli) -> None:
    serve(PubMedApi(records(3)), ZenodoApi([]))
    place = review / ".screener" / "searches"
    place.parent.mkdir(exist_ok=True)
    place.write_text("in the way")
    done = cli("retrieve")
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert "searches" in done.err
    assert "cannot be written" in done.err
    place.unlink()
    assert cli("retrieve").code == 0


def test_of_new_rows_only_those_count_as_new_records_that_no_other_source_had(
    review: Path, serve: Serve, cli: Cli
) -> None:
    known = synthetic(77, entered=NOW)
    Path("other.csv").write_text(f"PMID,Title,Year\n{known.pmid},{known.title},2020\n")
    assert cli("import", "other.csv", "--source", "Other").code == 0
    api = PubMedApi(records(2))
    serve(api)
    cli("retrieve", "pubmed")
    api.records += [known, synthetic(78, entered=NOW)]
    later = cli("retrieve", "pubmed", "--json").json
    assert [later["sources"][0][name] for name in ("received", "new")] == [2, 1]
    assert later["records"] == 4


def test_marks_notices_and_rows_that_are_gone_are_told_as_of_an_import(review: Path, serve: Serve, cli: Cli) -> None:
    retracted = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Synthetic</RefSource><PMID>9</PMID>'
        "</CommentsCorrections></CommentsCorrectionsList>"
    )
    api = PubMedApi(records(5))
    serve(api)
    cli("retrieve", "pubmed")
    api.records[2] = replace(api.records[2], more=retracted, changed=NOW)
    del api.records[4]
    told = cli("retrieve", "pubmed", "--whole")
    assert "PubMed: 0 new records, 1 record updated, 1 row gone." in told.out
    assert "1 record is marked retracted (`screener integrity`)." in told.out
    document = cli("retrieve", "pubmed", "--json").json
    assert (document["marked"], document["notices"], document["sources"][0]["gone"]) == ({"retracted": 1}, 0, 0)


def test_a_source_that_cannot_say_what_is_new_is_asked_for_all_again_and_says_so_once(
    review: Path, serve: Serve, cli: Cli
) -> None:
    (review / "prompts" / "sources.yaml").write_text(
        """sources:
  - name: DBLP
    queries:
      - {name: first, query: "title:heart pretrain venue:AAAI"}
      - {name: second, query: "title:heart venue:AAAI"}
  - name: PubMed
    queries: [{name: known, query: "10000000 10000001"}]
"""
    )
    serve(DblpApi(HITS[:5], {}), PubMedApi(records(2)))
    cli("retrieve")
    later = cli("retrieve")
    assert later.out.count("everything was asked for again") == 2
    assert "DBLP: what is new since a day cannot be asked for; everything was asked for again" in later.out
    assert later.out.count("all again") == 3
    queries = [query for source in cli("retrieve", "--json").json["sources"] for query in source["queries"]]
    assert [(query["since"], bool(query["all_again"])) for query in queries] == [("", True)] * 3
    log = cli("report", "--json", "--with-synthetic").json["searches"]["sources"]
    runs = [run for source in log for query in source["queries"] for run in query["runs"]]
    assert {(run["since"], run.get("all_again", False)) for run in runs} == {("", False), ("", True)}
