"""The process that draws pages: it ends when nobody reads, and is there again for the next page."""

import time
from pathlib import Path

import pytest
from support.documents import paper

from screener.web.pictures import Pictures

pytest.importorskip("pypdfium2")


@pytest.mark.slow
def test_the_drawing_process_ends_when_nobody_reads_and_comes_back(tmp_path: Path) -> None:
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    for path in (first, second):
        path.write_bytes(paper(path.stem))
    pictures = Pictures(idle_s=0.2)
    try:
        assert len(pictures.sizes(first)) == 1
        until = time.monotonic() + 20
        while pictures.at_work and time.monotonic() < until:
            time.sleep(0.05)
        assert not pictures.at_work
        assert len(pictures.sizes(second)) == 1
    finally:
        pictures.close()
