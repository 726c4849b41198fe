"""What the fake models say: a deterministic function of the prompt and of what is asked of them."""

import hashlib
import json
import math
import re

# A record's text, in the shapes that prompts delimit it with; the innermost that is found is quoted from.
_DELIMITED = [
    re.compile(r"<(abstract|text|document|record)\b[^>]*>(.*?)</\1[^>]*>", re.S | re.I),
    re.compile(r"^abstract:[ \t]*(.+?)(?:\n\s*\n|\Z)", re.S | re.I | re.M),
    re.compile(r"(?:<<<|```|\"\"\")[^\n]*\n(.*?)(?:>>>|```|\"\"\")", re.S),
]


def draw(*parts: object) -> float:
    """A number in [0, 1) that looks random and is always the same for the same parts."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def tokens(text: str) -> int:
    return math.ceil(len(text) / 4)


def content_text(content: object) -> str:
    """A message's content as text, be it a string or a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def prompt_of(body: dict) -> str:
    """The first user message: a repair, which adds messages behind it, is about the same prompt."""
    messages = body.get("messages") or []
    user = [content_text(m.get("content")) for m in messages if m.get("role") == "user"]
    return user[0] if user else json.dumps(messages)


def sentences(prompt: str) -> list[str]:
    """Sentences of the record in a prompt, verbatim; none where no delimiter is known."""
    for pattern in _DELIMITED:
        found = pattern.findall(prompt)
        if found:
            inner = found[-1][-1] if isinstance(found[-1], tuple) else found[-1]
            return [s.strip() for s in re.findall(r"[^.!?]{15,300}[.!?]", inner) if len(s.strip()) > 15]
    return []


def fill(schema: dict, prompt: str, seed: int = 0, prefer: str | None = None) -> object:
    """A value that fits a JSON Schema: enums by hash of the prompt, quotes from the record's own text."""
    quotes = sentences(prompt)
    definitions = schema.get("$defs") or schema.get("definitions") or {}
    whole = digest(prompt)

    def value(part: dict, path: tuple[str, ...]) -> object:
        u = draw(seed, whole, *path)
        name = path[-1] if path else ""
        if "$ref" in part:
            return value(definitions[part["$ref"].rsplit("/", 1)[-1]], path)
        if "const" in part:
            return part["const"]
        if "enum" in part:
            choices = part["enum"]
            return prefer if prefer in choices else choices[int(u * len(choices))]
        options = part.get("anyOf") or part.get("oneOf")
        if options is None and isinstance(part.get("type"), list):
            options = [{**part, "type": kind} for kind in part["type"]]
        if options:
            nullable = any(o.get("type") == "null" for o in options)
            rest = [o for o in options if o.get("type") != "null"]
            if nullable and (not rest or ("quote" in name and not quotes)):
                return None
            return value(rest[int(u * len(rest))], path)
        match part.get("type"):
            case "object":
                return {key: value(inner, (*path, key)) for key, inner in (part.get("properties") or {}).items()}
            case "array":
                count = max(1, part.get("minItems", 1))
                return [value(part.get("items") or {}, (*path, str(i))) for i in range(count)]
            case "boolean":
                return u < 0.5
            case "integer":
                low = part.get("minimum", 0)
                return low + int(u * (part.get("maximum", low + 100) - low + 1))
            case "number":
                low = part.get("minimum", 0)
                return round(low + u * (part.get("maximum", low + 1) - low), 4)
            case "null":
                return None
        if "quote" in name:
            return quotes[int(u * len(quotes))] if quotes else ""
        return f"Because of {whole[:6]}."

    return value(schema, ())


def answer_for(answers: dict[str, object], prompt: str) -> object | None:
    """The scripted answer of the first key that is in the prompt; of a key `a && b` both parts must be."""
    for key, answer in answers.items():
        if all(part in prompt for part in key.split(" && ")):
            return answer
    return None


def cut_to(schema: dict, told: object) -> object:
    """What is told of an object, in the form that a schema asks for: without what it does not ask for, and with
    `not_reported` for each item of which nothing is told. What is meant for another form stays as it is."""
    properties = schema.get("properties")
    if schema.get("type") == "array" and isinstance(told, list):
        return [cut_to(schema.get("items") or {}, each) for each in told]
    if not isinstance(told, dict) or not properties or (told and not set(told) & set(properties)):
        return told
    return {name: cut_to(part, told[name]) if name in told else _untold(part) for name, part in properties.items()}


def _untold(schema: dict) -> object:
    if schema.get("type") == "object":
        return {name: _untold(part) for name, part in schema["properties"].items()}
    if "not_reported" in schema.get("enum", ()):
        return "not_reported"
    kind = schema.get("type", "")
    return {"array": [], "string": ""}.get(kind) if isinstance(kind, str) else None
