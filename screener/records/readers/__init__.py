"""Reading exports: a module a format, found by what is in a file."""

from .accessions import accession
from .columns import COLUMNS, identifying
from .delimited import FAULT
from .encoding import decode
from .registry import FORMATS, READERS, Export, Reader, read_file
from .ris import looks_like_ris, parse_ris
from .ris_fields import entry_of
from .rows import FileRead, RowCollector
from .tables import plain_entry

__all__ = [
    "COLUMNS",
    "FAULT",
    "FORMATS",
    "READERS",
    "Export",
    "FileRead",
    "Reader",
    "RowCollector",
    "accession",
    "decode",
    "entry_of",
    "identifying",
    "looks_like_ris",
    "parse_ris",
    "plain_entry",
    "read_file",
]
