"""Screen, extract and adjudicate the records of a systematic review, and check every output against gold.

import screener

review = screener.open("my-review")
review.run("abstract")
review.records("abstract").frame()
"""

from typing import TYPE_CHECKING, Any

from .core.errors import BadInput

if TYPE_CHECKING:
    from .review import OpenReview, open

__all__ = ["BadInput", "OpenReview", "__version__", "open"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what works on reviews when it is first asked for: it takes a second, and `screener --help` needs none."""
    if name in ("OpenReview", "open"):
        from . import review

        return getattr(review, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
