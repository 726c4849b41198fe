"""What is the same work: the matches of an entry with earlier ones, and the record that entries make together."""

from typing import TYPE_CHECKING

from ...core.faces import on_demand

if TYPE_CHECKING:
    from .exact import certainly_same, contradict
    from .index import MOST_ALIKE, DuplicateMatch, Index, Prepared, prepare, prepare_all
    from .keys import KEYS_VERSION, blocking_keys
    from .merging import merge, name_of
    from .titles import one_title, same_title, titles_agree
    from .traits import kind_of
else:
    __getattr__ = on_demand(__name__, __file__)

__all__ = [
    "KEYS_VERSION",
    "MOST_ALIKE",
    "DuplicateMatch",
    "Index",
    "Prepared",
    "blocking_keys",
    "certainly_same",
    "contradict",
    "kind_of",
    "merge",
    "name_of",
    "one_title",
    "prepare",
    "prepare_all",
    "same_title",
    "titles_agree",
]
