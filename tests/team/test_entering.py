import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import argon2
import pytest
from sqlalchemy import select, update

from screener.core.errors import BadInput
from screener.team import limits
from screener.team import tables as t
from screener.team.accounts import account, accounts, set_state
from screener.team.audit import TERMINAL, acts
from screener.team.database import Team
from screener.team.entering import (
    WRONG,
    NotIn,
    Visitor,
    change_password,
    log_in,
    log_out,
    reset_password,
    take_up,
    take_up_as,
)
from screener.team.invitations import invite, look_up, open_links, reset_link, withdraw
from screener.team.passwords import LONGEST, SHORTEST, Passwords, check_password
from screener.team.reviews import SiteReview, add_review
from screener.team.roles import NotAllowed, ReviewRole, members, reviews_of, set_roles
from screener.team.sessions import csrf_token, end_session, find_session, sessions_of

from .conftest import DESK, PASSWORD, Join, opened

OWNER, REVIEWER, ADJUDICATOR = ReviewRole.OWNER, ReviewRole.REVIEWER, ReviewRole.ADJUDICATOR
ELSEWHERE = Visitor("198.51.100.9", "curl")
OTHER_PASSWORD = "a river runs under nineteen bridges"


def stored_texts(team: Team) -> str:
    with team.read() as connection:
        return str([connection.execute(select(table)).all() for table in t.metadata.sorted_tables])


def test_an_invitation_makes_an_account_with_its_roles_and_logs_in(
    team: Team, passwords: Passwords, review: SiteReview
) -> None:
    token = invite(team, TERMINAL, {review.id: [REVIEWER, ADJUDICATOR]}, note="Anna, by mail")
    entered = take_up(team, passwords, token, (" Anna@Example.org", "Anna  Berg "), PASSWORD, DESK)
    assert (entered.account.login, entered.account.name) == ("anna@example.org", "Anna Berg")
    assert members(team, review.id)[entered.account.id].roles == {REVIEWER, ADJUDICATOR}
    session = find_session(team, entered.token)
    assert session is not None
    assert session.account == entered.account.id
    assert log_in(team, passwords, "ANNA@example.org", PASSWORD, DESK).account == entered.account


def test_an_invitation_works_once(team: Team, passwords: Passwords, review: SiteReview) -> None:
    token = invite(team, TERMINAL, {review.id: [REVIEWER]})
    take_up(team, passwords, token, ("anna", "Anna"), PASSWORD, DESK)
    with pytest.raises(BadInput, match="used, withdrawn or has run out"):
        take_up(team, passwords, token, ("berta", "Berta"), PASSWORD, DESK)
    assert [person.name for person in accounts(team)] == ["Anna"]


def test_of_many_who_take_up_an_invitation_at_once_one_gets_in(
    team: Team, team_url: str, passwords: Passwords, review: SiteReview
) -> None:
    token = invite(team, TERMINAL, {review.id: [REVIEWER]})
    start = threading.Barrier(6)

    def enter(number: int) -> str:
        own = opened(team_url)
        start.wait()
        try:
            return take_up(own, passwords, token, (f"person{number}", f"Person {number}"), PASSWORD, DESK).account.name
        except BadInput:
            return ""
        finally:
            own.close()

    with ThreadPoolExecutor(6) as pool:
        names = [name for name in pool.map(enter, range(6)) if name]
    assert len(names) == 1
    assert [person.name for person in accounts(team)] == names


def test_an_invitation_that_ran_out_or_was_withdrawn_lets_nobody_in(
    team: Team, passwords: Passwords, review: SiteReview, later: Callable[..., None]
) -> None:
    withdrawn, old = (invite(team, TERMINAL, {review.id: [REVIEWER]}, note=note) for note in ("a", "b"))
    assert [link.note for link in open_links(team, review.id)] == ["b", "a"]
    withdraw(team, TERMINAL, next(link.id for link in open_links(team) if link.note == "a"))
    later(days=7, seconds=1)
    for token in (withdrawn, old, "never made"):
        with pytest.raises(BadInput, match="used, withdrawn or has run out"):
            take_up(team, passwords, token, ("anna", "Anna"), PASSWORD, DESK)
    assert open_links(team) == []


def test_who_has_an_account_takes_up_an_invitation_beside_the_roles_they_have(
    team: Team, tmp_path: Path, review: SiteReview, join: Join
) -> None:
    anna, other = join("Anna", review, REVIEWER), add_review(team, "other", "Other", tmp_path / "other")
    token = invite(team, TERMINAL, {other.id: [OWNER], review.id: [ADJUDICATOR]})
    take_up_as(team, token, anna, DESK)
    roles = {number: rights.roles for number, rights in reviews_of(team, anna.id).items()}
    assert roles == {review.id: {REVIEWER, ADJUDICATOR}, other.id: {OWNER}}
    with pytest.raises(BadInput, match="used"):
        look_up(team, token)


def test_only_who_may_invite_does(team: Team, tmp_path: Path, review: SiteReview, join: Join) -> None:
    owner, reviewer = join("Olga", review, OWNER), join("Rita", review, REVIEWER)
    other = add_review(team, "other", "Other", tmp_path / "other")
    assert invite(team, owner.actor(), {review.id: [REVIEWER]})
    for by, grants in ((reviewer, {review.id: [REVIEWER]}), (owner, {other.id: [REVIEWER]}), (owner, {})):
        with pytest.raises(NotAllowed):
            invite(team, by.actor(), grants)
    with pytest.raises(NotAllowed):
        invite(team, owner.actor(), {review.id: [OWNER]}, administrator=True)
    before = len(open_links(team))
    with pytest.raises(NotAllowed):
        withdraw(team, reviewer.actor(), open_links(team)[0].id)
    assert len(open_links(team)) == before == 1


def test_no_token_and_no_password_is_stored(team: Team, passwords: Passwords, review: SiteReview, join: Join) -> None:
    anna = join("Anna", review, REVIEWER)
    tokens = [
        invite(team, TERMINAL, {review.id: [REVIEWER]}),
        reset_link(team, TERMINAL, anna.id),
        log_in(team, passwords, anna.login, PASSWORD, DESK).token,
    ]
    stored = stored_texts(team)
    assert not [secret for secret in (*tokens, PASSWORD) if secret in stored]
    assert "$argon2id$" in stored


def test_who_is_not_let_in_learns_nothing_of_whether_there_is_such_an_account(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna, berta = join("Anna", review, REVIEWER), join("Berta", review, REVIEWER)
    set_state(team, TERMINAL, berta.id, "disabled")
    tries = [(anna.login, "a wrong password"), ("nobody@example.org", PASSWORD), (berta.login, PASSWORD), ("", "")]
    answers = []
    for login, password in tries:
        with pytest.raises(NotIn) as refusal:
            log_in(team, passwords, login, password, ELSEWHERE)
        answers.append((str(refusal.value), refusal.value.wait))
    assert set(answers) == {(WRONG, answers[0][1])}


def test_for_an_account_that_does_not_exist_as_much_is_hashed(
    team: Team, review: SiteReview, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, hashed = join("Anna", review, REVIEWER), list[str]()
    cheap = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)
    verify = argon2.PasswordHasher.verify

    def noted(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        hashed.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    for login in (anna.login, "nobody@example.org"):
        with pytest.raises(NotIn):
            log_in(team, Passwords(cheap), login, "a wrong password", ELSEWHERE)
    assert len(hashed) == 2
    assert {re.sub(r"\$[^$]*\$[^$]*$", "", one) for one in hashed} == {"$argon2id$v=19$m=8,t=1,p=1"}


def test_five_failures_are_free_and_then_the_wait_grows_whether_the_account_exists_or_not(
    team: Team, passwords: Passwords, review: SiteReview, join: Join, later: Callable[..., None]
) -> None:
    anna = join("Anna", review, REVIEWER)
    waits: dict[str, list[float]] = {}
    for login in (anna.login, "nobody@example.org"):
        waits[login] = []
        for number in range(9):
            visitor = Visitor(f"198.51.100.{number}")
            with pytest.raises(NotIn) as refusal:
                log_in(team, passwords, login, "a wrong password", visitor)
            waits[login].append(round(refusal.value.wait.total_seconds()))
            if refusal.value.wait:
                assert f"Wait {round(refusal.value.wait.total_seconds())} seconds" in str(refusal.value)
                later(seconds=refusal.value.wait.total_seconds())
    assert waits[anna.login] == waits["nobody@example.org"] == [0, 0, 0, 0, 0, 30, 0, 60, 0]


def test_during_a_wait_the_right_password_is_not_even_looked_at(
    team: Team, passwords: Passwords, review: SiteReview, join: Join, later: Callable[..., None]
) -> None:
    anna = join("Anna", review, REVIEWER)
    for _ in range(5):
        with pytest.raises(NotIn, match="wrong"):
            log_in(team, passwords, anna.login, "a wrong password", ELSEWHERE)
    with pytest.raises(NotIn, match="Too many attempts"):
        log_in(team, passwords, anna.login, PASSWORD, ELSEWHERE)
    later(seconds=31)
    assert log_in(team, passwords, anna.login, PASSWORD, ELSEWHERE).account == anna
    with pytest.raises(NotIn, match="wrong"):  # the failures before are forgotten
        log_in(team, passwords, anna.login, "a wrong password", ELSEWHERE)


def test_whoever_guesses_elsewhere_does_not_lock_a_person_out_at_their_own_desk(
    team: Team, passwords: Passwords, review: SiteReview, join: Join, later: Callable[..., None]
) -> None:
    anna = join("Anna", review, REVIEWER)  # from her desk
    for number in range(limits.MOST):
        with pytest.raises(NotIn):
            log_in(team, passwords, anna.login, "a wrong password", Visitor(f"2001:db8:{number:x}::1"))
        later(hours=1, seconds=1)
    later(days=3)
    with pytest.raises(NotIn, match="Too many attempts"):  # at most a hundred in a row, however long one waits
        log_in(team, passwords, anna.login, PASSWORD, ELSEWHERE)
    assert log_in(team, passwords, anna.login, PASSWORD, DESK).account == anna


def test_a_reset_link_opens_an_account_that_was_guessed_at_too_often(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna = join("Anna", review, REVIEWER)
    with team.write() as connection:
        for number in range(limits.MOST):
            attempt = limits.begin(team, connection, anna.login, f"2001:db8:{number:x}::1", known=False)
            c = t.attempts.c
            connection.execute(
                update(t.attempts).where(c.key == attempt.keys[0]).values(last="2000-01-01T00:00:00.000Z")
            )
            if number >= 5:
                connection.execute(update(t.attempts).where(c.key == attempt.keys[0]).values(failures=limits.MOST))
                break
    with pytest.raises(NotIn, match="Too many attempts"):
        log_in(team, passwords, anna.login, PASSWORD, ELSEWHERE)
    reset_password(team, passwords, reset_link(team, TERMINAL, anna.id), OTHER_PASSWORD, ELSEWHERE)
    assert log_in(team, passwords, anna.login, OTHER_PASSWORD, Visitor("203.0.113.50")).account == anna


def test_one_address_cannot_try_a_password_on_many_names(team: Team, passwords: Passwords) -> None:
    refused = []
    for number in range(limits.FREE_OF_ADDRESS + 1):
        # IPv6 addresses of one network are one place.
        with pytest.raises(NotIn) as refusal:
            log_in(team, passwords, f"person{number}@example.org", PASSWORD, Visitor(f"2001:db8::{number:x}"))
        refused.append(bool(refusal.value.wait))
    assert refused == [False] * limits.FREE_OF_ADDRESS + [True]
    with pytest.raises(NotIn, match="wrong"):
        log_in(team, passwords, "person@example.org", PASSWORD, Visitor("2001:db8:0:1::1"))


def test_guesses_that_come_at_once_are_limited_as_those_that_come_one_by_one(
    team: Team, team_url: str, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna, start = join("Anna", review, REVIEWER), threading.Barrier(12)

    def guess(number: int) -> bool:
        own = opened(team_url)
        start.wait()
        try:
            log_in(own, passwords, anna.login, "a wrong password", Visitor(f"198.51.100.{number}"))
        except NotIn as refusal:
            return not refusal.wait
        finally:
            own.close()
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == limits.FREE


def test_what_was_typed_as_a_name_is_not_kept(team: Team, passwords: Passwords) -> None:
    with pytest.raises(NotIn):
        log_in(team, passwords, "my-secret-password-in-the-wrong-field", "anna", ELSEWHERE)
    assert "wrong-field" not in stored_texts(team)
    assert [(act.act, act.who, act.address) for act in acts(team)] == [("fail to log in", "nobody", ELSEWHERE.address)]


def test_logging_in_gives_a_new_session_each_time_and_the_old_ones_token_nothing_new(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna = join("Anna", review, REVIEWER)
    first, second = (log_in(team, passwords, anna.login, PASSWORD, DESK).token for _ in range(2))
    assert first != second
    assert find_session(team, "a token that an attacker chose") is None
    assert csrf_token(first) != csrf_token(second)


def test_a_session_ends_when_it_is_not_used_and_after_a_week(
    team: Team, passwords: Passwords, review: SiteReview, join: Join, later: Callable[..., None]
) -> None:
    anna = join("Anna", review, REVIEWER)
    idle, used = (log_in(team, passwords, anna.login, PASSWORD, DESK).token for _ in range(2))
    for _ in range(15):
        assert find_session(team, used) is not None
        later(hours=11)
    assert find_session(team, idle) is None
    assert find_session(team, used) is not None
    later(hours=4)
    assert find_session(team, used) is None
    assert sessions_of(team, anna.id) == []


def test_one_sees_ones_sessions_and_ends_them_and_nobody_elses(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna, berta = join("Anna", review, REVIEWER), join("Berta", review, REVIEWER)
    here = log_in(team, passwords, anna.login, PASSWORD, ELSEWHERE)
    listed = sessions_of(team, anna.id)
    assert {(session.address, session.browser) for session in listed} == {
        (DESK.address, "Firefox"),
        (ELSEWHERE.address, "curl"),
    }
    with pytest.raises(BadInput, match="ended already"):
        end_session(team, berta.id, listed[0].id)
    session = find_session(team, here.token)
    assert session is not None
    end_session(team, anna.id, session.id)
    assert find_session(team, here.token) is None
    assert len(sessions_of(team, anna.id)) == 1


def test_a_new_password_ends_all_other_sessions(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna = join("Anna", review, REVIEWER)
    here, there = (log_in(team, passwords, anna.login, PASSWORD, DESK).token for _ in range(2))
    session = find_session(team, here)
    assert session is not None
    with pytest.raises(NotIn, match="old password is wrong"):
        change_password(team, passwords, anna, "not it", OTHER_PASSWORD, session=session.id, visitor=DESK)
    change_password(team, passwords, anna, PASSWORD, OTHER_PASSWORD, session=session.id, visitor=DESK)
    assert find_session(team, here) is not None
    assert find_session(team, there) is None
    with pytest.raises(NotIn):
        log_in(team, passwords, anna.login, PASSWORD, DESK)
    assert log_in(team, passwords, anna.login, OTHER_PASSWORD, DESK).account == anna
    log_out(team, anna, session.id, DESK)
    assert find_session(team, here) is None


def test_a_reset_link_works_once_and_ends_all_sessions(
    team: Team, passwords: Passwords, review: SiteReview, join: Join, later: Callable[..., None]
) -> None:
    anna = join("Anna", review, REVIEWER)
    before = log_in(team, passwords, anna.login, PASSWORD, DESK).token
    replaced, token = reset_link(team, TERMINAL, anna.id), reset_link(team, TERMINAL, anna.id)
    with pytest.raises(BadInput, match="used, withdrawn"):  # a later link takes the place of an earlier one
        reset_password(team, passwords, replaced, OTHER_PASSWORD, DESK)
    after = reset_password(team, passwords, token, OTHER_PASSWORD, DESK).token
    assert (find_session(team, before), find_session(team, after) is not None) == (None, True)
    with pytest.raises(BadInput, match="used, withdrawn"):
        reset_password(team, passwords, token, PASSWORD, DESK)
    old = reset_link(team, TERMINAL, anna.id)
    later(hours=24, seconds=1)
    with pytest.raises(BadInput, match="run out"):
        reset_password(team, passwords, old, PASSWORD, DESK)


def test_an_owner_resets_the_password_of_people_of_their_reviews_only(
    team: Team, tmp_path: Path, review: SiteReview, join: Join
) -> None:
    other = add_review(team, "other", "Other", tmp_path / "other")
    owner, second, rita = join("Olga", review, OWNER), join("Oskar", review, OWNER), join("Rita", review, REVIEWER)
    administrator = join("Ada", administrator=True)
    elsewhere = join("Emil", review, REVIEWER)
    set_roles(team, TERMINAL, other.id, elsewhere.id, [REVIEWER])
    assert reset_link(team, owner.actor(), rita.id)
    assert reset_link(team, administrator.actor(), elsewhere.id)
    for by, whom in ((owner, elsewhere), (owner, second), (owner, administrator), (rita, owner), (rita, elsewhere)):
        with pytest.raises(NotAllowed):
            reset_link(team, by.actor(), whom.id)


def test_a_reset_link_of_somebody_who_has_become_more_since_works_no_more(
    team: Team, tmp_path: Path, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    owner = join("Olga", review, OWNER)
    elsewhere, administrator = join("Emil", review, REVIEWER), join("Ada", review, REVIEWER)
    tokens = [reset_link(team, owner.actor(), person.id) for person in (elsewhere, administrator)]
    add_review(team, "other", "Other", tmp_path / "other", owner=elsewhere.id)
    take_up_as(team, invite(team, TERMINAL, {}, administrator=True), administrator, DESK)
    for token in tokens:
        with pytest.raises(BadInput, match="used, withdrawn"):
            reset_password(team, passwords, token, OTHER_PASSWORD, DESK)
    for person in (elsewhere, administrator):
        assert log_in(team, passwords, person.login, PASSWORD, DESK)
    assert reset_password(team, passwords, reset_link(team, TERMINAL, administrator.id), OTHER_PASSWORD, DESK)


def test_the_links_of_an_owner_who_is_one_no_more_do_not_work_even_if_they_become_one_again(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    first, second, rita = join("Olga", review, OWNER), join("Oskar", review, OWNER), join("Rita", review, REVIEWER)
    back, other = (invite(team, second.actor(), {review.id: [role]}) for role in (OWNER, REVIEWER))
    reset = reset_link(team, second.actor(), rita.id)
    kept = invite(team, first.actor(), {review.id: [REVIEWER]})
    set_roles(team, first.actor(), review.id, second.id, [REVIEWER])
    with pytest.raises(BadInput, match="used, withdrawn"):
        take_up_as(team, back, second, DESK)
    assert members(team, review.id)[second.id].roles == {REVIEWER}
    set_roles(team, first.actor(), review.id, second.id, [OWNER])
    for token in (back, other, reset):
        with pytest.raises(BadInput, match="used, withdrawn"):
            look_up(team, token)
    assert look_up(team, kept).grants == {review.id: [REVIEWER]}


def test_a_link_is_worth_what_its_maker_may_do_when_it_is_used(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    administrator, anna = join("Ada", administrator=True), join("Anna", review, REVIEWER)
    tokens = invite(team, administrator.actor(), {}), reset_link(team, administrator.actor(), anna.id)
    with team.write() as connection:
        connection.execute(update(t.accounts).where(t.accounts.c.id == administrator.id).values(administrator=0))
    for token in tokens:
        with pytest.raises(BadInput, match="used, withdrawn"):
            look_up(team, token)


def test_attempts_that_are_forgotten_are_removed_when_somebody_logs_in(
    team: Team, passwords: Passwords, review: SiteReview, join: Join, later: Callable[..., None]
) -> None:
    anna = join("Anna", review, REVIEWER)
    with pytest.raises(NotIn):
        log_in(team, passwords, "nobody", PASSWORD, ELSEWHERE)
    later(hours=25)
    log_in(team, passwords, anna.login, PASSWORD, DESK)
    with team.read() as connection:
        assert [row.failures for row in connection.execute(select(t.attempts))] == [0]


def test_a_link_for_one_thing_does_no_other(team: Team, passwords: Passwords, review: SiteReview, join: Join) -> None:
    anna, berta = join("Anna", review, REVIEWER), join("Berta", review, OWNER)
    reset, invitation = reset_link(team, TERMINAL, anna.id), invite(team, TERMINAL, {review.id: [OWNER]})
    for use in (
        lambda: take_up(team, passwords, reset, ("carl", "Carl"), PASSWORD, DESK),
        lambda: take_up_as(team, reset, berta, DESK),
        lambda: reset_password(team, passwords, invitation, OTHER_PASSWORD, DESK),
    ):
        with pytest.raises(BadInput):
            use()
    assert look_up(team, reset).account == anna.id
    assert look_up(team, invitation).kind == "invitation"


def test_a_disabled_account_is_out_at_once_and_its_invitations_with_it(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    join("Olga", review, OWNER)
    second = join("Oskar", review, OWNER)
    token, invitation = (
        log_in(team, passwords, second.login, PASSWORD, DESK).token,
        invite(team, second.actor(), {review.id: [OWNER]}),
    )
    set_state(team, TERMINAL, second.id, "disabled")
    assert find_session(team, token) is None
    with pytest.raises(BadInput, match="withdrawn"):
        look_up(team, invitation)
    with pytest.raises(NotAllowed):
        invite(team, second.actor(), {review.id: [OWNER]})
    set_state(team, TERMINAL, second.id, "active")
    assert log_in(team, passwords, second.login, PASSWORD, DESK).account.name == "Oskar"


def test_the_names_of_a_removed_account_are_never_given_again(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna = join("Anna", review, REVIEWER)
    set_state(team, TERMINAL, anna.id, "removed")
    assert accounts(team) == []
    assert members(team, review.id) == {}
    gone = account(team, anna.id)
    assert gone is not None
    assert (gone.name, gone.state) == ("Anna", "removed")
    for login, name in (("anna@example.org", "Anna Two"), ("another", "ANNA"), ("another", "A\u200bnna")):
        with pytest.raises(BadInput, match=r"is taken|has or had the name"):
            take_up(team, passwords, invite(team, TERMINAL, {review.id: [REVIEWER]}), (login, name), PASSWORD, DESK)
    with pytest.raises(NotIn):
        log_in(team, passwords, anna.login, PASSWORD, DESK)


@pytest.mark.parametrize("name", ["gold", "Gold", "", " \u200b ", "Anna: adjudicator", "x" * 81])
def test_a_name_that_would_be_taken_for_something_else_is_refused(
    team: Team, passwords: Passwords, review: SiteReview, name: str
) -> None:
    token = invite(team, TERMINAL, {review.id: [REVIEWER]})
    with pytest.raises(BadInput):
        take_up(team, passwords, token, ("anna", name), PASSWORD, DESK)
    assert look_up(team, token).kind == "invitation"  # it can still be used


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("x" * (SHORTEST - 1), "at least 15"),
        ("x" * (LONGEST + 1), "at most 256"),
        ("passwordpassword", "easily guessed"),
        ("anna@example.orgAnna", "easily guessed"),
        ("1234567890123456", "easily guessed"),
    ],
)
def test_a_password_that_guessing_begins_with_is_refused(password: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        check_password(password, "anna@example.org", "Anna")


def test_a_long_password_counts_to_its_end_and_is_the_same_from_every_keyboard(passwords: Passwords) -> None:
    long = "é" * 100 + "a" * 150
    check_password("häuser am fluß 27 brücken", "anna")
    stored = passwords.hash(long)
    assert passwords.matches(stored, "e\u0301" * 100 + "a" * 150)
    assert not passwords.matches(stored, long[:-1] + "b")
    assert not passwords.matches(stored, long + "x" * 1_000_000)
    assert not passwords.matches("", "the password of nobody")


def test_passwords_are_hashed_as_rfc_9106_recommends_and_again_when_the_parameters_change(
    team: Team, passwords: Passwords, review: SiteReview, join: Join
) -> None:
    anna, today = join("Anna", review, REVIEWER), Passwords()
    assert log_in(team, today, anna.login, PASSWORD, DESK).account == anna
    with team.read() as connection:
        stored = connection.execute(select(t.accounts.c.password)).scalar_one()
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not today.is_outdated(stored)
    assert passwords.is_outdated(stored)
    assert log_in(team, today, anna.login, PASSWORD, DESK).account == anna
