"""The text of an export: which encoding it has, as far as its bytes tell it beyond doubt.

UTF-8 and UTF-16 prove themselves. A single byte of Windows-1252 in a line may be proved by the words around it. All else
(Chinese, Japanese, Korean, Cyrillic, Central European encodings) can be confused with one another: what is uncertain is
refused, and the user names the encoding.
"""

import codecs
import re
from pathlib import Path

from ...core.errors import BadInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_SIGNATURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
"""What PDF, pictures and archives begin with."""
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']""")
# Letters beyond ASCII that the languages of Western Europe use side by side. A word in another encoding, read as
# Windows-1252, nearly always has letters of no or of two of these sets.
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in ("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíóúüñ", "áâãàçéêíóôõú", "àéèíìóòúù", "æøåéè", "åäöé", "éèëêïóöüá", "àèéíïòóúüç", "šž")
)  # fmt: skip
_WORDS_OF_ONE_LETTER = frozenset("àáéèóòøåöÀÁÉÈÓØÅÖ")
_ALIEN = re.compile(r"õ(?!e)|ã(?![oe]|\b)|[ìù](?=[a-zà-ÿ])|iæ\b|[a-zà-ÿ][À-ÞŠŒŽŸ]|\B[À-ÞŠŒŽŸ](?=[a-zà-ÿ])")
"""Letters where only others can be meant: Hungarian `ő`, Romanian `ă`, Czech `ě` and `ů`, Croatian `ć`; capitals behind small letters,
or before them within a word."""
_WORD = re.compile(r"[^\W\d_]+")
_NO_LETTERS = frozenset("ªºµ¹²³¼½¾")
_SYMBOLS = frozenset("\xa0¡¢£¥§©ª«®°±²³´µ¶·¹º»¼½¾¿×÷€‚„…†‡‰‹‘’“”•–—™›")
_JOINING = frozenset("’·–—®™©°ªº\xa0×±µ")
"""Signs that may stand between two letters."""
_TWICE = re.compile("[Â-ô][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
"""The first two bytes of a letter in UTF-8, read as Windows-1252."""
_ENOUGH_SEQUENCES = 3
"""Such sequences in a line without `Ã` and `Â`, which hardly ever stand before a sign in any language."""
_REMEDY = (
    "say which it is, such as `--encoding gb18030` (Chinese), big5, shift_jis, euc-kr, cp1251 or koi8-r (Cyrillic), cp1250"
    " (Central Europe), mac_roman (old Macintosh), or export it again as UTF-8"
)


def decode(path: Path, raw: bytes, notes: list[str], encoding: str = "") -> str:
    """Return the text of an export. `encoding` is the name that the user gave, in Python's spelling; notes are added.

    UTF-8, UTF-16 and UTF-32 are recognised with a byte order mark, UTF-8 and UTF-16 also without. Lines that are no
    UTF-8 are read as Windows-1252 where their words leave no doubt, and noted. Raises `BadInput` for what is uncertain and
    where a given encoding is unknown or does not fit.
    """
    if encoding:
        return _as_told(path, raw, encoding)
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return _encoded_once(_strictly(path, raw, name), notes)
    declared = _XML_ENCODING.match(raw)
    if declared and not declared[1].lower().startswith(b"utf") and _known(declared[1].decode("ascii")):
        return _strictly(path, raw, declared[1].decode("ascii"))
    if name := _utf16_without_mark(raw):
        return raw.decode(name)
    try:
        return _encoded_once(raw.decode("utf-8"), notes)
    except UnicodeDecodeError:
        pass
    if _is_binary(raw):
        return raw.decode("latin-1")  # only for the message that says what it is
    return _line_by_line(path, raw, notes)


def _encoded_once(text: str, notes: list[str]) -> str:
    """Return a text without what some program made of UTF-8 that it took for Windows-1252: `Ã¼` for `ü`.

    Only lines count of which each letter beyond ASCII is part of such a sequence.
    """
    if text.isascii() or not _TWICE.search(text):
        return text
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    changed = []
    for number, line in enumerate(lines, start=1):
        sequences = _TWICE.findall(line)
        if "Ã" not in line and "Â" not in line and len(sequences) < _ENOUGH_SEQUENCES:
            continue
        try:
            once = line.encode("cp1252", "c1").decode("utf-8")
        except UnicodeError:
            continue
        if "\ufffd" not in once:  # what was lost before stays lost
            lines[number - 1] = once
            changed.append(number)
    if changed:
        which = (
            f"{'line' if len(changed) == 1 else 'lines'} {', '.join(map(str, changed[:5]))}{' …' * (len(changed) > 5)}"
        )
        notes.append(f"UTF-8 that was encoded twice (`Ã¼` for `ü`), and is read as it was meant: {which}")
    return "".join(lines)


def _c1(error: UnicodeError) -> tuple[bytes, int]:
    """Encode the five bytes that Windows-1252 leaves out as the control characters that most programs make of them."""
    assert isinstance(error, UnicodeEncodeError)
    return error.object[error.start : error.end].encode("latin-1"), error.end


codecs.register_error("c1", _c1)


_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
"""Codecs of names and of source text, not of files; one of them takes hours for a large one."""


class EncodingUnclear(BadInput):
    """The name of a text's encoding is wanted: it cannot be told from the bytes, or what was named does not fit."""


def _known(encoding: str) -> bool:
    """Return whether Python has a codec of this name for the texts of files."""
    try:
        if codecs.lookup(encoding).name.replace("_", "-") in _NO_CHARSETS:
            return False
        b"a".decode(encoding)
    except UnicodeError:
        return True
    except (LookupError, ValueError):
        return False
    return True


def _as_told(path: Path, raw: bytes, encoding: str) -> str:
    if not _known(encoding):
        raise EncodingUnclear(
            f"{encoding}: no such encoding; such names are utf-8, cp1252, gb18030, big5, shift_jis, euc-kr"
        )
    try:
        return raw.decode(encoding).removeprefix("\ufeff")
    except (UnicodeError, ValueError) as error:
        raise EncodingUnclear(
            f"{path}: not {encoding}{_place(raw, error)}; leave --encoding out, or name another one"
        ) from None


def _strictly(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except (UnicodeError, ValueError) as error:
        name = encoding.removesuffix("-sig").upper()
        raise BadInput(f"{path}: begins like {name} but is not{_place(raw, error)}; export it again as UTF-8") from None


def _place(raw: bytes, error: Exception) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return ""
    line = len(re.findall(rb"\r\n|\r|\n", raw[: error.start])) + 1
    return f" (line {line:,}, byte {raw[error.start]:#04x})" if error.start < len(raw) else ""


def _utf16_without_mark(raw: bytes) -> str:
    """Return which UTF-16 it is, or an empty string. Tags, delimiters and line ends are ASCII: every other byte is NUL."""
    head = raw[:4_000]
    pairs = len(head) // 2
    if len(raw) % 2 or not pairs:
        return ""
    for name, low, high in (("utf-16-le", 0, 1), ("utf-16-be", 1, 0)):
        if head[high::2].count(0) > 0.4 * pairs and head[low::2].count(0) < 0.1 * pairs:
            try:
                raw.decode(name)
            except UnicodeDecodeError:
                return ""
            return name
    return ""


def _is_binary(raw: bytes) -> bool:
    head = raw[:4_000]
    odd = sum(1 for byte in head if (byte < 32 and byte not in b"\t\n\r\f\x1a") or byte == 127)
    return raw.startswith(_SIGNATURES) or odd > max(8, len(head) // 20)


def _line_by_line(path: Path, raw: bytes, notes: list[str]) -> str:
    lines, odd = [], []
    any_utf8 = False
    for number, line in enumerate(re.split(rb"(?<=\n)|(?<=\r)(?!\n)", raw), start=1):
        try:
            text = line.decode("utf-8")
            any_utf8 = any_utf8 or not text.isascii()
        except UnicodeDecodeError:
            text = _western(line)
            odd.append(number)
        if not text and line:
            raise EncodingUnclear(f"{path}: line {number:,} is no UTF-8, and its encoding cannot be told; {_REMEDY}")
        lines.append(text)
    which = f"{'line' if len(odd) == 1 else 'lines'} {', '.join(map(str, odd[:5]))}{' …' * (len(odd) > 5)}"
    if any_utf8:
        notes.append(f"{len(odd):,} of {len(lines):,} lines are no UTF-8 and were read as Windows-1252: {which}")
    else:
        notes.append("not UTF-8; read as Windows-1252, so check accented names; another one: --encoding NAME")
    return "".join(lines)


def _western(line: bytes) -> str:
    """Return a line that has bytes of Windows-1252, perhaps beside valid UTF-8; empty where that is not certain."""
    text, rest = "", line
    read: set[int] = set()
    while rest:
        try:
            text, rest = text + rest.decode("utf-8"), b""
        except UnicodeDecodeError as error:
            try:
                here = rest[error.start : error.start + 1].decode("cp1252")
            except UnicodeDecodeError:
                return ""
            text += rest[: error.start].decode("utf-8")
            read.add(len(text))
            text, rest = text + here, rest[error.start + 1 :]
    return text if _plausible(text, read) else ""


def _plausible(text: str, read: set[int]) -> bool:
    """Return whether the characters at some places make words and signs that the languages of Western Europe have."""
    if any(place + 1 in read and place + 2 in read for place in read):
        return False
    letters = set[int]()
    for match in _WORD.finditer(text):
        places = [place for place in read.intersection(range(*match.span())) if text[place] not in _NO_LETTERS]
        letters.update(places)
        if places and not _is_word(match.group(), {text[place].lower() for place in places}, len(places)):
            return False
    for place in read - letters:
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        between = before.isalpha() and after.isalpha()
        if text[place] not in _SYMBOLS or (between and text[place] not in _JOINING):
            return False
        if text[place] in "‚„" and before.isalnum():
            return False
    return True


def _is_word(word: str, marked: set[str], count: int) -> bool:
    if len(word) == 1:
        return word in _WORDS_OF_ONE_LETTER
    if count == len(word) or (count > 2 and 2 * count > len(word)) or _ALIEN.search(word):
        return False
    return any(marked <= alphabet for alphabet in _ALPHABETS)
