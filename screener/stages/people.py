"""Check names of people: no machine or gold has the same, and one spelling each, so that nobody is two reviewers."""

from collections.abc import Collection, Iterable

from ..core.errors import BadInput
from ..core.judgement import Stage
from ..core.names import LONGEST_NAME, tidy_name
from ..ledger import PEOPLE, Ledger
from ..ledger.reviewers import reviewers
from ..protocol import Review


def person_name(reviewer: str) -> str:
    """Return a person's name, tidied; `BadInput` for one that is none, whatever the review.

    Blanks around it go, and so does what cannot be seen: with it a name could look like another one.
    """
    name = tidy_name(reviewer)
    if not name or name.casefold() == "gold":
        raise BadInput(f"--reviewer: `{name}` is not the name of a human; machines and gold have theirs already")
    if name.rpartition(":")[2].strip().casefold() in PEOPLE and ":" in name:
        raise BadInput(
            f"--reviewer: `{name}` is a name with a role; only `screener label` takes one, everywhere else the name is enough"
        )
    if len(name) > LONGEST_NAME:
        raise BadInput(f"--reviewer: `{name[:20]}…` is too long for a name; {LONGEST_NAME} characters at most")
    return name


def check_name(review: Review, reviewer: str) -> str:
    """Return the name of a human reviewer, tidied; `BadInput` for one that a machine or gold has, or that is none."""
    name = person_name(reviewer)
    if name.casefold() in {machine.casefold() for machine in review.protocol.reviewers}:
        raise BadInput(f"--reviewer: `{name}` is not the name of a human; machines and gold have theirs already")
    return name


def canonical_reviewer_name(ledger: Ledger, review: Review, names: Iterable[str]) -> dict[str, str]:
    """Return each name with the one that stands for it: as it is written already, whatever its capitals.

    Anna who comes back as `anna` is no second reviewer, and fills no second slot. Raises `BadInput` as `check_name` does,
    and for the name of a machine that has judged and that the protocol does not name any more.
    """
    with ledger.read() as connection:
        rows = reviewers(connection)
    machines = {reviewer.casefold() for reviewer, role in rows if role == "machine"}
    people = [reviewer for reviewer, role in rows if role in ("human", "adjudicator")]
    people += [name for spec in review.protocol.stages.values() for name in spec.decided_by.resolvers]
    canonical: dict[str, str] = {}
    for spelled in names:
        name = check_name(review, spelled)
        if name.casefold() in machines:
            raise BadInput(f"--reviewer: `{name}` is not the name of a human; a machine of this name has judged here")
        if name not in people:
            name = next((person for person in people if person.casefold() == name.casefold()), name)
        people.append(name)
        canonical[spelled] = name
    return canonical


def check_third_person(
    review: Review, stage: Stage, adjudicator: str, judged: Collection[str], record: str = "this record"
) -> None:
    """Raise `BadInput` for who resolves what they have judged themselves, where a machine is one person's second reviewer.

    `judged` are the people who have judged the record. They would decide alone against the machine.
    """
    machine = review.stage(stage).decided_by.second_reviewer
    if machine is not None and adjudicator in judged:
        raise BadInput(
            f"{adjudicator} has judged {record}; where a person and {machine} differ a third person resolves it"
        )


def check_resolvers(review: Review, stage: Stage, names: Iterable[str]) -> None:
    """Raise `BadInput` for a person who adjudicates at a stage where the protocol lets only others resolve."""
    allowed = review.stage(stage).decided_by.resolvers
    for name in names:
        if allowed and name not in allowed:
            raise BadInput(f"{name}: may not resolve at {stage.label.lower()}; the protocol names {', '.join(allowed)}")
