"""Tables for a synthesis and for the paper, made from what was extracted."""

from .effects import metafor_table, revman_table
from .named_items import table_mistakes
from .page import table_page
from .studies import ExtractedStudy, extracted_studies
from .table import CellCounts, SynthesisTable, TableCell
from .wide import STUDIES, list_named, wide_table

__all__ = [
    "STUDIES",
    "CellCounts",
    "ExtractedStudy",
    "SynthesisTable",
    "TableCell",
    "extracted_studies",
    "list_named",
    "metafor_table",
    "revman_table",
    "table_mistakes",
    "table_page",
    "wide_table",
]
