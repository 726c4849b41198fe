"""The protocol of a review: `prompts/review.yaml`, searches, prompts, few-shot examples."""
