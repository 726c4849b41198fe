"""A review's extraction form: in YAML, or in Python built from the base types here."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from ..core.judgement import ItemStatus

if TYPE_CHECKING:
    from .applying import settle_what_follows
    from .base import Applies, Coded, Derived, Group, Item, Key, Link, Near, Quantity, Vocabulary
    from .concluding import conclude, not_seen
    from .deriving import derive, overridden, override
    from .extraction_alignment import AlignedItem, align, pair_answers, resolve, rows_of, same_items
    from .labels import code_label, described, readable
    from .load import forms_not_run, load_forms, written_as_yaml
    from .spec import FormSpec, GroupField, ItemField, RowField, UnitField, bare
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "AlignedItem",
    "Applies",
    "Coded",
    "Derived",
    "FormSpec",
    "Group",
    "GroupField",
    "Item",
    "ItemField",
    "ItemStatus",
    "Key",
    "Link",
    "Near",
    "Quantity",
    "RowField",
    "UnitField",
    "Vocabulary",
    "align",
    "bare",
    "code_label",
    "conclude",
    "derive",
    "described",
    "forms_not_run",
    "load_forms",
    "not_seen",
    "overridden",
    "override",
    "pair_answers",
    "readable",
    "resolve",
    "rows_of",
    "same_items",
    "settle_what_follows",
    "written_as_yaml",
]
