"""Making the files of a form: from a template that comes with the program, or from a form in Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import BadInput
from ..core.files import whole_file
from ..examples import form_templates
from ..forms import load_forms, written_as_yaml


@dataclass(frozen=True)
class MadeForm:
    """A file with a form that was written, and how many items it asks for and derives."""

    path: Path
    asked: int
    derived: int

    def as_json(self) -> dict[str, Any]:
        """Return what the command prints with `--json`."""
        return {"file": str(self.path), "asked": self.asked, "derived": self.derived}


def new_form(name: str, prompts: Path) -> MadeForm:
    """Copy a template into a folder. `BadInput` for a name that is none, and where the file is there already."""
    templates = form_templates()
    if name not in templates:
        raise BadInput(f"{name}: there is no template of this name; known: {', '.join(templates)}")
    return _made(prompts / f"{name}.yaml", templates[name].path.read_text(encoding="utf-8"))


def form_to_yaml(path: Path) -> MadeForm:
    """Write a form in Python, which is run, as YAML beside it. `BadInput` where it cannot be written so, or is there already."""
    if path.suffix != ".py":
        raise BadInput(f"{path}: is no Python file; give the form.py that is to be written as YAML")
    made = _made(path.with_suffix(".yaml"), written_as_yaml(path))
    if load_forms([made.path]) != load_forms([path]):
        made.path.unlink()
        raise BadInput(f"{path}: cannot be written as YAML without loss; nothing was written")
    return made


def refuse_other_version(path: Path, named: Sequence[Path]) -> None:
    """Raise `BadInput` where another form in YAML lies beside one: whoever changes it would change nothing.

    A Python file that review.yaml does not name is not run, and so not compared.
    """
    for other in (path.with_suffix(suffix) for suffix in (".yaml", ".yml")):
        if other not in named and other.is_file() and load_forms([other]) != load_forms([path]):
            raise BadInput(
                f"{other}: differs from {path.name}, which review.yaml names; name this one instead, or move it away"
            )


def _made(path: Path, text: str) -> MadeForm:
    if path.exists():
        raise BadInput(f"{path}: is there already; move it away first")
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8")
    form = load_forms([path])
    return MadeForm(path, len(form.asked.by_path), len(form.derived))
