"""A backup: one ZIP with a review's folder and its ledger, read back whole or not at all.

`backup.json` in it says what it holds, and has the SHA-256 of every other file. Ledgers are in it as SQLite files, wherever they
were, so that a backup also carries a review from a file to a PostgreSQL server and back.
"""

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..core.errors import BadInput
from ..core.files import reason_of, whole_file
from .copying import copy_ledger, open_source
from .database import now

MANIFEST, LEDGER, _FORMAT = "backup.json", "ledger.db", 1
_HIDDEN = ".screener"
_SENT = "uploads"
_KEPT = ("documents", "searches", "batches", "unsaved-*.jsonl", _SENT)
"""What is kept of a review's `.screener/`: the ledger is copied apart, and the rest is made anew or says who is at work."""
_HALF = "coming-"
"""Files that are just being sent."""
_ROUNDS = 5
_LEFT_OUT = frozenset({".git", ".venv", "__pycache__", ".DS_Store"})
_CHUNK = 1 << 20


@dataclass
class BackupWriter:
    """A backup that is being made."""

    archive: zipfile.ZipFile
    files: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, path: Path) -> None:
        """Add a file under a name."""
        digest = hashlib.sha256()
        with path.open("rb") as source, self.archive.open(name, "w", force_zip64=True) as member:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                member.write(chunk)
        self.files[name] = digest.hexdigest()

    def add_review(self, prefix: str, folder: Path, url: str) -> None:
        """Add a review's folder and the ledger at an address; links in the folder are left out."""
        itself = Path(self.archive.filename or "").absolute()
        for path in (path for path in _files_of(folder) if path.absolute() != itself):
            self.add(f"{prefix}folder/{path.relative_to(folder).as_posix()}", path)
        self._add_sent(prefix, folder)
        if "://" not in url and not Path(url).is_file():
            return  # nobody has opened the review yet
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=Path(self.archive.filename or ".").parent) as beside:
            copy, source = Path(beside) / LEDGER, open_source(url)
            try:
                copy_ledger(source, str(copy))
            finally:
                source.close()
            self.add(f"{prefix}{LEDGER}", copy)

    def _add_sent(self, prefix: str, folder: Path) -> None:
        """Add the files that people sent and nobody has imported yet, which may move and go meanwhile.

        What has moved is found in the next round; what is gone was imported, and is in the ledger, which comes last.
        """
        for _ in range(_ROUNDS):
            before = len(self.files)
            for path in _files_of(folder, sent=True):
                name = f"{prefix}folder/{path.relative_to(folder).as_posix()}"
                if name not in self.files:
                    with suppress(FileNotFoundError):
                        self.add(name, path)
            if len(self.files) == before:
                return


@contextmanager
def writing_backup(target: Path, about: Mapping[str, Any]) -> Iterator[BackupWriter]:
    """Make a backup in a file that is not there yet, whole or not at all. `about` is what `backup.json` says besides files."""
    if target.exists():
        raise BadInput(f"{target}: exists already; give the backup another name")
    if not target.parent.is_dir():
        raise BadInput(f"{target}: its folder does not exist")
    with whole_file(target) as partial:
        partial.unlink(missing_ok=True)
        with (
            os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.filename = str(partial)
            writer = BackupWriter(archive)
            yield writer
            known = {"format": _FORMAT, "program": version("screener"), "made": now(), **about, "files": writer.files}
            archive.writestr(MANIFEST, json.dumps(known, indent=1))


def backup_review(folder: Path, url: str, target: Path) -> int:
    """Make a backup of a review's folder and of the ledger at an address; return the number of files in it."""
    with writing_backup(target, {"holds": "review"}) as writer:
        writer.add_review("", folder, url)
        return len(writer.files)


def restore_review(source: Path, folder: Path, url: str | None = None) -> int:
    """Put a review's backup into a folder that is new or empty, and return the number of its files; all or nothing.

    The ledger becomes a file in it, or with `url` is copied into an empty database. Raises `BadInput` for a file that is no
    backup of a review or is damaged.
    """
    refuse_used(folder)
    with extracted(source, "review", folder.absolute().parent) as (content, about):
        place_review(content, folder, url)
        return len(about["files"])


def refuse_used(folder: Path) -> None:
    """Raise `BadInput` unless a folder is new or empty."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise BadInput(f"{folder}: is not empty; restore into a new folder")


def place_review(content: Path, folder: Path, url: str | None = None) -> None:
    """Move a review that was extracted to where it is to be, its ledger into the database at `url` if that is given."""
    inner = content / "folder"
    (inner / _HIDDEN).mkdir(parents=True, exist_ok=True)
    if (content / LEDGER).is_file():
        _place_ledger(content / LEDGER, inner / _HIDDEN, url)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rmdir()
        inner.replace(folder)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be made: {reason_of(error)}") from None


def _place_ledger(file: Path, hidden: Path, url: str | None) -> None:
    ledger = open_source(str(file))  # also says where a later program made it
    try:
        if url is not None:
            copy_ledger(ledger, url, hidden / "documents")
    finally:
        ledger.close()
    if url is None:
        file.replace(hidden / LEDGER)
        (hidden / LEDGER).chmod(0o600)


@contextmanager
def extracted(source: Path, holds: str, beside: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield a temporary folder in `beside` with the checked files of a backup, and what its `backup.json` says."""
    if not beside.is_dir():
        raise BadInput(f"{beside}: no such folder")
    content = Path(tempfile.mkdtemp(prefix=".screener-restore-", dir=beside))
    try:
        yield content, _extract_all(source, holds, content)
    finally:
        shutil.rmtree(content, ignore_errors=True)


def _extract_all(source: Path, holds: str, content: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(source) as archive:
            about = _about(archive, source)
            if about["holds"] != holds:
                kind, how = ("a server", "with") if holds == "review" else ("one review", "without")
                raise BadInput(f"{source}: is the backup of {kind}; restore it {how} --config")
            for name, digest in about["files"].items():
                _extract(archive, name, digest, content / name)
    except FileNotFoundError:
        raise BadInput(f"{source}: no such file") from None
    # What reading a ZIP raises, in this order: it is none, its bytes are damaged, it is cut, a file is not in it, it is packed in
    # a way that Python does not know, it has a password. None of it comes from our own code.
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"{source}: is no backup, or is damaged ({error}); nothing was restored") from None
    except OSError as error:
        raise BadInput(f"{source}: cannot be restored: {reason_of(error)}") from None
    return about


def _about(archive: zipfile.ZipFile, source: Path) -> dict[str, Any]:
    """Return what a backup says of itself; `BadInput` where it is none that this program reads."""
    try:
        about = json.loads(archive.read(MANIFEST))
        files = about["files"]
        if about["format"] > _FORMAT:
            raise BadInput(
                f"{source}: a later version of screener made it ({about['program']}); upgrade, then restore it"
            )
        if about["holds"] not in ("review", "server") or not all(map(_is_plain, files)):
            raise ValueError("its list of files is none of screener's")
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise BadInput(f"{source}: is no backup that `screener ledger backup` made ({error})") from None
    found: dict[str, Any] = about
    return found


def _is_plain(name: str) -> bool:
    """Return whether a name leads to a place within the backup, on every system."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts) and not re.search(r"[\\\x00-\x1f]|^[A-Za-z]:|^/", name) and not {"..", "."} & set(name.split("/"))
    )


def _extract(archive: zipfile.ZipFile, name: str, digest: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    seen = hashlib.sha256()
    with archive.open(name) as member, target.open("xb") as file:
        _copy(member, file, seen.update)
    if seen.hexdigest() != digest:
        raise zipfile.BadZipFile(f"{name} is not what was saved")


def _copy(source: IO[bytes], target: IO[bytes], see: Any) -> None:
    while chunk := source.read(_CHUNK):
        see(chunk)
        target.write(chunk)


def _files_of(folder: Path, *, sent: bool = False) -> Iterator[Path]:
    """Yield the files of a review's folder that a backup keeps, or of those only what was `sent`, which may go meanwhile."""
    top = folder / _HIDDEN / _SENT
    for place, inner, names in os.walk(top if sent else folder):
        here = Path(place)
        inner[:] = sorted(name for name in inner if name not in _LEFT_OUT and (sent or here / name != top))
        for name in sorted(names):
            path = here / name
            with suppress(*[FileNotFoundError] * sent):
                if name not in _LEFT_OUT and _is_kept(path.relative_to(folder)) and stat.S_ISREG(path.lstat().st_mode):
                    yield path


def _is_kept(path: Path) -> bool:
    if path.parts[0] != _HIDDEN:
        return True
    half = path.parts[1:-1] == (_SENT,) and path.name.startswith(_HALF)
    return not half and any(PurePosixPath(path.parts[1]).match(kept) for kept in _KEPT)
