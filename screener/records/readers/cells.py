"""Cells that hold several values, and names of authors."""

import ast
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from .. import normalise as n

_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,4}", re.UNICODE)
_IDS = re.compile(r"\s*\(\d{6,}\)")
_GLUE = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_PREFIXES = ("Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Von", "Fitz", "O")


def split_values(text: object) -> tuple[str, ...]:
    """Return a cell with several values, divided at semicolons or bars.

    A list may also be written as JSON or Python has it.
    """
    written = "" if isinstance(text, list | tuple) else n.clean(text)
    if written.startswith("[") and written.endswith("]"):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            text = ast.literal_eval(written)
    if isinstance(text, list | tuple):
        parts = [n.clean(part.get("name") if isinstance(part, Mapping) else part) for part in text]
    else:
        parts = [part.strip() for part in re.split(r"[;|]", written)]
    return tuple(part for part in parts if part)


def keywords(text: object) -> tuple[str, ...]:
    """Return the keywords in a cell. Commas divide them where nothing else does and there are several: a keyword may hold
    one, and what stands in brackets belongs to its keyword.
    """
    found = split_values(text)
    if len(found) != 1 or not isinstance(text, str):
        return found
    parts = [part.strip() for part in re.split(r",(?![^()]*\))", found[0]) if part.strip()]
    return tuple(parts) if len(parts) > 2 else found


def names(text: object) -> tuple[str, ...]:
    """Return the authors in a cell.

    Semicolons and bars divide names, and so do lines. Commas do only where both sides of each are whole names, or family
    names and initials by turns: "Zhu XD, Shen WY", "Ana Zhu, Wei Shen" and "Zhu, X., Shen, W." are two, "Zhu, Xiao-Dong" is
    one; "Zhu, Xiao-Dong and Shen, Wei" are two.
    """
    if isinstance(text, str) and "\n" in text.strip() and ";" not in text:
        lines = [line.strip() for line in text.strip().splitlines()]
        if not any(line.endswith(",") for line in lines[:-1]):
            text = lines
    written = [re.sub(r"[,;]?\s*(?:et al\.?|\.\.\.|…)$", "", _IDS.sub("", name)) for name in split_values(text)]
    found = tuple(name for name in written if name)
    # What comes as a list is divided already.
    return _divided(found[0]) if len(found) == 1 and isinstance(text, str) else found


def _divided(name: str) -> tuple[str, ...]:
    # PubMed ends the last name with a full stop; that of initials is theirs.
    whole = re.sub(r"(?<![.\s].)\.$", "", name.rstrip(" ,"))
    parts = [part.strip() for part in re.split(r",| and | & ", whole) if part.strip()]
    if len(parts) > 1 and all(" " in part for part in parts):
        # Where no other initial has a full stop, the last one is the list's.
        return (*parts[:-1], parts[-1] if any("." in part for part in parts[:-1]) else parts[-1].removesuffix("."))
    joined = [part.strip(" ,") for part in re.split(r",? and | & ", whole) if part.strip(" ,")]
    if len(joined) > 1 and all(part.count(",") <= 1 for part in joined) and any("," in part for part in joined):
        return tuple(joined)
    by_comma = [part.strip() for part in re.split(r",| & | and ", name) if part.strip()]
    if len(by_comma) >= 4 and len(by_comma) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in by_comma[1::2]):
        return tuple(f"{family}, {given}" for family, given in zip(by_comma[::2], by_comma[1::2], strict=True))
    return (name,)


def glued_names(text: object) -> tuple[str, ...]:
    """Return the authors in a cell of SpringerLink, which writes them without anything between: "Andy SmithTom Weber"."""
    parts = _GLUE.split(n.clean(text))
    if ";" in n.clean(text):
        return names(text)
    found: list[str] = []
    for part in parts:
        # "Ronald McDonald": no name ends here, or none begins.
        if found and (found[-1].endswith(_PREFIXES) or " " not in part):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found) if all(" " in name.strip() for name in found) else names(text)


def flat(values: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return all values once, in their order."""
    return tuple(dict.fromkeys(value for some in values for value in some))
