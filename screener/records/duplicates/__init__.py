"""What is the same work: the matches of an entry with earlier ones, and the record that entries make together."""

from .exact import certainly_same, contradict
from .index import MOST_ALIKE, DuplicateMatch, Index, Prepared, prepare
from .keys import KEYS_VERSION, blocking_keys
from .merging import merge, name_of
from .titles import same_title, titles_agree

__all__ = [
    "KEYS_VERSION",
    "MOST_ALIKE",
    "DuplicateMatch",
    "Index",
    "Prepared",
    "blocking_keys",
    "certainly_same",
    "contradict",
    "merge",
    "name_of",
    "prepare",
    "same_title",
    "titles_agree",
]
