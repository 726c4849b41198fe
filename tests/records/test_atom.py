"""Feeds: long ones with namespaces are read whole, and only arXiv's are."""

import pytest

from screener.core.errors import BadInput
from screener.records.readers import read_file

ENTRY = "<entry><id>http://arxiv.org/abs/2401.{:05}v1</id><title>synthetic {}</title><summary>{}</summary></entry>"


def test_a_long_feed_is_read_whole(tmp_path):
    """Longer than the parser takes at once: the end of an element may come long after its beginning."""
    entries = "".join(ENTRY.format(number, number, "long text " * 900) for number in range(1, 40))
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">'
    saved = tmp_path / "feed.xml"
    saved.write_text(f"{head}{entries}</feed>")
    read = read_file(saved)
    assert (len(read.hits), read.rejected) == (39, ())
    assert read.hits[38].entry.arxiv == "2401.00039"


def test_another_feed_is_refused_with_the_way_round(tmp_path):
    saved = tmp_path / "feed.xml"
    saved.write_text('<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>News</title></entry></feed>')
    with pytest.raises(BadInput, match=r"a feed \(Atom\) of another service than arXiv"):
        read_file(saved)
