"""The report: one HTML page without any script, font, picture or style from elsewhere, drawn from the figures alone."""

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import prisma
from . import wording as w
from .checklist import CHECKED, NAME
from .drawing import svg
from .labels import Labels
from .pictures import picture_of, pictures, plot_of

_BY_NAME = ("included", "excluded")
PAGE = 3
"""The version of how figures become a page and prose; an audit of another one is not drawn again."""


SECTIONS = {
    "glance": "At a glance",
    "protocol": "Protocol",
    "flow": "Flow of records",
    "reasons": "Reasons for exclusion",
    "included": "Included studies",
    "excluded": "Reports excluded at full text",
    "accuracy": "Accuracy against gold",
    "agreement": "Agreement and stability",
    "wrong": "Wrong decisions",
    "extraction": "Extracted data",
    "effort": "Cost, tokens, time",
    "searches": "Search log",
    "methods": "Methods text",
    "prisma": "PRISMA 2020 checklist",
    "checklist": "AI reporting checklist",
    "reproduce": "How to reproduce",
}
"""The page's sections, in its order; those on reports by name only where the protocol has full texts."""


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
        prisma_source=prisma.SOURCE,
        sections=SECTIONS if document["reports"] else {k: v for k, v in SECTIONS.items() if k not in _BY_NAME},
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
