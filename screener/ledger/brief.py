"""Records and judgements of which only little is held, so that a million fit into memory."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel
from pydantic_core import from_json

from ..core.frozen import Frozen
from ..core.judgement import Judgement
from ..records import Record

_BRIEF = 81
"""Letters of an abstract that tell a record without a title, see `Record.shown_title`."""
_LEFT_OUT = ("authors", "keywords", "volume", "issue", "pages", "issn", "publisher", "open_access", "reference_type",
             "publication_types")  # fmt: skip
_SHARED = frozenset({"dates", "language", "sources", "abstract_source", "venue"})
"""Fields of which many records hold the same: each value is kept once."""


class _OfDefaults(Frozen):
    """A value that holds what differs from the defaults and nothing else: fields that are mostly empty take a KB or two."""

    _defaults: ClassVar[Mapping[str, Any]] = {}
    _names: ClassVar[set[str]] = set()

    @classmethod
    def of(cls, held: dict[str, Any]) -> Self:
        """Return the value with these fields, which are not checked; all values of a class share one set of names."""
        made = cls.__new__(cls)
        given = {
            "__pydantic_fields_set__": cls._names,
            "__pydantic_extra__": None,
            "__pydantic_private__": None,
            **held,
        }
        for name, value in given.items():  # one by one: only so do all instances share their names
            object.__setattr__(made, name, value)
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return the default of a field that is not held."""
            try:
                return self._defaults[name]
            except KeyError:
                raise AttributeError(f"{type(self).__name__} has no {name}") from None


def _defaults_of(model: type[BaseModel]) -> dict[str, Any]:
    fields = model.model_fields.items()
    return {name: field.get_default(call_default_factory=True) for name, field in fields if not field.is_required()}


class BriefRecord(_OfDefaults, Record):
    """A record in little memory."""

    _defaults: ClassVar[Mapping[str, Any]] = _defaults_of(Record)
    _names: ClassVar[set[str]] = set(Record.model_fields)


class BareJudgement(_OfDefaults, Judgement):
    """A judgement in little memory: its answers have a value and nothing else."""

    _defaults: ClassVar[Mapping[str, Any]] = _defaults_of(Judgement)
    _names: ClassVar[set[str]] = set(Judgement.model_fields)


class BriefReader:
    """Makes brief records: without authors, keywords, where in a journal they stand, and most of the abstract.

    What identifies their text stays.
    """

    def __init__(self) -> None:
        """Start with nothing shared."""
        self._shared: dict[tuple[str, Any], Any] = {}

    def read(self, body: str, text_hash: str) -> Record:
        """Return the record of a row."""
        fields = from_json(body)
        # All of a title's work is done by the first letter, unless there is no title.
        letters = 1 if fields.get("title") else _BRIEF
        fields["abstract"] = fields.get("abstract", "")[:letters]
        for name in _LEFT_OUT:
            fields.pop(name, None)
        whole = vars(Record.model_validate(fields | {"sealed": text_hash}))
        defaults = BriefRecord._defaults
        held = {name: value for name, value in whole.items() if name == "id" or value != defaults[name]}
        for name in _SHARED & held.keys():
            held[name] = self._shared.setdefault((name, held[name]), held[name])
        return BriefRecord.of(held)
