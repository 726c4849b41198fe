"""What comes in from other tools and goes out to them: decisions, full texts, exports."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from .classify import classify

if TYPE_CHECKING:
    from .attach_full_texts import (
        BY_HAND,
        FullText,
        attach_as,
        attach_file,
        count_by_status,
        detach,
        import_folder,
        note,
        without_pdfium,
    )
    from .classify import KINDS as CLASSIFICATIONS
    from .classify import ask_authors, logged_contacts, note_answer
    from .document_folders import LeftOut, files_in, left_out, left_out_lines
    from .export import write_file
    from .exporters import EXPORTERS, ExportData, Exporter, as_csv, as_jsonl, as_xlsx
    from .other_tools import Only
    from .retraction_status import check_integrity, keep_marked, status_rows
    from .xlsx import CELL_LENGTH, cut_rows
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "BY_HAND",
    "CELL_LENGTH",
    "CLASSIFICATIONS",
    "EXPORTERS",
    "ExportData",
    "Exporter",
    "FullText",
    "LeftOut",
    "Only",
    "as_csv",
    "as_jsonl",
    "as_xlsx",
    "ask_authors",
    "attach_as",
    "attach_file",
    "check_integrity",
    "classify",
    "count_by_status",
    "cut_rows",
    "detach",
    "files_in",
    "import_folder",
    "keep_marked",
    "left_out",
    "left_out_lines",
    "logged_contacts",
    "note",
    "note_answer",
    "status_rows",
    "without_pdfium",
    "write_file",
]
