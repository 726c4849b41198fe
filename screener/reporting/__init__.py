"""What a review hands to its readers: the flow, the figures, the report, the checklist.

All of it read from the ledger.
"""

from .pictures import write_pictures

__all__ = ["write_pictures"]
