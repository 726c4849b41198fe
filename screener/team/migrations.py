"""The shape of the team's database over time: plain functions in the order in which they run, each once.

A migration that has been released is never edited; a change of shape is a new function at the end.
"""

from sqlalchemy import Connection, text

from ..ledger.migrating import Migration, run_statements


def team001_first(connection: Connection) -> None:
    """Accounts, links, sessions, attempts, reviews, roles, acts and jobs."""
    run_statements(
        connection,
        """
        CREATE TABLE accounts (id {id}, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE,
            password TEXT NOT NULL, administrator INTEGER NOT NULL, state TEXT NOT NULL, made TEXT NOT NULL);
        CREATE TABLE entry_links (id {id}, kind TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, account_id BIGINT,
            administrator INTEGER NOT NULL, grants TEXT NOT NULL, note TEXT NOT NULL, made_by BIGINT, made TEXT NOT NULL,
            expires TEXT NOT NULL, used TEXT, used_by BIGINT, withdrawn TEXT);
        CREATE TABLE sessions (id {id}, token_hash TEXT NOT NULL UNIQUE, account_id BIGINT NOT NULL, made TEXT NOT NULL,
            seen TEXT NOT NULL, ends TEXT NOT NULL, address TEXT NOT NULL, browser TEXT NOT NULL, ended TEXT);
        CREATE INDEX ix_sessions_account_id ON sessions (account_id);
        CREATE TABLE attempts (key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last TEXT NOT NULL);
        CREATE TABLE reviews (id {id}, slug TEXT NOT NULL UNIQUE, title TEXT NOT NULL, folder TEXT NOT NULL UNIQUE,
            schema_name TEXT NOT NULL, made TEXT NOT NULL, archived TEXT);
        CREATE TABLE memberships (review_id BIGINT NOT NULL, account_id BIGINT NOT NULL, role TEXT NOT NULL,
            given TEXT NOT NULL, given_by BIGINT, PRIMARY KEY (review_id, account_id, role));
        CREATE TABLE unblindings (id {id}, review_id BIGINT NOT NULL, account_id BIGINT NOT NULL, stage TEXT NOT NULL,
            at TEXT NOT NULL, given_by BIGINT);
        CREATE TABLE acts (id {id}, at TEXT NOT NULL, account_id BIGINT, who TEXT NOT NULL, address TEXT NOT NULL,
            act TEXT NOT NULL, review TEXT NOT NULL, object TEXT NOT NULL, details TEXT NOT NULL);
        CREATE TABLE jobs (id {id}, kind TEXT NOT NULL, review TEXT NOT NULL, args TEXT NOT NULL, state TEXT NOT NULL,
            progress TEXT NOT NULL, result TEXT, problem TEXT NOT NULL, asked_by TEXT NOT NULL, asked TEXT NOT NULL,
            began TEXT, ended TEXT, holder TEXT NOT NULL, until TEXT NOT NULL, stop INTEGER NOT NULL,
            tries INTEGER NOT NULL, fruitless INTEGER NOT NULL);
        CREATE INDEX jobs_by_state ON jobs (state, id)
        """,
    )
    _append_only(connection)


def _append_only(connection: Connection) -> None:
    """Have the database refuse to change or remove an act, whichever program tries."""
    if connection.dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER acts_stay_on_{change.lower()} BEFORE {change} ON acts "
                    "BEGIN SELECT RAISE(ABORT, 'acts are only added'); END"
                )
            )
        return
    connection.execute(
        text(
            "CREATE FUNCTION acts_stay() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'acts are only added'; END $$"
        )
    )
    connection.execute(
        text(
            "CREATE TRIGGER acts_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON acts "
            "FOR EACH STATEMENT EXECUTE FUNCTION acts_stay()"
        )
    )


MIGRATIONS: list[Migration] = [team001_first]
