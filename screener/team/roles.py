"""Who may do what in a review: roles as plain data, several for one person.

Rights come from roles in that review alone: an administrator of the site has none in a review unless somebody gave them.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, insert, select, update

from ..core.errors import BadInput
from ..core.judgement import Stage
from . import tables as t
from .audit import Actor, add_act
from .database import Team


class ReviewRole(StrEnum):
    """What somebody is in a review."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    ADJUDICATOR = "adjudicator"
    OBSERVER = "observer"


class May(StrEnum):
    """What may be done in a review."""

    LOOK = "look"
    """See protocol, records and full texts, and one's own work."""
    JUDGE = "judge"
    """Screen records and extract data."""
    RESOLVE = "resolve"
    """Resolve conflicts: of others, or with those who differ with oneself."""
    DISCUSS = "discuss"
    """Write notes and tags."""
    CHECK_DUPLICATES = "check duplicates"
    ATTACH = "attach"
    """Bring full texts."""
    SEE_RESULTS = "see results"
    """Flow, agreement, accuracy, others' decisions."""
    EXPORT = "export"
    EDIT_PROTOCOL = "edit protocol"
    IMPORT = "import"
    """Import records and undo imports."""
    RUN_MACHINES = "run machines"
    """Start and stop machine reviewers and retrieval, which may cost money."""
    ASSIGN = "assign"
    """Say who judges what, and see the pace of each."""
    INVITE = "invite"
    """Invite people, give and take roles."""
    UNBLIND = "unblind"
    """Show somebody what others judged, which ends their right to judge the stage."""
    SEE_AUDIT = "see audit"


RIGHTS: Mapping[ReviewRole, frozenset[May]] = {
    ReviewRole.OWNER: frozenset(May) - {May.JUDGE, May.RESOLVE},
    ReviewRole.REVIEWER: frozenset({May.LOOK, May.JUDGE, May.RESOLVE, May.DISCUSS, May.CHECK_DUPLICATES, May.ATTACH}),
    ReviewRole.ADJUDICATOR: frozenset({May.LOOK, May.RESOLVE, May.DISCUSS, May.CHECK_DUPLICATES, May.ATTACH}),
    ReviewRole.OBSERVER: frozenset({May.LOOK, May.SEE_RESULTS}),
}
"""What each role may do. Who has several may do what any of them may; blinding takes from that, and never adds to it."""


NO_ROLE = "this person has no role in the review; new people come in by an invitation"


class NotAllowed(BadInput):
    """Somebody may not do what they asked for."""


@dataclass(frozen=True)
class ReviewRights:
    """What somebody is in a review, and at which stages they were unblinded."""

    roles: frozenset[ReviewRole] = frozenset()
    unblinded: frozenset[str] = frozenset()

    def may(self, act: May, stage: str | None = None) -> bool:
        """Return whether they may do something, at a stage where it is judging: who was unblinded there judges no more."""
        if act is May.JUDGE and stage in self.unblinded:
            return False
        return any(act in RIGHTS[role] for role in self.roles)


def rights_of(connection: Connection, review: int, account: int) -> ReviewRights:
    """Return what an account is in a review; nothing for one that is disabled."""
    m, a, u = t.memberships.c, t.accounts.c, t.unblindings.c
    roles = select(m.role).join(t.accounts, a.id == m.account_id)
    roles = roles.where(m.review_id == review, m.account_id == account, a.state == "active")
    stages = select(u.stage).where(u.review_id == review, u.account_id == account)
    return ReviewRights(
        frozenset(ReviewRole(role) for role in connection.execute(roles).scalars()),
        frozenset(connection.execute(stages).scalars()),
    )


def names_of_who_may(connection: Connection, review: int, act: May, stage: str) -> frozenset[str]:
    """Return the names of the active accounts that may do something at a stage of a review."""
    m, a, u = t.memberships.c, t.accounts.c, t.unblindings.c
    roles = [role.value for role, acts in RIGHTS.items() if act in acts]
    query = select(a.name).join(t.memberships, m.account_id == a.id)
    query = query.where(m.review_id == review, m.role.in_(roles), a.state == "active")
    if act is May.JUDGE:
        query = query.where(a.id.not_in(select(u.account_id).where(u.review_id == review, u.stage == stage)))
    return frozenset(connection.execute(query).scalars())


def require(connection: Connection, review: int, account: int | None, act: May, stage: str | None = None) -> None:
    """Raise `NotAllowed` unless an account may do something in a review. None is the administrator at the terminal."""
    if account is not None and not rights_of(connection, review, account).may(act, stage):
        raise NotAllowed(f"you may not do this here ({act.value}); ask an owner of the review")


def members(team: Team, review: int) -> dict[int, ReviewRights]:
    """Return the accounts with a role in a review."""
    m = t.memberships.c
    with team.read() as connection:
        ids = connection.execute(select(m.account_id).where(m.review_id == review).distinct()).scalars().all()
        return {account: rights_of(connection, review, account) for account in sorted(ids)}


def reviews_of(team: Team, account: int) -> dict[int, ReviewRights]:
    """Return the reviews in which an account has a role."""
    m = t.memberships.c
    with team.read() as connection:
        ids = connection.execute(select(m.review_id).where(m.account_id == account).distinct()).scalars().all()
        return {review: rights_of(connection, review, account) for review in sorted(ids)}


def set_roles(team: Team, by: Actor, review: int, account: int, roles: Collection[ReviewRole]) -> None:
    """Give an account these roles in a review, and take the others; none of them is to leave the review.

    Who has no role in it yet is given one at the terminal only; others are invited. Raises `NotAllowed` for who may not, and
    `BadInput` for such a person and where no owner would be left.
    """
    with team.write() as connection:
        require(connection, review, by.account, May.INVITE)
        person = connection.execute(select(t.accounts).where(t.accounts.c.id == account)).first()
        if person is None or person.state == "removed":
            raise BadInput("there is no such account")
        # Whoever gives a stranger a role could make a link that resets their password: one comes in by an invitation.
        if by.account is not None and not _has_role(connection, review, account):
            raise BadInput(NO_ROLE)
        before = owners(connection, review)
        give(team, connection, by, review, account, roles)
        if before and not owners(connection, review):
            raise BadInput("a review needs an owner; give somebody else the role `owner` first")
        slug = slug_of(connection, review)
        add_act(team, connection, by, "set roles", review=slug, object=person.name, roles=sorted(roles))


def leave(team: Team, by: Actor, review: int) -> None:
    """Give up all of one's own roles in a review; the last owner cannot."""
    if by.account is None:
        raise NotAllowed("only a person can leave a review")
    with team.write() as connection:
        give(team, connection, by, review, by.account, ())
        if not owners(connection, review):
            raise BadInput("you are the last owner; give somebody else the role `owner` first")
        add_act(team, connection, by, "leave review", review=slug_of(connection, review), object=by.name)


def give(
    team: Team, connection: Connection, by: Actor, review: int, account: int, roles: Collection[ReviewRole]
) -> None:
    """Store the roles of an account in a review instead of those that it has; nothing is asked and nothing noted.

    Links that reset the account's password are withdrawn where that changes something: whoever made one for a reviewer would
    have one for an owner. So are the links of an account that may invite no more. Who was in the review without judging and becomes
    a reviewer, or leaves and may come back as one, is unblinded at the stages at which others have judged: they could see it.
    """
    m = t.memberships.c
    held = connection.execute(select(m.role).where(m.review_id == review, m.account_id == account)).scalars()
    before = {ReviewRole(role) for role in held}
    if before != set(roles):
        _withdraw_links(team, connection, review, account, before, roles)
    connection.execute(delete(t.memberships).where(m.review_id == review, m.account_id == account))
    at = team.now(connection)
    for role in sorted(set(roles)):
        row = {"review_id": review, "account_id": account, "role": role.value, "given": at, "given_by": by.account}
        connection.execute(insert(t.memberships).values(row))
    if before and not _any_may(before, May.JUDGE) and (not roles or _any_may(roles, May.JUDGE)):
        _unblind_who_saw(team, connection, by, review, account, leaves=not roles)


def _any_may(roles: Collection[ReviewRole], act: May) -> bool:
    return any(act in RIGHTS[role] for role in roles)


def _unblind_who_saw(team: Team, connection: Connection, by: Actor, review: int, account: int, *, leaves: bool) -> None:
    """Let somebody who has been in a review without judging judge no stage at which they could see what others judged.

    Else an owner would take the role off, look, and put it on again; or look, leave, and be invited anew.
    """
    name = connection.execute(select(t.accounts.c.name).where(t.accounts.c.id == account)).scalar_one()
    slug = slug_of(connection, review)
    try:
        stages = set(team.judged_by_others(slug, name)) if team.judged_by_others is not None else set[str]()
    except BadInput:
        if not leaves:
            raise
        stages = {stage.value for stage in Stage}  # one may leave a review that cannot be opened
    for stage in sorted(stages - rights_of(connection, review, account).unblinded):
        _add_unblinding(team, connection, by, review, account, name, stage)


def _add_unblinding(
    team: Team, connection: Connection, by: Actor, review: int, account: int, name: str, stage: str
) -> None:
    row = {"review_id": review, "account_id": account, "stage": stage, "given_by": by.account}
    connection.execute(insert(t.unblindings).values(**row, at=team.now(connection)))
    add_act(team, connection, by, "unblind", review=slug_of(connection, review), object=name, stage=stage)


def _withdraw_links(
    team: Team,
    connection: Connection,
    review: int,
    account: int,
    before: Collection[ReviewRole],
    after: Collection[ReviewRole],
) -> None:
    e = t.entry_links.c
    links = connection.execute(select(t.entry_links).where(e.used.is_(None), e.withdrawn.is_(None))).all()
    invites = [any(May.INVITE in RIGHTS[role] for role in roles) for roles in (before, after)]
    gone = [
        link.id
        for link in links
        if (link.kind == "reset" and link.account_id == account)
        or (invites == [True, False] and link.made_by == account and _concerns(link, review))
    ]
    if gone:
        connection.execute(update(t.entry_links).where(e.id.in_(gone)).values(withdrawn=team.now(connection)))


def _concerns(link: Row, review: int) -> bool:  # type: ignore[type-arg]
    return link.kind == "reset" or str(review) in json.loads(link.grants)


def _has_role(connection: Connection, review: int, account: int) -> bool:
    m = t.memberships.c
    query = select(m.role).where(m.review_id == review, m.account_id == account).limit(1)
    return connection.execute(query).first() is not None


def owners(connection: Connection, review: int) -> set[int]:
    """Return the active accounts that own a review."""
    m, a = t.memberships.c, t.accounts.c
    query = select(m.account_id).join(t.accounts, a.id == m.account_id)
    query = query.where(m.review_id == review, m.role == ReviewRole.OWNER.value, a.state == "active")
    return set(connection.execute(query).scalars())


def unblind(team: Team, by: Actor, review: int, account: int, stage: str) -> None:
    """Let somebody see what others judged at a stage. They judge there no more, whatever roles they get later."""
    with team.write() as connection:
        require(connection, review, by.account, May.UNBLIND)
        name = connection.execute(select(t.accounts.c.name).where(t.accounts.c.id == account)).scalar_one_or_none()
        if name is None or not rights_of(connection, review, account).roles:
            raise BadInput(NO_ROLE)
        if stage in rights_of(connection, review, account).unblinded:
            return
        _add_unblinding(team, connection, by, review, account, name, stage)


def slug_of(connection: Connection, review: int) -> str:
    """Return a review's slug; `BadInput` where there is none."""
    slug = connection.execute(select(t.reviews.c.slug).where(t.reviews.c.id == review)).scalar_one_or_none()
    if slug is None:
        raise BadInput("there is no such review")
    return str(slug)
