"""Compare reviewers with gold and each other: accuracy, agreement, thresholds, gate checks, stopping."""
