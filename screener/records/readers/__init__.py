"""Reading exports: a module a format, found by what is in a file."""

from typing import TYPE_CHECKING

from ...core.faces import on_demand

if TYPE_CHECKING:
    from .accessions import accession
    from .bibtex import bibtex_text, looks_like_bibtex, parse_bibtex
    from .bibtex import entry_of as bibtex_entry
    from .columns import COLUMNS, identifying
    from .delimited import FAULT
    from .encoding import EncodingUnclear, decode
    from .medline import entry_of as medline_entry
    from .medline import looks_like_medline, parse_medline
    from .registry import FORMATS, READERS, Export, Reader, read_file
    from .ris import looks_like_ris, parse_ris
    from .ris_fields import entry_of
    from .rows import FileRead, RowCollector
    from .tables import plain_entry
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "COLUMNS",
    "FAULT",
    "FORMATS",
    "READERS",
    "EncodingUnclear",
    "Export",
    "FileRead",
    "Reader",
    "RowCollector",
    "accession",
    "bibtex_entry",
    "bibtex_text",
    "decode",
    "entry_of",
    "identifying",
    "looks_like_bibtex",
    "looks_like_medline",
    "looks_like_ris",
    "medline_entry",
    "parse_bibtex",
    "parse_medline",
    "parse_ris",
    "plain_entry",
    "read_file",
]
