"""The Python interface: a review as an object whose methods do what the commands do.

`open` is `screener.open`. What the methods take and return is in the modules of this package.
"""

from .api import OpenReview, open, read_review, review_folder, stage_named

__all__ = ["OpenReview", "open", "read_review", "review_folder", "stage_named"]
