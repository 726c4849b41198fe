"""Ranking that learns from every label: features and labels in, scores out. No I/O, and nothing is known of a ledger."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand
from .replay import replay

if TYPE_CHECKING:
    from .features import Features, Text, features_of
    from .ranker import UNLABELLED, Ranker
    from .replay import Replay, draw_priors
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = ["UNLABELLED", "Features", "Ranker", "Replay", "Text", "draw_priors", "features_of", "replay"]
