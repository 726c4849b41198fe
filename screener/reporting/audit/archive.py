"""Reading an archive that may come from anybody: nothing is unpacked by name, and nothing is read without a limit."""

import hashlib
import io
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...core.errors import BadInput
from .tables import FORMAT, is_name

MANIFEST = "manifest.json"
MOST_MEMBERS = 200_000
MOST_BYTES = 64 << 30
"""Bytes of all members together, unpacked."""
MOST_AT_ONCE = 256 << 20
"""Bytes of a member that is read as a whole, and of one line of a table."""
RATIO, FREE = 200, 512 << 20
"""How many times its own size an archive may have unpacked, beyond the first bytes that are free."""
_BLOCK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError)
"""What `zipfile` raises for a damaged archive; RuntimeError and what is derived from it for an encrypted member and an
unknown compression."""


@dataclass(frozen=True)
class ManifestMember:
    """A member as the manifest has it."""

    name: str
    size: int
    sha256: str
    rows: int | None = None
    original_sha256: str | None = None
    """Of the file that it was made from by leaving abstracts out."""


@dataclass
class Archive:
    """An archive whose list of members is sound; `problems` are what is wrong with it, a line each."""

    path: Path
    zip: zipfile.ZipFile
    manifest: dict[str, Any]
    digest: str
    """The SHA-256 of the manifest."""
    members: dict[str, ManifestMember]
    problems: list[str] = field(default_factory=list)

    def read(self, name: str) -> bytes:
        """Return a whole member; `BadInput` for one that is larger than the limit."""
        info = self.zip.getinfo(name)
        if info.file_size > MOST_AT_ONCE:
            raise BadInput(f"{self.path}: {name}: has {info.file_size:,} bytes, more than are read at once")
        with self.zip.open(info) as file:
            return file.read(info.file_size)

    def json(self, name: str) -> Any:
        """Return a member as JSON; `BadInput` if it is none."""
        return _json(self.path, name, self.read(name))

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """Yield the lines of a member with their numbers; `BadInput` for a line that is longer than the limit."""
        with self.zip.open(name) as unpacked, io.BufferedReader(unpacked, _BLOCK) as file:  # type: ignore[type-var]
            number = 0
            while line := file.readline(MOST_AT_ONCE):
                number += 1
                if len(line) >= MOST_AT_ONCE:
                    raise BadInput(f"{self.path}: {name}:{number}: the line is too long")
                yield number, line

    def verify(self) -> None:
        """Read every member and compare it with the manifest; what differs is added to `problems`."""
        present = set(self.zip.namelist()) - {MANIFEST}
        self.problems += [f"{name}: is missing" for name in self.members if name not in present]
        self.problems += [f"{name}: is not in the manifest" for name in sorted(present - set(self.members))]
        for name in sorted(present & set(self.members)):
            if (problem := self._compare(self.members[name])) is not None:
                self.problems.append(f"{name}: {problem}")

    def _compare(self, member: ManifestMember) -> str | None:
        digest, size, lines = hashlib.sha256(), 0, 0
        try:
            with self.zip.open(member.name) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
                    lines += block.count(b"\n")
        except _BROKEN as error:
            return f"is damaged ({' '.join(str(error).split()) or type(error).__name__})"
        if member.rows is not None and lines != member.rows:
            return f"has {lines:,} rows, the manifest says {member.rows:,}"
        if size != member.size:
            return f"has {size:,} bytes, the manifest says {member.size:,}"
        if digest.hexdigest() != member.sha256:
            return f"was changed: its SHA-256 is {digest.hexdigest()[:16]}…, the manifest says {member.sha256[:16]}…"
        if member.name.startswith("documents/") and not member.name[10:].startswith(member.sha256):
            return "is not the file that its name says"
        return None


def open_archive(path: Path) -> Archive:
    """Open an archive and check its list of members; `BadInput` where it is no audit or not safe to read."""
    try:
        size = path.stat().st_size
        file = zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file") from None
    except _BROKEN as error:
        raise BadInput(f"{path}: is no ZIP file that can be read ({' '.join(str(error).split())})") from None
    infos = file.infolist()
    if len(infos) > MOST_MEMBERS:
        raise BadInput(f"{path}: has {len(infos):,} members, more than an audit may have")
    names: set[str] = set()
    for info in infos:
        if (problem := _unsafe(info, names)) is not None:
            raise BadInput(f"{path}: {info.filename[:200]!r}: {problem}; nothing was unpacked")
        names.add(info.filename)
    whole = sum(info.file_size for info in infos)
    if whole > MOST_BYTES or whole > FREE + RATIO * size:
        raise BadInput(
            f"{path}: would have {whole:,} bytes unpacked, {whole // max(1, size):,} times its size; nothing was unpacked"
        )
    if MANIFEST not in names:
        raise BadInput(f"{path}: has no manifest.json, so it is no audit; make one with `screener report --audit`")
    archive = Archive(path, file, {}, "", {})
    try:
        raw = archive.read(MANIFEST)
    except _BROKEN as error:
        raise BadInput(f"{path}: manifest.json is damaged ({' '.join(str(error).split())})") from None
    archive.manifest, archive.digest = _manifest(path, raw), hashlib.sha256(raw).hexdigest()
    archive.members = {entry.name: entry for entry in _members(path, archive.manifest)}
    return archive


def _unsafe(info: zipfile.ZipInfo, names: set[str]) -> str | None:
    name, mode = info.filename, info.external_attr >> 16
    if name in names:
        return "is there twice"
    if not is_name(name):
        return "is no name that an audit has"
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return "is no plain file"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that an audit does not use"
    return None


def _json(path: Path, name: str, raw: bytes) -> Any:
    def no_number(value: str) -> Any:
        raise ValueError(f"{value} is no number")

    try:
        return json.loads(raw, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: {name}: is no JSON ({str(error)[:100]})") from None


def _manifest(path: Path, raw: bytes) -> dict[str, Any]:
    manifest = _json(path, MANIFEST, raw)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise BadInput(f"{path}: manifest.json does not say its format, so it is no audit")
    if manifest["format"] > FORMAT:
        raise BadInput(f"{path}: has the format {manifest['format']}, of a newer screener; update this one")
    kinds: dict[str, type] = {"made": str, "screener": str, "review": str, "texts": bool, "members": list}
    for key, kind in kinds.items():
        if not isinstance(manifest.get(key), kind):
            raise BadInput(f"{path}: manifest.json: `{key}` is missing or not what it should be")
    return manifest


def _members(path: Path, manifest: dict[str, Any]) -> Iterator[ManifestMember]:
    for entry in manifest["members"]:
        try:
            member = ManifestMember(**entry)
        except TypeError:
            raise BadInput(f"{path}: manifest.json: a member is described in a way that is not known") from None
        if not (isinstance(member.name, str) and isinstance(member.sha256, str) and isinstance(member.size, int)):
            raise BadInput(f"{path}: manifest.json: a member lacks name, size or sha256")
        yield member
