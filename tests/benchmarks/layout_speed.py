"""Time of layout against a loop of pypdfium2 that asks for each character's box, size of font, colour and render mode.

    python tests/benchmarks/layout_speed.py [FILE...] [--rounds 5]

Without files: the PDFs of ../shared (data/pdfs, data/ecg-papers, cases/documents). The target is at most 3 times the
loop for every file. Both are timed in seconds of CPU, in turn; a file's figure is the least of its rounds. Exit code 1
if the target is missed.
"""

import argparse
import ctypes
import sys
import time
from collections.abc import Callable
from pathlib import Path

from setting import ROOT

TARGET = 3.0
SHARED = ROOT.parent / "shared"
FOLDERS = ("data/pdfs", "data/ecg-papers", "cases/documents")
FEW = 1000
"""Characters below which a file takes about a millisecond, and its figure says nothing."""


def loop(path: Path) -> int:
    """Ask for everything about each character; return how many there are."""
    import pypdfium2
    import pypdfium2.raw as raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    characters = 0
    file = pypdfium2.PdfDocument(path)
    for page in file:
        textpage = page.get_textpage()
        handle = textpage.raw
        for index in range(raw.FPDFText_CountChars(handle)):
            raw.FPDFText_GetCharBox(handle, index, left, right, bottom, top)
            raw.FPDFText_GetFontSize(handle, index)
            raw.FPDFText_GetFillColor(handle, index, red, green, blue, alpha)
            raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(handle, index))
            characters += 1
        textpage.close()
        page.close()
    file.close()
    return characters


def seconds(read: Callable[[Path], object], path: Path) -> float:
    begun = time.process_time()
    read(path)
    return time.process_time() - begun


def main() -> int:
    import pypdfium2

    from screener.documents import Unreadable, layout

    parser = argparse.ArgumentParser()
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    files = arguments.files or sorted(path for folder in FOLDERS for path in (SHARED / folder).glob("*.pdf"))
    print("| file | characters | loop, ms | layout, ms | layout / loop |\n|---|---|---|---|---|")
    missed = timed = 0
    for path in files:
        try:
            characters = loop(path)
            layout(path)
        except (pypdfium2.PdfiumError, Unreadable):
            continue
        if characters < FEW:
            continue
        rounds = [(seconds(loop, path), seconds(layout, path)) for _ in range(arguments.rounds)]
        bare, full = (1000 * min(times) for times in zip(*rounds, strict=True))
        print(f"| {path.name} | {characters} | {bare:.1f} | {full:.1f} | {full / bare:.2f} |", flush=True)
        timed += 1
        missed += full > TARGET * bare
    print(f"\nTarget: at most {TARGET} for every file; {missed} of {timed} miss it.")
    return int(missed > 0 or not timed)


if __name__ == "__main__":
    sys.exit(main())
