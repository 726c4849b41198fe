"""What the style of an element does to its text: whether its reader sees it, by its own style or the page's `<style>`.

Of a style sheet only simple selectors are followed (`.x`, `#x`, `p.x`), and none of a sheet that is elsewhere.
Source: https://www.w3.org/TR/css-cascade-4/#cascade-sort.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

Style = dict[str, str]
_Declared = dict[str, tuple[str, bool]]
Colour = tuple[int, int, int]
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_PIECE = re.compile(r"([^{}]*)([{}])")
_SELECTOR = re.compile(r"(\*|[a-z][\w-]*)?((?:[.#]-?[_a-z][\w-]*)*)")
_LAST = re.compile(r"[^\s>+~]+\Z")
_ELSEWHERE = re.compile(r"<!--|<(style|script|template|textarea|title|noscript)\b([^>]*)>", re.IGNORECASE)
_ALWAYS_MEDIA = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*\Z|@layer\b")
_NOTHING = re.compile(r"[0.]+(?:px|pt|em|rem|%)?")
_HARDLY = re.compile(r"(?:[0.]+|[01]px)(?:px|pt|em|rem|%)?")
_FAR = re.compile(r"-\d{3,}(?:\.\d*)?(?:px|pt|r?em|ex|ch|%|v[wh])|-\d{2,}(?:\.\d*)?r?em")
_NO_CLIP = re.compile(
    r"rect\((?:[\s,]*[01](?:\.0++)?(?:px)?)+[\s,]*\)|(?:circle|ellipse)\(0.*|inset\((?:[5-9]\d|100)(?:\.\d+)?%.*"
)
_NO_SCALE = re.compile(r"scale(?:3d|x|y)?\(\s*[0.]+\s*[,)]|translate(?:3d|x|y)?\([^)]*-\d{4,}|opacity\(\s*[0.]+%?\s*\)")
_ABSOLUTE = re.compile(r"[\d.]+(?:px|pt|rem|cm|mm|in|v[wh])|(?:xx?-)?(?:small|large)|medium|initial")
_FUNCTION = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]+)%?\s*)?\)")
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_WHITE: Colour = (255, 255, 255)
_NAMES: dict[str, Colour] = {"white": _WHITE, "snow": (255, 250, 250), "black": (0, 0, 0)}
_CLEAR = frozenset({"transparent", "none", "initial", "inherit", "unset", ""})
_LONGEST = 300
"""Characters of a selector, from its end, that are looked at."""
_NEAR = 12
"""How far the parts of two colours of 0 to 255 are apart at most that are not told apart."""
_FOR_VOICES = frozenset({
    "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only", "screenreader-only",
    "sr_only", "u-visually-hidden", "a11y-hidden", "usa-sr-only",
})  # fmt: skip
"""Classes of what is only read aloud, whose style is in a sheet elsewhere."""


def declarations(style: str) -> _Declared:
    """Return the declarations of a style with whether each is important; of several of one property the last counts."""
    parts = (part.partition(":") for part in _COMMENT.sub("", style).lower().split(";"))
    return {name.strip(): (value.replace("!important", "").strip(), "!important" in value) for name, _, value in parts}


@dataclass(frozen=True, slots=True)
class _Rule:
    weight: tuple[int, int, int]
    """Numbers of names (`#x`), of classes and of elements in its selector."""
    tag: str
    names: frozenset[str]
    declared: _Declared
    whole: bool
    """Whether its selector says no more than that."""


class PageStyles:
    """The style sheets within a page, and the styles that they give its elements."""

    def __init__(self, source: str) -> None:
        """Read what stands in the `style` elements of a page."""
        self._rules: dict[str, list[tuple[int, _Rule]]] = {}
        self._styles: dict[tuple[str, str, str], _Declared] = {}
        for number, rule in enumerate(rule for sheet in _sheets(source) for rule in _rules(sheet)):
            self._rules.setdefault(min(rule.names, default=rule.tag), []).append((number, rule))

    def of(self, tag: str, attributes: Mapping[str, str]) -> Style:
        """Return the style of an element: that of the sheets, then its own; what is important goes first."""
        if not attributes and not self._rules:
            return {}
        declared = self._of_sheets(tag, attributes.get("id", ""), attributes.get("class", "")) if self._rules else {}
        own = declarations(attributes["style"]) if "style" in attributes else {}
        style = {name: value for name, (value, _) in declared.items()}
        style |= {
            name: value
            for name, (value, important) in own.items()
            if important or not declared.get(name, ("", False))[1]
        }
        for name, attribute in (("color", "color"), ("background-color", "bgcolor")):
            if (tag == "font" or attribute == "bgcolor") and attribute in attributes:
                style.setdefault(name, attributes[attribute].lower())
        return style

    def _of_sheets(self, tag: str, name: str, classes: str) -> _Declared:
        key = (tag, name, classes)
        if key not in self._styles:
            own = {f".{each}" for each in classes.split()} | ({f"#{name}"} if name else set())
            found = [
                (rule.weight, number, rule)
                for each in (*own, tag, "")
                for number, rule in self._rules.get(each, ())
                if rule.tag in ("", tag) and rule.names <= own
            ]
            merged: _Declared = {}
            for _, _, rule in sorted(found, key=lambda item: item[:2]):
                for property_, value in rule.declared.items():
                    # That an element may have a background is enough not to take its text for one without.
                    if not rule.whole and not property_.startswith("background"):
                        continue
                    if value[1] or not merged.get(property_, ("", False))[1]:
                        merged[property_] = value
            self._styles[key] = merged
        return self._styles[key]


def _sheets(source: str) -> Iterator[str]:
    """Yield what stands in the `style` elements of a page for screens."""
    place, lower = 0, ""
    while (match := _ELSEWHERE.search(source, place)) is not None:
        lower = lower or source.lower()
        name = (match[1] or "").lower()
        end = lower.find(f"</{name}" if name else "-->", match.end() if name else match.start() + 2)
        if (
            name == "style"
            and re.search(r"\bmedia\s*=\s*[\"']?\s*(?!screen\b|all\b)\w", match[2], re.IGNORECASE) is None
        ):
            yield source[match.end() : end if end >= 0 else len(source)]
        if end < 0:
            return
        place = end + 2


def _rules(sheet: str) -> Iterator[_Rule]:
    """Yield the rules of a style sheet that hold on every screen, one for each selector."""
    around: list[str] = []
    for match in _PIECE.finditer(_STRING.sub('""', _COMMENT.sub("", sheet))):
        if match[2] == "{":
            around.append(match[1].rpartition(";")[2].strip().removeprefix("<!--").strip())
            continue
        selectors = around.pop() if around else ""
        if not selectors or selectors.startswith("@") or not all(_ALWAYS_MEDIA.match(each.lower()) for each in around):
            continue
        declared = declarations(match[1])
        for selector in (each[-_LONGEST:] for each in selectors.split(",")):
            whole = _SELECTOR.fullmatch(_lowered(selector.strip()))
            last = whole or _SELECTOR.match(_lowered((_LAST.search(selector.strip()) or [""])[0]))
            if last is not None and last[0]:
                names = frozenset(re.findall(r"[.#][\w-]+", last[2]))
                tag = (last[1] or "").replace("*", "")
                ids = sum(name.startswith("#") for name in names)
                yield _Rule((ids, len(names) - ids, bool(tag)), tag, names, declared, whole is not None)


def _lowered(selector: str) -> str:
    """Return a selector with its element in small letters."""
    return re.sub(r"\A[A-Za-z][\w-]*", lambda match: match[0].lower(), selector)


def takes_no_place(style: Style, classes: str) -> bool:
    """Return whether an element of a style, and all in it, is not seen: not there, of no size, or beyond the page."""
    if style.get("display") == "none" or not _FOR_VOICES.isdisjoint(classes.lower().split()):
        return True
    if not style:
        return False
    if _NOTHING.fullmatch(style.get("opacity", "")) or _NO_CLIP.match(style.get("clip", "")):
        return True
    if _NO_CLIP.match(style.get("clip-path", "")):
        return True
    if any(_NO_SCALE.search(style.get(name, "")) for name in ("transform", "filter")):
        return True
    if any(
        _FAR.fullmatch(style.get(name, "")) for name in ("left", "top", "right", "bottom", "text-indent", "margin-left")
    ):
        return True
    cut = any(style.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y"))
    sizes = ("height", "width", "max-height", "max-width")
    return cut and any(_HARDLY.fullmatch(style.get(name, "")) for name in sizes)


@dataclass(frozen=True, slots=True)
class Look:
    """What an element hands on to those in it, until their style says otherwise. A colour is None where it is not known."""

    shown: bool = True
    sized: bool = True
    colour: Colour | None = None
    background: Colour | None = _WHITE
    clear: bool = False
    """Whether text has no colour at all."""

    @property
    def seen(self) -> bool:
        """Return whether text of this look can be seen."""
        # Other colours than white may be those of a rule that is not followed.
        white = self.colour is not None and _near(self.colour, _WHITE) and self.background == _WHITE
        return self.shown and self.sized and not self.clear and not white

    def of(self, style: Style) -> "Look":
        """Return the look of an element in this one."""
        if not style:
            return self
        look = self
        if "visibility" in style:
            look = replace(look, shown=style["visibility"] not in ("hidden", "collapse"))
        size = style.get("font-size", "")
        if _NOTHING.fullmatch(size):
            look = replace(look, sized=False)
        elif _ABSOLUTE.fullmatch(size):
            look = replace(look, sized=True)
        for name in ("background", "background-color", "background-image"):
            if (written := style.get(name, "")) not in _CLEAR:
                behind = colour_of(written)
                look = replace(look, background=_WHITE if behind is not None and _near(behind, _WHITE) else behind)
        written = style.get("color", "")
        if written and written not in ("inherit", "unset", "currentcolor"):
            clear = written == "transparent" or (
                (match := _FUNCTION.fullmatch(written)) is not None and match[4] in ("0", "0.0")
            )
            colour = colour_of(written)
            alike = colour is not None and look.background is not None and _near(colour, look.background)
            own = any(style.get(name, "") not in _CLEAR for name in ("background", "background-color"))
            look = replace(look, colour=colour, clear=clear or (alike and own))
        drawn = "text" in (style.get("background-clip", ""), style.get("-webkit-background-clip", ""))
        return replace(look, colour=None, clear=False) if drawn else look


def colour_of(written: str) -> Colour | None:
    """Return a colour; None for one that is not known, and for what is none."""
    if match := _FUNCTION.fullmatch(written):
        return int(match[1]), int(match[2]), int(match[3])
    if " " in written and "(" not in written:
        return next((colour for each in written.split() if (colour := colour_of(each)) is not None), None)
    if not _HEX.fullmatch(written):
        return _NAMES.get(written)
    digits = written[1:]
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _near(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) <= _NEAR for a, b in zip(one, other, strict=True))
