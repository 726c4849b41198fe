"""Drives machine reviewers: what is missing, calls, limits, budget, commit."""
