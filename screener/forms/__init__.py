"""Base types from which a review's `prompts/form.py` builds its extraction form."""

from ..core.judgement import ItemStatus
from .base import Coded, Group, Item, Link, Near, Quantity, Vocabulary

__all__ = ["Coded", "Group", "Item", "ItemStatus", "Link", "Near", "Quantity", "Vocabulary"]
