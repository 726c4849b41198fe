"""Decisions in an ASReview project (`.asreview`): a ZIP with a dataset and an SQLite file of results.

Three layouts, as the releases 1.6, 2.2 and 3.0 of ASReview write them:
1. `reviews/<id>/results.sql` with a table `results`; the records are the rows of `data/<dataset_path>`, by their column
   `record_id` or else by their place from 0.
2. `reviews/<id>/results.db` with a table `results`; the records are the table `record` of `data_store.db`.
3. `results.db` with both tables.
A label of 1 is relevant, 0 irrelevant. A record may have several rows of results; the last one counts.
"""

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from ...core.errors import BadInput
from ...records import read_file
from .decision_file import DecisionFile, DecisionRow, Opinion, decision_of

LARGEST = 2_000_000_000
"""Bytes that a project may have unpacked; more is not a review but an attack."""


def is_project(raw: bytes) -> bool:
    """Return whether these are the bytes of an ASReview project."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return any(PurePosixPath(name).name == "project.json" for name in archive.namelist())
    except (zipfile.BadZipFile, RuntimeError):  # the second for a later version of ZIP
        return False


def read_project(path: Path) -> DecisionFile:
    """Return the decisions of a project, of one reviewer or, where several users shared it, of `user_<id>` each."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise BadInput(f"{path}: unpacks to more than {LARGEST / 1e9:.0f} GB; not read")
        unpacked = Path(folder)
        needed = [
            name for name in archive.namelist()
            if PurePosixPath(name).suffix in (".db", ".sql") or PurePosixPath(name).name == "project.json"
            or "data" in PurePosixPath(name).parts[:-1]
        ]  # fmt: skip
        for name in needed:
            archive.extract(name, unpacked)
        try:
            return _read(path, unpacked)
        except (sqlite3.DatabaseError, json.JSONDecodeError, KeyError) as error:
            detail = " ".join(str(error).split())
            raise BadInput(f"{path}: not a readable ASReview project ({detail}); export the labels as CSV") from None


def _read(path: Path, folder: Path) -> DecisionFile:
    results = sorted([*folder.rglob("results.db"), *folder.rglob("results.sql")])
    if not results:
        raise BadInput(f"{path}: an ASReview project without results; has anything been labelled in it?")
    if len(results) > 1:
        raise BadInput(f"{path}: a project with {len(results)} reviews (a simulation?); export the labels as CSV")
    labels = _results(results[0])
    records = _records(path, folder, results[0])
    several = len({user for _, user, _ in labels.values()}) > 1
    rows = []
    for number, (record_id, fields) in enumerate(records.items(), start=1):
        if record_id not in labels:
            rows.append(DecisionRow(number, fields))
            continue
        label, user, note = labels.pop(record_id)
        decision = decision_of(label)
        name = f"user_{user}" if several else None
        opinions = (Opinion(decision, name, reason=note),) if decision is not None else ()
        rows.append(DecisionRow(number, fields, opinions))
    rows += [
        DecisionRow(len(records) + place, {}, fault=f"record {record_id} of the project is not in its dataset")
        for place, record_id in enumerate(labels, start=1)
    ]
    return DecisionFile("ASReview project", tuple(rows), foreign_ids=True)


def _results(database: Path) -> dict[int, tuple[Any, Any, str]]:
    """Label, user and note of each record that has a label."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        labels = {}
        for row in connection.execute("SELECT * FROM results ORDER BY rowid"):
            names = row.keys()
            note = next((row[name] for name in ("note", "notes") if name in names and row[name]), "")
            if row["label"] is not None:
                labels[int(row["record_id"])] = (row["label"], row["user_id"] if "user_id" in names else None, note)
        return labels


def _records(path: Path, folder: Path, results: Path) -> dict[int, Mapping[str, Any]]:
    for database in (*folder.rglob("data_store.db"), results):
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'record'").fetchone():
                query = "SELECT * FROM record ORDER BY record_id"
                return {int(row["record_id"]): _fields(dict(row)) for row in connection.execute(query)}
    configured = next(iter(folder.rglob("project.json")))
    name = json.loads(configured.read_text(encoding="utf-8"))["dataset_path"]
    file = read_file(configured.parent / "data" / name)
    if file.rejected:
        raise BadInput(
            f"{path}: row {file.rejected[0].row} of its dataset cannot be read ({file.rejected[0].reason}), so that labels "
            "cannot be told apart by their place; export the labels as CSV"
        )
    ids = [hit.entry.given_id for hit in file.hits]
    numbered = all(given_id is not None and given_id.isdigit() for given_id in ids)
    return {
        int(given_id) if numbered and given_id is not None else place: hit.entry.model_dump(
            include={"title", "doi", "pmid", "url"}
        )
        for place, (given_id, hit) in enumerate(zip(ids, file.hits, strict=True))
    }


def _fields(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: row[name] for name in ("title", "doi", "url") if row.get(name)}
