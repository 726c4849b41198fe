"""Reviewers against gold, against each other and against people: accuracy, agreement, thresholds, gate checks, stopping."""
