"""The fields of a form that was sent, as plain text."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from ..core.errors import BadInput


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=8000)


def _fields(form: Annotated[FormData, Depends(_form)]) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _lists(form: Annotated[FormData, Depends(_form)]) -> dict[str, list[str]]:
    return {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}


Fields = Annotated[dict[str, str], Depends(_fields)]
"""The last value of each field."""
Lists = Annotated[dict[str, list[str]], Depends(_lists)]
"""All values of each field, for those that may have several."""


def whole_number(fields: dict[str, str], name: str) -> int:
    """Return a number that a form carries along, 0 where it has none; `BadInput` for anything else."""
    text = fields.get(name, "") or "0"
    if not text.isdecimal() or len(text) > 15:
        raise BadInput(f"{name}: no such number")
    return int(text)
