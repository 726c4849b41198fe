"""Tables for a synthesis and for the paper, made from what was extracted."""

from .bias import bias_table
from .characteristics import characteristics_table
from .effects import metafor_table, revman_table
from .named_items import table_mistakes
from .page import table_page
from .studies import ExtractedStudy, extracted_studies
from .table import CellCounts, SynthesisTable, TableCell
from .wide import STUDIES, list_named, wide_table
from .word import table_document

__all__ = [
    "STUDIES",
    "CellCounts",
    "ExtractedStudy",
    "SynthesisTable",
    "TableCell",
    "bias_table",
    "characteristics_table",
    "extracted_studies",
    "list_named",
    "metafor_table",
    "revman_table",
    "table_document",
    "table_mistakes",
    "table_page",
    "wide_table",
]
