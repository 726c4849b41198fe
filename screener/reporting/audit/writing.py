"""Making the archive: in one pass, row by row, whole or not at all."""

import hashlib
import json
import os
import platform
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path, PurePosixPath
from typing import Any

from ... import __version__
from ...core.errors import BadInput
from ...core.files import whole_file
from ...ledger import Ledger, count_rows, document_files, shared_file
from ...ledger.store import Connection
from ...metrics import MIN_DEFINED, RESAMPLES
from ...models import read_key
from ...protocol import ChatSpec, ProbabilitySpec, Review
from ...protocol.model import OtherReviewer
from ...stages import jcr_excerpts
from ..figures import figures
from ..page import PAGE, page
from ..reproduce import files_of
from . import texts
from .tables import FORMAT, LEFT_OUT, TABLES, as_line, is_name, member, rows

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time that every member bears, so that the same review gives the same bytes; the manifest has the true one."""
_BLOCK = 1 << 20
_LEAST_KEY = 12

README = """\
The audit of a systematic review, made by screener {version}.

  screener check --audit FILE      verifies every hash and makes every figure of the report anew, without the review

manifest.json     every other member with its size and SHA-256; what was left out
figures.json      all figures of the report; of each estimate value, low, high, n, method, level, seed and resamples
report.html       the report as it was drawn from them
environment.json  the Python, the packages and the system that made it
prompts/ gold/    what reviewers were told and what humans decided, as the files are. prompts/*.py are programs:
                  `check` runs them only with --run-form. Of exports of the Journal Citation Reports only the journals
                  of the records are here
ledger/           a table a file, a row a line, sorted by key. `body`, `entry`, `specification` and the like are JSON in
                  a text. texts.jsonl holds the texts of documents and the answers of models by their SHA-256
documents/        the full texts as files, named by their SHA-256

A record's `text_hash` is the first 32 hex digits of the SHA-256 of title, a zero byte, abstract, in UTF-8.
Intervals with the method `bootstrap` are percentile intervals, numpy.quantile at 0.025 and 0.975, over {resamples} resamples
drawn with numpy.random.default_rng(seed); those in which the figure is not defined are left out, and figures.json says how
many were left. There is no interval where they are fewer than {defined:.0%}. With the method `basic bootstrap` the limits are
twice the value less these quantiles, the upper first, cut at 0 and 1.
- Figures of counts: a row a record is summed. Equal rows are one kind, the kinds in the order of numpy.unique(axis=0), and
  rng.multinomial(n, share of each kind, size={resamples}) says how often each is drawn. Rows are
    of decisions      1 in the column of the record's cell: tp, fp, fn, tn; times its weight, if it has one
    of calibration    probability less 1 if gold keeps the record, else 0, in the column of its bin (of ten), then 1; both times
                      its weight, if it has one. The error is the sum of the absolute sums, divided by the last
    of Krippendorff   the coincidences within the record, category by category (kept, excluded), divided by ratings - 1
    of Fleiss         ratings by category (kept, excluded), 1, and the share of pairs of ratings that agree
    of an extraction  a row a study: for each item in alphabetical order correct, wrong, missed, fabricated, not_reported,
                      unclear, unclear with a value in gold, unscored; of sets members shared, extracted, in gold, in either,
                      number of sets; sum and number of precision, of recall, of F1, of Jaccard. Of confirmed figures the same,
                      with wrong items correct of which a person said last that they mean the same (marks.jsonl, same_meaning)
    of evidence_at_3  a row a study: items whose place was found, items that have one
- Figures of a ranking: rng.integers(n, size=n), once a resample, says which records are drawn; they stand in the order of
  gold's labels.
- Strata are drawn one after the other in sorted order; of studies and other clusters the rows are summed before.
"""


@dataclass(frozen=True)
class WrittenAudit:
    """What was written."""

    path: Path
    size: int
    manifest: str
    """The SHA-256 of the manifest: who knows it can tell this archive from any other."""
    members: int
    rows: int
    texts: bool
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    """Files of documents that the review's folder no longer has."""
    document: dict[str, Any]
    """The figures."""

    def as_json(self) -> dict[str, Any]:
        """Return it as `report --audit --json` prints it."""
        return {"path": str(self.path), "size": self.size, "manifest_sha256": self.manifest, "members": self.members,
                "rows": self.rows, "texts": self.texts, "left_out": list(self.left_out),
                "missing_documents": list(self.missing)}  # fmt: skip


Progress = Callable[[int, int], None]
"""Is told how many parts are written, and of how many. What it raises ends the writing, and nothing is left of it."""


def write_audit(
    ledger: Ledger, review: Review, target: Path, *, with_texts: bool = True, progress: Progress = lambda *_: None
) -> WrittenAudit:
    """Write the audit of a review to `target`.

    `BadInput` where it cannot be written, where the ledger changes meanwhile, and where a key stands in what would be
    written: then there is no file.
    """
    with ledger.read() as connection:
        counts_before = count_rows(connection, TABLES)
    document = figures(ledger, review)
    spans = {} if with_texts else texts.gold_spans(ledger, review)
    with whole_file(target) as partial, ledger.read() as connection, zipfile.ZipFile(partial, "w") as file:
        archive = _Archive(file, _keys(review))
        readme = README.format(version=__version__, resamples=RESAMPLES, defined=MIN_DEFINED)
        archive.add("README.txt", [readme.encode()])
        archive.add("environment.json", [_json(_environment())])
        archive.add("figures.json", [_json(document)])
        archive.add("report.html", [page(document).encode()])
        _add_files(archive, ledger, review, with_texts=with_texts)
        total = 0
        for number, table in enumerate(TABLES, start=1):
            progress(number, len(TABLES) + 1)
            total += _add_table(archive, connection, table, spans, with_texts=with_texts)
        missing = tuple(_add_documents(archive, connection, review)) if with_texts else ()
        if (counts_after := count_rows(connection, TABLES)) != counts_before:
            changed = ", ".join(name for name in counts_after if counts_after[name] != counts_before[name])
            raise BadInput(
                f"the ledger was written to meanwhile ({changed}); wait until nobody works on it, and ask again"
            )
        left_out = () if with_texts else texts.LEFT_OUT
        manifest = _json(
            {
                "format": FORMAT,
                "made": document["made"],
                "screener": __version__,
                "page": PAGE,
                "review": review.protocol.title,
                "texts": with_texts,
                "gold": document["gold"] and document["gold"]["versions"],
                "left_out": {"tables": LEFT_OUT, "texts": list(left_out), "documents": list(missing)},
                "members": archive.members,
            }
        )
        members = len(archive.members) + 1
        archive.add("manifest.json", [manifest])
    digest = hashlib.sha256(manifest).hexdigest()
    return WrittenAudit(
        target, target.stat().st_size, digest, members, total, with_texts, left_out, missing, document
    )  # fmt: skip


class _Archive:
    """A ZIP being written; `members` are the entries of its manifest."""

    def __init__(self, file: zipfile.ZipFile, keys: dict[str, tuple[bytes, ...]]) -> None:
        self._zip, self._keys = file, keys
        self.members: list[dict[str, Any]] = []

    def add(self, name: str, chunks: Iterable[bytes], about: Callable[[], dict[str, Any]] | None = None) -> None:
        """Write a member from its parts; `about` says what the manifest tells of it beside name, size and hash."""
        if not is_name(name):
            raise BadInput(
                f"{name!r}: a file of this name cannot be unpacked on every system; rename it, or take it out"
            )
        info = zipfile.ZipInfo(name, MOMENT)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as target:
            for chunk in chunks:
                for variable, forms in self._keys.items():
                    if any(form in chunk for form in forms):
                        raise BadInput(f"{name}: holds the key that {variable} has; take it out, then ask again")
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        member_row = {"name": name, "size": size, "sha256": digest.hexdigest()}
        self.members.append(member_row | (about() if about else {}))


def _keys(review: Review) -> dict[str, tuple[bytes, ...]]:
    """Return the keys that are known here, by their variable, as they would stand in a text and in JSON.

    What is shorter than a key (servers of one's own take any word for one) may stand in a text by chance.
    """
    variables = {"OPENAI_API_KEY"}
    for spec in review.protocol.reviewers.values():
        endpoint = spec.model if isinstance(spec, OtherReviewer) else spec
        if isinstance(endpoint, ChatSpec | ProbabilitySpec) and endpoint.api_key_env:
            variables.add(endpoint.api_key_env)
    keys = {name: key for name in sorted(variables) if (key := read_key(name)) and len(key) >= _LEAST_KEY}
    return {name: (key.encode(), json.dumps(key)[1:-1].encode()) for name, key in keys.items()}


def _environment() -> dict[str, Any]:
    return {
        "screener": __version__,
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.machine()}",
        "ledger": "postgresql" if os.environ.get("SCREENER_LEDGER", "").startswith("postgresql") else "sqlite",
        "packages": dict(sorted((str(package.name).lower(), package.version) for package in distributions())),
    }


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _add_files(archive: _Archive, ledger: Ledger, review: Review, *, with_texts: bool) -> None:
    excerpts = jcr_excerpts(ledger, review)
    for path in files_of(review):
        name, raw = PurePosixPath(path.relative_to(review.root).as_posix()), path.read_bytes()
        short = None if with_texts else texts.table_without_abstracts(name, raw)
        if path in excerpts:  # the whole table is Clarivate's
            short = excerpts[path].encode()
        original = {"original_sha256": hashlib.sha256(raw).hexdigest()} if short is not None else {}
        archive.add(str(name), [raw if short is None else short], lambda original_hash=original: original_hash)  # type: ignore[misc]


def _add_table(archive: _Archive, connection: Connection, table: str, spans: Any, *, with_texts: bool) -> int:
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for row in rows(connection, table):
            count += 1
            yield as_line(row if with_texts else _without(table, row, spans))

    archive.add(member(table), lines(), lambda: {"rows": count})
    return count


def _without(table: str, row: dict[str, Any], spans: Any) -> dict[str, Any]:
    if table == "texts":
        return {**row, "text": texts.blacked(row["text"], spans.get(row["hash"], ()))}
    return texts.without_abstract(table, row)


def _add_documents(archive: _Archive, connection: Connection, review: Review) -> Iterator[str]:
    """Add the files of all documents that were ever attached; yield the hashes of those that are missing."""
    folder = review.hidden / "documents"
    paths = {path.stem: path for path in sorted(folder.glob("*")) if path.is_file()} if folder.is_dir() else {}
    for digest in document_files(connection):
        path = paths.get(digest)
        if path is not None:
            archive.add(f"documents/{path.name}", _blocks(path))
        elif (shared := shared_file(connection, digest)) is not None:
            archive.add(f"documents/{digest}{shared[0]}", [shared[1]])
        else:
            yield digest


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
