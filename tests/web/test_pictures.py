"""Pages as pictures: the process that draws them ends when nobody reads, and all desks together keep so much of them."""

import time
from pathlib import Path

import pytest
from support.documents import paper

pytest.importorskip("pypdfium2")

from screener.core.errors import BadInput
from screener.web.byte_cache import ByteCache
from screener.web.pictures import Pictures


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


def test_pages_of_all_desks_share_so_much_memory_and_each_desk_has_its_own() -> None:
    kept, made = ByteCache(1_000), list[str]()

    def page(owner: str, number: int, size: int = 300) -> bytes:
        def draw() -> bytes:
            made.append(f"{owner}{number}")
            return owner.encode() * size

        return kept.get(owner, number, draw)

    assert [page(owner, 1)[:1] for owner in "abab"] == [b"a", b"b", b"a", b"b"]
    assert made == ["a1", "b1"]
    page("a", 1)
    page("b", 2)
    page("b", 3)  # b1 was used longest ago, and goes
    page("a", 1)
    assert (made, kept.size) == (["a1", "b1", "b2", "b3"], 900)
    page("b", 1)
    assert made[-1] == "b1"
    page("c", 1, 2_000)  # larger than all there is room for
    assert kept.size == 0
    page("a", 1)
    page("b", 1)
    kept.forget("a")
    assert kept.size == 300
    page("b", 1)
    assert made[-2:] == ["a1", "b1"]


def test_a_page_is_drawn_once_for_a_desk_and_forgotten_with_it(tmp_path: Path) -> None:
    path, kept = tmp_path / "first.pdf", ByteCache(1_000_000)
    path.write_bytes(paper("first"))
    one, other = Pictures(kept=kept), Pictures(kept=kept)
    try:
        drawn = one.page(path, 1)
        assert drawn.startswith(b"\x89PNG")
        assert kept.size == len(drawn)
        path.unlink()
        assert one.page(path, 1) == drawn
        with pytest.raises(BadInput):
            other.page(path, 1)  # what another person was shown is not theirs
        one.close()
        assert kept.size == 0
    finally:
        one.close()
        other.close()
