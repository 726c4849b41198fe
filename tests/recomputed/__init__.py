"""The figures of a report made a second time from its audit, by other code and other libraries.

Nothing here imports the program's metrics, figures, evaluation or flow: what is shared with it is the archive's format,
the formulas as they are published, and the recipe of the bootstrap as the archive's README.txt states it. Of the program
only the form's own definition is loaded, to know which items it asks for.
"""

from typing import Any

from .archive import Audit
from .document import expected
from .standing import way
from .updates import previous as _previous
from .walk import compared, numeric_leaves


def previous(audit: Audit) -> dict[str, Any] | None:
    """The flow since the last frozen version."""
    return _previous(audit, way(audit))


__all__ = ["Audit", "compared", "expected", "numeric_leaves", "previous"]
