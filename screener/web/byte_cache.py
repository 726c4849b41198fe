"""What was made last, kept in memory as long as there is room for it: so many bytes, whoever it was made for."""

import pickle
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
_AS_OBJECT = 4
"""So much more memory an object takes than it does written down."""


class ByteCache:
    """Keeps things apart by their owner; what was used longest ago goes first. It may be used by several threads."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet, and never more than `most` bytes."""
        self.most, self.size = most, 0
        self._kept: OrderedDict[tuple[Hashable, Hashable], tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, owner: Hashable, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept for an owner under a key, made now where it is not."""
        whole = (owner, key)
        with self._lock:
            if (found := self._kept.get(whole)) is not None:
                self._kept.move_to_end(whole)
                kept: T = found[0]
                return kept
        made = make()
        size = len(made) if isinstance(made, bytes) else _AS_OBJECT * len(pickle.dumps(made))
        with self._lock:
            self._drop(whole)  # somebody else may have made it meanwhile
            self._kept[whole] = (made, size)
            self.size += size
            while self.size > self.most:
                self._drop(next(iter(self._kept)))
        return made

    def forget(self, owner: Hashable) -> None:
        """Forget what is kept for an owner."""
        with self._lock:
            for whole in [whole for whole in self._kept if whole[0] == owner]:
                self._drop(whole)

    def _drop(self, whole: tuple[Hashable, Hashable]) -> None:
        self.size -= self._kept.pop(whole, (None, 0))[1]
