"""What other packages may bring: formats, models, kinds of reviewers and sources, each under a name.

A registry has the built-in entries and those that installed packages declare as entry points of its group:

    [project.entry-points."screener.readers"]
    myformat = "my_package:READER"

What is declared is imported when it is first asked for.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from .errors import BadInput

EntryT = TypeVar("EntryT")


class Registry(Generic[EntryT]):
    """Entries of one type by name. `group` is that of the entry points, such as `screener.readers`."""

    def __init__(
        self,
        group: str,
        type: type[EntryT],
        built_in: Mapping[str, EntryT] | None = None,
        *,
        reserved: Collection[str] = (),
    ) -> None:
        """Take the built-in entries; installed packages are looked up when an entry is first asked for.

        `reserved` are names that no package may take, since they mean something without being entries.
        """
        self.group = group
        self.type = type
        self._built_in = dict(built_in or {})
        self._reserved = tuple(reserved)
        self._loaded: dict[str, EntryT] = {}

    @cached_property
    def _declared(self) -> dict[str, EntryPoint]:
        """Return what installed packages declare, by name; `BadInput` for a name that is taken twice."""
        declared: dict[str, EntryPoint] = {}
        for point in sorted(entry_points(group=self.group), key=lambda point: (point.name, point.value)):
            if point.name in self.built_in:
                raise BadInput(
                    f"{self.group}: `{point.name}` of {_place(point)} is the name of a built-in entry of screener; "
                    "uninstall that package, or have its authors rename the entry"
                )
            earlier = declared.setdefault(point.name, point)
            # A package that is on the path twice declares the same thing twice.
            if (earlier.value, _package(earlier)) != (point.value, _package(point)):
                raise BadInput(
                    f"{self.group}: `{point.name}` is declared by both {_place(earlier)} and {_place(point)}; uninstall one"
                )
        return declared

    @property
    def built_in(self) -> list[str]:
        """Return the names that screener has itself."""
        return [*self._built_in, *self._reserved]

    @property
    def names(self) -> list[str]:
        """Return all names: the built-in ones in their order, then those of installed packages by the alphabet."""
        return [*self._built_in, *self._declared]

    def __contains__(self, name: object) -> bool:
        """Return whether an entry has that name."""
        return name in self._built_in or name in self._declared

    def __getitem__(self, name: str) -> EntryT:
        """Return the entry of that name; `BadInput` where there is none, or where its package cannot be imported."""
        if name in self._built_in:
            return self._built_in[name]
        if name not in self._declared:
            raise BadInput(f"{self.group}: nothing is named `{name}`; known: {', '.join(self.names) or 'none'}")
        if name not in self._loaded:
            self._loaded[name] = self._load(self._declared[name])
        return self._loaded[name]

    def values(self) -> Iterator[EntryT]:
        """Yield all entries, those of installed packages first: they know best what is theirs."""
        for name in (*self._declared, *self._built_in):
            yield self[name]

    def _load(self, point: EntryPoint) -> EntryT:
        try:
            entry = point.load()
        except (Exception, SystemExit) as error:  # whatever the package does when it is imported
            problem = " ".join(f"{type(error).__name__}: {error}".split())
            raise BadInput(
                f"{self.group}: `{point.name}` of {_place(point)} cannot be loaded ({problem}); update or uninstall that package"
            ) from None
        if not isinstance(entry, self.type):
            raise BadInput(
                f"{self.group}: `{point.name}` of {_place(point)} is a {type(entry).__name__}, no {self.type.__name__}; "
                "update or uninstall that package"
            )
        return entry


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown package"


def _place(point: EntryPoint) -> str:
    return f"{_package(point)} ({point.value})"
