"""The report: one HTML page without any script, font, picture or style from elsewhere, drawn from the figures alone."""

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import wording as w
from .checklist import CHECKED, NAME
from .drawing import svg
from .labels import Labels
from .pictures import picture_of, pictures, plot_of

PAGE = 2
"""The version of how figures become a page and prose; an audit of another one is not drawn again."""


def page(document: Mapping[str, Any]) -> str:
    """Return the HTML of a figures document. All text in it is escaped, whatever a record's title says."""
    labels = Labels(document)
    environment = Environment(
        loader=PackageLoader("screener.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        w=w,
        picture_of=picture_of,
        plot_of=plot_of,
        checklist_name=NAME,
        checklist_checked=CHECKED,
        criterion=labels.criterion,
        reason=labels.reason,
        item=labels.item,
        value_words=labels.value,
    )
    # Drawings escape their own text; everything else is left to Jinja.
    drawn = {name: Markup(svg(drawing, f"p-{name}", css="drawing")) for name, drawing in pictures(document).items()}
    template = environment.get_template("report.html")
    return template.render(d={**document, "flow": labels.flow}, drawn=drawn, embedded=Markup(embed(document)))


def embed(document: Mapping[str, Any]) -> str:
    """Return the document as JSON that may stand inside a `script` element: no `<` in it, so nothing can end the element."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
