"""`screener report`: one page that holds, for a reader, a printer, a screen reader and another program."""

import csv
import re
import shutil
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support import Cli
from support.report import Element, figures_in, labels, read_page, screener_all, section

from screener.core.errors import BadInput
from screener.metrics import Design, ranking_estimates, screening_estimates, wilson
from screener.protocol import Review

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \"quoted\" 'title'"


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory, ecg_judged: Path) -> Path:
    """The packaged review, screened once."""
    folder = Path(shutil.copytree(ecg_judged, tmp_path_factory.mktemp("packaged") / "review"))
    screener_all(folder, ("report",))
    return folder


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic review with two humans, a conflict, a missing full text, a decision on reports and an extraction."""
    folder = tmp_path_factory.mktemp("papers") / "review"
    folder.mkdir()
    abstracts = {f"syn-{n:02d}": "include" for n in range(1, 13)} | {"syn-13": "exclude", "syn-14": "exclude"}
    reports = {"syn-01": "include", "syn-02": "include", "syn-06": "exclude"}
    screener_all(
        folder,
        ("init", folder, "--example", "documents"),
        ("run", "--stage", "abstract"),
        labels(folder, "anna", "abstract", abstracts),
        labels(folder, "ben", "abstract", abstracts | {"syn-07": "exclude"}),
        ("import", "--pdfs", "pdfs"),
        ("attach", "syn-12", "--not-retrieved", "lending library has lost it"),
        labels(folder, "anna", "fulltext", reports),
        labels(folder, "ben", "fulltext", reports),
        ("run", "--stage", "fulltext"),
        ("run", "--stage", "extraction"),
        ("report", "--figures", "figures"),
    )
    return folder


@pytest.fixture(scope="module")
def pages(packaged: Path, papers: Path) -> dict[str, Element]:
    return {one.parent.name: read_page(one / "report.html") for one in (packaged, papers)}


@pytest.fixture(scope="module", params=["packaged", "papers"])
def page(request: pytest.FixtureRequest) -> Element:
    return read_page(request.getfixturevalue(request.param) / "report.html")


# -- the page as a document -------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(page: Element) -> None:
    assert [one.attributes["type"] for one in page.all("script")] == ["application/json"]
    assert not list(page.all("link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"))
    for element in page.all():
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            target = element.attributes.get(name, "#")
            link = element.tag == "a" and target.startswith("https://doi.org/")
            assert target.startswith("#") or link, (element.tag, target)
    [style] = list(page.all("style"))
    assert "url(" not in style.text
    assert "@import" not in style.text
    policy = next(one for one in page.all("meta") if "http-equiv" in one.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_the_page_is_small(packaged: Path, papers: Path) -> None:
    for folder in (packaged, papers):
        assert (folder / "report.html").stat().st_size < 3_000_000


def test_headings_go_down_one_step_at_a_time_and_ids_are_unique(page: Element) -> None:
    levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = Counter(one.attributes["id"] for one in page.all() if "id" in one.attributes)
    assert max(ids.values()) == 1
    for link in page.all("a"):
        if link.attributes["href"].startswith("#"):
            assert link.attributes["href"][1:] in ids


def test_a_screen_reader_is_told_what_tables_and_pictures_are(page: Element) -> None:
    assert page.children[-1].attributes["lang"] == "en"
    for table in page.all("table"):
        assert next(iter(table.all())).tag == "caption"
        assert all(one.attributes.get("scope") in ("col", "row") for one in table.all("th"))
    for picture in page.all("svg"):
        assert picture.attributes["role"] == "img"
        named = picture.attributes["aria-labelledby"].split()
        said = {one.attributes["id"]: one.text for one in picture.all("title", "desc")}
        assert all(said[name].strip() for name in named)
    skip = next(page.all("a"))
    assert "skip" in skip.classes()
    assert skip.attributes["href"] == "#main"


def test_the_page_has_a_look_for_dark_screens_and_for_paper(page: Element) -> None:
    [style] = list(page.all("style"))
    assert "prefers-color-scheme: dark" in style.text
    assert "@media print" in style.text
    assert "break-before: page" in style.text


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_stands_out_from_its_ground(page: Element) -> None:
    [style] = list(page.all("style"))
    looks = re.findall(r":root \{(.*?)\}", style.text, re.DOTALL)
    assert len(looks) == 3
    for look in looks:
        found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", look))
        colours = {name: c if len(c) == 7 else "#" + "".join(2 * d for d in c[1:]) for name, c in found.items()}
        pairs = [(text, ground) for text in ("ink", "muted", "accent", "bad") for ground in ("paper", "soft")]
        for text, ground in [*pairs, ("bad", "wash"), ("warn", "warn-wash"), ("accent", "band"), ("paper", "accent")]:
            high, low = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground, look)


# -- what it says -----------------------------------------------------------------------------------------------------


def boxes(figures: Any) -> dict[str, Any]:
    return {box["id"]: box for box in figures["flow"]["boxes"]}


def test_the_flow_of_the_packaged_review_adds_up(packaged: Path) -> None:
    figures = figures_in(read_page(packaged / "report.html"))
    found = boxes(figures)
    assert figures["flow"]["adds_up"]
    assert found["identified"]["count"] == found["screened"]["count"] == 120
    assert found["excluded"]["count"] == 0
    assert found["undecided"]["count"] + found["sought"]["count"] == 120
    assert sum(row["suggested"] for row in figures["reasons"]["abstract"]) == found["undecided"]["count"]


def test_the_flow_of_reports_adds_up_with_one_reason_each(papers: Path) -> None:
    figures = figures_in(read_page(papers / "report.html"))
    found = boxes(figures)
    assert figures["flow"]["adds_up"]
    assert found["excluded"]["parts"][0] == {"label": "By humans", "count": 2}
    assert found["undecided"]["parts"] == [{"label": "Conflict between reviewers", "count": 1}]
    assert {"label": "Not retrieved: lending library has lost it", "count": 1} in found["not_retrieved"]["parts"]
    assert found["excluded_reports"]["parts"] == [{"label": "pretraining", "count": 1}]
    assert found["included"]["count"] == 2


def test_the_flow_of_the_reviews_own_exports_adds_up(shared: Path, ecg: Path, cli: Cli) -> None:
    seed = shared / "seed-review"
    files = [*sorted((seed / "wos").glob("*.xls")), *sorted((seed / "pubmed").glob("*.csv"))]
    assert cli("import", *files).code == 0
    assert cli("report").code == 0
    page = read_page(ecg / "report.html")
    figures = figures_in(page)
    found = boxes(figures)
    assert figures["flow"]["adds_up"]
    assert found["identified"]["count"] == 682 + 821
    assert found["removed"]["count"] + found["screened"]["count"] == 1503
    log = {one["name"]: (one["reported"], one["received"]) for one in figures["searches"]["sources"]}
    assert log["Web of Science"] == (682, 682)
    assert log["PubMed"] == (821, 821)
    assert log["DBLP"] == (40, 0)
    assert "2025-10-01" in section(page, "searches").text


def test_a_ledger_that_contradicts_itself_is_shown_in_red(packaged: Path, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "review"
    shutil.copytree(packaged, folder)
    with sqlite3.connect(folder / ".screener" / "ledger.db") as ledger:
        ledger.execute("INSERT INTO members SELECT 100000, record_id FROM members LIMIT 1")
    done = cli("report", "--review", folder, "--output", tmp_path / "planted.html")
    assert "DOES NOT ADD UP" in done.out
    page = read_page(tmp_path / "planted.html")
    assert not figures_in(page)["flow"]["adds_up"]
    assert any("bad" in row.classes() for row in section(page, "flow").all("tr"))
    assert 'stroke="var(--bad)"' in (tmp_path / "planted.html").read_text()
    assert "does not add up: 120 counted, but 121 leave" in section(page, "flow").text
    assert "does not add up" in section(page, "glance").text


def test_the_figures_are_those_that_evaluate_prints(packaged: Path, cli: Cli) -> None:
    printed = cli("evaluate", "--review", packaged, "--stage", "abstract", "--json").json
    stage = figures_in(read_page(packaged / "report.html"))["stages"]["abstract"]
    [found], [measured] = stage["accuracy"], stage["quality"]["reviewers"]
    assert set(printed) - set(found["evaluation"]) <= {"humans", "quality"}  # `agreement` of the stage; the next line
    assert printed["quality"] == {"goal": stage["quality"]["goal"], **measured}
    assert found["evaluation"] == {name: printed[name] for name in found["evaluation"]}
    for name, one in found["estimates"].items():
        told = printed["ranking"].get(name, printed.get(name))
        if isinstance(told, dict):
            assert {key: one[key] for key in ("value", "low", "high")} == told


def test_another_program_can_recompute_the_figures_from_the_page(packaged: Path) -> None:
    [found] = figures_in(read_page(packaged / "report.html"))["stages"]["abstract"]["accuracy"]
    kept = [one["reference"] != "exclude" for one in found["pairs"]]
    judged = [one["judged"] != "exclude" for one in found["pairs"]]
    scores = [one["probability"] for one in found["pairs"]]
    recall = wilson(sum(k and j for k, j in zip(kept, judged, strict=True)), sum(kept))
    assert found["estimates"]["recall"]["low"] == pytest.approx(recall.low, abs=1e-9)
    seed = found["estimates"]["f2"]["seed"]
    again = {
        **screening_estimates(kept, judged, Design(seed=seed)),
        **ranking_estimates(kept, scores, Design(seed=seed)),
    }
    for name, estimate in again.items():
        one = found["estimates"][name]
        assert (one["value"], one["low"], one["high"]) == pytest.approx((estimate.value, estimate.low, estimate.high))
        assert (one["n"], one["method"], one["seed"]) == (estimate.n, estimate.method, estimate.seed)


def test_records_until_a_recall_on_the_page_are_those_of_wss(packaged: Path) -> None:
    page = read_page(packaged / "report.html")
    [found] = figures_in(page)["stages"]["abstract"]["accuracy"]
    at = {one["recall"]: one["screened"] for one in found["curve"]["reached"]}
    n = found["curve"]["n"]
    assert at[0.95] / n == pytest.approx(0.95 - found["estimates"]["wss95"]["value"])
    [table] = [one for one in page.all("table") if "Records screened until a recall" in one.text]
    rows = [[cell.text.split()[0] for cell in row.all("th", "td")] for row in table.all("tr")][1:]
    assert rows == [[f"{recall:.2f}", f"{k:,.0f}", f"{k / n:.1%}"] for recall, k in at.items()]


def test_provisional_gold_is_called_so_beside_every_figure(page: Element) -> None:
    accuracy = section(page, "accuracy")
    cells = [cell for cell in accuracy.all("td") if "est" in cell.classes()]
    assert cells
    for cell in cells:
        assert "provisional" in cell.text or "not defined" in cell.text
    confusion = next(one for one in accuracy.all("table") if "small" in one.classes())
    for row in list(confusion.all("tr"))[1:3]:
        assert all("provisional" in cell.text for cell in list(row.all("td"))[:2])
    for case in section(page, "wrong").all("h3"):
        assert "provisional" in case.text
    assert "provisional" in section(page, "methods").text
    for picture in page.all("svg"):
        title = next(picture.all("title")).text
        if title.startswith(("Recall curve", "Calibration")):
            assert "provisional gold" in title
            assert "PROVISIONAL gold" in picture.text  # the drawing is saved and pasted without its page


def test_a_figure_from_chosen_labels_is_called_descriptive_wherever_it_is_told(page: Element) -> None:
    assert "descriptive: labels chosen" in section(page, "glance").text
    assert "descriptive of these records only" in section(page, "methods").text
    assert "chosen, so figures from them are descriptive" in section(page, "checklist").text


def test_every_wrongly_decided_record_is_listed_with_its_quotes(packaged: Path, cli: Cli) -> None:
    printed = cli("evaluate", "--review", packaged, "--stage", "abstract", "--json").json
    wrong = section(read_page(packaged / "report.html"), "wrong")
    cases = [" ".join(one.text.split()) for one in wrong.all("article")]
    assert len(cases) == len(printed["wrong"]) > 0
    for case, one in zip(cases, printed["wrong"], strict=True):
        assert one["id"] in case
        assert " ".join(one["title"].split()) in case
    assert any(list(one.all("blockquote")) for one in wrong.all("article"))


def test_what_a_source_wrote_is_read_in_the_direction_of_its_own_script(packaged: Path, papers: Path) -> None:
    def own(element: Element) -> bool:
        return element.tag == "bdi" or element.attributes.get("dir") == "auto"

    wrong = section(read_page(packaged / "report.html"), "wrong")
    titles = [one for one in wrong.all("h4") if not list(one.all("code"))]
    quotes = list(wrong.all("blockquote"))
    assert titles
    assert quotes
    assert all(own(one) for one in titles)
    assert all(own(one.children[0]) and one.children[0].text.startswith("“") for one in quotes)
    extraction = section(read_page(papers / "report.html"), "extraction")
    studies, values = (
        [list(row.all("td")) for row in table.all("tr") if list(row.all("td"))]
        for table in extraction.all("table")
        if next(table.all("caption")).text in ("Studies", "All values")
    )
    assert all(next(cells[0].all("bdi")).text.strip() for cells in studies)
    assert all(own(cells[1]) for cells in values)
    told = [cells[2] for cells in values if "“" in cells[2].text]
    assert told
    assert all(f"“{next(cell.all('bdi')).text}”" in cell.text for cell in told)


def test_extracted_values_are_counted_for_any_form(papers: Path) -> None:
    page = read_page(papers / "report.html")
    found = figures_in(page)["extraction"]
    assert found["suggested"] == len(found["studies"]) > 0
    assert "no human has confirmed" in section(page, "extraction").text
    from screener.reporting.wording import METRICS

    for one in figures_in(page)["stages"]["extraction"]["accuracy"]:
        assert set(one["estimates"]) <= set(METRICS)
    for item in found["items"]:
        assert sum(item["status"].values()) == item["n"]
        if item["kind"] == "code":
            assert sum(item["counts"].values()) == item["status"]["reported"]
    drawn = list(section(page, "extraction").all("svg"))
    assert len(drawn) > 5
    assert any("by year" in next(one.all("title")).text for one in drawn)


TRAICE = {
    "mandatory": "M1 M2 M3 M4 M5 M6 M8 M9 R1 R2",
    "highly recommended": "M7",
    "recommended": "I1 M10 D1",
    "optional": "T1 A1 D2",
}
"""The items of PRISMA-trAIce by level, from github.com/cqh4046/PRISMA-trAIce as read in November 2026."""


def test_every_answer_that_is_exported_is_in_a_row_of_the_report(papers: Path, cli: Cli) -> None:
    exported = [one for one in cli("export", "--stage", "extraction", "--review", papers, "--json").json if one["item"]]
    items = figures_in(read_page(papers / "report.html"))["extraction"]["items"]
    told = Counter({status: sum(one["status"][status] for one in items) for status in items[0]["status"]})
    assert told == Counter(one["status"] for one in exported)
    assert sum(one["n"] for one in items) == len(exported)
    lists = [one for one in items if one["kind"] == "list"]
    assert lists, "a list that is unclear as a whole is in no row of its items"
    page = section(read_page(papers / "report.html"), "extraction")
    assert page.text.count("the list as a whole") == len(lists)
    [methods] = [one for one in figures_in(read_page(papers / "report.html"))["methods"] if "into a form of" in one]
    assert f"a form of {len(items) - len(lists)} items" in methods


def test_two_extractors_are_compared_item_by_item(papers: Path, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "two"
    shutil.copytree(papers, folder)
    protocol = folder / "prompts" / "review.yaml"
    protocol.write_text(protocol.read_text().replace("\nreviewers:\n", "\nreviewers:\n  second: {kind: embedded}\n"))
    assert cli("run", "--stage", "extraction", "--reviewer", "second", "--review", folder).code == 0
    assert cli("report", "--review", folder, "--output", folder / "report.html").code == 0
    page = read_page(folder / "report.html")
    found = figures_in(page)
    (pair,) = found["stages"]["extraction"]["agreement"]["pairs"]
    labels = {item["path"]: item["label"] for item in found["extraction"]["items"]}
    assert labels["models.identity.window_s"] == "Models › Identity › Window (s)"
    assert pair["by_item"]
    assert all(one["value"] == 1 for one in pair["by_item"].values())  # the same program on the same papers
    text = section(page, "agreement").text.replace("\n", "")
    assert all(labels[name] in text for name in pair["by_item"])


def test_the_checklist_has_every_item_of_prisma_traice_and_says_what_was_compared(page: Element) -> None:
    items = figures_in(page)["checklist"]
    for level, ids in TRAICE.items():
        assert {one["id"] for one in items if one["level"] == level} == set(ids.split())
    assert all(one["section"] == "Added" for one in items if not one["id"])
    said = " ".join(section(page, "checklist").text.split())
    assert "not with the list printed in the article" in said
    assert "The words are ours" in said


def test_the_checklist_says_what_a_person_must_still_write(page: Element) -> None:
    rows = [row for row in section(page, "checklist").all("tr") if list(row.all("td"))]
    assert len(rows) == len(figures_in(page)["checklist"])
    assert sum("For the authors" in row.text for row in rows) >= 5
    for row in rows:
        assert list(row.all("td"))[-1].text.strip()


def test_the_search_is_told_by_the_sixteen_items_of_prisma_s(packaged: Path) -> None:
    page = read_page(packaged / "report.html")
    items = figures_in(page)["searches"]["items"]
    assert [one["id"] for one in items] == [str(number) for number in range(1, 17)]
    assert all(one["filled"] or one["person"] for one in items)
    told = {one["id"]: one for one in items}
    assert "Web of Science" in told["1"]["filled"]
    assert "2025-10-01" in told["13"]["filled"]
    assert not told["5"]["filled"]
    text = section(page, "searches").text
    assert all(one["topic"] in text for one in items)


def test_how_to_reproduce_names_versions_hashes_and_commands(page: Element) -> None:
    text = section(page, "reproduce").text
    assert "screener run --stage abstract" in text
    assert "pip install screener" not in text, "a package of that name in a registry may be somebody else's"
    assert "numpy" in text
    cells = [one.text for one in section(page, "reproduce").all("td")]
    assert sum(bool(re.fullmatch(r"[0-9a-f]{64}", one)) for one in cells) >= 5


# -- what it survives -------------------------------------------------------------------------------------------------


def test_a_title_that_is_a_script_stays_a_title(ecg: Path, cli: Cli) -> None:
    records, labels = ecg / "gold" / "records.csv", ecg / "gold" / "abstract.csv"
    with labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    split_of_all = [row["id"] for row in rows if row["decision"] == "include"]
    with records.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, entries = list(reader.fieldnames or ()), list(reader)
    for entry in entries:
        if entry["id"] in split_of_all:
            entry["title"] = f"{entry['title']} {HOSTILE}"
    with records.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(entries)
    assert cli("import", records).code == 0
    decisions = ecg / "carla.csv"
    decisions.write_text("id,decision,reason\n" + "".join(f"{e['id']},exclude,{'<b>no</b>'}\n" for e in entries))
    assert cli("label", decisions, "--stage", "abstract", "--reviewer", "carla <script>").code == 0
    assert cli("report", "--output", "hostile.html", "--figures", "drawn").code == 0
    page = read_page(ecg / "hostile.html")
    assert len(list(page.all("script"))) == 1
    assert not list(page.all("img"))
    assert "<b>no</b>" in section(page, "wrong").text
    assert HOSTILE in section(page, "wrong").text
    assert figures_in(page)["stages"]["abstract"]["accuracy"][0]["evaluation"]["wrong"]
    for path in (ecg / "drawn").glob("*.svg"):
        ET.parse(path)


def test_a_new_review_without_anything_has_a_sensible_report(blank: Path, cli: Cli) -> None:
    shutil.rmtree(blank / "gold", ignore_errors=True)
    assert cli("report").code == 0
    page = read_page(blank / "report.html")
    figures = figures_in(page)
    assert figures["flow"]["adds_up"]
    assert figures["gold"] is None
    assert "no gold set" in section(page, "accuracy").text
    assert "No records have been imported yet" in section(page, "methods").text
    assert "No file has been imported" in section(page, "searches").text
    assert "No two reviewers" in section(page, "agreement").text
    [main] = list(page.all("main"))
    assert not re.search(r"\bNone\b|\bnan\b|Undefined", main.text)


def test_records_without_any_judgement_all_wait(blank: Path, cli: Cli) -> None:
    (blank / "some.csv").write_text("title,abstract\nFirst title here,Words.\nSecond title there,More words.\n")
    assert cli("import", "some.csv").code == 0
    assert cli("report").code == 0
    found = boxes(figures_in(read_page(blank / "report.html")))
    assert found["undecided"]["parts"] == [{"label": "Not judged yet", "count": 2}]


def test_the_methods_text_tells_the_agreement_of_all_people_and_not_of_one_pair(papers: Path, tmp_path: Path) -> None:
    two = figures_in(read_page(papers / "report.html"))["methods"]
    assert any("anna and ben agreed with κ" in one for one in two)
    folder = tmp_path / "three"
    shutil.copytree(papers, folder)
    third = labels(folder, "carla", "abstract", {"syn-01": "exclude", "syn-02": "include", "syn-13": "exclude"})
    screener_all(folder, third, ("report",))
    found = figures_in(read_page(folder / "report.html"))
    alpha = found["stages"]["abstract"]["agreement"]["humans"]["decision"]["estimates"]["alpha"]
    [told] = [one for one in found["methods"] if "reached titles and abstracts" in one]
    assert f"anna, ben and carla agreed with Krippendorff’s α = {alpha['value']:.2f} (" in told
    assert "agreed with κ" not in told


def test_the_methods_text_says_who_merged_duplicates(blank: Path, cli: Cli) -> None:
    (blank / "some.csv").write_text(
        "id,title,doi\na,First title here,10.5555/one\nb,First title here,10.5555/one\nc,Quite another title there,\n"
    )
    assert cli("import", "some.csv").code == 0
    assert "1 duplicate was merged by the program." in cli("report", "--json").json["methods"][0]
    assert cli("dedup", "merge", "a", "c", "--who", "anna").code == 0
    told = cli("report", "--json").json["methods"][0]
    assert "2 duplicates were merged by the program and by people (1 link by hand)." in told


def test_json_prints_the_figures_and_writes_no_page(packaged: Path, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "review"
    shutil.copytree(packaged, folder)
    (folder / "report.html").unlink()
    printed = cli("report", "--review", folder, "--json").json
    embedded = figures_in(read_page(packaged / "report.html"))
    assert not (folder / "report.html").exists()
    for name in ("flow", "reasons", "stages", "searches", "methods", "checklist"):
        assert printed[name] == embedded[name], name


def test_drawings_are_written_as_svg_and_png(papers: Path) -> None:
    names = {path.stem for path in (papers / "figures").glob("*.svg")}
    assert {"flow", "flow-narrow", "recall-abstract-embedded", "calibration-abstract-embedded"} <= names
    for name in names:
        root = ET.parse(papers / "figures" / f"{name}.svg").getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(--" not in ET.tostring(root, encoding="unicode")
        assert (papers / "figures" / f"{name}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_page_that_cannot_be_written_is_said(packaged: Path, tmp_path: Path, cli: Cli) -> None:
    done = cli("report", "--review", packaged, "--output", tmp_path / "nowhere" / "report.html")
    assert done.code == 2
    assert "cannot be written" in done.err


def test_the_report_reads_the_same_records_at_each_stage_as_a_run(papers: Path) -> None:
    from screener.ledger.snapshot import Snapshot
    from screener.ledger.store import Ledger
    from screener.protocol.model import find_review
    from screener.stages.state import load_stages, records_for

    review = find_review(papers, explicit=True)
    ledger = Ledger.of(review.hidden)
    for stage, reading in load_stages(Snapshot(ledger), review).items():
        assert [one.id for one in reading.records] == [one.id for one in records_for(ledger, review, stage)]


def test_the_report_counts_the_standings_that_every_other_command_counts(papers: Path) -> None:
    from screener.ledger.snapshot import Snapshot
    from screener.ledger.store import Ledger
    from screener.protocol.model import find_review
    from screener.stages.standing import Standing, standings
    from screener.stages.state import load_stages, protocol_fingerprint

    def told(one: Standing) -> tuple[object, ...]:
        return one.status, one.decision, one.by, one.judgement and one.judgement.failed(), one.message

    review = find_review(papers, explicit=True)
    ledger = Ledger.of(review.hidden)
    for stage, reading in load_stages(Snapshot(ledger), review).items():
        with ledger.read() as connection:
            rule, said = reading.protocol.decided_by, protocol_fingerprint(review, stage)
            alone = standings(connection, stage, rule, reading.records, protocol=said)
        assert {name: told(one) for name, one in reading.standings.items()} == {n: told(o) for n, o in alone.items()}
        assert alone


def test_no_judgement_and_no_record_is_read_twice(papers: Path) -> None:
    from collections import Counter

    from sqlalchemy import event

    from screener.ledger.store import Ledger
    from screener.protocol.model import find_review
    from screener.reporting.figures import figures

    review = find_review(papers, explicit=True)
    ledger, read = Ledger.of(review.hidden), Counter[str]()
    figures(ledger, review)  # gold is entered

    @event.listens_for(ledger.engine, "before_cursor_execute")
    def _count(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "judgements.body" in statement or "records.body" in statement:
            read[f"{statement} {parameters}"] += 1

    figures(ledger, review)
    assert read
    assert set(read.values()) == {1}


def test_no_message_and_no_folder_of_this_machine_is_a_figure(papers: Path, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "without_gold"
    shutil.copytree(papers, folder)
    (folder / "gold" / "extraction.jsonl").unlink()
    screener_all(folder, ("report", "--audit"), ("report",))
    assert str(tmp_path) not in (folder / "report.html").read_text()
    assert figures_in(read_page(folder / "report.html"))["stages"]["extraction"]["no_accuracy"] == "no_gold"
    assert "There is no gold for this stage" in section(read_page(folder / "report.html"), "accuracy").text
    with zipfile.ZipFile(folder / "audit.zip") as audit:
        assert not [name for name in audit.namelist() if str(tmp_path).encode() in audit.read(name)]
    checked = cli("check", "--audit", folder / "audit.zip", "--run-form")
    assert (checked.code, "IT HOLDS" in checked.out) == (0, True), checked.out


def test_a_form_that_cannot_be_read_is_told_without_its_place(
    papers: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(review: Review) -> Any:
        raise BadInput(f"{review.prompts / 'form.py'}:3: ModuleNotFoundError: No module named 'ours'")

    monkeypatch.setattr("screener.reporting.extracted.form_of", unreadable)
    monkeypatch.setattr("screener.evaluation.items.form_of", unreadable)
    assert cli("report", "--review", papers, "--output", tmp_path / "report.html").code == 0
    page = read_page(tmp_path / "report.html")
    document = figures_in(page)
    assert document["extraction"] == {"problem": "form"}
    assert document["stages"]["extraction"]["no_accuracy"] == "not_compared"
    assert str(papers.parent) not in (tmp_path / "report.html").read_text()
    assert "The form could not be read" in section(page, "extraction").text
