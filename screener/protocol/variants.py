"""Variants of the wording: other words for some criteria of a stage, as files beside the protocol.

`prompts/variants/NAME.yaml` has only what changes. A variant is tried on gold `dev` and judges nothing; the one that a person
accepts is written into the protocol.
"""

import json
import re
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from ..core.errors import BadInput
from ..core.fault_words import meant
from ..core.files import whole_file
from ..core.frozen import Frozen
from ..core.judgement import Stage
from ..core.yaml_layout import changeable, says
from ..core.yamlfile import YamlFile
from .model import QuestionCriterion, Review, StageProtocol
from .reviewer_specs import Id

FOLDER = "variants"
"""The folder of the variants, in that of the protocol."""
TRIED = "~"
"""What stands between a reviewer's name and that of a variant (or `PROPOSED`) where the ledger names who was asked."""
PROPOSED = "proposal"
"""In the place of a variant's name: the reviewer's model was asked for one."""


class Wording(Frozen):
    """What a variant says of one criterion; what is left out stays as the protocol has it."""

    question: str | None = Field(default=None, min_length=1)
    """The question, so that `yes` means eligible."""
    met_when: str | None = None
    """What counts as `yes`."""
    not_met_when: str | None = None
    """What counts as `no`."""
    silence: Literal["unclear", "no"] | None = None
    """What it means that the text says nothing of it."""

    @property
    def changes(self) -> dict[str, str]:
        """Return what it says, by the key of the criterion."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class Variant(Frozen):
    """Other wording for some criteria of a stage. The name of its file is its own."""

    stage: Stage
    """The stage whose criteria are worded otherwise: `abstract` or `fulltext`."""
    note: str = ""
    """Why, in a sentence: the reason of the amendment where none is given."""
    criteria: dict[Id, Wording] = Field(min_length=1)
    """The other wording, by the criterion's id."""


def variants_folder(review: Review) -> Path:
    """Return where a review's variants are."""
    return review.prompts / FOLDER


def variant_names(review: Review) -> list[str]:
    """Return the names of the variants that there are, in order."""
    return sorted(path.stem for path in variants_folder(review).glob("*.yaml"))


def read_variant(review: Review, name: str) -> Variant:
    """Return a variant, checked against the protocol; `BadInput` with file and line of what is faulty in it."""
    path = variants_folder(review) / f"{checked_name(name)}.yaml"
    if not path.is_file():
        raise BadInput(f"{path}: no such variant{meant(name, variant_names(review))}")
    document = YamlFile(path)
    variant = document.validate(Variant)
    criteria = {criterion.id: criterion for criterion in review.stage(variant.stage).criteria}
    for criterion, wording in variant.criteria.items():
        where = ("criteria", criterion)
        if criterion not in criteria:
            raise document.fail(where, f"no such criterion at the stage{meant(criterion, list(criteria))}")
        if not isinstance(criteria[criterion], QuestionCriterion):
            raise document.fail(where, "a criterion that code decides has no wording to tune")
        if not wording.changes:
            raise document.fail(where, "nothing is worded otherwise; give question, met_when, not_met_when or silence")
        if wording.question is not None and not wording.question.strip():
            raise document.fail((*where, "question"), "the question is empty")
    return variant


def checked_name(name: str) -> str:
    """Return a variant's name; `BadInput` for one that is none."""
    try:
        return str(TypeAdapter(Id).validate_python(name))
    except ValidationError:
        raise BadInput(
            f"`{name}` is no name of a variant: lower-case letters, digits and `_`, a letter first"
        ) from None


def changed_stage(spec: StageProtocol, variant: Variant) -> StageProtocol:
    """Return the stage with the criteria worded as the variant has them."""
    criteria = tuple(
        criterion.model_copy(update=variant.criteria[criterion.id].changes)
        if criterion.id in variant.criteria
        else criterion
        for criterion in spec.criteria
    )
    return spec.model_copy(update={"criteria": criteria})


def with_variant(review: Review, variant: Variant) -> Review:
    """Return the review as it would be with a variant's wording; nothing is written."""
    written = review.written
    stages = {**written.stages, variant.stage: changed_stage(written.stages[variant.stage], variant)}
    return Review.of(review.root, written.model_copy(update={"stages": stages}))


def write_variant(review: Review, name: str, variant: Variant) -> Path:
    """Write a new variant; `BadInput` where there is one of that name."""
    path = variants_folder(review) / f"{checked_name(name)}.yaml"
    if path.exists():
        raise BadInput(f"{path}: there is such a variant already; give the new one another name")
    path.parent.mkdir(exist_ok=True)
    body: dict[str, Any] = {"stage": variant.stage.value, "note": variant.note}
    body["criteria"] = {criterion: wording.changes for criterion, wording in variant.criteria.items()}
    with whole_file(path) as partial:
        partial.write_text(yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=100), "utf-8")
    return path


def accept_wording(review: Review, variant: Variant) -> None:
    """Write a variant's wording into `prompts/review.yaml`; comments, layout and all else stay as they are.

    The file is replaced as a whole or not at all. `BadInput` where its layout does not allow it.
    """
    path = review.prompts / "review.yaml"
    text = path.read_bytes().decode("utf-8")
    remedy = "copy it from the variant yourself"
    root, said = changeable(text, str(path), remedy)
    nodes = _criteria(root, variant.stage)
    spans = [
        span
        for name, wording in variant.criteria.items()
        if name in nodes
        for span in _spans(text, nodes[name], wording)
    ]
    changed = text
    for start, end, words in sorted(spans, reverse=True):
        changed = changed[:start] + words + changed[end:]
    if says(changed) != _expected(_apart(said), variant):
        raise BadInput(f"{path}: has a layout in which the wording cannot be set; {remedy}")
    target = path.resolve()
    mode = target.stat().st_mode
    with whole_file(target) as partial:
        partial.write_bytes(changed.encode("utf-8"))
        partial.chmod(mode)


def _criteria(root: Any, stage: Stage) -> dict[str, yaml.MappingNode]:
    """Return the nodes of a stage's criteria, by id."""
    node = root
    for key in ("stages", stage.value, "criteria"):
        node = next((value for name, value in getattr(node, "value", ()) if name.value == key), None)
    found: dict[str, yaml.MappingNode] = {}
    for item in getattr(node, "value", ()):
        if isinstance(item, yaml.MappingNode):
            name = next((value.value for key, value in item.value if key.value == "id"), "")
            found[str(name)] = item
    return found


_BLOCK_COMMENT = re.compile(r"[|>][-+\d]*([ \t]+#[^\r\n]*)")


def _spans(text: str, node: yaml.MappingNode, wording: Wording) -> list[tuple[int, int, str]]:
    """Return what is to stand in the place of which characters, for one criterion."""
    values = {key.value: value for key, value in node.value}
    spans: list[tuple[int, int, str]] = []
    for name, words in wording.changes.items():
        # JSON's strings are YAML's, whatever stands in them; a line of any length keeps the layout around it.
        quoted = json.dumps(words, ensure_ascii=False)
        if name in values:
            start, end = values[name].start_mark.index, values[name].end_mark.index
            kept = text[start:end]
            comment = _BLOCK_COMMENT.match(kept)  # behind the mark of a block, so within its span
            said = quoted + (comment[1] if comment else "") + kept[len(kept.rstrip()) :]
            spans.append((start, end, said if kept.strip() else f" {quoted}"))
        elif node.flow_style:
            place = node.value[-1][1].end_mark.index
            spans.append((place, place, f", {name}: {quoted}"))
        else:
            spans.append(_new_line(text, node, f"{name}: {quoted}"))
    return spans


def _new_line(text: str, node: yaml.MappingNode, line: str) -> tuple[int, int, str]:
    """Return where and how a key is added to a criterion: in a line of its own below the question."""
    question = next((value for key, value in node.value if key.value == "question"), node.value[0][1])
    indent, line_end = " " * node.value[0][0].start_mark.column, "\r\n" if "\r\n" in text else "\n"
    place = question.end_mark.index
    if question.end_mark.column == 0:  # a block, which ends where the next line begins
        return place, place, f"{indent}{line}{line_end}"
    end = text.find(line_end, place)
    place = len(text) if end < 0 else end
    return place, place, f"{line_end}{indent}{line}"


def _expected(data: Any, variant: Variant) -> Any:
    for criterion in data["stages"][variant.stage.value]["criteria"]:
        if criterion.get("id") in variant.criteria:
            criterion.update(variant.criteria[criterion["id"]].changes)
    return data


def _apart(data: Any) -> Any:
    """Return a copy in which nothing is shared: what aliases repeat is several things, of which one changes."""
    if isinstance(data, dict):
        return {key: _apart(value) for key, value in data.items()}
    return [_apart(value) for value in data] if isinstance(data, list) else data


def tried_name(reviewer: str, variant: str) -> str:
    """Return who is asked where a variant is tried, as the ledger names it."""
    return f"{reviewer}{TRIED}{variant}"


def base_name(name: str) -> str:
    """Return the reviewer's own name of one that the ledger may name by a variant."""
    return name.partition(TRIED)[0]
