"""The report: one HTML page without any script, font, picture or style from elsewhere, drawn from the figures alone."""

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from ..evaluation import quality_words
from . import prisma
from . import wording as w
from .checklist import CHECKED, NAME
from .drawing import svg
from .flow import NO_CRITERION
from .labels import Labels
from .pictures import SYNTHETIC, picture_of, pictures, plot_of

PAGE = 6
"""The version of how figures become a page and prose; an audit of another one is not drawn again."""


SECTIONS = {
    "glance": "At a glance",
    "protocol": "Protocol",
    "flow": "Flow of records",
    "venues": "Restriction by venue",
    "reasons": "Reasons for exclusion",
    "included": "Included studies",
    "excluded": "Reports excluded at full text",
    "awaiting": "Awaiting classification",
    "ongoing": "Ongoing studies",
    "contacts": "Contact with authors",
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
"""The page's sections, in its order; those on reports by name only where there are any, or the protocol has full texts."""
_SHORT = ("glance", "flow", "accuracy", "agreement")
_PARTS = {"agreement": "accuracy"}
"""The templates of sections that have not one of their own."""
LISTED_ERRORS = 20
"""How many wrong decisions are shown beside the missed ones, which come first."""


class _Compiled(BytecodeCache):
    """Keep compiled templates while the program lives: who makes several pages compiles them once."""

    def __init__(self) -> None:
        """Start empty."""
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if its template was compiled before."""
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def page(document: Mapping[str, Any], *, short: bool = False) -> str:
    """Return the HTML of a figures document, or its `short` form: summary, flow, accuracy and agreement, without lists.

    All text in it is escaped, whatever a record's title says. Both forms carry all figures.
    """
    labels = Labels(document)
    environment = Environment(
        loader=PackageLoader("screener.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    environment.globals.update(
        w=w,
        picture_of=picture_of,
        plot_of=plot_of,
        checklist_name=NAME,
        checklist_checked=CHECKED,
        prisma_source=prisma.SOURCE,
        prisma_whole=prisma.WHOLE,
        no_criterion=NO_CRITERION,
        sections=_sections(document, short),
        parts=dict.fromkeys(f"{_PARTS.get(name, name)}.html" for name in _sections(document, short)),
        short=short,
        synthetic=SYNTHETIC if document.get("synthetic") else "",
        few=w.FEW,
        q=quality_words,
        listed_errors=LISTED_ERRORS,
        criterion=labels.criterion,
        reason=labels.reason,
        item=labels.item,
        value_words=labels.value,
    )
    # Drawings escape their own text; everything else is left to Jinja.
    drawn = {name: Markup(svg(drawing, f"p-{name}", css="drawing")) for name, drawing in pictures(document).items()}
    template = environment.get_template("report.html")
    return template.render(
        d={**document, "flow": labels.flow, "previous": labels.previous}, drawn=drawn, embedded=Markup(embed(document))
    )


def _sections(document: Mapping[str, Any], short: bool) -> dict[str, str]:
    """Return the sections of a page with their headings."""
    reports = document["reports"] or {}
    left_out = {name for name in ("included", "excluded") if name not in reports}
    left_out |= {name for name in ("awaiting", "ongoing") if not reports.get(name)}
    left_out |= {name for name in ("contacts", "venues") if not document.get(name)}
    return {name: text for name, text in SECTIONS.items() if name not in left_out and (not short or name in _SHORT)}


def embed(document: Mapping[str, Any]) -> str:
    """Return the document as JSON that may stand inside a `script` element: no `<` in it, so nothing can end the element."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
