"""What databases stated of searches: the newest of each search counts, and rounds of searching by citation are added."""

from screener.ledger.searches import DoneSearch, Stated, stated_counts


def done(query: str, stated: int | None, day: int, since: str = "") -> DoneSearch:
    return DoneSearch(f"2026-11-{day:02}T10:00:00Z", "Base", "main", query, since, stated, 0, "")


def test_a_query_that_was_changed_counts_as_it_was_run_last() -> None:
    runs = [done("tea", 100, 1), done("tea AND cup", 80, 2), done("tea AND cup", 3, 3, since="2026-11-01")]
    assert stated_counts(runs) == {("Base", "main"): Stated(80, "2026-11-02")}


def test_a_query_that_was_taken_up_again_counts_as_it_was_run_last() -> None:
    runs = [done("tea", 100, 1), done("tea AND cup", 80, 2), done("tea", 105, 3)]
    assert stated_counts(runs) == {("Base", "main"): Stated(105, "2026-11-03")}


def test_rounds_that_begin_with_other_works_are_added() -> None:
    runs = [done("forwards: doi:10.5555/1", 10, 1), done("Forwards: doi:10.5555/2", 5, 2)]
    runs.append(done("forwards: doi:10.5555/1", 12, 3))
    assert stated_counts(runs) == {("Base", "main"): Stated(17, "2026-11-03")}
