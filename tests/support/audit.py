"""What the tests of the audit share: a review with humans, a chat model and an extraction; and archives tampered with."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servers import openai_server

from support.report import labels, screener_all


def packaged(folder: Path) -> Path:
    """The packaged review, its abstracts judged, with its audit; the path of the ZIP."""
    folder.mkdir(exist_ok=True)
    screener_all(
        folder, ("init", folder, "--example", "ecg"), ("run", "--stage", "abstract"), ("report", "--audit")
    )  # fmt: skip
    return folder / "audit.zip"


def papers(folder: Path) -> Path:
    """The synthetic review with all that a report can have, and its audits: `audit.zip`, whose path is returned,
    `short.zip` without texts, and `light.zip` from before there were full texts.

    Three humans at title and abstract, who differ, a fourth who is called where they do, and a chat model that is asked twice and says something else; two
    humans and both machines at full text; a report that was not got; two extractions of all reports that there are.
    """
    folder.mkdir(exist_ok=True)
    kept = {f"syn-{n:02d}": "include" for n in range(1, 13)} | {"syn-13": "exclude", "syn-14": "exclude"}
    reports = {"syn-01": "include", "syn-02": "include", "syn-06": "exclude"}
    screener_all(folder, ("init", folder, "--example", "documents"))
    with openai_server() as server:
        line = (
            f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY, "
            "price: {input: 1.0, output: 2.0}}"
        )
        protocol = folder / "prompts" / "review.yaml"
        protocol.write_text(protocol.read_text().replace("\nreviewers:\n", f"\nreviewers:\n  {line}\n"))
        gpt = ("--reviewer", "gpt")
        screener_all(folder, ("run", "--stage", "abstract"), ("run", "--stage", "abstract", *gpt))
        server.set_script({"seed": 7})
        screener_all(
            folder,
            ("run", "--stage", "abstract", *gpt, "--repeats", "2"),
            labels(folder, "anna", "abstract", kept),
            labels(folder, "ben", "abstract", kept | {"syn-07": "exclude"}),
            labels(folder, "carla", "abstract", {"syn-01": "include", "syn-03": "unclear", "syn-13": "exclude"}),
            labels(folder, "dora", "abstract", {"syn-07": "include"}),
            ("report", "--audit", "-o", "light.zip"),
            ("import", "--pdfs", "pdfs"),
            ("attach", "syn-12", "--not-retrieved", "the library has lost it"),
            labels(folder, "anna", "fulltext", reports),
            labels(folder, "ben", "fulltext", reports),
            ("run", "--stage", "fulltext"),
            ("run", "--stage", "fulltext", *gpt),
            ("classify", "syn-03", "--ongoing", "its registry record says so"),
            ("classify", "syn-04", "--awaiting", "the authors were asked"),
            ("contact", "syn-04", "--to", "its authors", "--asked", "How many recordings?"),
            ("run", "--stage", "extraction", "--all"),
            ("run", "--stage", "extraction", "--all", *gpt),
            ("report", "--audit"),
            ("report", "--audit", "--without-texts", "-o", "short.zip"),
        )
    return folder / "audit.zip"


Change = Callable[[bytes], bytes | None]


def tampered(
    archive: Path,
    target: Path,
    changes: dict[str, Change],
    *,
    signed: bool,
    added: dict[str, bytes] | None = None,
    renamed: dict[str, str] | None = None,
) -> Path:
    """A copy of an archive with members changed (None: left out), renamed or added; `signed` makes the manifest agree."""
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        manifest: dict[str, Any] = json.loads(before.read("manifest.json"))
        told = {one["name"]: one for one in manifest["members"]}
        for name in before.namelist():
            raw: bytes | None = before.read(name)
            if name in changes and raw is not None:
                changed = changes[name](raw)
                assert changed != raw, f"{name} was not changed"
                raw = changed
                if signed and raw is not None:
                    told[name] |= {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
                    if "rows" in told[name]:
                        told[name]["rows"] = raw.count(b"\n")
                elif signed:
                    manifest["members"].remove(told[name])
            if signed and name in told:
                told[name]["name"] = (renamed or {}).get(name, name)
            if name == "manifest.json" and signed:
                raw = json.dumps(manifest).encode()
            if raw is not None:
                after.writestr((renamed or {}).get(name, name), raw)
        for name, raw in (added or {}).items():
            after.writestr(name, raw)
    return target


def replaced(old: str, new: str) -> Change:
    """A change of the first place of a text."""
    return lambda raw: raw.replace(old.encode(), new.encode(), 1)


def row_changed(number: int, change: Callable[[dict[str, Any]], None]) -> Change:
    """A change of one row of a table."""

    def changed(raw: bytes) -> bytes:
        lines = raw.decode().splitlines()
        row = json.loads(lines[number])
        change(row)
        lines[number] = json.dumps(row, ensure_ascii=False)
        return ("\n".join(lines) + "\n").encode()

    return changed
