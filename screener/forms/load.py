"""Loading the form of a review: YAML, or a Python file, which is run by loading it."""

import contextlib
import hashlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import BadInput
from .as_yaml import as_yaml
from .base import Group
from .spec import FormSpec
from .walk import take_apart
from .yaml_form import SUFFIXES, load_yaml_form

_refused: list[Path] | None = None


@contextmanager
def forms_not_run() -> Iterator[list[Path]]:
    """Until it ends no form is run, not even one that was loaded before: loading one raises `BadInput`.

    Yields the files that were asked for, which grows meanwhile. It holds for the whole process, in every thread.
    """
    global _refused
    before, _refused = _refused, []
    try:
        yield _refused
    finally:
        _refused = before


def load_form(path: Path) -> FormSpec:
    """Return the form in a file, taken apart. **A Python file is run by this**: load only what you would run yourself.

    Raises `BadInput` with file and line for a file that fails or is no form.
    """
    if path.suffix in SUFFIXES:
        return load_yaml_form(path)
    return take_apart(form_class(path), str(path))


def form_class(path: Path) -> type[Group]:
    """Return the class `Form` of a Python file, which is run. Raises `BadInput` as `load_form` does."""
    if _refused is not None:
        _refused.append(path)
        raise BadInput(f"{path}: is a program, which is not run here")
    try:
        source = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None
    name = f"screener_form_{hashlib.sha256(source).hexdigest()[:16]}"
    module = sys.modules.get(name)
    if module is None:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise BadInput(f"{path}: is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # Pydantic looks names up in the module of a class
        written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what it prints must not get into our `--json`
                spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise BadInput(
                f"{path}:{_line(error, path)}: {type(error).__name__}: {' '.join(str(error).split())}"
            ) from None
        finally:
            sys.dont_write_bytecode = written
    form = getattr(module, "Form", None)
    if not (isinstance(form, type) and issubclass(form, Group)):
        raise BadInput(f"{path}: has no class `Form(Group)`; see `screener.forms`")
    return form


def load_forms(paths: Sequence[Path]) -> FormSpec:
    """Return several forms as one; `BadInput` where two of them have a group of the same name. This runs Python files."""
    forms = [load_form(path) for path in paths]
    path_of_name: dict[str, Path] = {}
    for path, form in zip(paths, forms, strict=True):
        for name in [group.path for group in form.groups] + [unit.path for unit in form.units]:
            if name in path_of_name:
                raise BadInput(f"{path}: `{name}` is in {path_of_name[name].name} already; rename one")
            path_of_name[name] = path
    groups = tuple(group for form in forms for group in form.groups)
    units = tuple(unit for form in forms for unit in form.units)
    return FormSpec(groups, units)


def _line(error: BaseException, path: Path) -> int:
    """Return the line of the file at which it failed."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def written_as_yaml(path: Path) -> str:
    """Return the form of a Python file, which is run, as the text of a `form.yaml`. Raises `BadInput` as `load_form` does."""
    form = form_class(path)
    try:
        return as_yaml(form, take_apart(form, str(path)))
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
