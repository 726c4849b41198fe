"""Machine reviewers: embedded, chat, probability, extractors. Generators that do no I/O."""

from typing import TYPE_CHECKING

from ..core.faces import on_demand

if TYPE_CHECKING:
    from .calibration import Calibration, Taught, calibrate
    from .chat import ChatReviewer
    from .critique import Critique, ask_for_critique, critique_request, suggestions_of
    from .embedded import EmbeddedReviewer
    from .extracting import ChatExtractor, form_requests, is_of_today
    from .fit import Features, Fit
    from .grading import Grading
    from .page_images import MOST_PIXELS, PIXELS_A_POINT
    from .pattern_extractor import EmbeddedExtractor
    from .probability import ProbabilityReviewer
    from .rewording import CriterionToReword, ShownError, reword
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "MOST_PIXELS",
    "PIXELS_A_POINT",
    "Calibration",
    "ChatExtractor",
    "ChatReviewer",
    "CriterionToReword",
    "Critique",
    "EmbeddedExtractor",
    "EmbeddedReviewer",
    "Features",
    "Fit",
    "Grading",
    "ProbabilityReviewer",
    "ShownError",
    "Taught",
    "ask_for_critique",
    "calibrate",
    "critique_request",
    "form_requests",
    "is_of_today",
    "reword",
    "suggestions_of",
]
