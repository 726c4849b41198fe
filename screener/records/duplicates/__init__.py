"""What is the same work: the matches of an entry with earlier ones, and the record that entries make together."""

from .exact import certainly_same, contradict
from .index import DuplicateMatch, Index, merge, name_of, titles_agree
from .keys import KEYS_VERSION, blocking_keys
from .titles import same_title

__all__ = [
    "KEYS_VERSION",
    "DuplicateMatch",
    "Index",
    "blocking_keys",
    "certainly_same",
    "contradict",
    "merge",
    "name_of",
    "same_title",
    "titles_agree",
]
