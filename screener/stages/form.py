"""The form that the stage `extraction` fills."""

from ..core.judgement import Stage
from ..forms import FormSpec, load_forms
from ..protocol import Review


def form_of(review: Review) -> FormSpec:
    """Return the form of the review's extraction stage; loading it runs the review folder's code."""
    return load_forms([review.prompts / name for name in review.stage(Stage.EXTRACTION).form])
