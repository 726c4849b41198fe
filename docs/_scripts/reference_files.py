"""The pages on what a review reads and writes: form types, formats, and the Python interface."""

import inspect
from typing import Any

from screener import forms as form_types
from screener.exchange import decisions
from screener.records import readers

FORMS = """# Form types

An extraction form is a Python class `Form` in the file that `form` in [review.yaml](review-yaml.md) names. These are the
types that it is built from; import them from `screener.forms`. Names and descriptions of fields are what a reviewer is
told, so write them for a reader. A field has no default: "not looked for" must not look like "not reported".

```text
from typing import Annotated

from pydantic import Field
from screener.forms import Coded, Group, Item, Quantity, Vocabulary


class Design(Vocabulary):
    COHORT = "cohort", "cohort study", "followed up"
    TRIAL = "trial", "randomi*"
    OTHER = "other"


class Form(Group):
    design: Coded[Design] = Field(description="The design of the study.")
    participants: Item[int] = Field(description="How many people took part.")
    follow_up_months: Annotated[Item[float], Quantity({"months": 1, "years": 12})] = Field(
        description="How long people were followed, in months."
    )
```

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

| `--format` | what it is |
| --- | --- |
"""


def forms() -> str:
    """Return the page on the types that extraction forms are built from."""
    return FORMS + "\n".join(_form_type(name) for name in form_types.__all__)


def formats() -> str:
    """Return the page on the formats that are read and written."""
    return (
        FORMATS
        + "".join(f"- {name}\n" for name in readers.FORMATS)
        + DECISIONS
        + "".join(f"- {name}\n" for name in decisions.FORMATS)
    )


def _form_type(name: str) -> str:
    value: Any = getattr(form_types, name)
    lines = [f"## {name}", "", inspect.cleandoc(value.__doc__ or ""), ""]
    return "\n".join(lines)
