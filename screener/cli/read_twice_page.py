"""`screener evaluate --stage extraction --compare A B`: two extractions against gold."""

from typing import TYPE_CHECKING

from .evaluate_pages import PROVISIONAL
from .page import TextPage, interval, names, share

if TYPE_CHECKING:
    from ..evaluation import AgreementWithGold


def read_twice_page(result: "AgreementWithGold") -> TextPage:
    """Return how often both are right, both wrong, and different; then each item that both say wrongly."""
    first, second = result.names
    counts, figures = result.scores.counts, result.scores.figures
    page = TextPage(
        f"{first} and {second} against gold, split {result.split}: extraction, {len(result.studies):,} studies, "
        f"{counts['n']:,} items that gold answers for or that one of them made up"
    )
    mark = "provisional gold; " if result.status == "provisional" else ""
    if mark:
        page.line(PROVISIONAL)
    page.table(
        f"{mark}all items; 95 % intervals: bootstrap by study, of 0 and 1 Wilson",
        ("", "who sees it", "items", "share"),
        [
            (label, seen, f"{counts[key]:,}", interval(figures[key]))
            for key, label, seen in (
                ("agree_right", "agree and right", "nobody has to"),
                ("agree_wrong", "agree and wrong", "nobody"),
                ("differ", "differ", "a person decides"),
                ("both_unclear", "both unclear", "a person: it is left open"),
            )
        ],
        right=(2,),
    )
    page.line(
        f"Where they differ: only {first} right {counts['only_first_right']:,}, only {second} right "
        f"{counts['only_second_right']:,}, both right in other words {counts['both_right_differ']:,}, neither "
        f"{counts['neither_right_differ']:,}."
    )
    page.line(f"Where they agree on an answer, it is right: {share(figures['right_where_agree'])}.")
    sure = result.confirmed.figures
    page.line(
        f"Right is strict: texts in the same words. With what people confirmed, agree and right {share(sure['agree_right'])}, "
        f"agree and wrong {share(sure['agree_wrong'])}, right where they agree {share(sure['right_where_agree'])}."
    )
    page.line(f"Right alone: {first} {share(figures['first_right'])}; {second} {share(figures['second_right'])}.")
    page.line(
        f"One of the two right: {share(figures['one_right'])}. This is a CEILING: it is reached only by a person who takes the "
        "right one each time they differ, and no rule that chooses between the two can promise it."
    )
    _by_item(page, result, mark)
    if result.missing:
        page.line(
            f"{len(result.missing):,} studies of gold are not extracted by both and left out: {names(result.missing)}"
        )
    if result.left_out:
        page.line(f"No longer in the form and not compared: {', '.join(result.left_out)}.")
    _unseen(page, result, mark)
    return page


def _by_item(page: TextPage, result: "AgreementWithGold", mark: str) -> None:
    """Add the items on which they are not always right together, those that both say wrongly first."""
    keys = ("n", "agree_right", "agree_wrong", "differ", "both_unclear")
    rows = [
        (name, *(f"{counts[key]:,}" for key in keys))
        for name, counts in result.scores.by_item.items()
        if counts["agree_right"] < counts["n"]
    ]
    if rows:
        page.table(
            f"{mark}by item, those that both say wrongly first; left out where both are always right",
            ("item", "n", "agree and right", "agree and wrong", "differ", "both unclear"),
            rows,
            right=(1, 2, 3, 4, 5),
        )


def _unseen(page: TextPage, result: "AgreementWithGold", mark: str) -> None:
    rows = result.unseen
    if not rows:
        page.line(f"They say nothing wrong that both say, by {mark.replace('; ', '') or 'gold'}.")
        return
    page.line(f"{len(rows):,} agreed and wrong, which no disagreement shows:")
    for row in rows:
        quotes = [f"quote “{' '.join(quote.split())[:200]}”" for quote in row["evidence"]]
        if row["gold_quote"]:
            quotes.append(f"gold quote “{' '.join(row['gold_quote'].split())[:200]}”")
        page.entry(f"{row['id']}  {row['item']}", f"both say {row['value']!r}, gold {row['gold']!r}", *quotes)
