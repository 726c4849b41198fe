"""The audit: a ZIP with all that the figures of a report were made from, and its check.

`write_audit` makes it, `check_audit` verifies it without the review's folder. The format is described in the archive's
own README.txt.
"""

from .checking import Checked, check_audit
from .writing import WrittenAudit, write_audit

__all__ = ["Checked", "WrittenAudit", "check_audit", "write_audit"]
