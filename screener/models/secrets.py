"""Keys: where they come from, and how they are kept out of every message."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from ..core.errors import BadInput

Scrub = Callable[[str], str]

# What looks like a credential even where it is not the one we sent: an error body may echo another's.
_LOOKS_SECRET = re.compile(
    r"""(?ix) ( \b(?:bearer|basic) (?:\s|%20|\\u0020)+ ) (?!\[key\ hidden\]) [^\s"'\\,;<>{}]+
          | \b (?:sk|pk|gsk|xai|hf|key) [-_] [A-Za-z0-9_\-*.]{12,}
    """
)
HIDDEN = "[key hidden]"


def read_key(name: str) -> str | None:
    """Return the key in the environment variable `name`, or in the file that `NAME_FILE` names; None if neither is set."""
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


def scrubber(*keys: str | None) -> Scrub:
    """Return a function that takes the given keys, and whatever looks like one, out of a text.

    Use it before a text is cut: of a key that is cut in two, neither part is known.
    """
    forms = sorted({form for key in keys if key for form in _forms(key)}, key=len, reverse=True)

    def scrub(text: str) -> str:
        for key in forms:
            text = text.replace(key, HIDDEN)
        return _LOOKS_SECRET.sub(lambda match: (match[1] or "") + HIDDEN, text)

    return scrub


def _forms(key: str) -> set[str]:
    """Return a key as it stands, and as it stands within JSON, JSON in JSON, Python's repr and an address."""
    in_json = {json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]}
    return {key, *in_json, *(json.dumps(form)[1:-1] for form in in_json), repr(key)[1:-1], quote(key, safe="")}
