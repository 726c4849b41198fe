"""What notices say of their papers, and what that makes of the papers' integrity."""

from enum import StrEnum

from .model import Integrity


class NoticeKind(StrEnum):
    """What a notice says of its paper."""

    ERRATUM = "erratum"
    CONCERN = "expression of concern"
    RETRACTION = "retraction"
    REPLY = "reply or comment"
    EDITORIAL = "editorial note"


MARKS = {
    NoticeKind.ERRATUM: Integrity.CORRECTED,
    NoticeKind.CONCERN: Integrity.CONCERN,
    NoticeKind.RETRACTION: Integrity.RETRACTED,
}
"""What a notice of each kind makes of its paper's integrity; replies and editorial notes make nothing of it."""
