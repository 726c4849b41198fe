"""YAML read for changing its text: by PyYAML itself, whose marks are exact, and which takes less than libyaml does."""

import json
from typing import Any

import yaml

from .errors import BadInput


def changeable(text: str, name: str, remedy: str = "") -> tuple[yaml.Node | None, Any]:
    """Return the root of the text of the file `name`, and what it says.

    Raises `BadInput` with the line that PyYAML cannot read, also where libyaml, which opens files, can: `[Is it?, x]`.
    """
    behind = f"; {remedy}" if remedy else ""
    try:
        root, said = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
        json.dumps(said, skipkeys=True, default=str)  # a value that contains itself is refused
    except RecursionError:
        raise BadInput(f"{name}: lists or keys within each other too deep to be changed{behind}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(
            f"{name}:{line}: the program cannot change the file: {error.problem}; put the words there in quotes{behind}"
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(f"{name}: the program cannot change the file: {' '.join(str(error).split())}{behind}") from None
    return root, said


def says(text: str) -> Any:
    """Return what a text says; None where it is not YAML."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
