"""Tables for a synthesis and for the paper, made from what was extracted."""

from typing import TYPE_CHECKING

from ...core.faces import on_demand

if TYPE_CHECKING:
    from .addresses import links_table
    from .bias import bias_table
    from .characteristics import characteristics_table
    from .effects import metafor_table, revman_table
    from .named_items import entry_name, own_name, table_mistakes
    from .page import table_page
    from .performance import performance_table
    from .reproducibility import reproducibility_table, units_table
    from .studies import ExtractedStudy, extracted_studies
    from .table import CellCounts, SynthesisTable, TableCell
    from .units import CountedUnit, Synthesis, broken_links, present_links, unit_list
    from .wide import STUDIES, list_named, wide_table
    from .word import MOST_COLUMNS, table_document
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "MOST_COLUMNS",
    "STUDIES",
    "CellCounts",
    "CountedUnit",
    "ExtractedStudy",
    "Synthesis",
    "SynthesisTable",
    "TableCell",
    "bias_table",
    "broken_links",
    "characteristics_table",
    "entry_name",
    "extracted_studies",
    "links_table",
    "list_named",
    "metafor_table",
    "own_name",
    "performance_table",
    "present_links",
    "reproducibility_table",
    "revman_table",
    "table_document",
    "table_mistakes",
    "table_page",
    "unit_list",
    "units_table",
    "wide_table",
]
