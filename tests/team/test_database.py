from pathlib import Path

import pytest
from sqlalchemy import MetaData, inspect, text
from support.postgres import Cluster

from screener.core.errors import BadInput, LedgerError
from screener.ledger import Ledger
from screener.team import tables as t
from screener.team.audit import TERMINAL, acts, add_act
from screener.team.database import Team, in_schema, make_schema

from .conftest import opened


def test_the_migrations_make_the_tables_that_the_code_expects(team: Team) -> None:
    there = MetaData()
    there.reflect(team.engine)
    columns = {name: {c.name for c in table.columns} for name, table in there.tables.items()}
    expected = {name: {c.name for c in table.columns} for name, table in t.metadata.tables.items()}
    assert columns.pop("migrations") == {"name"}
    assert columns == expected


def test_it_is_opened_again_as_it_was_left(team: Team, team_url: str) -> None:
    with team.write() as connection:
        add_act(team, connection, TERMINAL, "test", object="x", count=2)
    again = opened(team_url)
    assert [(act.act, act.who, act.details) for act in acts(again)] == [("test", TERMINAL.name, {"count": 2})]
    again.close()


@pytest.mark.parametrize("change", ["UPDATE acts SET who = 'nobody'", "DELETE FROM acts"])
def test_the_database_itself_refuses_to_change_an_act(team: Team, change: str) -> None:
    with team.write() as connection:
        add_act(team, connection, TERMINAL, "test")
    with pytest.raises(LedgerError, match="acts are only added"), team.write() as connection:
        connection.execute(text(change))
    assert [act.who for act in acts(team)] == [TERMINAL.name]


def test_a_ledger_is_not_taken_for_it(tmp_path: Path) -> None:
    Ledger(f"sqlite:///{tmp_path / 'ledger.db'}").close()
    with pytest.raises(BadInput, match="holds something else than the team's database"):
        Team.in_file(tmp_path / "ledger.db")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "team.db").write_text("no database at all, but a text that is long enough to be looked at" * 20)
    with pytest.raises(BadInput, match=r"team\.db: cannot be used as a team's database"):
        Team.in_file(tmp_path / "team.db")


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    Team.in_file(tmp_path / "new folder" / "team.db").close()
    assert (tmp_path / "new folder" / "team.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_each_review_of_a_server_has_a_schema_of_its_own_beside_the_teams(cluster: Cluster) -> None:
    url = cluster.new_database()
    Team.on_server(url).close()
    for name in ("review_a", "review_b"):
        make_schema(url, name)
    first, second = Ledger(in_schema(url, "review_a")), Ledger(in_schema(url, "review_b"))
    assert {"hits", "judgements"} <= set(inspect(first.engine).get_table_names(schema="review_a"))
    assert inspect(first.engine).get_table_names(schema="public") == []
    # Who writes in one review keeps nobody waiting who writes in another one, or at the team.
    team = Team.on_server(url)
    second.patient = team.patient = False
    with first.write() as one, second.write() as other, team.write() as third:
        for connection in (one, other, third):
            connection.execute(text("SET LOCAL lock_timeout = '2s'"))
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    for database in (first, second, team):
        database.close()


@pytest.mark.slow
def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(BadInput) as refusal:
        Team.on_server("postgresql://anna:hidden@127.0.0.1:9/none")
    assert "see that its server runs and that database names it" in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_a_statement_that_fails_changes_nothing(team: Team) -> None:
    def fail() -> None:
        with team.write() as connection:
            add_act(team, connection, TERMINAL, "test")
            connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(LedgerError):
        fail()
    assert acts(team) == []
