"""Words that everything else is written in: errors, judgements, and the messages between reviewers and models.

Its modules are imported by their own names (`from screener.core.judgement import Stage`): the first lines of the program
need the errors alone, and `screener --help` is not to wait for the rest.
"""

from .errors import BadInput, LedgerError, LedgerUnavailable
from .files import whole_file

__all__ = ["BadInput", "LedgerError", "LedgerUnavailable", "whole_file"]
