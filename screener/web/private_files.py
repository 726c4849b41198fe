"""Files that only their owner can read: the session that outlives a restart, and the page by which the browser is opened."""

import hashlib
import json
import os
import secrets
import stat
from dataclasses import dataclass
from html import escape
from pathlib import Path

_OTHERS = 0o077
_POSIX = os.name == "posix"


@dataclass(frozen=True)
class KeptSession:
    """What a restart needs so that pages that are open go on: the port, and the secret behind cookie and token."""

    port: int
    secret: str


def session_file(folder: Path, reviewer: str) -> Path:
    """Return where the session of a reviewer is kept, in a folder beside the ledger; of each user of the machine apart."""
    user = str(os.getuid()) if _POSIX else ""
    return folder / f"session-{hashlib.sha256(f'{user}:{reviewer}'.encode()).hexdigest()[:12]}.json"


def read_session(path: Path) -> KeptSession | None:
    """Return the session in a file; None where there is none, or others could have read or written it."""
    try:
        body = json.loads(_read_private(path))
        port, secret = body["port"], body["secret"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    fits = isinstance(port, int) and 0 < port < 65536 and isinstance(secret, str) and len(secret) >= 32
    return KeptSession(port, secret) if fits else None


def keep_session(path: Path, session: KeptSession) -> None:
    """Write a session to a file; `OSError` where it cannot be written so that only its owner reads it."""
    write_private(path, json.dumps({"port": session.port, "secret": session.secret}))


def start_page(path: Path, address: str) -> None:
    """Write a page that leads to the start address: what opens a browser is told the page and never the address."""
    place = escape(address)
    write_private(
        path,
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>screener</title><meta name="referrer" '
        f'content="no-referrer"><meta http-equiv="refresh" content="0; url={place}">'
        f'<p><a href="{place}">Open the review</a></p></html>\n',
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read and write, whatever was there; `OSError` where that cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            if _POSIX and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise PermissionError(f"{path.parent}: files in this folder can be read by others")
            file.write(text)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _read_private(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), encoding="utf-8") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or (_POSIX and (status.st_uid != os.getuid() or status.st_mode & _OTHERS)):
            raise PermissionError(f"{path}: others may have read or written it")
        return file.read(4096)
