"""Who settles a conflict: somebody else where there is one, else those who differ, who then have to agree on it."""

from collections.abc import Collection, Mapping, Sequence

from ..core.errors import BadInput


def waits_for_a_third(judged: Collection[str], who: str, resolvers: Collection[str] | None) -> bool:
    """Return whether a conflict waits for somebody else than a person: it is their own, and others may resolve it.

    `resolvers` are the people of the review who may resolve; None where there are no roles, and anybody settles anything.
    """
    return resolvers is not None and who in judged and bool(set(resolvers) - set(judged))


def split_by_third(
    judges: Mapping[str, Collection[str]], who: str, resolvers: Collection[str] | None
) -> tuple[list[str], list[str]]:
    """Return the conflicts that are a person's to resolve, and their own ones that wait for a third person."""
    waiting = {name for name, judged in judges.items() if waits_for_a_third(judged, who, resolvers)}
    return [name for name in judges if name not in waiting], [name for name in judges if name in waiting]


def consensus_of(
    judged: Sequence[str], who: str, resolvers: Collection[str] | None, *, agreed: bool
) -> tuple[str, ...]:
    """Return those who agreed on an adjudication that a person enters; nobody where it is a third person's.

    Raises `BadInput` where roles are held, the person is one of those who differ, and does not say that they agreed.
    """
    people = tuple(sorted(set(judged)))
    if who not in people or len(people) < 2:
        return ()
    if agreed:
        return people
    if resolvers is None:
        return ()
    raise BadInput(
        "You are one of those who differ: tick that you agreed with each other, or leave it to somebody else."
    )
