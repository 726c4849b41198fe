"""A small review on which every command that writes has something to do, and the state that it leaves."""

import re
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine

import screener
from screener.core.judgement import Stage
from screener.gold import draw_gold
from screener.ledger.migrations import MIGRATIONS

from .web_app import PROTOCOL, small_review

RECORDS = 12
COMMANDS: dict[str, tuple[str, ...]] = {
    "import": ("import", "more.csv"),
    "import --undo": ("import", "--undo", "other.csv", "--with-judgements"),
    "import --update": ("import", "--update", "other", "other-2.csv"),
    "version freeze": ("version", "freeze", "v1", "--with-open"),
    "integrity": ("integrity", "retracted.csv"),
    "sources rename": ("sources", "rename", "other", "PubMed"),
    "label": ("label", "ben.csv", "--stage", "abstract", "--reviewer", "ben"),
    "label --undo": ("label", "--undo", "ada.csv"),
    "dedup merge": ("dedup", "merge", "r1", "r2"),
    "dedup split": ("dedup", "split", "r0"),
    "dedup merge --same-study": ("dedup", "merge", "r4", "r5", "--same-study"),
    "attach": ("attach", "r6", "paper.html"),
    "gold sample": ("gold", "sample", "--stage", "abstract", "--n", "3", "--seed", "s"),
    "gold lock": ("gold", "lock", "--stage", "abstract"),
    "run": ("run", "--stage", "abstract"),
}
"""Commands that change the ledger, by name."""
FILES: dict[str, tuple[str, ...]] = {
    "report": ("report", "--output", "report.html"),
    "report --audit": ("report", "--audit", "--output", "audit.zip"),
    "export": ("export", "--format", "xlsx", "-o", "table.xlsx"),
    "ledger copy": ("ledger", "copy", "copy.db"),
}
"""Commands that write a file, and read the ledger."""
MIGRATION = "migration"
"""Any first command on the ledger of an earlier program."""


def prepare(folder: Path) -> Path:
    """Make the review: merged records, two people's labels, a gold sample that can be locked, and files to take in."""
    small_review(folder, RECORDS)
    fulltext = (
        '  fulltext:\n    question: Is it?\n    template: abstract.md\n    criteria:\n      - {id: heart, question: "Is it of the heart?"}\n'
        "    decided_by: {humans: 2}\n"
    )
    protocol = PROTOCOL.replace("reviewers:\n", f"{fulltext}reviewers:\n")
    (folder / "prompts" / "review.yaml").write_text(protocol, encoding="utf-8")
    titles = "\n".join(f"x{n},Paper {n} on the ECG,10.1000/x{n},2020" for n in (0, 20, 21))
    (folder / "other.csv").write_text(f"id,title,doi,year\n{titles}\n")
    (folder / "more.csv").write_text(
        "id,title,year\nm1,Another paper that comes later on,2021\nm2,And one more of these papers,2022\n"
    )
    newer = [
        "x0,Paper 0 on the ECG of athletes,10.1000/x0,2020",
        "x21,Paper 21 on the ECG,10.1000/x21,2021",
        "x30,A paper that is new in the second export,10.1000/x30,2022",
    ]
    (folder / "other-2.csv").write_text("\n".join(["id,title,doi,year", *newer]))
    (folder / "retracted.csv").write_text(
        "OriginalPaperDOI,RetractionNature,RetractionDate\n10.1000/x20,Retraction,1/2/2024 0:00\n"
    )
    (folder / "paper.html").write_text(
        "<html><title>Paper 6 on the ECG</title><p>We train a model on the heart.</p></html>"
    )
    decisions = [f"r{n},{'include' if n % 2 else 'exclude'}" for n in range(RECORDS)]
    decisions += ["x20,include", "x21,exclude"]
    (folder / "ada.csv").write_text("\n".join(["id,decision", *decisions]))
    (folder / "ben.csv").write_text("\n".join(["id,decision", "r3,exclude", "x20,include", "r7,include"]))
    (folder / "cleo.csv").write_text("\n".join(["id,decision", *decisions]))
    with screener.open(folder) as review:
        review.import_files(folder / "other.csv")
        review.merge("r0", "x0")
        review.label(folder / "ada.csv", "abstract", "ada")
        review.label(folder / "cleo.csv", "abstract", "cleo")
        draw_gold(review.ledger, review.review, Stage.ABSTRACT, 4, seed="first")
    return folder


def copied(folder: Path, target: Path) -> Path:
    """Return a copy of a review that no program has open."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    return target


_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?")
_PASSING = {"id", "at", "run_id", "until", "holder", "ended", "summary", "judgement_id", "sample_id", "position", "import_id",
            "judgement", "withdrawal", "link", "specification", "file", "report", "figures"}  # fmt: skip
_IGNORED = {"leases", "run_leases", "queue", "queue_built", "drafts", "previews", "runs", "reviews", "agreements_made", "standings_made",
            "fits", "looks", "calls", "texts", "circumstances", "repeated_hits", "hit_keys", "hit_keys_made"}  # fmt: skip


def rows_in(ledger: Path) -> dict[str, Any]:
    """Return the rows of a ledger's file without numbers and times, by table."""
    rows: dict[str, Any] = {}
    connection = sqlite3.connect(f"file:{ledger}?mode=rw", uri=True)
    connection.row_factory = sqlite3.Row
    tables = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name in tables - _IGNORED - {"migrations"}:
        rows[name] = Counter(
            tuple((column, _plain(row[column])) for column in row.keys() if column not in _PASSING)  # noqa: SIM118
            for row in connection.execute(f'SELECT * FROM "{name}"')
        )
    connection.close()
    # Two runs of a machine that costs nothing may judge the same at once: the same judgement twice is one.
    judged = rows["judgements"]
    rows["judgements"] = Counter({row: 1 if ("role", "machine") in row else n for row, n in judged.items()})
    return rows


def state(folder: Path, ledger: Path | None = None) -> dict[str, Any]:
    """Return what stands in a review: rows without numbers and times, and the files of gold and protocol.

    The ledger is the review's own, or a file with a copy of it.
    """
    rows = rows_in(ledger or folder / ".screener" / "ledger.db")
    files = {}
    for path in sorted([*(folder / "gold").rglob("*"), folder / "prompts" / "review.yaml"]):
        if path.is_file():
            files[path.name] = re.sub(
                r"id: \S+", "id", _TIME.sub("", path.read_text(encoding="utf-8", errors="replace"))
            )
    return {"rows": rows, "files": files}


def _plain(value: Any) -> Any:
    return _TIME.sub("", value) if isinstance(value, str) else value


def age(folder: Path, migrations: int = 5) -> None:
    """Bring a review's ledger back to the shape that it had after its first migrations."""
    place = folder / ".screener" / "ledger.db"
    new = place.with_name("new.db")
    place.rename(new)
    engine = create_engine(f"sqlite:///{place}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE migrations (name TEXT PRIMARY KEY)")
        for migration in MIGRATIONS[:migrations]:
            migration(connection)
            connection.exec_driver_sql("INSERT INTO migrations VALUES (?)", (migration.__name__,))
    engine.dispose()
    with sqlite3.connect(place) as connection:
        connection.execute("ATTACH ? AS new", (str(new),))
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            if name != "migrations":
                columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f'PRAGMA table_info("{name}")'))
                connection.execute(f'INSERT INTO "{name}" ({columns}) SELECT {columns} FROM new."{name}"')
    connection.close()
    for path in place.parent.glob("new.db*"):
        path.unlink()
