"""A prompt shows year, venue, type and keywords: that these have changed since is no fault of an audit, anything else is."""

import json
from pathlib import Path

import pytest
from servers import openai_server
from sqlalchemy import select, update
from support import Cli
from support.chat_run import add_reviewer

from screener.ledger import tables as t
from screener.ledger.store import Ledger
from screener.protocol import Review
from screener.reporting.audit.replay import DETAILS, Replay, replay

pytestmark = pytest.mark.slow


def replayed(review: Path) -> Replay:
    ledger = Ledger.of(review / ".screener")
    result = replay(ledger, Review(review), with_texts=True, run_form=True)
    ledger.close()
    return result


def test_a_request_that_shows_what_came_to_the_record_later_is_left_out_and_a_changed_record_is_told(
    ecg: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-secret-0123456789abcdef")
    rows = "x1,On salt,Salt was bought.,10.1000/salt,2020\nx3,On tea,Tea was sold.,10.1000/tea,2020\n"
    (ecg / "one.csv").write_text(f"id,title,abstract,doi,year\n{rows}")
    assert cli("import", "one.csv").code == 0
    with openai_server() as server:
        add_reviewer(
            ecg,
            f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', api_key_env: TEST_KEY}}",
        )
        assert cli("run", "--stage", "abstract", "--reviewer", "gpt").code == 0
    before = replayed(ecg)
    assert (before.problems, before.skipped[DETAILS]) == ([], 0)
    (ecg / "two.csv").write_text("id,title,doi,keywords\nx2,On salt,10.1000/salt,salt; trade\n")
    assert cli("import", "two.csv").code == 0
    after = replayed(ecg)
    assert (after.problems, after.skipped[DETAILS]) == ([], 1)
    assert after.same == before.same - 1
    ledger = Ledger.of(ecg / ".screener")
    with ledger.write() as connection:  # behind the ledger's back, so that nothing came to the record
        record = json.loads(connection.execute(select(t.records.c.body).where(t.records.c.id == "x3")).scalar_one())
        changed = json.dumps({**record, "year": 1999})
        connection.execute(update(t.records).where(t.records.c.id == "x3").values(body=changed))
    ledger.close()
    (problem,) = replayed(ecg).problems
    assert "gpt on x3 at abstract: the prompt that is rendered now is not the one that was sent" in problem
