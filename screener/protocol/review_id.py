"""The id of a review, in its `prompts/review.yaml`: written as one line of text, so that comments and layout stay."""

import os
import tempfile
from pathlib import Path
from uuid import uuid4

import yaml

from ..core.errors import BadInput
from ..core.yaml_layout import changeable, says
from ..core.yamlfile import YamlFile

KEY = "id"


def new_id() -> str:
    """Return an id that no other review has."""
    return str(uuid4())


def write_id(path: Path, review_id: str) -> None:
    """Give the protocol in file `path` this id, in place of one that it has; the rest of the file stays as it is.

    The file is replaced as a whole or not at all. Raises `BadInput` with the line to add where it cannot be written.
    """
    remedy = f"add the line `{KEY}: {review_id}` to it yourself"
    try:
        text = path.read_bytes().decode("utf-8")
        root, said = changeable(text, str(path), remedy)
        changed = _with_id(text, root, review_id)
        if not isinstance(said, dict) or says(changed) != {**said, KEY: review_id}:
            raise BadInput(f"{path}: has a layout in which the review's id cannot be set; {remedy}")
        _replace(path, changed.encode("utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror}); {remedy}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if YamlFile(path).data.get(KEY) != review_id:
        raise BadInput(f"{path}: changed while the review's id was written; try again")


def read_id(path: Path) -> str | None:
    """Return the id that the protocol in file `path` has now."""
    review_id = YamlFile(path).data.get(KEY)
    return None if review_id is None else str(review_id)


def _with_id(text: str, root: yaml.Node | None, review_id: str) -> str:
    """Return the protocol's text with the id as its first key, or in the place of the id that is there."""
    if not isinstance(root, yaml.MappingNode) or not root.value:
        return text
    for key, value in root.value:
        if key.value == KEY:
            start, end = value.start_mark.index, value.end_mark.index
            return f"{text[:start]}{' ' if start == end else ''}{review_id}{text[end:]}"
    if root.flow_style:
        place = root.start_mark.index + 1
        return f"{text[:place]}{KEY}: {review_id}, {text[place:]}"
    place = root.value[0][0].start_mark.index
    line_end = "\r\n" if "\r\n" in text else "\n"
    indent = text[text.rfind("\n", 0, place) + 1 : place].lstrip("\ufeff")
    return f"{text[:place]}{KEY}: {review_id}{line_end}{indent}{text[place:]}"


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside `path`, and put it in its place; a link to the file stays a link."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
