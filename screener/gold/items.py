"""Gold of the extraction: `gold/extraction.jsonl`, one item a line, with the words it stands on.

A line is `{"id", "path", "status", "value", "other", "document", "page", "quote"}`: the record, the item's path in the
form, what is known of it, and where. A list of objects without entries has one line with its own path.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.errors import BadInput
from ..core.judgement import ItemStatus, Stage
from ..forms import FormSpec, ItemField, bare
from ..protocol import GoldSpec, Review, gold_spec
from ..records import Entry, read_file
from .labels import Split, load_gold


class GoldItem(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    path: str = Field(min_length=1)
    status: ItemStatus
    value: Any = None
    other: str | None = None
    document: str | None = None
    page: int | None = Field(default=None, ge=1)
    quote: str | None = None


@dataclass(frozen=True)
class GoldItems:
    """The gold items of each study, by its id and then by path. `version` is the hash of the files."""

    spec: GoldSpec
    studies: Mapping[str, Mapping[str, GoldItem]]
    split: Mapping[str, Split]
    version: str
    entries: Mapping[str, Entry]


def load_gold_items(review: Review, form: FormSpec) -> GoldItems | None:
    """Return the gold of the extraction, or None where there is none. A faulty line is a `BadInput` with its number."""
    path, spec = review.gold / "extraction.jsonl", gold_spec(review)
    if not path.is_file():
        return None
    if spec is None:
        raise BadInput(f"{path}: there is gold but no {review.gold / 'gold.yaml'} to say what it is")
    paths = {*form.by_path, *form.lists}
    studies: dict[str, dict[str, GoldItem]] = defaultdict(dict)
    body = path.read_bytes()
    try:
        lines = body.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}:{body[: error.start].count(10) + 1}: is not UTF-8; save the file as UTF-8") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        location = f"{path}:{number}"
        try:
            item = GoldItem.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            named = ".".join(map(str, first["loc"]))
            raise BadInput(f"{location}: {f'{named}: ' if named else ''}{first['msg']}") from None
        if bare(item.path) not in paths:
            raise BadInput(f"{location}: the form has no item `{item.path}`")
        if item.path in studies[item.id]:
            raise BadInput(f"{location}: `{item.path}` of {item.id} appears twice; keep one")
        if (item.value is not None) != (item.status is ItemStatus.REPORTED) and item.path not in form.lists:
            raise BadInput(f"{location}: an item has a value exactly when it is reported")
        if fault := _misplaced(form, item.path) or _misfit(form.item(item.path), item.value):
            raise BadInput(f"{location}: `{item.path}`: {fault}")
        studies[item.id][item.path] = item
    records = review.gold / "records.csv"
    entries = {h.entry.given_id: h.entry for h in read_file(records).hits} if records.is_file() else {}
    return GoldItems(
        spec,
        dict(studies),
        _split(review, spec, list(studies)),
        hashlib.sha256(body + (review.gold / "gold.yaml").read_bytes()).hexdigest()[:16],
        {name: entry for name, entry in entries.items() if name is not None},
    )


def _misplaced(form: FormSpec, path: str) -> str:
    """Return what is wrong with the indices of a path, or an empty string: only entries of lists are numbered."""
    steps = path.split(".")
    for count, step in enumerate(steps, start=1):
        listed = bare(".".join(steps[:count])) in form.lists and count < len(steps)
        if listed != step.endswith("]"):
            return (
                f"`{bare(step)}` is {'' if listed else 'not '}a list{'; say which entry, as in [0]' if listed else ''}"
            )
    return ""


def _misfit(item: ItemField | None, value: Any) -> str:
    """Return why the item cannot have a value, or an empty string: every reviewer would be counted wrong by it."""
    if item is None or value is None:
        return ""
    if item.kind in ("codes", "texts") and not isinstance(value, list):
        return "the value is a list"
    for part in value if isinstance(value, list) and item.kind in ("codes", "texts") else [value]:
        if item.vocabulary is not None and part not in list(item.vocabulary):
            return f"{part!r} is none of {', '.join(item.vocabulary)}"
        number = isinstance(part, int | float) and not isinstance(part, bool)
        fits = {"number": number, "boolean": isinstance(part, bool)}.get(item.kind, isinstance(part, str))
        if not fits:
            return f"{part!r} is no {'number' if item.kind == 'number' else item.kind.removesuffix('s')}"
    return ""


def _split(review: Review, spec: GoldSpec, ids: list[str]) -> dict[str, Split]:
    """Return a study's half is that of its full-text label; of one without, by the hash of salt and id."""
    labels = load_gold(review, Stage.FULLTEXT) if Stage.FULLTEXT in review.protocol.stages else None
    ordered = sorted(ids, key=lambda name: hashlib.sha256(f"{spec.split.salt}:{name}".encode()).hexdigest())
    halves: dict[str, Split] = {
        name: "dev" if position < len(ids) // 2 else "test" for position, name in enumerate(ordered)
    }
    return halves | ({name: half for name, half in labels.split.items() if name in halves} if labels else {})
