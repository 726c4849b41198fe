"""LaTeX in bibliographic fields: accents, braces, symbols and small formulas as plain text."""

import re
from functools import cache
from typing import TypeVar

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalkerError

from ..model import Bibliographic

EntryT = TypeVar("EntryT", bound=Bibliographic)
_LATEX = re.compile(r"[\\{}$~]|--|``|''")
# A dollar sign is mathematics only around what looks like it; else it is money.
_FORMULA = re.compile(r"(?<!\\)\$(?=[^$]{1,200}\$)(?P<body>(?:[^$\\]|\\.)*)(?<!\\)\$", re.DOTALL)
_MATHEMATICS = re.compile(r"[\\^_=<>+*/|{}()]|^\s*-?\w{1,3}\s*$|^[\d\s.,±×%-]+$")
# Outside BibTeX only what nothing else is written like: `{\"U}`, `\"{U}`, `\textit{`, `$\beta$`. A bare `\"U` may be a quotation
# mark that a program escaped.
_CERTAINLY = re.compile(
    r"\{\\[\"'`^~=.A-Za-z][^{}]*\}|\\[\"'`^~=.]\{|\\(?:text|math|emph)[a-z]*\{|\$[^$\\]{0,80}\\[A-Za-z]+[^$]{0,80}\$"
)
_BRACED = re.compile(r"\{([^\W\d_][\w-]*)\}")
_SYMBOLS = {
    "textgreater": ">",
    "textless": "<",
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textunderscore": "_",
    "textbar": "|",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textquotesingle": "'",
    "textasciigrave": "`",
    "textperiodcentered": "·",
    "textdegree": "°",
    "textcelsius": "°C",
    "textmu": "µ",
    "textrightarrow": "→",
    "textleftarrow": "←",
    "textless=": "≤",
    "url": "%s",
}


def plain_text(written: str) -> str:
    """Return a field's text without LaTeX. What is no LaTeX, as an unescaped `%` or a lone `$`, stays as it is."""
    if not _LATEX.search(written):
        return written
    if (simple := _simply_plain(written)) is not None:
        return simple
    prepared = re.sub(r"(?<!\\)%", r"\\%", _FORMULA.sub(_mathematics, written))
    prepared = _lone_dollars(prepared)
    try:
        return str(_decoder().latex_to_text(prepared)).replace("\xa0", " ")
    except (LatexWalkerError, RecursionError, ValueError, IndexError, AttributeError, TypeError):
        return re.sub(r"(?<!\\)[{}]", "", written)


_ESCAPED = re.compile(r"\\([&%#_$])")
_NOT_SIMPLE = re.compile(r"[\\$~&#\xa0]|[?!]`|\n\s*\n|\{\s|\s\}")
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"))


def _simply_plain(written: str) -> str | None:
    """Return a text whose only LaTeX is escaped signs, dashes, quotation marks and braces; None for any other.

    Most fields are like that, and the decoder takes a hundred times as long.
    """
    bare = _ESCAPED.sub("", written)
    if _NOT_SIMPLE.search(bare):
        return None
    depth = 0
    for brace in re.findall(r"[{}]", bare):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return None
    if depth:
        return None
    parts = _ESCAPED.split(written)  # every second one is an escaped sign
    for old, new in (*_LIGATURES, ("{", ""), ("}", "")):
        parts[::2] = [part.replace(old, new) for part in parts[::2]]
    return "".join(parts)


def without_latex(entry: EntryT) -> EntryT:
    """Return an entry of any format without the LaTeX that reference managers leave in titles, names and journals."""
    changed: dict[str, object] = {}
    for field in ("title", "venue"):
        written = getattr(entry, field)
        if (plain := _certainly_plain(written)) != written:
            changed[field] = plain
    authors = tuple(map(_certainly_plain, entry.authors))
    if authors != entry.authors:
        changed["authors"] = authors
    return entry.model_copy(update=changed) if changed else entry


def _certainly_plain(written: str) -> str:
    if "\\" not in written and "{" not in written:
        return written
    plain = plain_text(written) if _CERTAINLY.search(written) else _BRACED.sub(r"\1", written)
    return " ".join(plain.split())


def _mathematics(match: re.Match[str]) -> str:
    """Return a formula as it is, and two dollar signs that are money escaped."""
    body = match["body"]
    return match.group() if _MATHEMATICS.search(body) else rf"\${body}\$"


def _lone_dollars(written: str) -> str:
    signs = [match.start() for match in re.finditer(r"(?<!\\)\$", written)]
    if len(signs) % 2:
        return f"{written[: signs[-1]]}\\{written[signs[-1] :]}"
    return written


@cache
def _decoder() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    symbols = [MacroTextSpec(name, simplify_repl=text) for name, text in _SYMBOLS.items()]
    context.add_context_category("symbols", prepend=True, macros=symbols)
    # A command that nobody knows is text: `C:\data`.
    context.set_unknown_macro_spec(
        MacroTextSpec("", simplify_repl=lambda node: f"\\{node.macroname}{node.macro_post_space}")
    )
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)
