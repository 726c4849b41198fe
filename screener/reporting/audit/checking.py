"""The check of an audit: hashes, then a ledger built from the archive, then every figure made anew and compared."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ... import __version__
from ...core.errors import BadInput, LedgerError
from ...forms.load import forms_not_run
from ...ledger.archive import Row, document_files, insert_rows, lost_texts
from ...ledger.store import Ledger
from ...ledger.texts import text_hash
from ...protocol.model import Review
from ...records import Record
from ..checklist import checklist
from ..figures import figures
from ..methods import methods
from ..page import PAGE, embed, page
from .archive import Archive, open_archive
from .compare import LeafComparison, compare, graft, numbers
from .earlier import restate_checks
from .replay import Replay, replay
from .tables import TABLES, as_row, member

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
        """The exit code: 0 it holds, 2 the archive is damaged, 3 something differs or was not recomputed."""
        return {"holds": 0, "damaged": 2}.get(self.verdict, 3)

    def as_json(self) -> dict[str, Any]:
        """As `check --audit --json` prints it."""
        said = self.archive.manifest
        return {
            "audit": str(self.path),
            "verdict": self.verdict,
            "manifest_sha256": self.archive.digest,
            **{key: said[key] for key in ("format", "made", "screener", "review", "texts")},
            "members": len(self.archive.members) + 1,
            "problems": self.problems,
            "text_hashes": {"records": self.records, "texts": self.texts, "left_out": self.texts_left_out,
                            "different": self.hashes},
            "prompts": {"judgements": self.prompts.judgements, "rendered": self.prompts.rendered,
                        "derived_again": self.prompts.same, "not_derived": dict(self.prompts.skipped),
                        "different": self.prompts.problems},
            "figures": {"numbers": self.figures.numbers, "words": self.figures.words,
                        "different": [one.as_json() for one in self.figures.different],
                        "not_recomputed": self.not_recomputed, "not_run": list(self.not_run)},
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
    done = Checked(path, archive, archive.problems)
    if done.problems:
        return done
    needed = ["figures.json", "report.html", "prompts/review.yaml", *map(member, TABLES)]
    done.problems += [
        f"{name}: is missing, and the manifest does not name it" for name in needed if name not in archive.members
    ]
    if not done.problems:
        with tempfile.TemporaryDirectory(prefix="screener-audit-") as folder:
            try:
                _recompute(done, Path(folder), run_form)
            except Exception as error:
                # Its hashes are right and still it can hold anything: whatever trips the program is the archive's doing.
                said = " ".join(str(error).replace(f"{folder}/", "").split())
                kind = "" if isinstance(error, BadInput | LedgerError) else f"{type(error).__name__}: "
                done.problems.append(f"no figures can be made of it: {kind}{said[:300]}")
    return done


def _recompute(done: Checked, folder: Path, run_form: bool) -> None:
    archive = done.archive
    for name in archive.members:
        if name.startswith(("prompts/", "gold/")):
            target = folder / name  # its name was checked part by part
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
    (folder / ".screener").mkdir()
    ledger = Ledger(f"sqlite:///{folder / '.screener' / 'ledger.db'}")
    try:
        for table in TABLES:
            _fill(done, ledger, table)
        _references(done, ledger)
        review, recorded = Review(folder), archive.json("figures.json")
        _refuse_elsewhere(review, archive)
        restate_checks(ledger, review, recorded)
        guard: AbstractContextManager[list[Path]] = nullcontext([]) if run_form else forms_not_run()
        with guard as asked:
            made = figures(ledger, review)
            done.prompts = replay(ledger, review, with_texts=archive.manifest["texts"], run_form=run_form)
        done.not_run = tuple(sorted({file.relative_to(folder).as_posix() for file in asked}))
        _compare(done, recorded, made)
        _page(done, recorded)
    finally:
        ledger.close()


def _refuse_elsewhere(review: Review, archive: Archive) -> None:
    """A protocol names files by their place in its folder; of a stranger's, none may lead to a file of this machine."""
    named = [review.protocol.sources]
    for spec in review.protocol.stages.values():
        named += [spec.template, spec.examples, *spec.form]
    for name in named:
        if name is not None and f"prompts/{name}" not in archive.members:
            raise BadInput(f"prompts/review.yaml: names the file {name!r}, which is not in the archive")


def _fill(done: Checked, ledger: Ledger, table: str) -> None:
    name = member(table)

    def read() -> Iterator[Row]:
        for number, line in done.archive.lines(name):
            try:
                row = as_row(table, line)
            except ValueError as error:
                raise BadInput(f"{name}:{number}: {error}") from None
            yield _checked(done, table, row)

    with ledger.write() as connection:
        insert_rows(connection, table, read())


def _checked(done: Checked, table: str, row: Row) -> Row:
    """The row, its text compared with its hash."""
    with_texts = done.archive.manifest["texts"]
    if table == "records":
        done.records += 1
        record = Record.model_validate_json(row["body"])
        if (record.id, record.text_hash) != (row["id"], row["text_hash"]) or bool(record.sealed) == with_texts:
            done.hashes.append(f"record {row['id']}: its text is not the one of the hash {row['text_hash']}")
    if table != "texts":
        return row
    text = row["text"]
    if not with_texts:
        done.texts_left_out += 1
    else:
        done.texts += 1
        if text_hash(text or "") != row["hash"]:
            done.hashes.append(f"text {row['hash'][:16]}…: is not the one of its hash")
    return row


def _references(done: Checked, ledger: Ledger) -> None:
    """Documents and calls name their texts and files by hash: each must be there."""
    said = done.archive.manifest
    if not said["texts"]:
        return
    files = {name[10:74] for name in done.archive.members if name.startswith("documents/")}
    files.update(map(str, said.get("left_out", {}).get("documents", ())))
    with ledger.read() as connection:
        for digest in document_files(connection):
            if digest not in files:
                done.hashes.append(f"documents: the file {digest[:16]}… is not there")
        for table, number, digest in lost_texts(connection, 20):
            done.hashes.append(f"{table} {number}: its text {digest[:16]}… is not there")


def _compare(done: Checked, recorded: Any, made: dict[str, Any]) -> None:
    if not isinstance(recorded, dict):
        raise BadInput("figures.json: is no figures document")
    _rename(recorded)
    made = json.loads(json.dumps(made))
    done.versions = _versions(recorded, made)
    for path in _ELSEWHERE:
        graft(recorded, made, path)
    changed = {one.name: one for one in done.archive.members.values() if one.original_sha256}
    for file in made["reproduction"]["files"]:
        if file["file"] in changed:  # its abstracts were left out, so it has not the bytes any more
            file["sha256"] = changed[file["file"]].original_sha256
    if done.not_run:
        for path in _FORM_FIGURES:
            done.not_recomputed += numbers(graft(recorded, made, path))
    made["checklist"] = checklist(made)
    made["methods"] = methods(made)
    earlier = done.archive.manifest.get("page", 1) != PAGE
    if earlier:  # prose is that of the version that wrote it
        for key in ("methods", "checklist"):
            graft(recorded, made, (key,))
    left_out = _FORM_FIGURES if done.not_run else ()
    done.figures = compare(recorded, json.loads(json.dumps(made)), left_out=left_out, additions=earlier)


def _rename(recorded: dict[str, Any]) -> None:
    """Call an ensemble by its present name in the figures of an older archive."""
    review = recorded.get("review")
    reviewers = review.get("reviewers") if isinstance(review, dict) else None
    for spec in reviewers.values() if isinstance(reviewers, dict) else ():
        if isinstance(spec, dict) and spec.get("kind") == "combine":
            spec["kind"] = "ensemble"


def _versions(recorded: Any, made: Any) -> dict[str, tuple[str, str]]:
    """A bootstrap from the same seed is another one where numpy draws in another way, so this is worth knowing."""

    def told(document: Any) -> dict[str, str]:
        said = document.get("reproduction", {})
        return {"screener": said.get("screener"), "python": said.get("python"), **said.get("packages", {})}

    there, here = told(recorded), told(made)
    return {
        name: (str(there.get(name)), str(here.get(name)))
        for name in dict.fromkeys([*there, *here])
        if there.get(name) != here.get(name)
    }


def _page(done: Checked, recorded: Any) -> None:
    manifest = done.archive.manifest
    said = done.archive.read("report.html").decode("utf-8", "replace")
    if f'id="figures">{embed(recorded)}</script>' not in said:
        done.page = "report.html does not carry the figures of figures.json"
    elif (manifest["screener"], manifest.get("page", 1)) == (__version__, PAGE):
        done.redrawn = True
        if page(recorded) != said:
            done.page = "report.html is not the page that these figures give"
