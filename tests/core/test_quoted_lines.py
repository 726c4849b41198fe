"""On which line of a YAML file the words of a value stand, however the value is laid out."""

from pathlib import Path

import pytest

from screener.core.yamlfile import YamlFile

TEXT = """\
block: |
  The robustness is told of.
  It is robust.
quoted: {question: "Is the method
  tested and is it
  compared with others?", fails: 'It is
  not without
  failure.'}
folded: >-
  Is a method (robust
  or not) given
  and/or sold?
"""


@pytest.mark.parametrize(
    ("where", "quote", "line"),
    [
        (("block",), "robust", 3),
        (("block",), "robustness", 2),
        (("quoted", "question"), "and is it compared with others", 5),
        (("quoted", "question"), "others", 6),
        (("quoted", "fails"), "not without failure", 7),
        (("folded",), "robust", 10),
        (("folded",), "and/or", 12),
        (("folded",), "something else", 9),
        (("folded",), "", 9),
        (("block",), "robus", 2),
    ],
)
def test_a_quote_is_on_the_line_where_it_begins(tmp_path: Path, where: tuple[str, ...], quote: str, line: int) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(TEXT)
    assert YamlFile(path).line_of(where, quote) == line
