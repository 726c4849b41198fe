"""Checks the answers in the packs and turns them into files for `screener batch import`.

    python collect.py [PACK …] [--folder FOLDER]

FOLDER (default: where this file lies) has the packs and `packs.json`. Each pack's `answers.jsonl` has a line
`{"custom_id": …, "answer": {…}}` for each record. Every fault is told with its pack and line; the good answers of all packs of a
review become `REVIEW.answers.jsonl`. With names of packs only these are checked, and no file is written. Needs Python alone.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "null": type(None),
    "object": dict,
    "array": list,
    "boolean": bool,
    "number": (int, float),
}
MODEL = "blind-reader"


def faults(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield what in a value does not fit a schema of the kind that requests of a screening stage have."""
    if "anyOf" in schema:
        if all(any(faults(value, each, where)) for each in schema["anyOf"]):
            yield f"{where}: {_short(value)} is neither {' nor '.join(str(s.get('type')) for s in schema['anyOf'])}"
        return
    if not isinstance(value, _TYPES[schema["type"]]):
        yield f"{where}: {_short(value)} is no {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {_short(value)} is none of {', '.join(schema['enum'])}"
    if isinstance(value, dict):
        parts = schema["properties"]
        yield from (f"{where}.{name}: is missing" for name in parts if name not in value)
        yield from (f"{where}.{name}: was not asked for" for name in value if name not in parts)
        for name, part in parts.items():
            if name in value:
                yield from faults(value[name], part, f"{where}.{name}")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"the key {', '.join(sorted(twice))} stands there twice")
    return dict(pairs)


def read(path: Path, known: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the good answers of a pack by id, and the faults of the others."""
    if not path.is_file():
        return {}, [f"{path}: is not there"]
    good: dict[str, Any] = {}
    told: list[str] = []
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            entry = json.loads(line, object_pairs_hook=_once)
        except ValueError as error:
            told.append(f"{where}: is no line of JSON: {error}")
            continue
        name = entry.get("custom_id") if isinstance(entry, dict) else None
        if not isinstance(name, str) or name not in known["ids"]:
            told.append(f"{where}: custom_id {_short(name)} is no record of this pack")
        elif name in seen:
            told.append(f"{where}: {name} is answered twice")
            good.pop(name, None)
        else:
            seen.add(name)
            wrong = list(faults(entry.get("answer"), known["schema"], "answer"))
            told += [f"{where}: {fault}" for fault in wrong]
            if not wrong:
                good[name] = entry["answer"]
    told += [f"{path}: no answer to {name}" for name in known["ids"] if name not in seen]
    return good, told


def as_answered(name: str, answer: Any, number: int) -> dict[str, Any]:
    """Return an answer as a line of a batch's output."""
    message = {"role": "assistant", "content": json.dumps(answer, ensure_ascii=False)}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # nobody counted them
    completion = {"id": f"answer-{number}", "object": "chat.completion", "model": MODEL}
    body = completion | {"choices": [choice], "usage": usage}
    response = {"status_code": 200, "request_id": f"request-{number}", "body": body}
    return {"id": f"batch-{number}", "custom_id": name, "response": response, "error": None}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check and write; return 1 where an answer is missing or has a fault."""
    parser = argparse.ArgumentParser(description="Check the answers in the packs and write files for `batch import`.")
    parser.add_argument("packs", nargs="*", metavar="PACK")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent)
    options = parser.parse_args(arguments)
    known = json.loads((options.folder / "packs.json").read_text(encoding="utf-8"))
    if unknown := [name for name in options.packs if name not in known]:
        parser.error(f"{', '.join(unknown)}: no such pack; there are {', '.join(known)}")
    answers: dict[str, dict[str, Any]] = defaultdict(dict)
    failed = False
    for name in options.packs or known:
        good, told = read(options.folder / name / "answers.jsonl", known[name])
        answers[known[name]["review"]] |= good
        failed |= bool(told)
        print(f"{name}: {len(good)} of {len(known[name]['ids'])} records answered, {len(told)} faults")
        print("".join(f"  {fault}\n" for fault in told), end="")
    if not options.packs:
        for review, some in answers.items():
            path = options.folder / f"{review}.answers.jsonl"
            lines = [
                json.dumps(as_answered(*each, n), ensure_ascii=False) + "\n" for n, each in enumerate(some.items())
            ]
            path.write_text("".join(lines), encoding="utf-8")
            print(f"{path}: {len(some)} answers")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
