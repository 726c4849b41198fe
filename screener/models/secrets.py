"""Keys: where they come from, and how they are kept out of every message."""

import base64
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

from ..core.errors import BadInput

Scrub = Callable[[str], str]

# What looks like a credential even where it is not the one we sent: an error body may echo another's.
_LOOKS_SECRET = re.compile(
    r"""(?ix) ( \b(?:bearer|basic) (?:\s|%20|\\u0020)+ ) (?!\[key\ hidden\]) [^\s"'\\,;<>{}]+
          | \b (?:sk|pk|gsk|xai|hf|key) [-_] [A-Za-z0-9_\-*.]{12,}
    """
)
_LONG = 8
"""Characters of a key from which on it is looked for in base64 and hex too; of a shorter one they might be anything."""
HIDDEN = "[key hidden]"


_entered: dict[str, str] = {}


@contextmanager
def entered_keys(keys: Mapping[str, str]) -> Iterator[None]:
    """Have these keys count, in the whole process, until it ends; they stand in no environment that another process sees."""
    before = dict(_entered)
    _entered.update(keys)
    try:
        yield
    finally:
        _entered.clear()
        _entered.update(before)


def read_key(name: str) -> str | None:
    """Return the key in the environment variable `name`, or in the file that `NAME_FILE` names; None if neither is set.

    One that was entered in a page counts before both.
    """
    if entered := _entered.get(name):
        return entered
    if value := os.environ.get(name, "").strip():
        return value
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return None
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{name}_FILE: cannot read the key's file: {type(error).__name__}") from None
    return value or None


def scrubber(*keys: str | None, lookalikes: bool = True) -> Scrub:
    """Return a function that takes the given keys, and with `lookalikes` whatever looks like one, out of a text.

    Use it before a text is cut: of a key that is cut in two, neither part is known. An answer may quote what looks like a
    key and is none; there, do without `lookalikes`.
    """
    forms = sorted({form for key in keys if key for form in _forms(key)}, key=len, reverse=True)

    def scrub(text: str) -> str:
        for key in forms:
            text = text.replace(key, HIDDEN)
        if not lookalikes:
            return text
        return _LOOKS_SECRET.sub(lambda match: (match[1] or "") + HIDDEN, text)

    return scrub


def _forms(key: str) -> set[str]:
    """Return a key as it stands, and as it stands within JSON, JSON in JSON, Python's repr, HTML and an address.

    One that is long enough to be told from words also in base64, alone or within a longer text (`user:key`), and in hex.
    """
    in_json = {json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]}
    in_addresses = {quote(key, safe=""), quote(key), quote_plus(key)}
    in_addresses |= {re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), form) for form in in_addresses}
    forms = {key, *in_json, *(json.dumps(form)[1:-1] for form in in_json), repr(key)[1:-1], *in_addresses, escape(key)}
    return forms | _encoded(key.encode("utf-8", "surrogatepass")) if len(key) >= _LONG else forms


def _encoded(key: bytes) -> set[str]:
    """Return a key in hex and in base64; there what stands before it moves it, and the letters at its ends are not its own."""
    forms = {key.hex(), key.hex().upper(), key.hex(" "), "".join(f"%{byte:02X}" for byte in key)}
    for before, not_its_own in enumerate((0, 2, 3)):
        encoded = base64.b64encode(b"\0" * before + key).decode()[not_its_own : (before + len(key)) * 8 // 6]
        forms |= {encoded, encoded.replace("+", "-").replace("/", "_"), quote(encoded, safe="")}
    return forms
