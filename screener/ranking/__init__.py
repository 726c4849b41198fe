"""Ranking that learns from every label: features and labels in, scores out. No I/O, and nothing is known of a ledger."""

from .features import Features, Text, features_of
from .ranker import UNLABELLED, Ranker
from .replay import Replay, draw_priors, replay

__all__ = ["UNLABELLED", "Features", "Ranker", "Replay", "Text", "draw_priors", "features_of", "replay"]
