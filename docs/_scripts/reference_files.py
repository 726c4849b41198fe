"""The pages on what a review reads and writes: form types, formats, and the Python interface."""

import inspect
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from screener import forms as form_types
from screener.core.registry import Registry
from screener.exchange import decisions
from screener.exchange.decisions.formats import DECISION_FILES
from screener.exchange.exporters import EXPORTERS
from screener.models import MODELS
from screener.protocol.reviewer_kinds import REVIEWERS
from screener.records import readers
from screener.sources import DATABASES

from .reference_keys import texts

FORMS = """# Form types

An extraction form is written in YAML ([form.yaml](form-yaml.md)), or as a Python class `Form` in the file that `form` in
[review.yaml](review-yaml.md) names. Both give the same form. These are the types that a class is built from; import them
from `screener.forms`. Names and descriptions of fields are what a reviewer is told, so write them for a reader. A field
has no default: "not looked for" must not look like "not reported".

The form that a new review starts from, in Python:

```python
{example}```

"""
FORMATS = """# Formats

## Records that `screener import` reads

The format is recognised by what is in the file, not by its name.

"""
DECISIONS = """
## Decisions that `screener label` reads

"""
EXPORTS = """
## What `screener export` writes

| `--format` | what it is | stages |
| --- | --- | --- |
"""
MORE = """
Other packages can add formats; see [Plug-ins](plugins.md).
"""
PLUGINS = """# Plug-ins

Another Python package can add formats and more. It declares an entry in its `pyproject.toml`; once it is installed, `screener`
knows it.

```toml
[project.entry-points."screener.readers"]
myformat = "my_package:READER"
```

The entry is imported when it is first asked for. A name that is built in, or that two packages declare, is refused with one
line that names the packages. The folder `examples/plugin` of the source holds a whole package with a format, a model and a
kind of reviewer; the tests install and use it.

"""
REGISTRIES: tuple[Registry[Any], ...] = (readers.READERS, DECISION_FILES, EXPORTERS, MODELS, REVIEWERS, DATABASES)
"""Everything that other packages may add to."""


EXAMPLE = '''\
from typing import Annotated

from pydantic import Field

from screener.forms import Coded, Group, Item, Near, Quantity, Vocabulary


class Design(Vocabulary):
    TRIAL = "randomised_trial", "randomised", "randomized", "randomly assigned"
    COHORT = "cohort", "cohort study", "followed up"
    OTHER = "other"


class Study(Group):
    design: Annotated[Coded[Design], Near(("study", "design", "trial"))] = Field(
        description="Which design does the study have?"
    )
    participants: Annotated[Item[int], Quantity({"": 1}, near=("participants", "patients", "people"))] = Field(
        description="How many people took part (a count)?"
    )
    funder: Item[str] = Field(description="Who paid for the study, in the words of the report?")


class Form(Group):
    """Say here what holds for the whole form."""

    study: Study = Field(description="The study as a whole.")
'''
"""The form of a new review in Python; a test holds it against the one in YAML."""
_FORM_TYPES = ("screener.forms.base", "screener.core.judgement")
"""Where the types stand that a form is written with; the rest of their room is for the program."""


def forms() -> str:
    """Return the page on the types that extraction forms are built from."""
    names = [name for name in form_types.__all__ if getattr(form_types, name).__module__ in _FORM_TYPES]
    return FORMS.replace("{example}", EXAMPLE) + "\n".join(_form_type(name) for name in names)


def formats() -> str:
    """Return the page on the formats that are read and written."""
    exports = [
        f"| `{name}` | {EXPORTERS[name].about} | {'every' if EXPORTERS[name].holds == 'rows' else 'the screening stages'} |\n"
        for name in EXPORTERS.names
    ]
    return (
        FORMATS
        + "".join(f"- {name}\n" for name in readers.FORMATS)
        + DECISIONS
        + "".join(f"- {name}\n" for name in decisions.FORMATS)
        + EXPORTS
        + "".join(exports)
        + MORE
    )


def plugins() -> str:
    """Return the page on what other packages can add."""
    return PLUGINS + "\n".join(
        f"## {registry.group}\n\nBuilt in: {', '.join(f'`{name}`' for name in registry.built_in) or 'none'}.\n\n"
        f"An entry is a `{registry.type.__module__}.{registry.type.__name__}`. {inspect.cleandoc(registry.type.__doc__ or '')}\n"
        for registry in REGISTRIES
    )


def _form_type(name: str) -> str:
    """Return the section on a type: its text, and its fields or members with theirs."""
    kind: Any = getattr(form_types, name)
    lines = [f"## {name}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
    if issubclass(kind, BaseModel):
        lines += [f"- `{field}`: {info.description}" for field, info in kind.model_fields.items() if info.description]
    elif issubclass(kind, StrEnum):
        lines += [
            f"- `{kind[member].value}`: {text}" for member, text in texts(kind).items() if member in kind.__members__
        ]
    elif hasattr(kind, "__dataclass_fields__"):
        lines += [f"Written as `{name}{inspect.signature(kind)}`.".replace(" -> None", "")]
    return "\n".join([*lines, ""])
