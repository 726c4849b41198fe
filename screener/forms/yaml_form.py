"""A form written in YAML: the same form as one of Python classes, and nothing in it is run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field, create_model, field_validator

from ..core.errors import BadInput, together
from ..core.fault_words import meant
from ..core.frozen import Frozen
from ..core.yamlfile import Path_, YamlFile
from .base import Applies, Coded, Derived, Group, Item, Key, Link, Near, Quantity, Vocabulary
from .spec import FormSpec
from .walk import take_apart

SUFFIXES = (".yaml", ".yml")
Type = Literal["text", "text_list", "number", "count", "boolean", "code", "code_list", "url"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Codes = dict[str, tuple[str, ...]]
_VALUES: Mapping[str, Any] = {
    "text": str,
    "text_list": list[str],
    "number": float,
    "count": int,
    "boolean": bool,
    "url": str,
}


def _read_codes(value: Any) -> Any:
    """Return codes with their words; `ValueError` says how they are written."""
    if isinstance(value, list):
        value = dict.fromkeys(value) if all(isinstance(code, str) for code in value) else None
    if not isinstance(value, dict) or not value:
        raise ValueError(
            "codes are a list like [low, high], or a mapping of each code to words for it, like {low: [minor]}"
        )
    codes: Codes = {}
    for code, words in value.items():
        words = [words] if isinstance(words, str) else words or []
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip(" *") for word in words):
            raise ValueError(
                f"the words for `{code}` are a list of texts, like [randomised, at random]; write numbers in quotes"
            )
        if not code.strip(" *"):
            raise ValueError("a code is a text that is not empty")
        codes[code] = tuple(words)
    return codes


class VocabularyEntry(Frozen):
    """A closed list of codes that several items can share."""

    about: str = ""
    """What the list is of, in a sentence; a chat model reads it."""
    codes: Codes
    """Each code, and the words by which a text speaks of it. Case does not matter, a hyphen equals a space, a `*` at the end
    stands for any ending. With a code `other`, whoever answers also says in words what that is."""

    @field_validator("codes", mode="plain")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return _read_codes(value)


class FieldEntry(Frozen):
    """A field of the form. It has exactly one of `items` (a group), `each` (a list) and `type` (an item)."""

    help: str
    """What a reviewer is told, human or model: of an item, the question."""
    label: str | None = None
    """What people read as its name; without it one is made from the key."""
    about: str = ""
    """Of a group or list: a further sentence on what one of them is; a chat model reads it."""
    items: "dict[Name, FieldEntry] | None" = None
    """A group: its fields, which are asked for together and once."""
    each: "dict[Name, FieldEntry] | None" = None
    """A list: the fields of each entry. In the form itself they are groups, and the list is what the study has several of
    (its models, its arms, its results)."""
    type: Type | None = None
    """An item: what kind of value it has. A `count` is a whole number; a `code` is one of `codes`, a `code_list` are some."""
    codes: str | Codes | None = None
    """Of a code: the name of a vocabulary, or the codes themselves, as in a vocabulary."""
    units: dict[str, float] = Field(default_factory=dict)
    """Of a number: the units a text writes it in, each with its factor to the unit in the field's name; `""` takes a bare
    number. Without them a number counts as it is printed, whatever unit follows."""
    near: tuple[str, ...] = ()
    """Words that lead to the passages in which the value is found."""
    beside: tuple[str, ...] = ()
    """Of a number with units, or a URL: words of which one must stand in the same sentence, or near it."""
    hosts: tuple[str, ...] = ()
    """Of a URL: the hosts that tell what it is, like github.com."""
    derived: tuple[str, ...] = ()
    """Of a code that nobody is asked for: the rules that it is computed by, a line each; the first that holds counts."""
    applies_if: dict[str, tuple[str, ...]] = Field(default_factory=dict, max_length=1)
    """Of an item that another one decides: the other item of codes, and the codes with which this one is asked for. With another
    code it is `not_applicable`."""
    key: bool = False
    """Of an item in a list: whether it tells the entries apart, so that an extraction's entries are held against gold's by it."""

    @field_validator("codes", mode="plain")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return value if isinstance(value, str) else _read_codes(value)


class FormFile(Frozen):
    """A form: what is asked of every included study."""

    guide: str = ""
    """Rules that hold for the whole form; a chat model reads them with every question."""
    note: str = ""
    """What people are told beside each heading of the form, like `own, unvalidated`."""
    vocabularies: dict[str, VocabularyEntry] = Field(default_factory=dict)
    """Closed lists of codes, by a name of your choice."""
    form: dict[Name, FieldEntry] = Field(min_length=1)
    """The parts of the form: groups, which are asked once a study, and lists of groups."""


def load_yaml_form(path: Path) -> FormSpec:
    """Return the form in a YAML file, taken apart. Raises `BadInput` with file, line and remedy of all its mistakes."""
    document = YamlFile(path)
    return _Builder(document, document.validate(FormFile)).form()


class _Builder:
    """Makes the classes of a form, and collects what is wrong with it."""

    def __init__(self, document: YamlFile, file: FormFile) -> None:
        self.document, self.file = document, file
        self.mistakes: list[BadInput] = []
        self.lines: dict[str, int] = {}
        self.vocabularies = {
            name: _vocabulary(name, entry.codes, entry.about) for name, entry in file.vocabularies.items()
        }

    def form(self) -> FormSpec:
        """Return the form; raise all mistakes together."""
        fields = self.fields(self.file.form, ("form",))
        if self.mistakes:
            raise together(self.document.in_order(self.mistakes))
        form = create_model("Form", __base__=Group, __doc__=self.file.guide, **fields)
        form.note = self.file.note  # type: ignore[attr-defined]
        return take_apart(form, str(self.document.path), self.lines)

    def wrong(self, where: Path_, message: str) -> None:
        self.mistakes.append(self.document.fail(where, message))

    def fields(self, entries: Mapping[str, FieldEntry], where: Path_, path: str = "") -> dict[str, Any]:
        """Return the fields of a class, for `create_model`."""
        if not entries:
            self.wrong(where, "is empty; write its fields")
        fields: dict[str, Any] = {}
        for name, entry in entries.items():
            inner = f"{path}{name}"
            self.lines[inner] = self.document.line((*where, name))
            if hasattr(Group, name):
                self.wrong((*where, name), "is a name that the program needs; choose another")
            elif (annotation := self.annotation(name, entry, (*where, name), inner)) is not None:
                fields[name] = (annotation, Field(description=entry.help, title=entry.label))
        return fields

    def annotation(self, name: str, entry: FieldEntry, where: Path_, path: str) -> Any:
        """Return the type of a field; None where something is wrong with it."""
        kinds = [key for key in ("items", "each", "type") if getattr(entry, key) is not None]
        if len(kinds) != 1:
            self.wrong(where, "needs exactly one of `items` (a group), `each` (a list) and `type` (an item)")
            return None
        if entry.type is not None:
            return self.item(name, entry, where)
        for key in ("codes", "units", "near", "beside", "hosts", "derived", "applies_if", "key"):
            if getattr(entry, key):
                self.wrong((*where, key), "belongs to an item; a group or list has none")
        parts = entry.items if entry.items is not None else entry.each or {}
        fields = self.fields(parts, (*where, kinds[0]), f"{path}.")
        group = create_model(_class_name(name), __base__=Group, __doc__=entry.about or None, **fields)
        return group if entry.items is not None else list[group]

    def item(self, name: str, entry: FieldEntry, where: Path_) -> Any:
        """Return the type of an item with its marks; None where something is wrong with it."""
        before = len(self.mistakes)
        self.check_keys(entry, where)
        value, coded = _VALUES.get(entry.type or ""), False
        if entry.type in ("code", "code_list"):
            vocabulary = self.vocabulary(name, entry, where)
            value, coded = vocabulary, vocabulary is not None and "other" in list(vocabulary)
            if entry.type == "code_list" and vocabulary is not None:
                value = list[vocabulary]  # type: ignore[valid-type]
        if len(self.mistakes) > before:
            return None
        marks: list[Any] = [Quantity(entry.units, entry.beside)] if entry.units else []
        marks += [Link(entry.beside, entry.hosts)] if entry.type == "url" else []
        marks += [Near(entry.near)] if entry.near else []
        marks += [Derived(entry.derived)] if entry.derived else []
        marks += [Applies(path, codes) for path, codes in entry.applies_if.items()]
        marks += [Key()] if entry.key else []
        annotation: Any = Coded[value] if coded else Item[value]  # type: ignore[valid-type]
        for mark in marks:
            annotation = Annotated[annotation, mark]
        return annotation

    def check_keys(self, entry: FieldEntry, where: Path_) -> None:
        """Note the keys that do not go with the type."""
        number, code = entry.type in ("number", "count"), entry.type in ("code", "code_list")
        for key, fits, needs in (
            ("about", False, "a group or a list"),
            ("codes", code, "`type: code` or `type: code_list`"),
            ("units", number, "`type: number` or `type: count`"),
            ("hosts", entry.type == "url", "`type: url`"),
            ("derived", entry.type == "code", "`type: code`"),
            (
                "beside",
                entry.type == "url" or bool(entry.units),
                "a number with `units`, or `type: url`; else write `near`",
            ),
        ):
            if getattr(entry, key) and not fits:
                self.wrong((*where, key), f"goes with {needs}")
        if code and entry.codes is None:
            self.wrong(where, "has a code, so it needs `codes`: the name of a vocabulary, or a list like [low, high]")

    def vocabulary(self, name: str, entry: FieldEntry, where: Path_) -> type[Vocabulary] | None:
        """Return the codes of an item."""
        if isinstance(entry.codes, str):
            if entry.codes not in self.vocabularies:
                hint = meant(entry.codes, list(self.vocabularies))
                self.wrong((*where, "codes"), f"no vocabulary is named `{entry.codes}`{hint}")
            return self.vocabularies.get(entry.codes)
        return _vocabulary(_class_name(name), entry.codes, "") if entry.codes else None


def _vocabulary(name: str, codes: Codes, about: str) -> type[Vocabulary]:
    """Return a closed list of codes. Members are numbered: a code may be a word that no member can be named by."""
    members = [(f"CODE_{number}", (code, *words)) for number, (code, words) in enumerate(codes.items(), start=1)]
    vocabulary: type[Vocabulary] = cast(Any, Vocabulary)(name, members)
    vocabulary.__doc__ = about or None
    return vocabulary


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) or name
