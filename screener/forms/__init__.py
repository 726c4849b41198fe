"""Base types from which a review's `prompts/form.py` builds its extraction form."""

from ..core.judgement import ItemStatus
from .base import Coded, Group, Item, Link, Near, Quantity, Vocabulary
from .extraction_alignment import AlignedItem, align, kinds_of, resolve, rows_of, same_items
from .labels import code_label, described, readable
from .load import forms_not_run, load_forms
from .walk import FormSpec, GroupField, ItemField, RowField, UnitField, bare

__all__ = [
    "AlignedItem",
    "Coded",
    "FormSpec",
    "Group",
    "GroupField",
    "Item",
    "ItemField",
    "ItemStatus",
    "Link",
    "Near",
    "Quantity",
    "RowField",
    "UnitField",
    "Vocabulary",
    "align",
    "bare",
    "code_label",
    "described",
    "forms_not_run",
    "kinds_of",
    "load_forms",
    "readable",
    "resolve",
    "rows_of",
    "same_items",
]
