"""What comes in from other tools and goes out to them: decisions, full texts, exports."""

from .attach_full_texts import (
    FullText,
    attach_file,
    count_by_status,
    detach,
    files_in,
    import_folder,
    note,
    without_pdfium,
)
from .classify import KINDS as CLASSIFICATIONS
from .classify import ask_authors, classify, logged_contacts, note_answer
from .export import write_file
from .exporters import EXPORTERS, ExportData, Exporter
from .other_tools import Only

__all__ = [
    "CLASSIFICATIONS",
    "EXPORTERS",
    "ExportData",
    "Exporter",
    "FullText",
    "Only",
    "ask_authors",
    "attach_file",
    "classify",
    "count_by_status",
    "detach",
    "files_in",
    "import_folder",
    "logged_contacts",
    "note",
    "note_answer",
    "without_pdfium",
    "write_file",
]
