"""No text that somebody sends keeps a pattern at work without end: while it works, a server answers nobody."""

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from pathlib import Path
from screener.core.errors import BadInput
from screener.documents.grids.columns import is_value
from screener.documents.headings import is_section
from screener.documents.markup.styles import takes_no_place
from screener.records import read_file
from screener.sources.file_kinds import kind_of
from screener.sources.http import Answer
from screener.text.cues import denied

for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_file(path)
    except BadInput:
        pass
    print(path.name, flush=True)
print(is_value("1" + "-1," * 60 + "!"), is_value("1" + ")" * 60 + "!"), is_value("1.5 (1.2–1.9)%*"), flush=True)
print(is_section("A." + "77." * 40 + "!"), is_section("A.1.2 Searches of the literature"), flush=True)
print(takes_no_place({"clip": "rect(" + "1.00," * 60 + "!"}, ""), flush=True)
print(kind_of(Answer("https://example.org", 200, {}, b"<!-- -->" * 120 + b"x"))[0] or "no file", flush=True)
print(denied("without" + "-" * 82 + "a", 89), denied("no well-known or new ", 21), denied("no very old well - known or new ", 32), flush=True)
"""
FILES = {
    "comments.txt": "<!-- -->" * 370 + "x",
    "endnote.xml": "<xml><records>" + "<record>" * 24_000,
    "line.txt": "ID: x\n" + "AU: " * 2_000,
}


def test_texts_made_to_be_read_for_ever_are_read_at_once(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    # In a process of its own, which can be ended in the middle of a pattern.
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, timeout=100, check=False
    )
    told = [*FILES, "False False True", "False True", "False", "no file", "True True False"]
    assert done.stdout.splitlines() == told, done.stderr
