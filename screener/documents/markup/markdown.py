"""Markdown, as programs write it that turn PDFs into text: CommonMark with the tables of GitHub, and HTML in it.

Sources: https://spec.commonmark.org, https://github.github.com/gfm/#tables-extension-
"""

import html
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from ..model import Document
from .formulas import plain_formula
from .marked_digits import END, MARKS, RAISE
from .webpage import html_document

_FRONT = re.compile(r"(?:---|\+\+\+)[ \t]*\n(.{0,20000}?)\n(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_KEY = re.compile(r"[\"']?[A-Za-z][\w-]*[\"']?[ \t]*[:=]|[ \t#-]|\Z")
_NAMED = re.compile(r"(?mi)^(title|doi)[ \t]*[:=][ \t]*(.+)$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MOST_COLUMNS = 200
_TITLE = re.compile(r"(?m)^(?:#[ \t]+\S|=+[ \t]*$)")
_FORMULA = re.compile(
    r"\$\$([^$]{1,2000})\$\$|\$(?! )([^$\n]{1,500})(?<! )\$(?!\d)|\\\(([^$]{1,500}?)\\\)|\\\[([^$]{1,2000}?)\\\]"
)
"""A formula, whose stars and low lines are no mark-up; "$5 to $10" is none."""
_RAISED = re.compile(f"{RAISE}([^{END}]*){END}")
_ATTRIBUTES = re.compile(r"(?m)^(#{1,6}[ \t].*?)[ \t]*\{[#.][^}\n]*\}[ \t]*$")
"""What Pandoc writes behind a heading: `{#sec:methods}`."""
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]*)((?:\s+[\w:.-]+)*\s*)/?>")
"""A tag whose attributes have no values."""
_ELEMENTS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "br",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "input",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "button",
        "center",
        "p",
        "div",
        "details",
        "summary",
        "dialog",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "ul",
        "dl",
        "dt",
        "dd",
        "pre",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "col",
        "colgroup",
        "figure",
        "figcaption",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "nav",
        "main",
        "blockquote",
        "math",
        "mi",
        "mn",
        "mo",
        "mrow",
        "msup",
        "msub",
        "msubsup",
        "mfrac",
        "msqrt",
        "mtext",
        "mtable",
        "mtr",
        "mtd",
        "mover",
        "munder",
        "munderover",
        "semantics",
        "annotation",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "datalist",
        "title",
        "select",
        "option",
        "textarea",
        "form",
        "iframe",
        "object",
        "video",
        "audio",
        "picture",
        "source",
        "html",
        "head",
        "body",
        "meta",
        "link",
    ]
)


def markdown_document(source: str) -> Document:
    """Return the document that a text in Markdown is. Raises `Unreadable` where it holds nothing."""
    metadata: dict[str, str] = {}
    front = _FRONT.match(source)
    if front and all(_KEY.match(line) for line in front[1].split("\n")):
        found = {name.lower(): value.strip().strip("\"'") for name, value in _NAMED.findall(front[1])}
        metadata = {name: value for name, value in found.items() if re.search(r"\w", value)}
        source = source[front.end() :]
        if metadata.get("title") and not _TITLE.search(source):
            source = f"# {metadata['title']}\n\n{source}"
    # Without definitions of links, `[1]: …` stays: it may be a reference.
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 40}).enable("table").disable("reference")
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.add_render_rule("html_inline", _html)
    parser.add_render_rule("formula", _shown)
    source = _widened(_ATTRIBUTES.sub(r"\1", MARKS.sub("", source)))
    document = html_document(parser.render(source), "Markdown", markdown=True)
    return document.model_copy(update={"metadata": document.metadata | metadata})


def _widened(source: str) -> str:
    """Return a text whose tables are as wide as their widest row: what stands beyond the head would be left out."""
    lines = source.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        if fenced := _FENCE.match(line):
            fence = fenced[1] if not fence else "" if fenced[1].startswith(fence) else fence
        if fence or not number or "|" not in line or "|" not in lines[number - 1] or not _is_rule(line):
            continue
        end = number + 1
        while end < len(lines) and "|" in lines[end]:
            end += 1
        rows = [lines[number - 1], *lines[number + 1 : end]]
        width = min(max(map(_width, rows)), _MOST_COLUMNS)
        lines[number - 1] = _padded(lines[number - 1], width, "")
        lines[number] = _padded(line, width, "-")
    return "\n".join(lines)


def _is_rule(line: str) -> bool:
    """Return whether a line is the one below the head of a table."""
    if not set(line) <= set("|:- \t"):
        return False
    return all(re.fullmatch(":?-+:?", cell.strip()) for cell in line.strip().strip("|").split("|"))


def _width(line: str) -> int:
    bare = re.sub(r"\\.", "", line).strip()
    return bare.removeprefix("|").removesuffix("|").count("|") + 1


def _padded(line: str, width: int, cell: str) -> str:
    missing = width - _width(line)
    if missing <= 0:
        return line
    line = line.rstrip()
    return line + f"{cell or ' '}|" * missing if re.search(r"(?<!\\)\|\Z", line) else line + f" |{cell}" * missing + "|"


def _html(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Return HTML in a line as it is, but for what only looks like it: `<mask>`, `a<b and c>d`."""
    written = tokens[index].content
    match = _TAG.fullmatch(written)
    known = match is None or "hidden" in written.lower() or (match[1].lower() in _ELEMENTS and not match[2].strip())
    return written if known else html.escape(written)


def _formula(state: StateInline, silent: bool) -> bool:
    """Take a formula in words and signs; what only looks like one between dollars, as it is written."""
    if state.src[state.pos] not in "$\\":
        return False
    match = _FORMULA.match(state.src, state.pos)
    if match is None:
        return False
    plain = plain_formula(match[match.lastindex or 0])
    if plain is None and match[0][0] != "$":
        return False
    if not silent:
        token = state.push("text" if plain is None else "formula", "", 0)
        token.content = match[0] if plain is None else plain
    state.pos = match.end()
    return True


def _shown(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    """Return a formula in HTML."""
    return _RAISED.sub(r"<sup>\1</sup>", html.escape(tokens[index].content))
