"""Bad input gets one clear line, the right exit code, and leaves the ledger whole."""

import re
import sys
from pathlib import Path

import pytest
from support import Cli


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.csv", None, "no such file"),
        ("empty.csv", b"", "empty"),
        ("blank.ris", b" \n\n", "empty"),
        ("binary.ris", bytes(range(256)) * 40, "binary"),
        ("image.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(200, 256)) * 50, "this is an image (PNG)"),
        ("prose.txt", b"This is a letter, not an export.\nIt has two lines.\n", "title"),
        ("broken.xlsx", b"PK\x03\x04 not really a spreadsheet", "spreadsheet"),
        ("page.html", b"<html><body>404</body></html>", "not read"),
        ("columns.csv", b"a,b,c\n1,2,3\n", "title"),
        ("header.csv", b"title,abstract\n", "no rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_exit_2(
    blank: Path, cli: Cli, name: str, content: bytes | None, says: str
) -> None:
    path = blank / name
    if content is not None:
        path.write_bytes(content)
    done = cli("import", path)
    assert done.code == 2
    assert one_line(done.err)
    assert says in done.err
    assert name in done.err


def test_a_bad_file_does_not_stop_the_good_one(blank: Path, cli: Cli) -> None:
    (blank / "good.csv").write_text("title\nA study of one thing\n")
    (blank / "bad.csv").write_text("")
    done = cli("import", blank / "bad.csv", blank / "good.csv", "--json")
    assert done.code == 2
    assert done.json["records"] == 1
    assert one_line(done.err)


def test_rows_are_rejected_with_their_reason_and_the_rest_is_imported(blank: Path, cli: Cli) -> None:
    rows = [
        "id,title,abstract,year",
        '1,"A first study, with a comma","Two\nlines",2020',
        "2,,no title,2020",
        f"3,{'x' * 10_000},too long,2020",
        "4,A study with a NUL\x00 byte,text,Spring 2024",
        "1,Another work with the first id,text,2020",
        ",,,",
        "5,A dateless study,text,n.d.",
    ]
    (blank / "rows.csv").write_text("\n".join(rows) + "\n")
    done = cli("import", blank / "rows.csv", "--json")
    assert done.code == 3
    file = done.json["files"][0]
    assert (file["read"], file["new"], file["duplicate"]) == (7, 5, 0)
    assert [(bad["row"], bad["reason"][:24]) for bad in file["rejected"]] == [
        (3, "the title has 10,000 cha"),
        (6, "the row is empty"),
    ]
    exported = cli("export", "--json").json
    assert [row["title"] for row in exported] == [
        "A first study, with a comma",
        "[no title] no title",
        "A study with a NUL byte",
        "Another work with the first id",
        "A dateless study",
    ]
    assert [row["year"] for row in exported] == [2020, 2020, 2024, 2020, None]


def test_no_review_here_is_a_hint_to_init(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli("status")
    assert done.code == 2
    assert "screener init" in done.err
    assert one_line(done.err)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("silence: unclear", "silense: unclear", "unknown key"),
        ("      - id: scope", "      - id: population", "appears twice"),
        ("silence: unclear", "silence: no", "quotes"),
        ("template: abstract.md", "template: nowhere.md", "nowhere.md"),
        ("kind: rule ", "kind: ruler ", "kind"),
        ("years: [2015, 2025]", "years: [2025, 2015]", "after"),
        ("machine: embedded", "machine: somebody", "somebody"),
        ("stages:", "stages: [", "YAML"),
    ],
)
def test_a_faulty_protocol_is_one_line_with_file_and_line(blank: Path, cli: Cli, old: str, new: str, says: str) -> None:
    protocol = blank / "prompts" / "review.yaml"
    text = protocol.read_text()
    assert old in text
    protocol.write_text(text.replace(old, new, 1))
    done = cli("check")
    assert done.code == 2
    assert one_line(done.err)
    assert says in done.err
    place = done.err.split("review.yaml:")[1].split(":")[0]
    wanted = text[: text.index(old)].count("\n") + 1
    assert abs(int(place) - wanted) <= (40 if says == "YAML" else 0)


def test_numbers_of_a_form_whose_units_nothing_checks_are_named_in_one_line(blank: Path, cli: Cli) -> None:
    said = "numbers without unit check"
    assert said not in cli("check").out
    form = blank / "prompts" / "form.yaml"
    text, count = re.subn(r"        units: .*\n        beside: .*\n", "", form.read_text())
    assert count == 1
    form.write_text(text)
    (line,) = [line for line in cli("check").out.splitlines() if said in line]
    assert line.endswith(": study.participants")
    assert cli("check", "--json").json["form"]["numbers_without_units"] == ["study.participants"]


@pytest.mark.parametrize("levels", [900, 5000])
def test_a_protocol_of_lists_within_lists_is_one_line(blank: Path, cli: Cli, levels: int) -> None:
    protocol = blank / "prompts" / "review.yaml"
    protocol.write_text(f"title: {'[' * levels}{']' * levels}\n")
    done = cli("check")
    assert (done.code, one_line(done.err)) == (2, True)
    assert "too deep" in done.err


@pytest.mark.parametrize(
    "args", [["run"], ["run", "--stage", "nothing"], ["fly"], ["export", "--format", "docx"], ["init"]]
)
def test_wrong_usage_is_one_line_and_exit_2(ecg: Path, cli: Cli, args: list[str]) -> None:
    done = cli(*args)
    assert done.code == 2
    assert one_line(done.err)


@pytest.mark.parametrize(
    ("package", "extra", "args"),
    [
        ("uvicorn", "ui", ["adjudicate", "--reviewer", "ada", "--no-browser"]),
        ("matplotlib", "figures", ["report", "--figures", "drawings"]),
        ("psycopg", "postgres", ["status"]),
    ],
)
def test_a_package_of_an_extra_that_is_missing_is_named_with_its_extra(
    ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, package: str, extra: str, args: list[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    if extra == "postgres":
        monkeypatch.setenv("SCREENER_LEDGER", "postgresql://nobody@127.0.0.1:9/nothing")
    done = cli(*args)
    assert (done.code, one_line(done.err)) == (2, True)
    assert package in done.err
    assert f"screener[{extra}]" in done.err


def test_a_faulty_gold_label_names_its_line(ecg: Path, cli: Cli) -> None:
    labels = ecg / "gold" / "abstract.csv"
    lines = labels.read_text().splitlines()
    lines[4] = lines[4].replace(",exclude,", ",perhaps,", 1)
    labels.write_text("\n".join(lines))
    done = cli("check")
    assert (done.code, one_line(done.err)) == (2, True)
    assert "abstract.csv:5" in done.err
    lines[7] = lines[7].replace(",exclude,", ",maybe,", 1).replace(",include,", ",maybe,", 1)
    labels.write_text("\n".join([*lines, lines[1]]))
    first, second, third = cli("check").err.splitlines()
    assert "abstract.csv:5" in first
    assert "`maybe` is none of include" in second
    assert "appears twice" in third


def test_a_file_that_is_no_database_is_not_taken_for_a_ledger(ecg: Path, cli: Cli) -> None:
    (ecg / ".screener").mkdir()
    (ecg / ".screener" / "ledger.db").write_bytes(b"this is no database" * 100)
    done = cli("status")
    assert done.code == 2
    assert "ledger" in done.err


def test_cells_that_look_like_formulas_are_defused(blank: Path, cli: Cli) -> None:
    (blank / "x.csv").write_text('title,year\n"=HYPERLINK(""http://x"")",2020\n"@cmd of four words",2020\n')
    cli("import", blank / "x.csv")
    out = cli("export").out
    assert "'=HYPERLINK" in out
    assert "'@cmd" in out
