"""The reviews that come with the program, and the blank one that a new review starts from."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.yamlfile import YamlFile
from ..protocol import new_id, write_id
from .first_words import FirstWords as FirstWords
from .first_words import as_line as as_line
from .first_words import written_into

_HERE = Path(__file__).parent
_PAPERS = ("pdfs", "full-texts")
_ROOMS = ("prompts", "gold", "exports", "decisions", *_PAPERS)


# What a prompt says of records, quotes and answers holds for every review: one copy, that of the ECG review.
_TEMPLATES = ("abstract.md", "fulltext.md", "extraction.md")


def new_review(folder: Path, words: FirstWords | None = None) -> list[Path]:
    """Make a review folder with a commented protocol, a form to start from and the prompts; return the files made.

    `words` are title, questions and stages, where they are known already.
    """
    files = _with_templates(_copy(_HERE / "blank", folder), folder)
    if words is not None:
        protocol = folder / "prompts" / "review.yaml"
        protocol.write_text(written_into(protocol.read_text(encoding="utf-8"), words), encoding="utf-8")
    return files


def _with_templates(files: list[Path], folder: Path) -> list[Path]:
    """Copy the prompt templates that a folder lacks; return the files with them."""
    for name in _TEMPLATES:
        target = folder / "prompts" / name
        if not target.exists():
            shutil.copyfile(_source("ecg") / "prompts" / name, target)
            files.append(target)
    return files


@dataclass(frozen=True)
class PackagedReview:
    """A review that comes with the program: its title, whose field it is of, and what there is to try in it."""

    name: str
    title: str
    field: str
    about: str
    has_sample: bool
    """Whether a gold sample comes with it that was drawn for people to label."""
    papers: str
    """The folder of its papers, empty where it has none."""


@cache
def template_texts() -> frozenset[str]:
    """Return the prompt templates that come with the program."""
    places = [_source(name) / "prompts" / template for name in _packaged() for template in _TEMPLATES]
    return frozenset(place.read_text(encoding="utf-8") for place in places if place.is_file())


@dataclass(frozen=True)
class FormTemplate:
    """A form that comes with the program, as a file in YAML, and what it is for."""

    path: Path
    about: str


def form_templates() -> dict[str, FormTemplate]:
    """Return the forms that a review can start from, by name."""
    files = sorted((_HERE / "forms").glob("*.yaml"))
    return {path.stem: FormTemplate(path, _first_comment(path)) for path in files}


def _first_comment(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()


def blank_protocol() -> Mapping[str, Any]:
    """Return the protocol that a new review starts from, as its file has it."""
    data: Mapping[str, Any] = YamlFile(_HERE / "blank" / "prompts" / "review.yaml").data
    return data


@cache
def packaged_reviews() -> tuple[PackagedReview, ...]:
    """Return the reviews that come with the program, in the order in which they are offered."""
    return tuple(
        PackagedReview(
            name,
            " ".join(str(YamlFile(_source(name) / "prompts" / "review.yaml").data["title"]).split()),
            known["field"],
            known["about"],
            (_source(name) / "gold" / "sample.yaml").is_file(),
            next((room for room in _PAPERS if (_source(name) / room).is_dir()), ""),
        )
        for name, known in _packaged().items()
    )


def copy_example(name: str, folder: Path) -> list[Path]:
    """Make a review folder from a packaged example; return the files made."""
    if name not in _packaged():
        raise BadInput(f"--example: there is no example `{name}`; known: {', '.join(_packaged())}")
    return _with_templates(_copy(_source(name), folder), folder)


@cache
def _packaged() -> Mapping[str, Mapping[str, str]]:
    listed: Mapping[str, Mapping[str, str]] = YamlFile(_HERE / "packaged.yaml").data
    return listed


def _source(name: str) -> Path:
    # Inside an installed package it lies beside this file; in the repository it has one place, which the list names.
    packaged = _HERE / name
    return packaged if packaged.is_dir() else _HERE.parents[1] / _packaged()[name]["folder"]


def _copy(source: Path, folder: Path) -> list[Path]:
    files: list[Path] = []
    for path in sorted(p for room in _ROOMS for p in (source / room).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            files.append(target)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text(".screener/\n", encoding="utf-8")
        files.append(ignore)
    # A copy is a review of its own, whatever id the example has.
    write_id(folder / "prompts" / "review.yaml", new_id())
    return files
