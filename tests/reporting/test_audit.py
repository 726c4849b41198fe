"""`report --audit` writes what a report was made from; `check --audit` finds whatever was changed, and makes it anew."""

import hashlib
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from support import Cli, MadeOnce, audit
from support.audit import replaced, row_changed, tampered
from support.report import KEY

from screener.forms import written_as_yaml
from screener.ledger import marked_records
from screener.ledger import tables as t
from screener.ledger.store import Ledger
from screener.reporting.audit import archive as archives
from screener.reporting.audit import writing
from screener.reporting.audit.tables import LEFT_OUT

pytestmark = pytest.mark.slow

WITHOUT_ROWS = {
    "agreements",
    "agreements_made",
    "document_files",
    "drafts",
    "hit_keys",
    "hit_keys_made",
    "leases",
    "outcome_counts",
    "previews",
    "queue",
    "queue_built",
    "ranked_places",
    "reviews",
    "run_leases",
    "standings",
    "standings_made",
}


@pytest.fixture(scope="module")
def whole(made_once: MadeOnce) -> Path:
    """The audit of the synthetic review with humans, a chat model, full texts and an extraction."""
    return made_once("audit-of-papers", audit.papers) / "audit.zip"


@pytest.fixture(scope="module")
def short(whole: Path) -> Path:
    """The same review's audit without texts."""
    return whole.with_name("short.zip")


@pytest.fixture(scope="module")
def light(whole: Path) -> Path:
    """The audit from before there were full texts: quicker to make anew."""
    return whole.with_name("light.zip")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without any review, and standing in it."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def member(archive: Path, name: str) -> bytes:
    with zipfile.ZipFile(archive) as file:
        return file.read(name)


def rows(archive: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in member(archive, f"ledger/{table}.jsonl").splitlines()]


# -- what is in it ----------------------------------------------------------------------------------------------------


def test_it_holds_every_row_of_the_ledger_but_what_the_program_makes_and_clears_by_itself(whole: Path) -> None:
    ledger = sqlite3.connect(whole.parent / ".screener" / "ledger.db")
    tables = {name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables -= {name for name in tables if name.startswith("sqlite_")} | {"migrations"}
    there = {name[7:-6] for name in zipfile.ZipFile(whole).namelist() if name.startswith("ledger/")}
    assert tables - there == WITHOUT_ROWS == set(LEFT_OUT)
    for table in there:
        [(count,)] = ledger.execute(f"SELECT count(*) FROM {table}")
        assert len(rows(whole, table)) == count, table
    assert [row["id"] for row in rows(whole, "judgements")] == sorted(row["id"] for row in rows(whole, "judgements"))
    assert json.loads(member(whole, "manifest.json"))["left_out"]["tables"] == LEFT_OUT


def test_protocol_prompts_gold_and_documents_are_the_files_of_the_review(whole: Path) -> None:
    review, names = whole.parent, zipfile.ZipFile(whole).namelist()
    for folder in ("prompts", "gold"):
        files = {path.relative_to(review).as_posix(): path for path in (review / folder).rglob("*.*") if path.is_file()}
        assert files.keys() == {name for name in names if name.startswith(f"{folder}/")}
        assert all(member(whole, name) == path.read_bytes() for name, path in files.items())
    pdfs = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (review / "pdfs").iterdir()}
    assert {Path(name).stem for name in names if name.startswith("documents/")} <= pdfs
    texts = {row["hash"]: row["text"] for row in rows(whole, "texts")}
    assert all(hashlib.sha256(text.encode()).hexdigest() == name for name, text in texts.items())
    assert all(row["content"] in texts for row in rows(whole, "documents"))
    assert all(row["response"] in texts for row in rows(whole, "calls"))


def test_the_manifest_names_every_other_member_with_its_size_and_hash(whole: Path) -> None:
    manifest = json.loads(member(whole, "manifest.json"))
    told = {one["name"]: (one["size"], one["sha256"]) for one in manifest["members"]}
    with zipfile.ZipFile(whole) as file:
        found = {name: file.read(name) for name in file.namelist() if name != "manifest.json"}
    assert told == {name: (len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in found.items()}
    figures = json.loads(member(whole, "figures.json"))
    assert manifest["gold"] == figures["gold"]["versions"]
    assert (manifest["made"], manifest["review"]) == (figures["made"], figures["review"]["title"])
    environment = json.loads(member(whole, "environment.json"))
    assert environment["packages"]["numpy"] == figures["reproduction"]["packages"]["numpy"]


def test_paths_are_the_names_of_files(whole: Path) -> None:
    assert {row["file"] for row in rows(whole, "imports")} == {"records.csv"}
    for name in zipfile.ZipFile(whole).namelist():
        assert str(whole.parent).encode() not in member(whole, name), name


def test_the_same_review_gives_the_same_members_whenever_it_is_asked(judged_ecg: Path, cli: Cli) -> None:
    infos = []
    for name in ("one.zip", "two.zip"):
        assert cli("report", "--audit", "-o", name).code == 0
        with zipfile.ZipFile(name) as file:
            infos.append([(info.filename, info.date_time, info.external_attr) for info in file.infolist()])
    assert infos[0] == infos[1]
    timed = {"figures.json", "report.html", "manifest.json"}
    for name, _, _ in infos[0]:
        assert name in timed or member(judged_ecg / "one.zip", name) == member(judged_ecg / "two.zip", name)
    one, two = (json.loads(member(judged_ecg / name, "figures.json")) for name in ("one.zip", "two.zip"))
    assert one | {"made": ""} == two | {"made": ""}


def test_no_key_is_in_it_and_one_that_stands_in_a_file_stops_it(
    whole: Path, ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(whole) as file:
        assert file.read("prompts/review.yaml").count(b"TEST_KEY") == 1, "the reviewer had a key"
        assert not [name for name in file.namelist() if KEY.encode() in file.read(name)]
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    cli("run", "--stage", "abstract")
    (ecg / "prompts" / "notes.md").write_text(f"ask with {KEY}")
    done = cli("report", "--audit")
    assert done.code == 2
    assert "prompts/notes.md: holds the key that OPENAI_API_KEY has" in done.err
    assert KEY not in done.err
    assert not list(ecg.glob("audit.zip*"))


def test_a_file_whose_name_no_other_system_takes_is_named(judged_ecg: Path, cli: Cli) -> None:
    (judged_ecg / "gold" / "what is gold?.md").write_text("labels")
    done = cli("report", "--audit")
    assert done.code == 2
    assert "gold/what is gold?.md" in done.err
    assert not list(judged_ecg.glob("audit.zip*"))


# -- written whole or not at all --------------------------------------------------------------------------------------


def test_a_failure_leaves_the_file_that_was_there(judged_ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    (judged_ecg / "audit.zip").write_text("an older one")
    monkeypatch.setattr(writing, "_add_documents", lambda *_: 1 / 0)
    assert cli("report", "--audit").code == 1
    assert (judged_ecg / "audit.zip").read_text() == "an older one"
    assert not list(judged_ecg.glob("*.partial"))
    assert cli("report", "--audit", "-o", judged_ecg / "missing" / "audit.zip").code == 2


def test_a_ledger_that_is_written_to_meanwhile_gives_no_audit(
    judged_ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = writing.figures

    def slowly(*given: Any) -> Any:
        found = figures(*given)
        with sqlite3.connect(judged_ecg / ".screener" / "ledger.db") as ledger:
            ledger.execute("INSERT INTO errors SELECT NULL, run_id, record_id, text_hash, stage, reviewer, asked, repeat, "
                           "'call', 'late', at FROM judgements LIMIT 1")  # fmt: skip
        return found

    monkeypatch.setattr(writing, "figures", slowly)
    done = cli("report", "--audit")
    assert (done.code, "written to meanwhile (errors)" in done.err) == (2, True)
    assert not (judged_ecg / "audit.zip").exists()


def test_options_that_belong_to_an_audit_say_so(ecg: Path, cli: Cli) -> None:
    assert "goes with --audit" in cli("report", "--without-texts").err
    assert "goes with --audit" in cli("check", "--run-form").err
    assert cli("check", "--audit", "nothing.zip").code == 2


# -- the check --------------------------------------------------------------------------------------------------------


def test_the_packaged_review_holds_and_the_check_needs_no_review(
    judged_ecg: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = cli("report", "--audit", "--json").json
    assert written["path"] == "audit.zip"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCREENER_LEDGER", "postgresql://nobody@127.0.0.1:1/nothing")
    done = cli("check", "--audit", judged_ecg / "audit.zip")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "IT HOLDS: every number of the report was recomputed and is the same."
    found = cli("check", "--audit", judged_ecg / "audit.zip", "--json").json
    assert found["verdict"] == "holds"
    assert found["manifest_sha256"] == written["manifest_sha256"]
    assert found["figures"]["numbers"] > 1_000
    assert found["figures"]["not_recomputed"] == 0
    assert found["text_hashes"]["records"] == 120
    assert not list(tmp_path.glob("*.zip")), "nothing was unpacked where the user stands"


def test_figures_of_the_form_are_counted_apart_until_it_may_be_run(whole: Path, nowhere: Path, cli: Cli) -> None:
    apart = cli("check", "--audit", whole, "--json")
    assert (apart.code, apart.json["verdict"]) == (3, "incomplete")
    assert apart.json["figures"]["not_run"] == ["prompts/form.py"]
    run = cli("check", "--audit", whole, "--run-form", "--json")
    assert (run.code, run.json["verdict"]) == (0, "holds")
    assert apart.json["figures"]["not_recomputed"] > 1_000
    assert apart.json["figures"]["numbers"] + apart.json["figures"]["not_recomputed"] == run.json["figures"]["numbers"]
    page = cli("check", "--audit", whole).out
    assert "prompts/form.py in the ZIP is a program and was not run" in page
    assert page.splitlines()[-1].startswith("NOT ALL WAS RECOMPUTED")


def test_a_form_in_yaml_is_read_and_gives_the_judgements_that_the_same_one_in_python_gave(
    whole: Path, nowhere: Path, cli: Cli
) -> None:
    (nowhere / "form.py").write_bytes(member(whole, "prompts/form.py"))
    text = written_as_yaml(nowhere / "form.py")
    changes = {
        "prompts/form.py": lambda _: text.encode(),
        "prompts/review.yaml": replaced("form: form.py", "form: form.yaml"),
    }
    bad = tampered(whole, nowhere / "yaml.zip", changes, signed=True, renamed={"prompts/form.py": "prompts/form.yaml"})
    found = cli("check", "--audit", bad, "--json").json
    assert found["figures"]["not_run"] == []
    assert found["figures"]["not_recomputed"] == 0
    assert (found["prompts"]["not_derived"], found["prompts"]["different"]) == ({}, [])


def test_a_program_in_the_archive_runs_only_when_told(whole: Path, nowhere: Path, cli: Cli) -> None:
    mark = nowhere / "it ran"
    planted = f"import pathlib; pathlib.Path({str(mark)!r}).write_text('')\n"
    bad = tampered(whole, nowhere / "bad.zip", {"prompts/form.py": lambda raw: planted.encode() + raw}, signed=True)
    cli("check", "--audit", bad)
    assert not mark.exists()
    cli("check", "--audit", bad, "--run-form")
    assert mark.exists()


def test_prompts_are_rendered_again_and_judgements_derived_again(whole: Path, nowhere: Path, cli: Cli) -> None:
    requests = {(row["request"], row["repeat"]) for row in rows(whole, "calls") if row["status"] == "ok"}
    chats = [row["stage"] for row in rows(whole, "judgements") if row["reviewer"] == "gpt"]
    found = cli("check", "--audit", whole, "--run-form", "--json").json["prompts"]
    assert (found["not_derived"], found["different"]) == ({}, [])
    assert found["judgements"] == found["derived_again"] == len(chats) > 40
    assert found["rendered"] == len(requests) > len(chats)
    found = cli("check", "--audit", whole, "--json").json["prompts"]
    apart = {"their form is a program that was not run (--run-form)": chats.count("extraction")}
    assert (found["not_derived"], found["different"]) == (apart, [])


DAMAGE: dict[str, tuple[dict[str, audit.Change], dict[str, bytes], str]] = {
    "a byte changed": (
        {"ledger/judgements.jsonl": replaced('"decision": "include"', '"decision": "exclude"')}, {},
        "ledger/judgements.jsonl: was changed",
    ),
    "a row removed": (
        {"ledger/judgements.jsonl": lambda raw: raw.split(b"\n", 1)[1]}, {}, "ledger/judgements.jsonl: has ",
    ),
    "a member missing": ({"gold/abstract.csv": lambda _: None}, {}, "gold/abstract.csv: is missing"),
    "a member more": ({}, {"prompts/more.md": b"more"}, "prompts/more.md: is not in the manifest"),
    "a figure changed": ({"figures.json": replaced('"recall": ', '"recall":  ')}, {}, "figures.json: has "),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_named_in_one_line_and_nothing_is_recomputed(light: Path, nowhere: Path, cli: Cli, case: str) -> None:
    changes, added, said = DAMAGE[case]
    bad = tampered(light, nowhere / "bad.zip", changes, signed=False, added=added)
    found = cli("check", "--audit", bad, "--json")
    assert (found.code, found.json["verdict"]) == (2, "damaged")
    [problem] = found.json["problems"]
    assert problem.startswith(said)
    assert found.json["figures"]["numbers"] == 0
    page = cli("check", "--audit", bad)
    assert page.code == 2
    assert [line for line in page.out.splitlines() if problem in line] == [f"    {problem}"]
    assert page.out.splitlines()[-1].startswith("DAMAGED")


def test_a_byte_changed_inside_what_is_packed_is_found(light: Path, nowhere: Path, cli: Cli) -> None:
    raw = bytearray(light.read_bytes())
    with zipfile.ZipFile(light) as file:
        info = file.getinfo("ledger/judgements.jsonl")
    raw[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 1
    (nowhere / "bad.zip").write_bytes(raw)
    found = cli("check", "--audit", "bad.zip", "--json")
    assert (found.code, len(found.json["problems"])) == (2, 1)
    assert found.json["problems"][0].startswith("ledger/judgements.jsonl: is damaged")


def _decided_otherwise(row: dict[str, Any]) -> None:
    row["decision"] = "exclude"
    row["body"] = json.dumps({**json.loads(row["body"]), "decision": "exclude"})


def _other_abstract(row: dict[str, Any]) -> None:
    row["body"] = json.dumps({**json.loads(row["body"]), "abstract": "Another one."})


def _other_reason(row: dict[str, Any]) -> None:
    said = json.loads(row["body"])
    next(iter(said["answers"].values()))["reason"] = "Because."
    row["body"] = json.dumps(said)


def chat(archive: Path) -> int:
    """The place of a chat model's judgement."""
    return next(at for at, row in enumerate(rows(archive, "judgements")) if row["reviewer"] == "gpt")


def places(found: Any) -> list[str]:
    return [one["path"] for one in found["figures"]["different"]]


def test_who_changes_a_judgement_and_the_manifest_too_is_found_by_the_figures(
    light: Path, nowhere: Path, cli: Cli
) -> None:
    changes = {"ledger/judgements.jsonl": row_changed(0, _decided_otherwise)}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert (found.code, found.json["verdict"]) == (3, "differs")
    assert any(path.startswith("stages.abstract.agreement.pairs.") for path in places(found.json))


def test_a_figure_that_its_tables_do_not_give_is_named_with_both_values(light: Path, nowhere: Path, cli: Cli) -> None:
    figures = json.loads(member(light, "figures.json"))
    recall = figures["stages"]["abstract"]["accuracy"][0]["estimates"]["recall"]
    before = recall["low"]
    recall["low"] += 2e-9
    changes = {"figures.json": lambda _: json.dumps(figures, ensure_ascii=False).encode()}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert found.code == 3
    path = "stages.abstract.accuracy.0.estimates.recall.low"
    assert found.json["figures"]["different"] == [{"path": path, "recorded": recall["low"], "recomputed": before}]
    assert found.json["page"] == "report.html does not carry the figures of figures.json"


def test_other_versions_are_named_where_figures_differ(light: Path, nowhere: Path, cli: Cli) -> None:
    figures = json.loads(member(light, "figures.json"))
    figures["reproduction"]["packages"]["numpy"] = "1.0"
    changes = {"figures.json": lambda _: json.dumps(figures, ensure_ascii=False).encode()}
    bad = tampered(light, nowhere / "versions.zip", changes, signed=True)
    found = cli("check", "--audit", bad, "--json").json
    assert found["figures"]["different"] == [], "another machine is no other figure"
    assert list(found["other_versions"]) == ["numpy"]
    figures["flow"]["boxes"][0]["count"] += 1
    bad = tampered(light, nowhere / "bad.zip", changes, signed=True)
    assert "this may be why: numpy 1.0 there, " in cli("check", "--audit", bad).out


def test_a_page_that_says_something_else_than_its_figures_is_found(light: Path, nowhere: Path, cli: Cli) -> None:
    changes = {"report.html": replaced("<h1", "<h1 title='better'")}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert found.code == 3
    assert found.json["page"] == "report.html is not the page that these figures give"


CHANGES: dict[str, tuple[str, Callable[[Path], int], Callable[[dict[str, Any]], None], str]] = {
    "an abstract": ("records", lambda _: 2, _other_abstract, "record syn-03: its text is not the one of the hash"),
    "an answer": ("texts", lambda _: 5, lambda row: row.update(text=row["text"] + " "), "is not the one of its hash"),
    "a call": (
        "calls",
        lambda _: 0,
        lambda row: row.update(request="0" * 32),
        "the prompt that is rendered now is not",
    ),
    "a reason": ("judgements", chat, _other_reason, "gives another judgement than the stored one"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_text_a_prompt_or_an_answer_that_is_not_the_one_of_its_hash_is_found(
    light: Path, nowhere: Path, cli: Cli, case: str
) -> None:
    table, at, change, said = CHANGES[case]
    changes = {f"ledger/{table}.jsonl": row_changed(at(light), change)}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert (found.code, found.json["verdict"]) == (3, "differs")
    problems = [*found.json["text_hashes"]["different"], *found.json["prompts"]["different"]]
    assert [problem for problem in problems if said in problem]


def test_a_file_that_a_document_names_and_that_is_not_there_is_found(whole: Path, nowhere: Path, cli: Cli) -> None:
    gone = next(name for name in zipfile.ZipFile(whole).namelist() if name.startswith("documents/"))
    bad = tampered(whole, nowhere / "bad.zip", {gone: lambda _: None}, signed=True)
    found = cli("check", "--audit", bad, "--json")
    assert found.code == 3
    assert found.json["text_hashes"]["different"] == [f"documents: the file {gone[10:26]}… is not there"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row.update(repeat="0"), "ledger/judgements.jsonl:1: repeat: '0' is not what the column holds"),
        (lambda row: row.update(repeat=2**70), "is not what the column holds"),
        (lambda row: row.pop("decision"), "ledger/judgements.jsonl:1: has not the columns"),
        (lambda row: row.update(body="no JSON"), "no figures can be made of it: "),
    ],
)
def test_a_table_that_is_none_is_named_with_its_line(
    light: Path, nowhere: Path, cli: Cli, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    changes = {"ledger/judgements.jsonl": row_changed(0, change)}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert (found.code, found.json["verdict"]) == (2, "damaged")
    [problem] = found.json["problems"]
    assert said in problem
    assert str(nowhere) not in problem


# -- an archive from anybody ------------------------------------------------------------------------------------------

NAMES = ["../evil", "prompts/../../evil", "/evil", "prompts//evil", "gold\\evil", "prompts/C:evil", "evil", "ledger/..",
         "prompts/evil./x", "gold/\x01"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_read(
    light: Path, nowhere: Path, cli: Cli, name: str
) -> None:
    bad = tampered(light, nowhere / "bad.zip", {}, signed=False, added={name: b"evil"})
    done = cli("check", "--audit", bad)
    assert (done.code, done.out) == (2, "")
    assert "is no name that an audit has; nothing was unpacked" in done.err
    assert not [path for path in nowhere.parent.rglob("*") if "evil" in path.name]


def test_links_and_repeated_names_are_refused(light: Path, nowhere: Path, cli: Cli) -> None:
    link = zipfile.ZipInfo("prompts/link.md")
    link.external_attr = 0o120777 << 16
    bad = tampered(light, nowhere / "link.zip", {}, signed=False)
    with zipfile.ZipFile(bad, "a") as file:
        file.writestr(link, "/etc/passwd")
    assert "is no plain file" in cli("check", "--audit", bad).err
    bad = tampered(light, nowhere / "twice.zip", {}, signed=False)
    with zipfile.ZipFile(bad, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("figures.json", "{}")
    assert "is there twice" in cli("check", "--audit", bad).err


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_refused(
    light: Path, nowhere: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "FREE", 1 << 20)
    bad = tampered(light, nowhere / "bad.zip", {}, signed=False, added={"gold/zeros": b"\0" * (100 << 20)})
    done = cli("check", "--audit", bad)
    assert done.code == 2
    assert "times its size; nothing was unpacked" in done.err


def test_a_size_that_is_a_lie_is_read_no_further(light: Path, nowhere: Path, cli: Cli) -> None:
    bad = tampered(light, nowhere / "bad.zip", {"gold/studies.csv": lambda _: b"\0" * (8 << 20)}, signed=True)
    bad.write_bytes(bad.read_bytes().replace(struct.pack("<L", 8 << 20), struct.pack("<L", 10)))
    done = cli("check", "--audit", bad, "--json")
    assert done.code == 2
    [problem] = done.json["problems"]
    assert problem.startswith("gold/studies.csv: is damaged")


def test_a_file_that_is_no_audit_says_what_it_is(light: Path, nowhere: Path, cli: Cli) -> None:
    (nowhere / "text.zip").write_text("no ZIP at all")
    assert "is no ZIP file that can be read" in cli("check", "--audit", "text.zip").err
    with zipfile.ZipFile("empty.zip", "w"):
        pass
    assert "has no manifest.json, so it is no audit" in cli("check", "--audit", "empty.zip").err
    with zipfile.ZipFile("newer.zip", "w") as file:
        file.writestr("manifest.json", '{"format": 99}')
    assert "of a newer screener" in cli("check", "--audit", "newer.zip").err
    for body in ("[]", "{", '{"format": 1}', "[" * 100_000):
        with zipfile.ZipFile("bad.zip", "w") as file:
            file.writestr("manifest.json", body)
        done = cli("check", "--audit", "bad.zip")
        assert (done.code, done.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ["../../outside.md", "/etc/hostname"])
def test_a_protocol_that_names_a_file_of_this_machine_is_refused(
    light: Path, nowhere: Path, cli: Cli, name: str
) -> None:
    changes = {"prompts/review.yaml": replaced("template: abstract.md", f"template: {name}")}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert (found.code, found.json["verdict"]) == (2, "damaged")


def test_a_protocol_of_aliases_to_aliases_is_refused(light: Path, nowhere: Path, cli: Cli) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    changes = {"prompts/review.yaml": lambda raw: raw + "\n".join(lines).encode()}
    found = cli("check", "--audit", tampered(light, nowhere / "bad.zip", changes, signed=True), "--json")
    assert found.code == 2
    assert "stands for more than 200,000 values" in found.json["problems"][0]


# -- without texts ----------------------------------------------------------------------------------------------------


def test_without_texts_all_figures_are_still_made_anew(short: Path, nowhere: Path, cli: Cli) -> None:
    done = cli("check", "--audit", short, "--run-form", "--json")
    assert (done.code, done.json["verdict"]) == (0, "holds")
    assert done.json["texts"] is False
    assert list(done.json["prompts"]["not_derived"]) == ["their texts were left out"]
    assert done.json["prompts"]["derived_again"] == 0
    page = cli("check", "--audit", short).out
    assert "left out; 14 records and" in page


def test_without_texts_what_a_source_says_of_a_retraction_is_still_known(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("init", tmp_path / "review").code == 0
    monkeypatch.chdir(tmp_path / "review")
    Path("a.csv").write_text(
        "id,title,abstract,integrity\na,A trial of naps,We slept.,retracted\nb,Another,We woke.,\n"
    )
    assert cli("import", "a.csv").code == 0
    ledger = Ledger.of(Path(".screener"))
    with ledger.write() as connection:
        assert [mark.integrity.value for mark in marked_records(connection).values()] == ["retracted"]
        # As earlier audits have it.
        [body] = connection.execute(select(t.records.c.body).where(t.records.c.id == "a")).scalars()
        spaced = json.dumps(json.loads(body))
        connection.execute(update(t.records).where(t.records.c.id == "a").values(body=spaced))
        assert list(marked_records(connection)) == ["a"]
        connection.execute(update(t.records).where(t.records.c.id == "a").values(body=body))
    ledger.close()
    assert cli("report", "--audit", "--without-texts").code == 0
    assert cli("check", "--audit", "audit.zip", "--json").json["verdict"] == "holds"
    assert '"retracted"' in next(row["body"] for row in rows(Path("audit.zip"), "records") if row["id"] == "a")


def test_without_texts_abstracts_documents_and_answers_are_gone_and_their_hashes_stay(whole: Path, short: Path) -> None:
    names = zipfile.ZipFile(short).namelist()
    assert not [name for name in names if name.startswith("documents/")]
    everything = {name: member(short, name) for name in names}
    for record in rows(whole, "records"):
        # The first words of an abstract may be a quote; all of it is nowhere.
        abstract = json.loads(record["body"])["abstract"]
        assert not [name for name, raw in everything.items() if abstract.encode() in raw]
    answers = [row["text"] for row in rows(whole, "texts") if '"kind": "ChatResponse"' in row["text"]]
    assert len(answers) > 40
    assert not [name for name, raw in everything.items() for answer in answers if answer.encode() in raw]
    gold = [json.loads(line)["quote"] or "" for line in member(whole, "gold/extraction.jsonl").splitlines()]
    for row in rows(short, "texts"):
        if row["text"] is not None:
            readable = json.loads(row["text"])["text"].replace("█", " ").split()
            said = " ".join(gold).split()
            assert sum(word in said for word in readable) >= 0.9 * len(readable)
    for table, column in (("records", "text_hash"), ("texts", "hash"), ("calls", "response"), ("documents", "content")):
        assert [row[column] for row in rows(short, table)] == [row[column] for row in rows(whole, table)]


def test_a_holder_of_the_texts_can_verify_them_against_an_audit_without(whole: Path, short: Path) -> None:
    sealed = {row["id"]: row["text_hash"] for row in rows(short, "records")}
    for row in rows(whole, "records"):
        said = json.loads(row["body"])
        assert hashlib.sha256(f"{said['title']}\0{said['abstract']}".encode()).hexdigest()[:32] == sealed[row["id"]]
