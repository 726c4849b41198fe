"""A schema in the words that every server's grammar knows."""

import json
from typing import Any, Literal

from pydantic import BaseModel, Field

from screener.models.simple_schema import simplified


def simple(schema: dict[str, Any]) -> Any:
    return json.loads(simplified(json.dumps(schema)).text)


def test_bounds_patterns_and_formats_go_and_are_named() -> None:
    text = {"type": "string", "maxLength": 2_000, "pattern": "^a", "format": "date", "description": "When?"}
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["pattern", "ns"],
        "properties": {
            "pattern": text,
            "ns": {"type": "array", "maxItems": 9, "items": {"type": "integer", "minimum": 0}},
        },
    }
    assert simple(schema) == {
        "type": "object",
        "additionalProperties": False,
        "required": ["pattern", "ns"],
        "properties": {
            "pattern": {"type": "string", "description": "When?"},
            "ns": {"type": "array", "items": {"type": "integer"}},
        },
    }
    assert simplified(json.dumps(schema)).without == ("format", "maxItems", "maxLength", "minimum", "pattern")


def test_references_are_resolved_with_what_stands_beside_them() -> None:
    schema = {
        "$defs": {"Answer": {"type": "string", "enum": ["yes", "no"], "title": "Answer"}},
        "properties": {"a": {"$ref": "#/$defs/Answer", "description": "Is it?"}, "b": {"$ref": "#/$defs/Answer"}},
    }
    answer = {"type": "string", "enum": ["yes", "no"]}
    assert simple(schema) == {"properties": {"a": {**answer, "description": "Is it?"}, "b": answer}}


def test_a_part_that_holds_itself_admits_anything_there() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/$defs/Tree"}}}
    schema = {"$defs": {"Tree": tree}, "$ref": "#/$defs/Tree"}
    assert simple(schema) == {"type": "object", "properties": {"child": {}}}


def test_choices_are_written_in_one_way() -> None:
    assert simple({"type": ["string", "null"]}) == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert simple({"oneOf": [{"const": 1}, {"type": "null"}]}) == {"anyOf": [{"enum": [1]}, {"type": "null"}]}


def test_what_is_simple_already_stays_and_lacks_nothing() -> None:
    schema = '{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}'
    assert simplified(schema).text == schema
    assert simplified(schema).without == ()


def test_a_form_of_pydantic_fits_its_simple_schema() -> None:
    class Row(BaseModel):
        size: int = Field(gt=0, le=10)

    class Form(BaseModel):
        kind: Literal["a", "b"]
        rows: list[Row] = Field(max_length=3)
        note: str | None = Field(default=None, max_length=5_000)

    text = simplified(json.dumps(Form.model_json_schema())).text
    for word in ("$ref", "$defs", "exclusiveMinimum", "maximum", "maxItems", "maxLength", "title"):
        assert word not in text
    assert set(json.loads(text)["properties"]["rows"]["items"]["properties"]) == {"size"}
