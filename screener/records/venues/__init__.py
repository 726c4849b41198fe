"""Venues: names of journals and conferences, and the lists that say which of them are eligible."""

from typing import TYPE_CHECKING

from ...core.faces import on_demand

if TYPE_CHECKING:
    from .conferences import A_STAR, ConferenceList, a_star_streams, read_conferences
    from .jcr import JcrFile, JcrRow, JournalList, excerpt_of, read_jcr
    from .names import same_venue
    from .verdicts import Place, VenueVerdict, Verdict, best, named
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "A_STAR",
    "ConferenceList",
    "JcrFile",
    "JcrRow",
    "JournalList",
    "Place",
    "VenueVerdict",
    "Verdict",
    "a_star_streams",
    "best",
    "excerpt_of",
    "named",
    "read_conferences",
    "read_jcr",
    "same_venue",
]
