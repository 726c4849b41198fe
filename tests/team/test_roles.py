from itertools import chain, combinations
from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.core.judgement import Stage
from screener.team.accounts import accounts, set_state
from screener.team.audit import TERMINAL, acts
from screener.team.database import Team
from screener.team.reviews import SiteReview, add_review, archive_review, keep_title, site_review, site_reviews
from screener.team.roles import (
    RIGHTS,
    May,
    NotAllowed,
    ReviewRights,
    ReviewRole,
    leave,
    members,
    require,
    reviews_of,
    rights_of,
    set_roles,
    unblind,
)

from .conftest import Join

OWNER, REVIEWER, ADJUDICATOR, OBSERVER = ReviewRole
TABLE = """
                  owner reviewer adjudicator observer
look                x      x         x         x
judge                      x
resolve                    x         x
discuss             x      x         x
check duplicates    x      x         x
attach              x      x         x
see results         x                          x
export              x
edit protocol       x
import              x
run machines        x
assign              x
invite              x
unblind             x
see audit           x
"""


def test_each_role_may_do_what_the_table_says() -> None:
    heading, *lines = TABLE.strip("\n").split("\n")
    ends = {role: heading.index(role) + len(role) for role in heading.split()}
    allowed: dict[str, set[str]] = {role: set() for role in ends}
    for line in lines:
        for mark in [at for at, character in enumerate(line) if character == "x" and at > 17]:
            role = min(ends, key=lambda name: abs(ends[name] - len(name) / 2 - mark))
            allowed[role].add(line[:18].strip())
    assert {line[:18].strip() for line in lines} == {act.value for act in May}
    assert {role.value: {act.value for act in acts} for role, acts in RIGHTS.items()} == allowed


def test_who_has_several_roles_may_do_what_any_of_them_may() -> None:
    for roles in chain.from_iterable(combinations(ReviewRole, n) for n in range(5)):
        may = {act for act in May if ReviewRights(frozenset(roles)).may(act)}
        assert may == set().union(*(RIGHTS[role] for role in roles))


def test_roles_count_in_their_own_review_only(team: Team, tmp_path: Path, review: SiteReview, join: Join) -> None:
    other = add_review(team, "other", "Other", tmp_path / "other")
    anna, administrator = join("Anna", review, REVIEWER), join("Ada", administrator=True)
    assert list(reviews_of(team, anna.id)) == [review.id]
    assert reviews_of(team, administrator.id) == {}
    with team.read() as connection:
        for act in May:
            for number, account in ((other.id, anna), (review.id, administrator), (999, anna)):
                assert not rights_of(connection, number, account.id).may(act)
                with pytest.raises(NotAllowed):
                    require(connection, number, account.id, act)


def test_roles_are_given_by_who_may_invite_and_by_nobody_else(team: Team, review: SiteReview, join: Join) -> None:
    owner, people = (
        join("Olga", review, OWNER),
        [join(role.value, review, role) for role in ReviewRole if role != OWNER],
    )
    administrator = join("Ada", administrator=True)
    for person in (*people, administrator):
        with pytest.raises(NotAllowed):
            set_roles(team, person.actor(), review.id, person.id, [OWNER])
    set_roles(team, owner.actor(), review.id, people[0].id, [REVIEWER, ADJUDICATOR])
    assert members(team, review.id)[people[0].id].roles == {REVIEWER, ADJUDICATOR}
    set_roles(team, owner.actor(), review.id, people[0].id, [])
    assert people[0].id not in members(team, review.id)


def test_who_has_no_role_in_a_review_comes_in_by_an_invitation_only(team: Team, review: SiteReview, join: Join) -> None:
    owner, stranger = join("Olga", review, OWNER), join("Ada", administrator=True)
    with pytest.raises(BadInput, match="come in by an invitation"):
        set_roles(team, owner.actor(), review.id, stranger.id, [REVIEWER])
    assert stranger.id not in members(team, review.id)


def test_the_last_owner_stays(team: Team, review: SiteReview, join: Join) -> None:
    owner, second = join("Olga", review, OWNER), join("Oskar", review, OWNER)
    leave(team, second.actor(), review.id)
    for attempt in (
        lambda: leave(team, owner.actor(), review.id),
        lambda: set_roles(team, owner.actor(), review.id, owner.id, [REVIEWER]),
        lambda: set_state(team, TERMINAL, owner.id, "disabled"),
        lambda: set_state(team, TERMINAL, owner.id, "removed"),
    ):
        with pytest.raises(BadInput, match="owner"):
            attempt()
    assert members(team, review.id)[owner.id].roles == {OWNER}
    assert [account.state for account in accounts(team)] == ["active", "active"]


def test_a_disabled_owner_does_not_count_as_one(team: Team, review: SiteReview, join: Join) -> None:
    owner, second = join("Olga", review, OWNER), join("Oskar", review, OWNER)
    set_state(team, TERMINAL, second.id, "disabled")
    with pytest.raises(BadInput, match="last owner"):
        leave(team, owner.actor(), review.id)


def test_the_last_administrator_stays(team: Team, join: Join) -> None:
    ada = join("Ada", administrator=True)
    with pytest.raises(BadInput, match="last administrator"):
        set_state(team, ada.actor(), ada.id, "removed")
    anna = join("Anna", administrator=True)
    set_state(team, anna.actor(), ada.id, "disabled")
    with pytest.raises(NotAllowed):
        set_state(team, ada.actor(), anna.id, "disabled")


def test_who_was_unblinded_judges_that_stage_no_more(team: Team, review: SiteReview, join: Join) -> None:
    owner, rita = join("Olga", review, OWNER), join("Rita", review, REVIEWER)
    with pytest.raises(NotAllowed):
        unblind(team, rita.actor(), review.id, rita.id, "abstract")
    unblind(team, owner.actor(), review.id, rita.id, "abstract")
    unblind(team, owner.actor(), review.id, rita.id, "abstract")
    set_roles(team, owner.actor(), review.id, rita.id, [])
    set_roles(team, TERMINAL, review.id, rita.id, [REVIEWER])
    rights = members(team, review.id)[rita.id]
    assert (rights.may(May.JUDGE, "abstract"), rights.may(May.JUDGE, "fulltext")) == (False, True)
    noted = [(act.who, act.object, act.details) for act in acts(team) if act.act == "unblind"]
    assert noted == [("Olga", "Rita", {"stage": "abstract"})]


@pytest.mark.parametrize("is_there", [True, False])
def test_who_looked_left_and_was_invited_anew_judges_no_stage_that_they_saw(
    team: Team, review: SiteReview, join: Join, is_there: bool
) -> None:
    def judged_by_others(slug: str, name: str) -> set[str]:
        if not is_there:
            raise BadInput("the review cannot be opened")
        return {"abstract"}

    join("Olga", review, OWNER)
    otto, rita = join("Otto", review, OBSERVER), join("Rita", review, REVIEWER)
    team.judged_by_others = judged_by_others
    for person in (otto, rita):
        leave(team, person.actor(), review.id)
        set_roles(team, TERMINAL, review.id, person.id, [REVIEWER])
    stages = [Stage.ABSTRACT.value] if is_there else sorted(stage.value for stage in Stage)
    seen = [sorted(members(team, review.id)[person.id].unblinded) for person in (otto, rita)]
    assert seen == [stages, []]


def test_acts_are_those_of_a_review_and_come_by_the_page(team: Team, tmp_path: Path, review: SiteReview) -> None:
    other = add_review(team, "other", "Other", tmp_path / "other")
    for back in (False, True, False):
        archive_review(team, TERMINAL, other.id, back=back)
    assert [act.act for act in acts(team, review="other", most=2)] == ["archive review", "bring review back"]
    [*_, last] = acts(team, review="other", most=2)
    assert [act.act for act in acts(team, review="other", before=last.id)] == ["archive review", "add review"]
    assert [act.act for act in acts(team, review=review.slug)] == ["add review"]


@pytest.mark.parametrize("slug", ["", "Sleep", "a b", "../x", "a/b", "-a", "a-", "x" * 41, "é", "a\n", "review_x"])
def test_a_slug_that_cannot_be_part_of_an_address_is_refused(team: Team, tmp_path: Path, slug: str) -> None:
    with pytest.raises(BadInput, match="cannot be part of an address"):
        add_review(team, slug, "Title", tmp_path)
    assert site_reviews(team) == []


def test_two_reviews_have_neither_one_slug_nor_one_folder(team: Team, tmp_path: Path, review: SiteReview) -> None:
    for slug, folder in ((review.slug, tmp_path / "other"), ("other", review.folder)):
        with pytest.raises(BadInput, match="already"):
            add_review(team, slug, "Other", folder)
    assert site_reviews(team) == [review]


def test_the_list_of_reviews_follows_the_title_in_the_protocol(team: Team, review: SiteReview) -> None:
    keep_title(team, review, "Sleep and light")
    assert [one.title for one in site_reviews(team)] == ["Sleep and light"]


def test_an_archived_review_is_off_the_list_and_comes_back(team: Team, review: SiteReview, join: Join) -> None:
    owner = join("Olga", review, OWNER)
    archive_review(team, owner.actor(), review.id)
    assert site_reviews(team) == []
    assert [one.archived for one in site_reviews(team, archived=True)] == [True]
    archive_review(team, owner.actor(), review.id, back=True)
    assert site_review(team, "sleep") == review
    assert site_review(team, "none") is None
