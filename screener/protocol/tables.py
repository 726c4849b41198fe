"""Which items of the extraction form are what in the tables for the synthesis: `tables:` in `review.yaml`.

Items are named by their paths in the form, without numbers: `models.results.value`.
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from ..core.frozen import Frozen

ItemPath = Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)+$")]
Role = ItemPath | None
_COUNTS, _MEANS = ("ai", "ci"), ("m1i", "sd1i", "m2i", "sd2i")


class OnlyIf(Frozen):
    """When a number is what its role says."""

    item: ItemPath
    """The item that says what the number is."""
    codes: tuple[str, ...] = Field(min_length=1)
    """The codes with which it is that; with any other its cell stays empty, and the row is listed."""


class EffectRoles(Frozen):
    """What the numbers of two groups are, by the names that `escalc` of the R package metafor gives them.

    Either counts of events (`ai` and `ci`, each with those without it or the whole group) or means (`m1i`, `sd1i`, `n1i`, `m2i`,
    `sd2i`, `n2i`). The items must be in one list, or above it.
    """

    outcome: Role = None
    """The item that says which outcome it is."""
    comparison: Role = None
    """The item that says what is compared. Without it all rows are of one comparison, called as this mapping."""
    ai: Role = None
    """Those with the event in the first group."""
    bi: Role = None
    """Those without it in the first group."""
    n1i: Role = None
    """The size of the first group."""
    ci: Role = None
    """Those with the event in the second group."""
    di: Role = None
    """Those without it in the second group."""
    n2i: Role = None
    """The size of the second group."""
    m1i: Role = None
    """The mean of the first group."""
    sd1i: Role = None
    """The standard deviation of the first group."""
    m2i: Role = None
    """The mean of the second group."""
    sd2i: Role = None
    """The standard deviation of the second group."""
    only_if: dict[str, OnlyIf] = Field(default_factory=dict)
    """By role, when its number is what the role says: a spread is a standard deviation only where an item says so."""

    @property
    def dichotomous(self) -> bool:
        """Return whether it is counts of events, and not means."""
        return self.ai is not None

    @property
    def numbers(self) -> dict[str, str]:
        """Return the items that hold numbers, by their roles."""
        return {role: path for role, path in self.roles.items() if role not in ("outcome", "comparison")}

    @property
    def roles(self) -> dict[str, str]:
        """Return all items by their roles."""
        return {role: path for role, path in vars(self).items() if isinstance(path, str)}

    @property
    def items(self) -> list[str]:
        """Return all items, those of conditions too."""
        return [*self.roles.values(), *(condition.item for condition in self.only_if.values())]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = set(self.numbers)
        sized = bool(given & {"bi", "n1i"}) and bool(given & {"di", "n2i"})
        counts = given.issuperset(_COUNTS) and sized and not given.intersection(_MEANS)
        means = given == {*_MEANS, "n1i", "n2i"}
        if not (counts or means):
            raise ValueError(
                "map either ai and ci, each with those without the event (bi, di) or the whole group (n1i, n2i); or "
                "m1i, sd1i, n1i, m2i, sd2i and n2i"
            )
        if unknown := sorted(set(self.only_if) - given):
            raise ValueError(f"only_if names `{unknown[0]}`, which is not mapped")
        return self


class RiskOfBias(Frozen):
    """Which items are the judgements of an appraisal."""

    tool: str = Field(min_length=1)
    """What the instrument is called in captions. Say it if it is your own and unvalidated."""
    domains: dict[str, ItemPath] = Field(min_length=1)
    """The item with the judgement of each domain, by the name that people read."""
    overall: Role = None
    """The item with the judgement of the whole."""


class ReleasedPart(Frozen):
    """Something that others need in order to repeat the work."""

    item: ItemPath
    """The item that says whether it is there."""
    any_of: tuple[str, ...] = ()
    """The codes that mean that it is there. Without `any_of` and `all_of` whatever is reported does."""
    all_of: tuple[str, ...] = ()
    """The codes that must all be given."""
    link: Role = None
    """The item with its address: what `screener links` observed there stands beside it."""


class PerformanceRoles(Frozen):
    """Which items say what a figure of performance is."""

    dataset: ItemPath
    """On which data."""
    task: ItemPath
    """Of what."""
    metric: ItemPath
    """By which measure."""
    equal: tuple[ItemPath, ...] = ()
    """What must be equal too for figures to stand side by side, such as the part of the data."""
    value: ItemPath
    """The figure."""
    low: Role = None
    """The lower end of its interval."""
    high: Role = None
    """The upper end of its interval."""


class TablesSpec(Frozen):
    """The tables for the synthesis and the paper. Each key may be left out; wide tables need none."""

    characteristics: tuple[ItemPath, ...] = ()
    """The items of the table of characteristics, in order."""
    risk_of_bias: RiskOfBias | None = None
    """The table and the drawing of the risk of bias."""
    effects: dict[str, EffectRoles] = Field(default_factory=dict)
    """The rows for a meta-analysis, by a name of your choice for each list that has some."""
    reproducibility: dict[str, ReleasedPart] = Field(default_factory=dict)
    """What must be there to repeat the work, by the name that people read."""
    performance: PerformanceRoles | None = None
    """The table of figures side by side."""

    @property
    def items(self) -> Iterator[tuple[str, str]]:
        """Yield every item that is named, with the place of its name: `tables.effects.deaths.ai`."""
        yield from (("tables.characteristics", path) for path in self.characteristics)
        if self.risk_of_bias:
            named = {**self.risk_of_bias.domains, "overall": self.risk_of_bias.overall}
            yield from ((f"tables.risk_of_bias.{name}", path) for name, path in named.items() if path)
        for name, roles in self.effects.items():
            yield from ((f"tables.effects.{name}.{role}", path) for role, path in roles.roles.items())
            conditions = roles.only_if.items()
            yield from ((f"tables.effects.{name}.only_if.{role}", condition.item) for role, condition in conditions)
        for name, part in self.reproducibility.items():
            yield from ((f"tables.reproducibility.{name}", path) for path in (part.item, part.link) if path)
        if self.performance:
            figure = self.performance
            paths = (figure.dataset, figure.task, figure.metric, *figure.equal, figure.value, figure.low, figure.high)
            yield from (("tables.performance", path) for path in paths if path)
