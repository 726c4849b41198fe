"""Vectors that are kept between runs, in a file that may be deleted at any time."""

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from ..core.messages import Embedder, Vectors

MOST = 500_000
"""So many vectors are kept, some 0.9 GB of those of the sentence model; later ones are made anew each time."""
_CHUNK = 500


def vectors_file(hidden: Path) -> Path:
    """Return where a review's vectors are kept: in `.screener/cache`, or in the folder that `SCREENER_CACHE` names."""
    return Path(os.environ.get("SCREENER_CACHE") or hidden / "cache") / "vectors.db"


def own_vectors_file() -> Path:
    """Return where vectors are kept that belong to no review: in the user's folder for caches, or in `SCREENER_CACHE`."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("SCREENER_CACHE") or Path(caches, "screener")) / "vectors.db"


class KeptVectors:
    """An `Embedder` that asks another one only for texts that are not in its file.

    A vector depends on the embedder and on the text alone, and both are in its key. A file that cannot be read or written
    costs time and nothing else.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        """`path` is made when the first vector is kept."""
        self._embedder, self._path = embedder, path
        self._usable = True
        self._count: int | None = None

    @property
    def fingerprint(self) -> str:
        """Return the other embedder's: what is kept is what it would say."""
        return self._embedder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text, shape (len(texts), dimensions)."""
        if not texts:
            return self._embedder.embed(texts)
        keys = [self._key(text) for text in texts]
        vectors = self._read(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
        if missing:
            computed = dict(zip(missing, self._embedder.embed(list(missing.values())), strict=True))
            self._write(computed)
            vectors |= computed
        return np.stack([vectors[key] for key in keys])

    def _key(self, text: str) -> bytes:
        content = f"{self._embedder.fingerprint}\x00{text}"
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()[:16]

    def _connect(self) -> sqlite3.Connection:
        """Return a connection for one call: calls come from different threads."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=30)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        vectors: dict[bytes, Vectors] = {}
        if not self._usable:
            return vectors
        try:
            with closing(self._connect()) as connection:
                for start in range(0, len(keys), _CHUNK):
                    part = keys[start : start + _CHUNK]
                    query = f"SELECT key, vector FROM vectors WHERE key IN ({','.join('?' * len(part))})"
                    vectors |= {
                        key: np.frombuffer(raw, dtype=np.float32) for key, raw in connection.execute(query, part)
                    }
        except (OSError, sqlite3.Error, ValueError) as error:
            self._give_up(error)
            return {}
        return vectors

    def _write(self, vectors: dict[bytes, Vectors]) -> None:
        if not self._usable:
            return
        rows = [(key, np.asarray(vector, dtype=np.float32).tobytes()) for key, vector in vectors.items()]
        try:
            with closing(self._connect()) as connection, connection:
                if self._count is None:
                    self._count = int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
                if self._count < MOST:
                    connection.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
                    self._count += len(rows)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Go on without the file; one that is no database is in the way of the next run and goes."""
        self._usable = False
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            self._path.unlink(missing_ok=True)
