"""Files that people sent through the browser: kept under the review's folder until what they were sent for is done.

A folder of its own for each purpose and person. A file comes into it whole, under a number, with a name that is one on
every system; what is known of it stands beside it. What nobody came back to is swept away.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.files import whole_file

KEPT_DAYS = 14
"""So long files are kept for which nobody comes back."""
_COMING_S = 3600.0
"""Seconds after which a file that still comes, and grew no more, comes no more."""
_UNASKED_S, _EMPTY_S = 60.0, 24 * 3600.0
"""Seconds after which nobody asks any more for the job that files were handed over to, and so long what a job said is kept."""
_OWNER = "handed-over-by"
"""The file in a job's folder that names the drop from which its files came."""
DONE = ("told", "status")
"""What is noted of a file with which a job is done."""
_NAME_BYTES, _SUFFIX_LETTERS = 180, 12
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_JOB, _DROP = re.compile(r"job-[0-9a-f]{16}"), re.compile(r"[a-z-]+-[0-9a-f]{16}")
NOT_THERE = "the file is not here any more; look at the list of what was sent, or send it again"


@dataclass(frozen=True)
class UploadLimits:
    """Bytes of one file, and of all files that somebody has sent and not used yet."""

    file: int = 1_000_000_000
    together: int = 5_000_000_000


@dataclass(frozen=True)
class SentFile:
    """A file as it was sent. `known` is what was noted of it."""

    number: int
    path: Path
    size: int
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return its name."""
        return self.path.name


def plain_name(name: str) -> str:
    """Return the name of a file as it may be one on every system: no folder, nothing that cannot be seen, not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()))[-1]
    seen = "".join(letter if letter.isprintable() else " " for letter in last if unicodedata.category(letter) != "Cf")
    words = _NOT_IN_NAMES.sub("_", " ".join(seen.split())).lstrip(". ").rstrip(". ")
    if _DEVICES.match(words):
        words = f"_{words}"
    stem, dot, suffix = words.rpartition(".")
    if not stem or not suffix.isalnum() or len(suffix) > _SUFFIX_LETTERS:
        stem, dot, suffix = words, "", ""
    room = _NAME_BYTES - len(f"{dot}{suffix}".encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ")
    return f"{stem}{dot}{suffix}" if stem else "file"


class Drop:
    """The files that one person sent for one purpose, or those of one job."""

    def __init__(self, folder: Path) -> None:
        """Look at a folder, which is made with its first file."""
        self.folder = folder

    def files(self) -> list[SentFile]:
        """Return the files in the order in which they came."""
        return [sent for number in self._numbers() if (sent := self._sent(number)) is not None]

    def one(self, number: int) -> SentFile:
        """Return a file by its number; `BadInput` where it is gone."""
        sent = self._sent(number)
        if sent is None:
            raise BadInput(NOT_THERE)
        return sent

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(sent.size for sent in self.files())

    def take(self, coming: Path, name: str) -> SentFile:
        """Put a file that has come whole among the others."""
        number = max(self._numbers(), default=0) + 1
        while True:
            place = self.folder / "files" / f"{number:06d}"
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.mkdir()
                coming.replace(place / plain_name(name))
            except FileExistsError:  # another one came at the same moment
                number += 1
            except FileNotFoundError:
                if not coming.is_file():
                    raise
                # The folder was handed over to a job at this moment: this file begins the next one.
            else:
                return self.one(number)

    def note(self, number: int, known: Mapping[str, Any]) -> None:
        """Note what is known of a file; it is kept when the file is gone."""
        notes = self.folder / "notes"
        notes.mkdir(parents=True, exist_ok=True)
        with whole_file(notes / f"{number:06d}.json") as path:
            path.write_text(json.dumps(known), encoding="utf-8")

    def noted(self) -> dict[int, Mapping[str, Any]]:
        """Return what was noted, by number, also of files that are gone."""
        return {int(path.stem): _read(path) for path in sorted((self.folder / "notes").glob("*.json"))}

    def remove(self, number: int, *, with_note: bool = True) -> None:
        """Remove a file."""
        shutil.rmtree(self.folder / "files" / f"{number:06d}", ignore_errors=True)
        if with_note:
            (self.folder / "notes" / f"{number:06d}.json").unlink(missing_ok=True)

    def settle(self, number: int, known: Mapping[str, Any]) -> None:
        """Note what came of a file, then remove it: whoever is interrupted and does all again finds what is done."""
        self.note(number, known)
        self.remove(number, with_note=False)

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _numbers(self) -> list[int]:
        with suppress(OSError):
            return sorted(int(entry.name) for entry in os.scandir(self.folder / "files") if entry.name.isdecimal())
        return []

    def _sent(self, number: int) -> SentFile | None:
        with suppress(OSError):
            for entry in os.scandir(self.folder / "files" / f"{number:06d}"):
                if entry.is_file(follow_symlinks=False):
                    known = _read(self.folder / "notes" / f"{number:06d}.json")
                    return SentFile(number, Path(entry.path), entry.stat().st_size, known)
        return None


class Uploads:
    """What was sent to a review. `hidden` is the folder in which the review keeps what is its own."""

    def __init__(self, hidden: Path) -> None:
        """Nothing is made before a file comes."""
        self.folder = hidden / "uploads"

    def drop(self, purpose: str, who: str) -> Drop:
        """Return what a person sent for a purpose."""
        return Drop(self.folder / f"{purpose}-{hashlib.sha256(who.encode()).hexdigest()[:16]}")

    def coming(self) -> Path:
        """Return where to write a file that comes; the caller removes it where it does not come whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"coming-{secrets.token_hex(8)}"

    def hand_over(self, drop: Drop) -> str:
        """Take the files of a drop out of its person's hands, for a job; return the name to find them by."""
        name = f"job-{secrets.token_hex(8)}"
        try:
            (drop.folder / _OWNER).write_text(drop.folder.name, encoding="utf-8")
            drop.folder.rename(self.folder / name)
        except FileNotFoundError:
            raise BadInput(NOT_THERE) from None
        return name

    @contextmanager
    def handed_over(self, drop: Drop) -> Iterator[str]:
        """Hand files over to the job that the block asks for; where that fails, `give_back_unasked` gives them back."""
        name = self.hand_over(drop)
        try:
            yield name
        except BaseException:
            # The job may be there all the same: the answer of a database can be lost on its way.
            with suppress(OSError):
                os.utime(self.folder / name / _OWNER, (0, 0))
            raise

    def give_back_unasked(self, drop: Drop, in_use: Callable[[], Collection[str]]) -> None:
        """Give a person back what was handed over to jobs that are not `in_use`: never asked for, or ended before they were done."""
        before = time.time() - _UNASKED_S
        left = [
            name
            for name, job in self.jobs()
            if _owner(job.folder) == drop.folder.name
            and _changed(job.folder / _OWNER) < before
            and any(not _is_done(sent.known) for sent in job.files())
        ]
        for name in set(left) - set(in_use()) if left else ():
            with suppress(BadInput):  # another request has given it back at this moment
                self.give_back(name)

    def give_back(self, name: str) -> None:
        """Give the files of a job with which it is not done back to the person who handed them over."""
        job = self.of_job(name)
        drop = Drop(self.folder / (_owner(job.folder) or name))
        if not any(map(_is_done, job.noted().values())):
            with suppress(OSError):  # there are others already
                job.folder.rename(drop.folder)
                return
        for sent in job.files():
            if not _is_done(sent.known):
                with suppress(FileNotFoundError):  # given back by another request at this moment
                    drop.note(drop.take(sent.path, sent.name).number, sent.known)
                    job.remove(sent.number)

    def of_job(self, name: str) -> Drop:
        """Return what was handed over under a name; `BadInput` where that is gone."""
        folder = self.folder / name
        if not _JOB.fullmatch(name) or not folder.is_dir():
            raise BadInput(NOT_THERE)
        return Drop(folder)

    def jobs(self) -> Iterator[tuple[str, Drop]]:
        """Yield what was handed over and is still there, the newest first."""
        with suppress(OSError):
            entries = [entry for entry in os.scandir(self.folder) if _JOB.fullmatch(entry.name)]
            for entry in sorted(entries, key=lambda entry: -entry.stat().st_mtime):
                yield entry.name, Drop(Path(entry.path))

    def sweep(self) -> None:
        """Remove what came half when the program ended, and what nobody came back to."""
        now = time.time()
        with suppress(OSError):
            for entry in os.scandir(self.folder):
                age = now - max(_changed(Path(entry.path)), _changed(Path(entry.path) / "files"))
                if entry.name.startswith("coming-") and age > _COMING_S:
                    Path(entry.path).unlink(missing_ok=True)
                elif entry.is_dir(follow_symlinks=False) and age > _kept_s(Drop(Path(entry.path))):
                    shutil.rmtree(entry.path, ignore_errors=True)


def _kept_s(drop: Drop) -> float:
    """Return for how many seconds a folder to which nobody comes is kept."""
    return KEPT_DAYS * 24 * 3600.0 if drop.files() else _EMPTY_S


def _owner(folder: Path) -> str:
    """Return the name of the drop that became a job's folder."""
    with suppress(OSError, UnicodeDecodeError):
        name = (folder / _OWNER).read_text(encoding="utf-8")
        return name if _DROP.fullmatch(name) else ""
    return ""


def _is_done(known: Mapping[str, Any]) -> bool:
    return any(name in known for name in DONE)


def _changed(path: Path) -> float:
    with suppress(OSError):
        return path.stat(follow_symlinks=False).st_mtime
    return 0.0


def _read(path: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        read = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(read, dict):
            return read
    return {}
