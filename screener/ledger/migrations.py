"""The ledger's shape over time: plain functions in the order in which they run, each once.

A migration that has been released is never edited; a change of shape is a new function at the end.
"""

import json

from sqlalchemy import Connection, text

from .migrating import Migration
from .migrating import run_statements as _run


def m001_first(connection: Connection) -> None:
    """Imports, hits, links and the records they make; runs, judgements, errors, calls, texts, fits."""
    _run(
        connection,
        """
        CREATE TABLE imports (id {id}, at TEXT NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
            format TEXT NOT NULL, source TEXT NOT NULL, report TEXT NOT NULL);
        CREATE TABLE hits (id {id}, key TEXT NOT NULL UNIQUE, import_id BIGINT NOT NULL, name TEXT NOT NULL,
            source TEXT NOT NULL, "row" INTEGER NOT NULL, entry TEXT NOT NULL);
        CREATE TABLE links (id {id}, kind TEXT NOT NULL, a BIGINT NOT NULL, b BIGINT NOT NULL,
            active INTEGER NOT NULL, rule TEXT NOT NULL, score {real} NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL);
        CREATE TABLE records (id TEXT PRIMARY KEY, position BIGINT NOT NULL, text_hash TEXT NOT NULL,
            body TEXT NOT NULL);
        CREATE TABLE aliases (alias TEXT PRIMARY KEY, record_id TEXT NOT NULL);
        CREATE TABLE members (hit_id BIGINT PRIMARY KEY, record_id TEXT NOT NULL);
        CREATE INDEX ix_members_record_id ON members (record_id);
        CREATE TABLE runs (id TEXT PRIMARY KEY, at TEXT NOT NULL, stage TEXT NOT NULL, reviewer TEXT NOT NULL,
            specification TEXT NOT NULL, ended TEXT, summary TEXT);
        CREATE TABLE judgements (id {id}, run_id TEXT NOT NULL, record_id TEXT NOT NULL, text_hash TEXT NOT NULL,
            stage TEXT NOT NULL, reviewer TEXT NOT NULL, role TEXT NOT NULL, asked TEXT NOT NULL, rule TEXT NOT NULL,
            repeat INTEGER NOT NULL, at TEXT NOT NULL, decision TEXT NOT NULL, probability {real},
            body TEXT NOT NULL);
        CREATE INDEX judgements_by_reviewer ON judgements (stage, reviewer);
        CREATE INDEX judgements_by_key ON judgements (stage, asked, rule, repeat);
        CREATE TABLE errors (id {id}, run_id TEXT NOT NULL, record_id TEXT NOT NULL, text_hash TEXT NOT NULL,
            stage TEXT NOT NULL, reviewer TEXT NOT NULL, asked TEXT NOT NULL, repeat INTEGER NOT NULL,
            kind TEXT NOT NULL, message TEXT NOT NULL, at TEXT NOT NULL);
        CREATE INDEX errors_by_reviewer ON errors (stage, reviewer);
        CREATE TABLE calls (id {id}, run_id TEXT NOT NULL, record_id TEXT NOT NULL, stage TEXT NOT NULL,
            reviewer TEXT NOT NULL, request TEXT NOT NULL, repeat INTEGER NOT NULL, status TEXT NOT NULL,
            response TEXT, model TEXT, parameters TEXT, input_tokens INTEGER, output_tokens INTEGER,
            cached_tokens INTEGER, cost_usd {real}, latency_s {real}, attempts INTEGER NOT NULL, at TEXT NOT NULL);
        CREATE INDEX calls_by_request ON calls (request, repeat);
        CREATE TABLE texts (hash TEXT PRIMARY KEY, body {blob} NOT NULL);
        CREATE TABLE fits (id TEXT PRIMARY KEY, at TEXT NOT NULL, stage TEXT NOT NULL, reviewer TEXT NOT NULL,
            body TEXT NOT NULL)
        """,
    )


def m002_exported(connection: Connection) -> None:
    """Requests that were written to batch files, so that answers can be told from strangers."""
    _run(
        connection,
        """
        CREATE TABLE exported (custom_id TEXT PRIMARY KEY, stage TEXT NOT NULL, reviewer TEXT NOT NULL,
            record_id TEXT NOT NULL, request TEXT NOT NULL, repeat INTEGER NOT NULL, at TEXT NOT NULL)
        """,
    )


def m003_batches(connection: Connection) -> None:
    """Add what was handed to a provider's Batch API: each change of a batch's state is a row, its requests are listed."""
    _run(
        connection,
        """
        CREATE TABLE batches (id {id}, batch TEXT NOT NULL, state TEXT NOT NULL, remote TEXT, stage TEXT NOT NULL,
            reviewer TEXT NOT NULL, file TEXT NOT NULL, requests INTEGER NOT NULL, note TEXT NOT NULL,
            at TEXT NOT NULL);
        CREATE TABLE batch_requests (batch TEXT NOT NULL, custom_id TEXT NOT NULL, PRIMARY KEY (batch, custom_id))
        """,
    )


def m004_documents(connection: Connection) -> None:
    """Documents of reports, and what became of the search for full texts: the newest row of each counts."""
    _run(
        connection,
        """
        CREATE TABLE documents (id {id}, record_id TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
            active INTEGER NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL, content TEXT NOT NULL,
            pages INTEGER NOT NULL, characters INTEGER NOT NULL, scan INTEGER NOT NULL, how TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL);
        CREATE TABLE retrievals (id {id}, record_id TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL)
        """,
    )


def m005_humans(connection: Connection) -> None:
    """Add samples, the queue with its leases and drafts, the context of human judgements, gate checks, amendments."""
    _run(
        connection,
        """
        CREATE TABLE samples (id {id}, kind TEXT NOT NULL, stage TEXT NOT NULL, at TEXT NOT NULL, seed TEXT NOT NULL,
            n INTEGER NOT NULL, drawn TEXT NOT NULL, frame INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE TABLE sample_members (sample_id BIGINT NOT NULL, record_id TEXT NOT NULL, position INTEGER NOT NULL,
            counts INTEGER NOT NULL, weight {real} NOT NULL, stratum TEXT NOT NULL, PRIMARY KEY (sample_id, record_id));
        CREATE INDEX sample_members_by_record ON sample_members (record_id);
        CREATE TABLE leases (stage TEXT NOT NULL, record_id TEXT NOT NULL, slot INTEGER NOT NULL,
            reviewer TEXT NOT NULL, holder TEXT NOT NULL, until TEXT NOT NULL,
            PRIMARY KEY (stage, record_id, slot), UNIQUE (stage, record_id, reviewer));
        CREATE TABLE drafts (stage TEXT NOT NULL, record_id TEXT NOT NULL, reviewer TEXT NOT NULL, body TEXT NOT NULL,
            at TEXT NOT NULL, PRIMARY KEY (stage, record_id, reviewer));
        CREATE TABLE queue (stage TEXT NOT NULL, reviewer TEXT NOT NULL, record_id TEXT NOT NULL,
            position BIGINT NOT NULL, PRIMARY KEY (stage, reviewer, record_id));
        CREATE INDEX queue_by_position ON queue (stage, reviewer, position);
        CREATE TABLE queue_built (stage TEXT NOT NULL, reviewer TEXT NOT NULL, signature TEXT NOT NULL,
            at TEXT NOT NULL, PRIMARY KEY (stage, reviewer));
        CREATE TABLE circumstances (judgement_id BIGINT PRIMARY KEY, protocol TEXT NOT NULL, ordered TEXT NOT NULL,
            blinded TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TABLE withdrawals (id {id}, judgement_id BIGINT NOT NULL UNIQUE, who TEXT NOT NULL, reason TEXT NOT NULL,
            at TEXT NOT NULL);
        CREATE TABLE marks (id {id}, stage TEXT NOT NULL, record_id TEXT NOT NULL, reviewer TEXT NOT NULL,
            kind TEXT NOT NULL, body TEXT NOT NULL, active INTEGER NOT NULL, at TEXT NOT NULL);
        CREATE INDEX ix_marks_record_id ON marks (record_id);
        CREATE TABLE looks (id {id}, at TEXT NOT NULL, stage TEXT NOT NULL, reviewer TEXT NOT NULL, gold TEXT NOT NULL,
            signature TEXT NOT NULL, passed INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE TABLE amendments (id {id}, at TEXT NOT NULL, stage TEXT NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL,
            protocol TEXT NOT NULL, body TEXT NOT NULL);
        CREATE INDEX judgements_by_record ON judgements (record_id, stage);
        CREATE INDEX ix_aliases_record_id ON aliases (record_id)
        """,
    )


def m006_bulk(connection: Connection) -> None:
    """Add which decision on many records at once a judgement was a part of, until now a word in the body of its context."""
    _run(connection, "ALTER TABLE circumstances ADD COLUMN bulk TEXT NOT NULL DEFAULT ''")
    rows = connection.execute(text("SELECT judgement_id, body FROM circumstances WHERE body LIKE '%\"bulk\": %'"))
    values = [{"number": number, "bulk": bulk_in(body)} for number, body in rows.all()]
    if values:
        connection.execute(text("UPDATE circumstances SET bulk = :bulk WHERE judgement_id = :number"), values)


def bulk_in(body: str) -> str:
    """Return what the column `bulk` holds for a context that was written before there was one; empty for no bulk."""
    return str(json.loads(body).get("bulk", ""))


def m007_reviews(connection: Connection) -> None:
    """Add which review the ledger belongs to."""
    _run(
        connection,
        """
        CREATE TABLE reviews (id {id}, review TEXT NOT NULL, title TEXT NOT NULL, at TEXT NOT NULL)
        """,
    )


def m008_agreements(connection: Connection) -> None:
    """Add the outcome of people's judgements of each record, so that it need not be counted anew for every page."""
    _run(
        connection,
        """
        CREATE TABLE agreements (stage TEXT NOT NULL, record_id TEXT NOT NULL, outcome TEXT NOT NULL,
            PRIMARY KEY (stage, record_id));
        CREATE INDEX agreements_by_outcome ON agreements (stage, outcome);
        CREATE TABLE outcome_counts (stage TEXT NOT NULL, outcome TEXT NOT NULL, n BIGINT NOT NULL,
            PRIMARY KEY (stage, outcome));
        CREATE TABLE agreements_made (version INTEGER PRIMARY KEY, judgement BIGINT NOT NULL,
            withdrawal BIGINT NOT NULL, link BIGINT NOT NULL)
        """,
    )


def m009_standings(connection: Connection) -> None:
    """Add how each record stands at each stage, so that it need not be worked out anew by every reader."""
    _run(
        connection,
        """
        CREATE TABLE standings (stage TEXT NOT NULL, record_id TEXT NOT NULL, status TEXT NOT NULL,
            decision TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (stage, record_id));
        CREATE TABLE standings_made (stage TEXT PRIMARY KEY, rule TEXT NOT NULL, hits BIGINT NOT NULL,
            links BIGINT NOT NULL, documents BIGINT NOT NULL, judgements BIGINT NOT NULL,
            withdrawals BIGINT NOT NULL, errors BIGINT NOT NULL, looks BIGINT NOT NULL,
            amendments BIGINT NOT NULL)
        """,
    )


def m010_undone(connection: Connection) -> None:
    """Add imports and label files that were taken back, rows that several imports brought, and renamed sources."""
    _run(
        connection,
        """
        CREATE TABLE undone_imports (id {id}, import_id BIGINT NOT NULL UNIQUE, who TEXT NOT NULL, at TEXT NOT NULL);
        CREATE TABLE repeated_hits (import_id BIGINT NOT NULL, hit_id BIGINT NOT NULL, PRIMARY KEY (import_id, hit_id));
        CREATE TABLE gone_ids (record_id TEXT PRIMARY KEY);
        CREATE TABLE source_names (id {id}, old TEXT NOT NULL, new TEXT NOT NULL, hits BIGINT NOT NULL,
            imports BIGINT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL);
        CREATE TABLE label_files (id {id}, at TEXT NOT NULL, stage TEXT NOT NULL, file TEXT NOT NULL,
            sha256 TEXT NOT NULL, format TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TABLE undone_labels (id {id}, label_id BIGINT NOT NULL UNIQUE, who TEXT NOT NULL, at TEXT NOT NULL)
        """,
    )


def m011_run_leases(connection: Connection) -> None:
    """Add which questions a run is asking just now, and its signs of life."""
    _run(connection, "CREATE TABLE run_leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, beat BIGINT NOT NULL)")


def m012_document_files(connection: Connection) -> None:
    """Add the files of documents, for a ledger that several machines share."""
    _run(connection, "CREATE TABLE document_files (sha256 TEXT PRIMARY KEY, body {blob} NOT NULL)")


def m013_lookups(connection: Connection) -> None:
    """Add what an import looks its rows up by: keys of hits, their names and imports, and the ends of links.

    The keys of hits that are there are made by the first import.
    """
    _run(
        connection,
        """
        CREATE TABLE hit_keys (key BIGINT NOT NULL, hit_id BIGINT NOT NULL, PRIMARY KEY (key, hit_id)) {keyed};
        CREATE TABLE hit_keys_made (version TEXT PRIMARY KEY, hit BIGINT NOT NULL);
        CREATE INDEX hits_by_name ON hits (name);
        CREATE INDEX hits_by_import ON hits (import_id, source);
        CREATE INDEX links_by_a ON links (a);
        CREATE INDEX links_by_b ON links (b)
        """,
    )


def m014_updates(connection: Connection) -> None:
    """Add exports that replaced an earlier one, what they changed, and frozen versions of the review."""
    _run(
        connection,
        """
        CREATE TABLE updates (id {id}, at TEXT NOT NULL, source TEXT NOT NULL, who TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TABLE update_imports (update_id BIGINT NOT NULL, import_id BIGINT NOT NULL,
            PRIMARY KEY (update_id, import_id));
        CREATE TABLE superseded_hits (update_id BIGINT NOT NULL, old BIGINT NOT NULL, new BIGINT NOT NULL,
            first_import BIGINT NOT NULL, text INTEGER NOT NULL, PRIMARY KEY (update_id, old));
        CREATE TABLE missing_hits (update_id BIGINT NOT NULL, hit_id BIGINT NOT NULL, PRIMARY KEY (update_id, hit_id));
        CREATE TABLE changed_texts (update_id BIGINT NOT NULL, record_id TEXT NOT NULL, before TEXT NOT NULL,
            after TEXT NOT NULL, PRIMARY KEY (update_id, record_id));
        CREATE TABLE versions (id {id}, name TEXT NOT NULL UNIQUE, at TEXT NOT NULL, who TEXT NOT NULL,
            position TEXT NOT NULL, protocol TEXT NOT NULL, figures TEXT NOT NULL, body TEXT NOT NULL)
        """,
    )


def m015_searches(connection: Connection) -> None:
    """Add searches of databases over the network."""
    _run(
        connection,
        """
        CREATE TABLE searches (id {id}, at TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL,
            since TEXT NOT NULL, stated BIGINT, received BIGINT NOT NULL, sha256 TEXT NOT NULL, body TEXT NOT NULL)
        """,
    )


def m016_full_text_searches(connection: Connection) -> None:
    """Add searches for full texts over the network."""
    _run(
        connection,
        """
        CREATE TABLE full_text_searches (id {id}, record_id TEXT NOT NULL, "round" TEXT NOT NULL, at TEXT NOT NULL,
            who TEXT NOT NULL, body TEXT NOT NULL)
        """,
    )


def m017_hub_entries(connection: Connection) -> None:
    """Add an index of the records that are no publications: models and data sets, few among many."""
    _run(
        connection,
        """
        CREATE INDEX records_of_hubs ON records (position) WHERE body NOT LIKE '%"type":"publication"%'
        """,
    )


def m018_rankings(connection: Connection) -> None:
    """Add the fitted models of learned queues, the order that the newest gives, and the scores of records offered by one."""
    _run(
        connection,
        """
        CREATE TABLE rankings (id {id}, at TEXT NOT NULL, stage TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TABLE ranked_places (stage TEXT NOT NULL, record_id TEXT NOT NULL, ranking_id BIGINT NOT NULL,
            place INTEGER NOT NULL, score {real} NOT NULL, PRIMARY KEY (stage, record_id));
        CREATE TABLE offered_scores (ranking_id BIGINT NOT NULL, record_id TEXT NOT NULL, reviewer TEXT NOT NULL,
            score {real} NOT NULL, at TEXT NOT NULL, PRIMARY KEY (ranking_id, record_id, reviewer))
        """,
    )


def m019_assignments(connection: Connection) -> None:
    """Add who is to judge which records, and to resolve which conflicts."""
    _run(
        connection,
        """
        CREATE TABLE assignments (id {id}, at TEXT NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, stage TEXT NOT NULL,
            role TEXT NOT NULL, record_id TEXT NOT NULL, reviewer TEXT NOT NULL, active INTEGER NOT NULL,
            exclusive INTEGER NOT NULL);
        CREATE INDEX assignments_by_record ON assignments (stage, record_id)
        """,
    )


def m020_previews(connection: Connection) -> None:
    """Add what people look at before they have it done."""
    _run(
        connection,
        """
        CREATE TABLE previews (id {id}, at TEXT NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, token TEXT NOT NULL UNIQUE,
            body TEXT NOT NULL)
        """,
    )


def m021_marked_records(connection: Connection) -> None:
    """Add an index of the records that a source marks as retracted or the like: few among many, and asked for often."""
    _run(
        connection,
        """
        CREATE INDEX records_marked ON records (position)
            WHERE (body LIKE '%"integrity":"_%' AND body NOT LIKE '%"integrity":""%')
            OR (body LIKE '%"integrity": "_%' AND body NOT LIKE '%"integrity": ""%')
        """,
    )


MIGRATIONS: list[Migration] = [
    m001_first,
    m002_exported,
    m003_batches,
    m004_documents,
    m005_humans,
    m006_bulk,
    m007_reviews,
    m008_agreements,
    m009_standings,
    m010_undone,
    m011_run_leases,
    m012_document_files,
    m013_lookups,
    m014_updates,
    m015_searches,
    m016_full_text_searches,
    m017_hub_entries,
    m018_rankings,
    m019_assignments,
    m020_previews,
    m021_marked_records,
]
