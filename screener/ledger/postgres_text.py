"""What PostgreSQL cannot hold in a text, although SQLite can."""

from typing import Any


def storable(text: str) -> str:
    """Return a text without zero characters and halves of surrogate pairs: each becomes U+FFFD."""
    text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def storable_dumper() -> type[Any]:
    """Return a class by which psycopg sends every text as `storable` has it."""
    from psycopg.types.string import StrDumper

    class Dumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(storable(obj))

    return Dumper
