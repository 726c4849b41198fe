"""What follows from another answer and is asked of nobody: an item that does not apply."""

from collections.abc import Mapping

from ..core.judgement import ItemAnswer, ItemStatus
from .spec import FormSpec


def settle_what_follows(form: FormSpec, items: Mapping[str, ItemAnswer]) -> dict[str, ItemAnswer]:
    """Return a study's items with those `not_applicable` that another answer rules out (`Applies`).

    Of an item for which a value was given nothing is taken away: two answers that contradict each other are for a person.
    """
    settled = {path: _settled(form, path, answer, items) for path, answer in items.items()}
    return settled if settled == items else settle_what_follows(form, settled)  # others may hang on what was settled


def _settled(form: FormSpec, path: str, answer: ItemAnswer, items: Mapping[str, ItemAnswer]) -> ItemAnswer:
    item = form.item(path)
    if item is None or item.applies is None or answer.value is not None:
        return answer
    deciding = items.get(f"{path.removesuffix(item.path)}{item.applies.if_path}")
    if deciding is None or answer.status is ItemStatus.NOT_APPLICABLE:
        return answer
    if deciding.status is ItemStatus.NOT_APPLICABLE:
        return ItemAnswer(status=ItemStatus.NOT_APPLICABLE, reason=f"as {item.applies.if_path}")
    given = deciding.value if isinstance(deciding.value, list) else [deciding.value]
    if deciding.status is not ItemStatus.REPORTED or set(given) & set(item.applies.codes):
        return answer
    return ItemAnswer(
        status=ItemStatus.NOT_APPLICABLE, reason=f"{item.applies.if_path} is {', '.join(map(str, given))}"
    )
