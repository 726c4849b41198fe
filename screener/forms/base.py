"""Base types for extraction forms.

A form is a Pydantic class, written in Python or made from YAML. Its fields are items, groups of items, and lists of
groups; the names and descriptions of the fields are what a reviewer is told, so they are written for a reader. No field
has a default: a strict JSON schema allows none, and "not looked for" must not look like "not reported".
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..core.judgement import ItemStatus

T = TypeVar("T")


class Group(BaseModel):
    """Items that belong together and are asked for together. A form is itself a group, of groups."""

    model_config = ConfigDict(extra="forbid")


class Item(Group, Generic[T]):
    """One value to extract, with what it stands on. Evidence comes first: a reviewer quotes before it answers."""

    evidence: list[str] = Field(description="Words of the document that state the value, copied exactly; else empty.")
    status: ItemStatus = Field(
        description=(
            "reported: the document states it. not_reported: it was looked for and is not stated. "
            "not_applicable: the question does not arise for this study. unclear: the document leaves it open."
        )
    )
    value: T | None = Field(description="The value if it is reported, else null.")


class Coded(Item[T], Generic[T]):
    """An item whose value is one member, or a list of members, of a `Vocabulary` that has a member `other`."""

    other: str | None = Field(description="If the value is or holds `other`: what it is, in a few words. Else null.")


class Vocabulary(StrEnum):
    """A closed list of codes. A member is written as its code and the words by which a text speaks of it.

    `TRANSFORMER = "transformer", "vision transformer", "ViT", "BERT*"`: case does not matter, a hyphen equals a
    space, and a trailing `*` stands for any ending, as in the protocol's cues.
    """

    synonyms: tuple[str, ...]

    def __new__(cls, code: str, *synonyms: str) -> Self:
        """Return a member with its synonyms; the code itself, with spaces for underscores, is one of them."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.synonyms = (code.replace("_", " "), *synonyms) if code != "other" else synonyms
        return member


@dataclass(frozen=True)
class Quantity:
    """Put on a number's field: the units a text writes it in, each with its factor to the unit in the field's name.

    `sampling_rate_hz: Annotated[Item[float], Quantity({"Hz": 1, "kHz": 1000}, near=("sampl*",))]`. A unit of "" takes
    a bare number. `near` are words of which one must stand in the same sentence. A number without this mark counts as
    it is printed, whatever unit follows, and the embedded reviewer does not look for it.
    """

    units: dict[str, float]
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """Put on a field that holds a URL: words of which one must stand near it, or the hosts that tell what it is."""

    near: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Near:
    """Put on any field: words that lead to the passages in which its value is found."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Key:
    """Put on the items of a list that tell its entries apart: an extraction's entries are held against gold's by them.

    `name: Annotated[Item[str], Key()]`; a result may have several, such as its task, data set and measure. Without one
    entries are held against each other by all that they say.
    """


@dataclass(frozen=True)
class Applies:
    """Put on an item that another one decides: it is asked for only where that one has one of these codes.

    `Applies("availability", ("openly_available", "other"))`: where the item `availability` of the same group has another code,
    this one is `not_applicable`, which code says and no reviewer. Where it has none, what was answered stands.
    """

    if_path: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Derived:
    """Put on an item of codes that nobody is asked for: it is computed from other answers by rules, a line each.

    `Derived(("high if any of split, blinding is no", "low if all of split, blinding are yes"))`. The first rule that holds
    gives the value, a code or a status; without one the item is `unclear`, as it is where an answer that decides is. A
    rule names items of the same group, or of others by their path (`analysis.split`).
    """

    rules: tuple[str, ...]
