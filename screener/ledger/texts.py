"""Large texts, each kept once and compressed under its SHA-256: the texts of documents and the answers of models."""

import hashlib
import zlib

from sqlalchemy import Connection, insert, select

from . import tables as t


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 in hex; half of a surrogate pair counts as the three bytes it would have."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def pack(text: str, level: int = 6) -> bytes:
    """Return a text as the ledger stores it."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"), level)


def unpack(body: bytes) -> str:
    """Return the text that was packed."""
    return zlib.decompress(body).decode("utf-8", "surrogatepass")


def keep_text(connection: Connection, text: str) -> str:
    """Store a text unless it is there already; return its hash."""
    digest = text_hash(text)
    if connection.execute(select(t.texts.c.hash).where(t.texts.c.hash == digest)).first() is None:
        connection.execute(insert(t.texts).values(hash=digest, body=pack(text)))
    return digest


def text_of(connection: Connection, digest: str) -> str | None:
    """Return the text with a hash, or None where the ledger has none."""
    body = connection.execute(select(t.texts.c.body).where(t.texts.c.hash == digest)).scalar()
    return None if body is None else unpack(body)
