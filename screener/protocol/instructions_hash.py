"""What human reviewers go by: the criteria as the protocol words them, and the written guide to them."""

import hashlib

from ..core.judgement import Stage
from .model import Review

GUIDE = "screening-guide.md"
"""The written guide, in `gold/`; a review may do without."""


def instructions_hash(review: Review, stage: Stage) -> str:
    """Identifies what humans were told of a stage: question, criteria, form and guide. 16 hex digits of SHA-256.

    Cues are left out: they are highlights, not instructions.
    """
    spec = review.stage(stage)
    criteria = [criterion.model_dump_json(exclude={"cues"}) for criterion in spec.criteria]
    files = [review.prompts / name for name in spec.form] + [review.gold / GUIDE]
    texts = [path.read_text(encoding="utf-8") for path in files if path.is_file()]
    return hashlib.sha256("\x00".join([spec.question, *criteria, *texts]).encode()).hexdigest()[:16]
