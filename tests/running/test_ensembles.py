"""Combinations: a rule over what the members said, and a cascade that asks no more than it must."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import Server, openai_server
from support import Cli
from support.chat_run import add_reviewer

from screener.core.judgement import Decision, Judgement, Stage
from screener.protocol import combine
from screener.protocol.model import EnsembleSpec, Until, find_review
from screener.reporting.audit.checking import _rename

IN, EX, UN = Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR


def said(*decisions: Decision) -> dict[str, Judgement]:
    return {f"m{i}": Judgement(decision=decision) for i, decision in enumerate(decisions)}


@pytest.mark.parametrize(
    ("rule", "decisions", "combined"),
    [
        ("any_include", (EX, IN, EX), IN),
        ("any_include", (EX, EX, EX), EX),
        ("any_include", (EX, UN, EX), UN),
        ("all_include", (IN, IN, IN), IN),
        ("all_include", (IN, UN, IN), UN),
        ("all_include", (IN, EX, IN), EX),
        ("majority", (IN, IN, EX), IN),
        ("majority", (EX, IN, EX), EX),
        ("majority", (IN, EX, UN), UN),
    ],
)
def test_a_rule_decides_as_its_name_says(rule: str, decisions: tuple[Decision, ...], combined: Decision) -> None:
    spec = EnsembleSpec(kind="ensemble", members=("m0", "m1", "m2"), rule=rule)  # type: ignore[arg-type]
    judgement = combine(spec, said(*decisions))
    assert judgement is not None
    assert judgement.decision is combined


@given(st.lists(st.sampled_from(list(Decision)), min_size=2, max_size=5))
def test_any_include_never_loses_what_a_member_keeps(decisions: list[Decision]) -> None:
    members = tuple(said(*decisions))
    judgement = combine(EnsembleSpec(kind="ensemble", members=members, rule="any_include"), said(*decisions))
    assert judgement is not None
    assert judgement.decision.kept == any(decision.kept for decision in decisions)


def test_a_missing_member_is_no_opinion() -> None:
    spec = EnsembleSpec(kind="ensemble", members=("m0", "m1"), rule="any_include")
    assert combine(spec, said(IN)) is None


def test_a_mean_is_taken_against_its_limits() -> None:
    spec = EnsembleSpec(
        kind="ensemble", members=("a", "b"), rule="mean", until=Until(exclude_below=0.2, include_above=0.8)
    )
    both = {"a": Judgement(decision=UN, probability=0.1), "b": Judgement(decision=UN, probability=0.2)}
    judgement = combine(spec, both)
    assert judgement is not None
    assert judgement.decision is EX
    assert judgement.probability == pytest.approx(0.15)


@pytest.fixture
def panel(ecg: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with openai_server({"keep": True}) as server:
        add_reviewer(
            ecg,
            f"gpt: {{kind: chat, model: 'openai:gpt-5-mini', base_url: '{server.base_url}', price: {{input: 1, output: 2}}}}",
        )
        add_reviewer(
            ecg, "cascade: {kind: ensemble, members: [embedded, gpt], until: {exclude_below: 0.02, include_above: 0.9}}"
        )
        add_reviewer(ecg, "both: {kind: ensemble, members: [embedded, gpt], rule: any_include}")
        yield server


@pytest.mark.slow
def test_a_cascade_asks_the_second_member_only_what_the_first_left_open(ecg: Path, cli: Cli, panel: Server) -> None:
    done = cli("run", "--stage", "abstract", "--reviewer", "cascade", "--json")
    assert done.code == 0, done.err
    found = done.json
    first, second = found["members"]
    assert first["asked"] == 120
    assert 0 < second["asked"] < 120
    assert second["asked"] == second["calls"] == panel.stats()["calls"] == found["calls"]
    assert first["settled"] + second["settled"] == found["decided"] == 120
    assert found["include"] + found["exclude"] + found["unclear"] == 120
    again = cli("run", "--stage", "abstract", "--reviewer", "cascade", "--json").json
    assert (again["calls"], again["cached"]) == (0, 120)


@pytest.mark.slow
def test_a_panel_uses_what_its_members_said_before(ecg: Path, cli: Cli, panel: Server) -> None:
    cli("run", "--stage", "abstract", "--reviewer", "gpt", "--limit", "20")
    found = cli("run", "--stage", "abstract", "--reviewer", "both", "--limit", "20", "--json").json
    assert found["calls"] == 0
    assert found["decided"] == 20
    assert found["disagreements"] >= 0
    shown = cli("run", "--stage", "abstract", "--reviewer", "both", "--limit", "20").out
    assert "excluded by one member, not by another" in shown
    assert cli("evaluate", "--stage", "abstract", "--reviewer", "both", "--split", "dev", "--json").code == 0


def test_what_a_cascade_leaves_unclear_is_told_by_member(ecg: Path, cli: Cli, panel: Server) -> None:
    panel.set_script({"prefer": "unclear"})
    args = ("run", "--stage", "abstract", "--reviewer", "cascade", "--limit", "20")
    outcome = cli(*args, "--json").json
    first, second = outcome["members"]
    assert second["unclear"] == second["settled"] > 0, "the last member decides nothing here"
    assert first["unclear"] + second["unclear"] == outcome["unclear"]
    shown = " ".join(cli(*args).out.split())
    assert f"{outcome['unclear']} records end as unclear" in shown
    assert "they are not settled" in shown


@pytest.mark.parametrize("members", ["[prob]", "[embedded, prob]", "[claude, prob]"])
@pytest.mark.parametrize("how", ["rule: any_include", "until: {exclude_below: 0.05, include_above: 0.95}"])
def test_a_dry_run_plans_every_kind_of_member_without_a_key(ecg: Path, cli: Cli, members: str, how: str) -> None:
    add_reviewer(ecg, f"all: {{kind: ensemble, members: {members}, {how}}}")
    address = "base_url: 'http://127.0.0.1:9', price: {input: 1, output: 2}"
    add_reviewer(ecg, f"prob: {{kind: probability, model: jev, api_key_env: NO_KEY_HERE, {address}}}")
    add_reviewer(
        ecg, f"claude: {{kind: chat, model: 'anthropic:claude-of-tomorrow', api_key_env: NO_KEY_HERE, {address}}}"
    )
    args = ("run", "--stage", "abstract", "--limit", "3", "--dry-run", "--json")
    plan = cli(*args, "--reviewer", "prob").json
    assert (plan["calls"], plan["judged"]) == (3, 0)
    assert plan["cost_usd"] > 0
    assert cli(*args, "--reviewer", "all").json["prob"] == plan
    shown = cli(*args[:-1], "--reviewer", "all")
    assert shown.code == 0
    assert "prob: 3 records" in shown.out


def test_a_combination_of_strangers_is_one_line(ecg: Path, cli: Cli) -> None:
    add_reviewer(ecg, "odd: {kind: ensemble, members: [embedded, nobody], rule: majority}")
    done = cli("check")
    assert done.code == 2
    assert "nobody" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_an_ensemble_is_read_under_its_old_name_and_what_it_judged_stays_current(ecg: Path, cli: Cli) -> None:
    add_reviewer(ecg, "old: {kind: combine, members: [embedded], rule: majority}")
    protocol = ecg / "prompts" / "review.yaml"
    review = find_review(ecg)
    assert review.reviewer("old").kind == "ensemble"
    assert cli("run", "--stage", "abstract", "--reviewer", "old", "--limit", "5", "--json").json["cached"] == 0
    protocol.write_text(protocol.read_text().replace("kind: combine", "kind: ensemble"))
    renamed = find_review(ecg)
    assert renamed.fingerprint(Stage.ABSTRACT, "old") == review.fingerprint(Stage.ABSTRACT, "old")
    assert cli("run", "--stage", "abstract", "--reviewer", "old", "--limit", "5", "--json").json["cached"] == 5


def test_the_figures_of_an_archive_from_before_the_new_name_are_compared_under_it() -> None:
    recorded = {"review": {"reviewers": {"old": {"kind": "combine", "rule": "majority"}, "chat": {"kind": "chat"}}}}
    _rename(recorded)
    assert recorded == {
        "review": {"reviewers": {"old": {"kind": "ensemble", "rule": "majority"}, "chat": {"kind": "chat"}}}
    }
    odd: dict[str, object] = {"review": {"reviewers": [1]}}
    _rename(odd)
    assert odd == {"review": {"reviewers": [1]}}
