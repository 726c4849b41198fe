"""The check of an audit: hashes, then a ledger built from the archive, then every figure made anew and compared."""

import copy
import json
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.errors import BadInput, LedgerError
from ...forms import forms_not_run
from ...ledger import Ledger, Row, document_files, insert_rows, lost_texts, text_hash
from ...protocol import Review
from ...records import Record
from ..figures import PROSE, add_prose, figures
from ..page import PAGE, embed, page
from .archive import Archive, open_archive
from .compare import LeafComparison, compare, graft, numbers
from .earlier import (
    MESSAGES,
    complete_exclusions,
    keep_what_is_not_here,
    other_raters,
    other_rules_of_items,
    rename_boxes,
    restate_checks,
)
from .replay import Replay, replay
from .tables import LATER, TABLES, as_row, member

_FORM_FIGURES = (("extraction",), *(("stages", "extraction", key) for key in ("accuracy", "no_accuracy", "agreement")))
"""What only the form can make anew."""
_ELSEWHERE = (
    ("made",), ("screener",), *(("reproduction", key) for key in ("screener", "python", "system", "packages", "commands")),
)  # fmt: skip
"""What speaks of the time and the machine of the report, and differs on another one by right."""


@dataclass
class Checked:
    """What the check found."""

    path: Path
    archive: Archive
    problems: list[str]
    """What is wrong with the archive itself, a line each; if there is anything, nothing was recomputed."""
    records: int = 0
    texts: int = 0
    texts_left_out: int = 0
    hashes: list[str] = field(default_factory=list)
    """Texts that are not those of their hash."""
    figures: LeafComparison = field(default_factory=LeafComparison)
    not_recomputed: int = 0
    """Numbers of the extraction, where the form was not run."""
    redefined: int = 0
    """Numbers that an earlier program computed by other rules (agreement of people, extraction); they are not compared."""
    not_run: tuple[str, ...] = ()
    prompts: Replay = field(default_factory=Replay)
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What is another version here than where the report was made: there, here."""
    page: str = ""
    """What is wrong with the page; empty if it shows the figures."""
    redrawn: bool = False

    @property
    def verdict(self) -> str:
        """`damaged`, `differs`, `incomplete` (all that was compared is equal, but not all was), or `holds`."""
        if self.problems:
            return "damaged"
        if self.hashes or self.figures.different or self.prompts.problems or self.page:
            return "differs"
        return "incomplete" if self.not_recomputed else "holds"

    @property
    def code(self) -> int:
        """Return the exit code: 0 it holds, 2 the archive is damaged, 3 something differs or was not recomputed."""
        return {"holds": 0, "damaged": 2}.get(self.verdict, 3)

    def as_json(self) -> dict[str, Any]:
        """Return it as `check --audit --json` prints it."""
        manifest = self.archive.manifest
        return {
            "audit": str(self.path),
            "verdict": self.verdict,
            "manifest_sha256": self.archive.digest,
            **{key: manifest[key] for key in ("format", "made", "screener", "review", "texts")},
            "members": len(self.archive.members) + 1,
            "problems": self.problems,
            "text_hashes": {"records": self.records, "texts": self.texts, "left_out": self.texts_left_out,
                            "different": self.hashes},
            "prompts": {"judgements": self.prompts.judgements, "rendered": self.prompts.rendered,
                        "derived_again": self.prompts.same, "not_derived": dict(self.prompts.skipped),
                        "different": self.prompts.problems},
            "figures": {"numbers": self.figures.numbers, "words": self.figures.words,
                        "different": [difference.as_json() for difference in self.figures.different],
                        "not_recomputed": self.not_recomputed, "redefined": self.redefined,
                        "not_run": list(self.not_run)},
            "other_versions": {name: list(pair) for name, pair in self.versions.items()},
            "page": self.page or None,
            "page_redrawn": self.redrawn,
        }  # fmt: skip


def check_audit(path: Path, *, run_form: bool = False) -> Checked:
    """Verify an archive and make its figures anew. `BadInput` where it is no audit or not safe to read.

    `run_form` runs the form's Python files (`prompts/*.py`), which come with the archive; without it the figures of an
    extraction are counted as not recomputed.
    """
    archive = open_archive(path)
    archive.verify()
    checked = Checked(path, archive, archive.problems)
    if checked.problems:
        return checked
    tables = (table for table in TABLES if table not in LATER)
    needed = ["figures.json", "report.html", "prompts/review.yaml", *map(member, tables)]
    checked.problems += [
        f"{name}: is missing, and the manifest does not name it" for name in needed if name not in archive.members
    ]
    if not checked.problems:
        with tempfile.TemporaryDirectory(prefix="screener-audit-") as folder:
            try:
                _recompute(checked, Path(folder), run_form)
            except Exception as error:
                # Its hashes are right and still it can hold anything: whatever trips the program is the archive's doing.
                message = " ".join(str(error).replace(f"{folder}/", "").split())
                kind = "" if isinstance(error, BadInput | LedgerError) else f"{type(error).__name__}: "
                checked.problems.append(f"no figures can be made of it: {kind}{message[:300]}")
    return checked


def _recompute(checked: Checked, folder: Path, run_form: bool) -> None:
    archive = checked.archive
    for name in archive.members:
        if name.startswith(("prompts/", "gold/")):
            target = folder / name  # its name was checked part by part
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
    (folder / ".screener").mkdir()
    ledger = Ledger(f"sqlite:///{folder / '.screener' / 'ledger.db'}")
    try:
        for table in TABLES:
            if member(table) in archive.members:
                _fill(checked, ledger, table)
        _references(checked, ledger)
        review, recorded = Review(folder), archive.json("figures.json")
        _refuse_elsewhere(review, archive)
        restate_checks(ledger, review, recorded)
        if archive.manifest["format"] == 1:
            complete_exclusions(ledger)
        guard: AbstractContextManager[list[Path]] = nullcontext([]) if run_form else forms_not_run()
        with guard as form_files:
            recomputed = figures(ledger, review)
            checked.prompts = replay(ledger, review, with_texts=archive.manifest["texts"], run_form=run_form)
        for place in (*other_raters(ledger, recorded), *other_rules_of_items(recorded)):
            checked.redefined += numbers(graft(recorded, recomputed, place))
        checked.not_run = tuple(sorted({file.relative_to(folder).as_posix() for file in form_files}))
        _compare(checked, copy.deepcopy(recorded), recomputed)
        _page(checked, recorded)
    finally:
        ledger.close()


def _refuse_elsewhere(review: Review, archive: Archive) -> None:
    """Refuse a protocol whose file names lead out of its folder: a stranger's must not reach a file of this machine."""
    named = [review.protocol.sources]
    for spec in review.protocol.stages.values():
        named += [spec.template, spec.examples, *spec.form]
    for name in named:
        if name is not None and f"prompts/{name}" not in archive.members:
            raise BadInput(f"prompts/review.yaml: names the file {name!r}, which is not in the archive")


def _fill(checked: Checked, ledger: Ledger, table: str) -> None:
    name = member(table)

    def read() -> Iterator[Row]:
        for number, line in checked.archive.lines(name):
            try:
                row = as_row(table, line)
            except ValueError as error:
                raise BadInput(f"{name}:{number}: {error}") from None
            yield _checked(checked, table, row)

    with ledger.write() as connection:
        insert_rows(connection, table, read())


def _checked(checked: Checked, table: str, row: Row) -> Row:
    """Return the row, its text compared with its hash."""
    with_texts = checked.archive.manifest["texts"]
    if table == "records":
        checked.records += 1
        record = Record.model_validate_json(row["body"])
        if (record.id, record.text_hash) != (row["id"], row["text_hash"]) or bool(record.sealed) == with_texts:
            checked.hashes.append(f"record {row['id']}: its text is not the one of the hash {row['text_hash']}")
    if table != "texts":
        return row
    text = row["text"]
    if not with_texts:
        checked.texts_left_out += 1
    else:
        checked.texts += 1
        if text_hash(text or "") != row["hash"]:
            checked.hashes.append(f"text {row['hash'][:16]}…: is not the one of its hash")
    return row


def _references(checked: Checked, ledger: Ledger) -> None:
    """Documents and calls name their texts and files by hash: each must be there."""
    manifest = checked.archive.manifest
    if not manifest["texts"]:
        return
    files = {name[10:74] for name in checked.archive.members if name.startswith("documents/")}
    files.update(map(str, manifest.get("left_out", {}).get("documents", ())))
    with ledger.read() as connection:
        for digest in document_files(connection):
            if digest not in files:
                checked.hashes.append(f"documents: the file {digest[:16]}… is not there")
        for table, number, digest in lost_texts(connection, 20):
            checked.hashes.append(f"{table} {number}: its text {digest[:16]}… is not there")


def _compare(checked: Checked, recorded: Any, recomputed: dict[str, Any]) -> None:
    if not isinstance(recorded, dict):
        raise BadInput("figures.json: is no figures document")
    _rename(recorded)
    recomputed = json.loads(json.dumps(recomputed))
    checked.versions = _versions(recorded, recomputed)
    keep_what_is_not_here(recorded, recomputed, texts=bool(checked.archive.manifest["texts"]))
    for path in _ELSEWHERE:
        graft(recorded, recomputed, path)
    changed = {entry.name: entry for entry in checked.archive.members.values() if entry.original_sha256}
    for file in recomputed["reproduction"]["files"]:
        if file["file"] in changed:  # its abstracts were left out, so it has not the bytes any more
            file["sha256"] = changed[file["file"]].original_sha256
    if checked.not_run:
        for path in _FORM_FIGURES:
            checked.not_recomputed += numbers(graft(recorded, recomputed, path))
    add_prose(recomputed)
    earlier = checked.archive.manifest.get("page", 1) != PAGE
    if earlier:  # prose and titles are those of the version that wrote it
        rename_boxes(recorded)
        for path in (*PROSE, *MESSAGES):
            graft(recorded, recomputed, path)
    left_out = _FORM_FIGURES if checked.not_run else ()
    checked.figures = compare(recorded, json.loads(json.dumps(recomputed)), left_out=left_out, additions=earlier)


def _rename(recorded: dict[str, Any]) -> None:
    """Call an ensemble by its present name in the figures of an older archive."""
    review = recorded.get("review")
    reviewers = review.get("reviewers") if isinstance(review, dict) else None
    for spec in reviewers.values() if isinstance(reviewers, dict) else ():
        if isinstance(spec, dict) and spec.get("kind") == "combine":
            spec["kind"] = "ensemble"


def _versions(recorded: Any, recomputed: Any) -> dict[str, tuple[str, str]]:
    """Return the versions that differ: a bootstrap from the same seed is another one where numpy draws in another way."""

    def versions_of(document: Any) -> dict[str, str]:
        reproduction = document.get("reproduction", {})
        return {
            "screener": reproduction.get("screener"),
            "python": reproduction.get("python"),
            **reproduction.get("packages", {}),
        }

    recorded_versions, own_versions = versions_of(recorded), versions_of(recomputed)
    return {
        name: (str(recorded_versions.get(name)), str(own_versions.get(name)))
        for name in dict.fromkeys([*recorded_versions, *own_versions])
        if recorded_versions.get(name) != own_versions.get(name)
    }


def _page(checked: Checked, recorded: Any) -> None:
    manifest = checked.archive.manifest
    html = checked.archive.read("report.html").decode("utf-8", "replace")
    if f'id="figures">{embed(recorded)}</script>' not in html:
        checked.page = "report.html does not carry the figures of figures.json"
    elif (manifest["screener"], manifest.get("page", 1)) == (__version__, PAGE):
        checked.redrawn = True
        if page(recorded) != html:
            checked.page = "report.html is not the page that these figures give"
