"""A review as one object for programs, and what every change of it ends with."""

from .changes import after_change

__all__ = ["after_change"]
