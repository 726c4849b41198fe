"""What the pages take for granted before their first command: a review that is so far, and what is called like the reader's own."""

import csv
import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import chdir, closing
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

from servers.services.huggingface import hub_model

from . import Cli, at_rest, fill_in

Act = Callable[[Cli], None]
"""Something that the reader does meanwhile, in the review's folder."""
MACHINES = """
  gpt: {kind: chat, model: "openai:gpt-5-mini", base_url: "URL", price: {input: 1, output: 2}}
  claude: {kind: chat, model: "openai:other", base_url: "URL", price: {input: 1, output: 2}}
  once: {kind: chat, model: "openai:third", base_url: "URL", price: {input: 1, output: 2}, second_reading: false}
  sure: {kind: chat, model: "openai:fourth", base_url: "URL", price: {input: 1, output: 2}, answers: graded}
  local: {kind: chat, model: "openai:fifth", base_url: "URL", price: {input: 0, output: 0}}
  both: {kind: ensemble, members: [gpt, claude], rule: any_include}
  steps: {kind: ensemble, members: [embedded, gpt], until: {exclude_below: 0.05, include_above: 0.95}}
"""
PUBMED, SCOPUS = "exports/pubmed.nbib", "exports/scopus.csv"
DECIDED = "    decided_by: {humans: 2, machine: embedded}\n"
GATE = f"{DECIDED}    gate: {{recall_low: 0.1, confidence: 0.8}}\n"
EXAMPLES = ("reminders", "documents", "ecg")
PAPERS = ("0101_final_v3.pdf", "10.5555_syn.2022.0417.pdf", "afmc-263.pdf")
"""Of the twelve papers of the example, those that are read: three are as good."""
PAIR = ("PMID:99000017", "r-7a9af5c41b")


@dataclass(frozen=True)
class Start:
    """How far the review is, what stands for the reader's own, and what is done beforehand or before a line."""

    at: str = "locked"
    words: Mapping[str, str] = field(default_factory=dict)
    prepare: Act = lambda cli: None
    before: Mapping[str, Act] = field(default_factory=dict)
    judge: Callable[[Cli, str], None] = field(default=lambda cli, name: judge(cli, name))


def _labels(who: str, stage: str = "abstract") -> tuple[str, ...]:
    file = f"decisions/{who}.csv" if stage == "abstract" else f"decisions/{who}-{stage}.csv"
    return ("label", file, "--stage", stage, "--reviewer", f"{who}:adjudicator" if who == "zoe" else who)


_ABSTRACTS = [("gold", "lock", "--stage", "abstract"), ("run", "--stage", "abstract")]
# Each step: the one before it, and what is done. The first makes the review of an example.
STEPS: dict[str, tuple[str, list[tuple[str, ...]]]] = {
    "new": ("reminders", []),
    "listed": ("new", [("import", PUBMED, SCOPUS)]),
    "imported": ("listed", [("dedup", "confirm", *PAIR)]),
    "locked": ("imported", [("gold", "sample", "--stage", "abstract", "--n", "20"), *map(_labels, ("anna", "ben", "zoe")), *_ABSTRACTS]),
    "gated": ("imported", [("gold", "sample", "--stage", "abstract", "--n", "16", "--seed", "b"), *_ABSTRACTS]),
    "judged": ("locked", [
        ("import", "--pdfs", "full-texts"),
        *(("attach", f"10.5555/reminders.{n}", "--not-retrieved", "no copy was found") for n in ("08", "11")),
        _labels("anna", "fulltext"), _labels("ben", "fulltext"),
    ]),
    "extracted": ("judged", [("run", "--stage", "extraction")]),
    "read": ("documents", [
        *(("run", "--stage", "abstract", "--reviewer", name) for name in ("embedded", "gpt", "claude", "steps")),
        ("import", "--pdfs", "pdfs"),
        ("run", "--stage", "fulltext"),
        *(("run", "--stage", "extraction", "--reviewer", name) for name in ("embedded", "gpt", "claude")),
    ]),
    "asked": ("ecg", [("run", "--stage", "abstract", "--reviewer", "gpt")]),
}  # fmt: skip


def review_at(step: str, made: Path, cli: Cli, url: str) -> Path:
    """Return a review that went through a step, made once in the folder `made`; nobody may write into it."""
    folder = made / step
    if folder.exists():
        return folder
    if step in EXAMPLES:
        assert cli("init", folder, "--example", step).code == 0
        change(folder, "\nreviewers:\n", f"\nreviewers:{MACHINES.replace('URL', url)}")
        for path in sorted(folder.glob("pdfs/*.pdf")):
            (folder / "more").mkdir(exist_ok=True)
            if path.name not in PAPERS:
                path.rename(folder / "more" / path.name)
        return folder
    before, commands = STEPS[step]
    shutil.copytree(review_at(before, made, cli, url), folder)
    with chdir(folder):
        if step == "gated":
            change(folder, DECIDED, GATE)
        for command in commands:
            if step == "gated" and command[:2] == ("gold", "lock"):
                judge_the_sample(cli)
            done = cli(*command)
            assert done.code in (0, 3), f"{command}: {done.out}{done.err}"
    return at_rest(folder)


def change(folder: Path, old: str, new: str) -> None:
    """Write other words into a protocol, where they stand first."""
    protocol = folder / "prompts" / "review.yaml"
    text = protocol.read_text(encoding="utf-8")
    assert old in text
    protocol.write_text(text.replace(old, new, 1), encoding="utf-8")


def judge(cli: Cli, name: str) -> None:
    """Enter the decisions of a person that come with the review, in the place of hours at the screen."""
    for stage in ("abstract", "fulltext"):
        command = _labels(name, stage)
        if Path(command[1]).exists():
            cli(*command)


def _decisions(who: str) -> list[dict[str, str]]:
    """Return what a person decided on titles and abstracts."""
    with Path("decisions", f"{who}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def judge_the_sample(cli: Cli) -> None:
    """Have three people label what was drawn, and nothing else."""
    with closing(sqlite3.connect(Path(".screener") / "ledger.db")) as ledger:
        drawn = {row[0] for row in ledger.execute("select record_id from sample_members")}
    cli("export", "--format", "csv", "-o", "all.csv")
    with Path("all.csv").open(encoding="utf-8-sig") as file:
        wanted = {row["title"].rstrip(".") for row in csv.DictReader(file) if row["id"] in drawn}
    for who in ("anna", "ben", "zoe"):
        rows = _decisions(who)
        with Path("sample.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(row for row in rows if row["title"].rstrip(".") in wanted)
        done = cli("label", "sample.csv", *_labels(who)[2:])
        assert done.code in (0, 2, 3), done.err
    for name in ("sample.csv", "all.csv"):
        Path(name).unlink()


def _written(name: str, text: str) -> Act:
    def write(cli: Cli) -> None:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")

    return write


def _commands(*commands: tuple[str, ...]) -> Act:
    def run(cli: Cli) -> None:
        for command in commands:
            done = cli(*command)
            assert done.code in (0, 3), f"{command}: {done.out}{done.err}"

    return run


def _all(*acts: Act) -> Act:
    def act(cli: Cli) -> None:
        for one in acts:
            one(cli)

    return act


def _labelled(cli: Cli) -> None:
    """A labelled table, as `simulate` takes it, and criteria."""
    decided = {row["title"]: row["decision"] for row in _decisions("anna")}
    with Path("labelled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "abstract", "label_included"])
        writer.writerows([title, title, int(decision != "exclude")] for title, decision in decided.items())
    _written("criteria.yaml", "question: Is it a trial of text reminders?\ncriteria:\n  - {id: a, question: Is a text message sent?}\n")(cli)  # fmt: skip


def _workflow(name: str, *, decided_by: str) -> Act:
    def write(cli: Cli) -> None:
        change(Path(), DECIDED, f"    workflow: {name}\n    decided_by: {decided_by}\n")  # fmt: skip

    return write


def _people_agree(cli: Cli) -> None:
    """Two people who say what gold says, in the example with PDFs."""
    for who in ("anna", "ben"):
        cli("label", "gold/abstract.csv", "--stage", "abstract", "--reviewer", who)


def _without_extraction(cli: Cli) -> None:
    """A review that ends with its full texts, so that nothing is left to decide."""
    protocol = Path("prompts/review.yaml")
    text = protocol.read_text(encoding="utf-8")
    end = text.index("\nreviewers:")
    protocol.write_text(text[: text.index("\n  extraction:")] + text[end:], encoding="utf-8")
    exported = Path(PUBMED).read_text(encoding="utf-8")
    change(Path(), DECIDED, GATE)
    _written("again.nbib", exported.replace("two days before", "three days before"))(cli)
    _commands(("sources", "rename", "pubmed", "PubMed"))(cli)
    _written("new.nbib", exported.split("\n\n")[0].replace("99000001", "98000001").replace("reminders.01", "reminders.31").replace("eye clinics", "ear clinics"))(cli)  # fmt: skip


def _exports_by_other_names(cli: Cli) -> None:
    for target, source in (("pubmed.csv", PUBMED), ("scopus.ris", SCOPUS)):
        shutil.copyfile(Path("..") / source, target)
    _written("wos/savedrecs.xls", "TY  - JOUR\nTI  - A record of its own\nPY  - 2020\nER  - \n")(cli)


def _decided(cli: Cli) -> None:
    with Path("../decisions/anna.csv").open(encoding="utf-8") as file:
        rows = [[row["title"], row["decision"]] for row in csv.DictReader(file)]
    _written("decisions.csv", "title,decision\n" + "".join(f'"{title}",{decision}\n' for title, decision in rows))(cli)
    _commands(("label", "decisions.csv", "--stage", "abstract", "--reviewer", "anna"))(cli)


def _files_of_other_tools(cli: Cli) -> None:
    """Decisions in files that other tools wrote, or have the shape of theirs."""
    one, two = (
        "Letters as reminders of outpatient appointments: a randomised trial",
        "Do text reminders reduce no-shows in dental practices? A randomised comparison",
    )
    head = "Title,Authors,DOI,Covidence #,Notes\n"
    _written("review_1_excluded_csv.csv", f"{head}{one},,,#1,\n")(cli)
    _written("included.csv", f"{head}{two},,,#2,\n")(cli)
    _written("all.csv", f"{head}A record that only Covidence has,,,#3,\n")(cli)
    _commands(("export", "--format", "ris", "-o", "rayyan.ris"))(cli)
    _written("zotero.ris", "TY  - JOUR\nTI  - A record that only Zotero has\nPY  - 2020\nER  - \n")(cli)
    _commands(
        ("export", "--format", "asreview", "-o", "asreview.csv"), ("export", "--format", "eppi", "-o", "eppi.json")
    )(cli)


def _three_in_one(cli: Cli) -> None:
    _commands(("dedup", "confirm", *PAIR), ("dedup", "merge", PAIR[0], "PMID:99000016"))(cli)


def _one_study(cli: Cli) -> None:
    _commands(("dedup", "split", PAIR[0]), ("dedup", "confirm", *PAIR, "--same-study"))(cli)


def _other_review(cli: Cli) -> None:
    shutil.copytree(".", "../other", ignore=shutil.ignore_patterns(".screener"))
    with chdir("../other"):
        _commands(("import", PUBMED, SCOPUS), ("dedup", "confirm", *PAIR))(cli)


def _half(cli: Cli, name: str) -> None:
    """Have a person judge the first twenty records alone."""
    rows = Path("decisions", f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("half.csv").write_text("".join(rows[:21]), encoding="utf-8")
    cli("label", "half.csv", *_labels(name)[2:])


def _sample_only(cli: Cli, name: str) -> None:
    judge_the_sample(cli)


def _models(cli: Cli) -> None:
    models = [
        hub_model(number, readme="# Sends a text message", tags=["SMS", f"arxiv:2499.0000{number}"])
        for number in (1, 2)
    ]
    _written("hub.json", json.dumps(models))(cli)
    _commands(("import", "hub.json"))(cli)


_NOTICE = """PMID- 97000001
DP  - 2021 May
TI  - Retraction: Text message reminders and missed appointments in eye clinics: a randomised trial.
PT  - Retraction of Publication
ROF - Journal of Invented Clinics. 2012. doi: 10.5555/reminders.01. PMID: 99000001
"""
_FILES = {"FILE.ris": PUBMED, "200": "2", "400": "16 --seed b", "50": "5"}
STARTS: dict[str, Start] = {
    "docs/quickstart.md": Start("nothing"),
    "docs/tutorial/from-search-to-report.md": Start("nothing"),
    "docs/explanation/gates.md": Start("gated", {"200": "2"}),
    "docs/explanation/ranking.md": Start("new", prepare=_labelled),
    "docs/how-to/audit.md": Start("extracted"),
    "docs/how-to/chat-models.md": Start("ecg", before={"screener evaluate --stage abstract --compare": _commands(("run", "--stage", "abstract", "--reviewer", "claude"))}),
    "docs/how-to/duplicates.md": Start("listed", {"A": PAIR[0], "B": PAIR[1]}),
    "docs/how-to/duplicates.md#Undo": Start("listed", {"A": PAIR[0], "B": PAIR[1], "C": "PMID:99000016", "NUMBER": "1"}, _three_in_one, before={f"screener dedup split {PAIR[0]} --same-study": _one_study}),
    "docs/how-to/evaluate.md": Start("read", prepare=_people_agree),
    "docs/how-to/forms.md": Start("documents"),
    "docs/how-to/full-texts.md": Start("documents", {
        "papers/": "pdfs", "RECORD": "syn-05", "paper.pdf": "more/paper.pdf", "supplement.pdf": "more/mmc1.pdf",
    }),
    "docs/how-to/gold.md": Start("gated", {"200": "2", "50": "3"}, judge=_sample_only, before={"screener gold lock": judge_the_sample}),
    "docs/how-to/hand-over.md": Start("judged", {
        "covidence_all.csv": "all.csv", "covidence_included.csv": "included.csv", "review_excluded.csv": "review_1_excluded_csv.csv", "FOLDER": "full-texts",
    }, _files_of_other_tools),
    "docs/how-to/local-models.md": Start("locked"),
    "docs/how-to/methods-and-checklists.md": Start("extracted"),
    "docs/how-to/gold.md#A sample that is ready": Start("ecg"),
    "docs/how-to/gold.md#4. Lock": Start("gated", {"200": "2"}),
    "docs/how-to/import.md": Start("new", {
        "wos/*.xls": PUBMED, "pubmed.nbib": PUBMED, "scopus.csv": SCOPUS, "DIR": ".", "library.csv": "decisions/anna.csv",
    }),
    "docs/how-to/living-review.md": Start("judged", {"pubmed-1.csv": "again.nbib", "pubmed-2.csv": "new.nbib", "100": "1"}, _without_extraction),
    "docs/how-to/models.md": Start("imported", {"ID": "r-8177338488", "MODEL": "r-8a3e5656dd", "PUBLICATION": "arXiv:2301.00002", "NAME": getuser()},
                                   _models),
    "docs/how-to/notices.md": Start("imported", {"NOTICE": "PMID:97000001", "PAPER": "PMID:99000001", "RECORD": "PMID:99000002", "fresh_export.ris": PUBMED}, _all(
        _written("notice.nbib", _NOTICE), _commands(("import", "notice.nbib")),
        _written("retraction_watch.csv", "DOI,RetractionNature,RetractionDate\n10.5555/reminders.02,Retraction,2021-05-01\n"),
    )),
    "docs/how-to/other-tools.md": Start("judged", {"mine.csv": "decisions/anna.csv"}, before={"screener label judgements.jsonl": _other_review}),
    "docs/how-to/own-review.md": Start("new", words={"Pubmed": "savedrecs"}, before={"screener check": lambda cli: fill_in(Path()), "screener import 'wos": _exports_by_other_names, "screener label --undo": _decided}),
    "docs/how-to/own-review.md#Look at the duplicates": Start("listed", {"A": PAIR[0], "B": PAIR[1]}),
    "docs/how-to/prompts.md": Start("asked"),
    "docs/how-to/prompts.md#How a form is asked": Start("read"),
    "docs/how-to/ranked-screening.md": Start("new", {**_FILES, "200": "2 --early"}, lambda cli: change(Path(), DECIDED, f"{DECIDED}    queue: learned\n    stopping: {{rule: buscar, target: 0.1, sample: 2}}\n"), judge=_half),
    "docs/how-to/tables.md": Start("read", {"doi:10.5555/1:models[0]": "syn-01:models[0]", "doi:10.5555/2:PulseNet": "syn-04:models[0]"}),
    "docs/how-to/tables.md#Characteristics and risk of bias, ready for the paper": Start(
        "extracted", prepare=lambda cli: change(Path(), "\ntables:\n", "\ntables:\n  risk_of_bias: {tool: own, domains: {Setting: trial.setting}}\n")
    ),
    "docs/how-to/tables.md#Numbers for a meta-analysis": Start("extracted"),
    "docs/how-to/team-server.md#Back up and restore": Start("nothing", {"/backups/monday.zip": "monday.zip"}, _all(
        _written("server.yaml", "{}\n"), _written("new/server.yaml", "{}\n"),
    )),
    "docs/how-to/tune.md": Start("asked"),
    "docs/how-to/tune.md#Without a model": Start("asked", prepare=_commands(("tune", "propose", "--stage", "abstract", "--reviewer", "gpt"))),
    "docs/how-to/team-ledger.md": Start("locked"),
    "docs/how-to/team-ledger.md#Move a ledger": Start("locked"),
    "docs/how-to/team-ledger.md#Back up and restore": Start("locked"),
    "docs/how-to/team-ledger.md#A ledger belongs to one review": Start("imported", {"export.ris": SCOPUS}),
    "docs/how-to/workflows/two-people.md": Start("new", _FILES, _workflow("two_people", decided_by="{resolvers: [zoe]}")),
    "docs/how-to/workflows/person-and-machine.md": Start("new", _FILES, _workflow("person_and_machine", decided_by="{machine: gpt, resolvers: [zoe]}")),
    "docs/how-to/workflows/two-models.md": Start("new", _FILES, _workflow("two_models", decided_by="{humans: 2, machine: both}")),
    "docs/how-to/workflows/machine-with-gate.md": Start("new", _FILES, _workflow("machine_with_gate", decided_by="{humans: 2, machine: embedded}\n    gate: {recall_low: 0.1, confidence: 0.8}"), judge=_sample_only),
}  # fmt: skip
"""By page; one without an entry begins with the tutorial's review whose gold is locked."""
