"""Records as reference managers and other screening tools read them: a module a format.

Each format is written so that `records.read_file` reads it back with every field that the format has.
"""

from typing import TYPE_CHECKING

from ...core.faces import on_demand

if TYPE_CHECKING:
    from .bibtex import as_bibtex
    from .eppi import as_eppi
    from .medline import as_nbib
    from .ris import as_ris
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = ["as_bibtex", "as_eppi", "as_nbib", "as_ris"]
