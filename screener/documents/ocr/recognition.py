"""Recognises the text in the picture of a page (OCR) with rapidocr, whose models come with it; nothing is fetched.

Run in a process of its own: loading takes seconds and some hundred megabytes.
"""

import importlib.util
import math
import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..files import has_pdfium, library, pdfium_file
from ..pages.readers import clean
from ..pages.sections import PagePieces
from ..pages.turned import DOWN, UP
from .ink import Ink, Placed
from .pieces import without_covered
from .recognised import Box, RecognisedLine, RecognisedPage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[Any]
    """Rows of pixels of blue, green and red, 0 to 255."""
    Points = NDArray[np.float64]
    """A row each; of a box the corners from the top left one clockwise."""

SWITCH = "SCREENER_OCR"
"""The environment variable that leaves recognition out where it is `0`."""
_PIXELS = 3_500_000
"""Pixels of the picture of a page: a page of A4 has about 190 an inch, with which letters are read as well as with 300."""
_LARGEST = 4.0
"""Pixels a point at most."""
_FINDING = 1472
"""Pixels of the longer side of the picture in which lines are looked for."""
_LEAST = 0.5
"""Confidence of a line below which it is no text."""
_TRIED = 4
"""Lines that are read both ways to see whether a page is upside down."""
_STEPS = 8
"""Width of what is read of them, in heights of the line."""
_LONG = 4.0
"""Width of a line, in its heights, from which it tells how a page is turned."""
_TALL, _STACK = 1.5, 2.5
"""Height of a box, in its widths, from which rapidocr turns it on its side, and from which it is no letter or two."""
_GAP = 1.0
"""Width of a gap, in heights of a line's box, that parts two words without a blank between them: figures of two cells."""
Edges = Sequence[tuple[float, float]]
"""Left and right edge of each letter."""
_LETTERS = {"return_word_box": True, "return_single_char_box": True}


@cache
def recogniser() -> str:
    """Return the name and version of what recognises text; empty where it is not installed, or there is no pypdfium2."""
    if not has_pdfium() or importlib.util.find_spec("rapidocr") is None:
        return ""
    try:
        return library("rapidocr")
    except PackageNotFoundError:
        return ""


def switched_on() -> bool:
    """Return whether pages without text are to be recognised: the extra `ocr` is there, and nobody switched it off."""
    return os.environ.get(SWITCH, "") != "0" and bool(recogniser())


@cache
def _engine() -> Any:
    """Return rapidocr with its models as they lie in the package: one that is given by its path is never fetched."""
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    paths = {}
    for part, pattern in (("Det", "*det*.onnx"), ("Rec", "*rec*.onnx"), ("Cls", "*cls*.onnx")):
        found = sorted(folder.glob(pattern))
        if not found:
            raise RuntimeError(f"{library('rapidocr')} has no model {pattern} in it")
        paths[f"{part}.model_path"] = str(found[0])
    threads = max(1, min((os.cpu_count() or 2) // 2, 4))
    return rapidocr.RapidOCR(
        params={
            **paths,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "Global.log_level": "critical",
            "Global.max_side_len": 2 * math.isqrt(_PIXELS),
            "Global.text_score": 0.0,
            "Det.limit_type": "max",
            "Det.limit_side_len": _FINDING,
        }
    )


def recognise(path: Path, number: int, passwords: Sequence[str] = ()) -> RecognisedPage:
    """Return what is recognised on page `number` (1-based). Raises `Unreadable` where the file does not open."""
    from ..pages.layout_blocks import page_pieces

    with pdfium_file(path, passwords) as file:
        page = file[number - 1]
        width, height = page.get_size()
        scale = min(_LARGEST, (_PIXELS / max(width * height, 1.0)) ** 0.5)
        image = np.ascontiguousarray(page.render(scale=scale, prefer_bgrx=False).to_numpy()[:, :, :3])
        content = page_pieces(page)
    return _recognised(image, number, scale, content)


def _recognised(image: "Image", number: int, scale: float, content: PagePieces) -> RecognisedPage:
    image, quarters = _upright(image)
    found = _engine()(image, use_det=True, use_cls=False, use_rec=True, **_LETTERS)
    boxes = [] if found.boxes is None else [np.asarray(box, dtype=float) for box in found.boxes]
    ink = Ink(image, scale)
    skew = ink.level(_skew(boxes))
    middle = np.array([image.shape[1], image.shape[0]]) / (2 * scale)

    def levelled(points: Any) -> "Points":
        """Return points of the picture, in pixels, as those of the level page, in points of 1/72 inch."""
        level: Points = (np.asarray(points, dtype=float) / scale - middle) @ _rotation(-skew) + middle
        return level

    lines, left_out = [], 0
    read = zip(boxes, found.txts or (), found.scores or (), found.word_results or (), strict=False)
    for box, text, confidence, letters in read:
        if _is_tall(box):
            line = _standing(image, box, levelled)
        else:
            across = [levelled(quad)[:, 0] for _, _, quad in letters]
            edges: Edges = [(float(xs.min()), float(xs.max())) for xs in across]
            level = levelled(box)
            around = (
                float(level[:, 0].min()),
                float(level[:2, 1].mean()),
                float(level[:, 0].max()),
                float(level[2:, 1].mean()),
            )
            text, edges = ink.without_rules(clean(text), around, edges)
            if not text:
                continue
            line = _line(around, text, float(confidence), edges, ink)
        if line is None or line.confidence < _LEAST:
            left_out += 1
        else:
            lines.append(line)
    kept = tuple(lines)
    if not quarters:
        kept = without_covered(kept, [piece for piece in content.pieces if not piece.hidden])
    return RecognisedPage(
        page=number,
        width=round(content.width, 2),
        height=round(content.height, 2),
        angle=round(90.0 * quarters + skew, 2),
        lines=kept,
        across=ink.across,
        down=ink.down,
        left_out=left_out,
        by=recogniser(),
    )


def _upright(image: "Image") -> tuple["Image", int]:
    """Return the picture turned so that most of its lines are read from left to right; by how many quarters they were
    turned, clockwise.
    """
    boxes = _lines_in(image)
    quarters = 0
    if sum(map(_is_tall, boxes)) > len(boxes) / 2:
        image, quarters = np.ascontiguousarray(np.rot90(image)), 1
        boxes = _lines_in(image)
    long = [box for box in boxes if _sides(box)[0] > _LONG * _sides(box)[1]]
    long = sorted(long, key=lambda box: -_sides(box)[0])[:_TRIED]
    upright = over = 0.0
    for box in long:
        part = _part(image, box)
        part = part[:, : _STEPS * part.shape[0]]
        upright += _certainty(part)
        over += _certainty(np.rot90(part, 2))
    if over > upright:
        return np.ascontiguousarray(np.rot90(image, 2)), quarters + 2
    return image, quarters


def _lines_in(image: "Image") -> list["Points"]:
    found = _engine()(image, use_det=True, use_cls=False, use_rec=False)
    boxes = getattr(found, "boxes", None)  # a page without a line has an answer of another kind
    return [] if boxes is None else [np.asarray(box, dtype=float) for box in boxes]


def _part(image: "Image", box: "Points") -> "Image":
    left, top = np.maximum(box.min(axis=0).astype(int), 0)
    right, bottom = box.max(axis=0).astype(int) + 1
    part: Image = image[top:bottom, left:right]
    return part


def _read(part: "Image") -> tuple[str, float]:
    """Return the text of a line cut out of a picture, and how sure it is."""
    height, width = part.shape[:2]
    if height > width:  # else rapidocr turns it on its side
        beside = np.full((height, (height - width) // 2 + 1, 3), 255, dtype=np.uint8)
        part = np.concatenate([beside, part, beside], axis=1)
    found = _engine()(np.ascontiguousarray(part), use_det=False, use_cls=False, use_rec=True, return_word_box=False)
    texts, scores = getattr(found, "txts", None), getattr(found, "scores", None)
    return (clean(texts[0]).strip(), float(scores[0])) if texts and scores else ("", 0.0)


def _certainty(part: "Image") -> float:
    text, confidence = _read(part)
    return confidence if text else 0.0


def _sides(box: "Points") -> tuple[float, float]:
    """Return the width and height of a box."""
    return float(np.hypot(*(box[1] - box[0]))), float(np.hypot(*(box[3] - box[0])))


def _is_tall(box: "Points") -> bool:
    width, height = _sides(box)
    return height > _TALL * width


def _skew(boxes: Sequence["Points"]) -> float:
    """Return by how many degrees long lines fall to the right."""
    angles = [
        math.degrees(math.atan2(*(box[1] - box[0])[::-1])) for box in boxes if _sides(box)[0] > _LONG * _sides(box)[1]
    ]
    return float(np.median(angles)) if angles else 0.0


def _rotation(degrees: float) -> "Points":
    """Return the matrix that turns points, a row each, clockwise on a page whose y goes down."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return np.array([[cosine, sine], [-sine, cosine]])


def _line(box: Box, text: str, confidence: float, letters: Edges, ink: Ink) -> RecognisedLine:
    """Return a line of its text and about where its letters are; its exact place is that of its ink.

    A gap parts words also where no blank was read.
    """
    left, top, right, bottom = box
    marks = "".join(text.split())
    if len(letters) != len(marks):
        step = (right - left) / len(marks)
        letters = [(left + n * step, left + (n + 1) * step) for n in range(len(marks))]
    placed = ink.place(text, box, letters) or _placed(text, (top, bottom), letters)
    return RecognisedLine(
        text=placed.text,
        words=placed.words,
        top=placed.top,
        bottom=placed.bottom,
        confidence=round(confidence, 3),
        size=placed.size,
    )


def _placed(text: str, height: tuple[float, float], letters: Edges) -> Placed:
    """Return where a line stands by its letters alone."""
    words: list[str] = []
    edges: list[tuple[float, float]] = []
    number, apart = 0, True
    for character in text:
        if character.isspace():
            apart = True
            continue
        left, right = letters[number]
        if apart or left - edges[-1][1] > _GAP * (height[1] - height[0]):
            words.append(character)
            edges.append((left, right))
        else:
            words[-1] += character
            edges[-1] = edges[-1][0], max(edges[-1][1], right)
        number, apart = number + 1, False
    rounded = tuple((round(float(left), 1), round(float(right), 1)) for left, right in edges)
    return Placed(" ".join(words), rounded, round(height[0], 1), round(height[1], 1), 0.0)


def _standing(image: "Image", box: "Points", levelled: Callable[[Any], "Points"]) -> RecognisedLine | None:
    """Return a line that is higher than wide: a letter or two, or words that run up or down a level page."""
    part = _part(image, box)
    width, height = _sides(box)
    upright = _read(part)
    if height < _STACK * width and upright[1] >= _LEAST:
        text, confidence, turn = *upright, 0
    else:
        ways = [(*_read(np.rot90(part, 3)), UP), (*_read(np.rot90(part)), DOWN)]
        text, confidence, turn = max(ways, key=lambda way: way[1])
    text = " ".join(text.split())
    if not text:
        return None
    level = levelled(box)
    (left, top), (right, bottom) = level.min(axis=0).round(1).tolist(), level.max(axis=0).round(1).tolist()
    words = tuple((left, right) for _ in text.split(" "))
    return RecognisedLine(text=text, words=words, top=top, bottom=bottom, confidence=round(confidence, 3), turn=turn)
