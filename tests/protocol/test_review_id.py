"""The id of a review in its protocol: one line of text more, whatever the layout, or a refusal that says what to add."""

import os
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.examples import copy_example, new_review
from screener.protocol.model import Review
from screener.protocol.review_id import new_id, read_id, write_id

ID = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# top\ntitle: a # why\nb: [1,\n  2]\n", f"# top\nid: {ID}\ntitle: a # why\nb: [1,\n  2]\n"),
        ("# top\r\n\r\ntitle: a\r\nb: 2", f"# top\r\n\r\nid: {ID}\r\ntitle: a\r\nb: 2"),
        ("\ufefftitle: a\n", f"\ufeffid: {ID}\ntitle: a\n"),
        ("---\n  title: a\n  b: 2\n", f"---\n  id: {ID}\n  title: a\n  b: 2\n"),
        ("{title: a, b: 2}\n", f"{{id: {ID}, title: a, b: 2}}\n"),
        ("title: a\nid: 'of the example' # kept\nb: 2\n", f"title: a\nid: {ID} # kept\nb: 2\n"),
        ("title: a\nid:\nb: 2\n", f"title: a\nid: {ID}\nb: 2\n"),
    ],
)
def test_all_but_the_id_stays_as_it_was_written(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "review.yaml"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    write_id(path, ID)
    assert path.read_bytes().decode() == after
    assert read_id(path) == ID
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["review.yaml"]


def test_a_layout_that_cannot_take_it_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "review.yaml"
    path.write_text("? title\n: a\n")
    with pytest.raises(BadInput, match=f"add the line `id: {ID}`"):
        write_id(path, ID)
    assert path.read_text() == "? title\n: a\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "title: a\nb: {question: Is it?, x: 1}\n",
            "review.yaml:2: .*put the words there in quotes",
        ),  # libyaml reads it
        ("a: 1\n--- \nb: 1\n", "review.yaml:2: "),
        ("a: &self\n  b: *self\n", "Circular"),
        ("a: 2020-13-45\n", "month"),
        ("a: !x 2\n", "review.yaml:1: "),
        ("- a\n", "layout"),
        ("", "layout"),
        ("&all {a: 1}\n", "layout"),
        (b"a: \xff\n", "not UTF-8"),
    ],
)
def test_a_file_that_only_opens_but_cannot_be_changed_is_refused_in_one_line(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    path = tmp_path / "review.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadInput, match=told) as refusal:
        write_id(path, ID)
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == (text if isinstance(text, bytes) else text.encode())


def test_a_file_that_cannot_be_replaced_is_left_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "review.yaml"
    path.write_text("title: a\n")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(BadInput, match="No space left on device"):
        write_id(path, ID)
    assert path.read_text() == "title: a\n"
    assert [file.name for file in tmp_path.iterdir()] == ["review.yaml"]


def test_a_link_to_a_protocol_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "shared.yaml").write_text("title: a\n")
    (tmp_path / "review.yaml").symlink_to("shared.yaml")
    write_id(tmp_path / "review.yaml", ID)
    assert (tmp_path / "review.yaml").is_symlink()
    assert read_id(tmp_path / "shared.yaml") == ID


def test_every_new_review_and_copy_of_an_example_has_an_id_of_its_own(tmp_path: Path) -> None:
    new_review(tmp_path / "a")
    for name in ("b", "c"):
        copy_example("ecg", tmp_path / name)
    ids = [Review(tmp_path / name).protocol.id for name in "abc"]
    assert None not in ids
    assert len(set(ids)) == 3


def test_no_fingerprint_of_a_reviewer_depends_on_it(ecg: Path) -> None:
    before = Review(ecg)
    write_id(ecg / "prompts" / "review.yaml", new_id())
    after = Review(ecg)
    assert before.protocol.id != after.protocol.id
    for stage in before.protocol.stages:
        for reviewer in before.protocol.reviewers:
            assert before.fingerprint(stage, reviewer) == after.fingerprint(stage, reviewer)
