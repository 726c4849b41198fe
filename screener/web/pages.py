"""How a page is made of a template: whole, or the middle alone where the browser keeps the rest."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from ..core.judgement import Stage
from ..forms import code_label
from ..records import Record
from .page_words import page_words
from .security import person_of

HERE = Path(__file__).parent
_LONGEST = 80
"""So many characters of a title are enough to know it by."""
_TOLD = ("message", "trouble", "warn", "why", "refused")
"""What messages are called that may come from any part of the program."""
NOT_SAVED = {"X-Not-Saved": "1"}
"""The header of an answer to a form that was not kept: the browser keeps what it sent."""


class Refusal(str):
    """A message that something was not done: it stays on the screen until it is dismissed."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str, record: Record) -> "Refusal":
        """Return what was refused of a record, which it names: it is still on the screen when another one is open."""
        title = record.shown_title
        return cls(f"{text} · {title if len(title) <= _LONGEST else title[:_LONGEST] + '…'}")


def environment(**named: Any) -> Environment:
    """Return templates that escape whatever they are given and fail on a name that does not exist.

    `named` is what all of them are given. `base` stands before every address, `assets` before those of scripts and style, `home` is the address of the start page.
    """
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals.update(
        {"base": "", "assets": "", "home": "", "own_page": "", "nav": (), "beside": (), "nav_groups": (), "key_help": (), "place": "", "theme": "", "reviewer": ""},
        names_of_stages={stage.value: stage.label for stage in Stage}, **named,
    )  # fmt: skip
    made.filters["code"] = code_label
    made.filters["merged"] = lambda fields, more: {**fields, **more}
    made.filters["hash"] = lambda value: hashlib.sha256(value.encode()).hexdigest()[:8]
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["told"] = partial(page_words, on_server=bool(made.globals["own_page"]))
    return made


def in_page_words(templates: Environment, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template is given, with messages of the program in the words of its pages."""
    told = templates.filters["told"]
    return {name: _worded(told, value) if name in _TOLD else value for name, value in context.items()}


def _worded(told: Callable[[str], str], value: Any) -> Any:
    if isinstance(value, Refusal):
        return Refusal(told(value))
    return told(value) if isinstance(value, str) else value


def page(
    templates: Environment, request: Request, template: str, *, screen: str, heading: str, **context: Any
) -> HTMLResponse:
    """Return a page, or where the browser only changes its middle, that part."""
    layout = "bare.html" if request.headers.get("hx-request") == "true" else "base.html"
    context.setdefault("message", "")
    context = in_page_words(templates, context)
    context["csrf"] = person_of(request.scope).csrf
    context["refused"] = isinstance(context["message"], Refusal)
    return HTMLResponse(
        templates.get_template(template).render(layout=layout, screen=screen, heading=heading, **context),
        headers=NOT_SAVED if context["refused"] else None,
    )
