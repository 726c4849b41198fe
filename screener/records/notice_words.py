"""How sources write that an entry is a notice, or that a paper was retracted, in the languages usual in databases."""

import re
from dataclasses import dataclass

ERRATUM, CONCERN, RETRACTION = "erratum", "expression of concern", "retraction"
REPLY, EDITORIAL = "reply or comment", "editorial note"

STRAIGHT = str.maketrans({**dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‘’‚‛′ʼ", "'"), "–": "-", "—": "-", "‐": "-",
                          "‑": "-", "：": ":", "（": "(", "）": ")", "【": "[", "】": "]", "《": '"', "》": '"'})  # fmt: skip
"""Quotation marks, dashes and full-width marks as titles are compared here."""
_SMALL = "a an and at de des der die du for et in la le of on the to und y"
SMALL = frozenset(_SMALL.split())

NOTICE_TYPES = {
    **dict.fromkeys(
        ("correction", "corrections", "correction addition", "addition correction", "erratum", "errata", "corrigendum",
         "corrigenda", "published erratum", "addendum", "author correction", "publisher correction", "journal correction",
         "correction notice", "fe de erratas", "fe de errores", "berichtigung"), ERRATUM),
    **dict.fromkeys(
        ("retraction", "retraction of publication", "retraction notice", "retraction note", "notice of retraction",
         "partial retraction", "withdrawal", "withdrawal notice", "item withdrawal", "removal notice"), RETRACTION),
    **dict.fromkeys(("expression of concern", "editorial expression of concern", "notice of concern"), CONCERN),
    **dict.fromkeys(("reply", "author reply", "authors reply", "author response", "response to letter", "comment reply"),
                    REPLY),
}  # fmt: skip
"""Types of publication that only notices have, normalised. A comment, letter or editorial may be a work of its own."""
PAPER_TYPES = {
    **dict.fromkeys(("retracted publication", "retracted article", "retracted", "retracted paper"), "retracted"),
    **dict.fromkeys(("withdrawn publication", "withdrawn", "withdrawn article"), "withdrawn"),
    **dict.fromkeys(("publication with expression of concern",), "expression of concern"),
}  # fmt: skip
"""Types that a marked paper has itself, normalised, and the mark (`Integrity`)."""


@dataclass(frozen=True)
class Form:
    """A form of title. `before`: the paper's title follows, else it precedes. `certain`: no other work is called so.

    `alone`: nothing else need stand in the title.
    """

    kind: str
    pattern: re.Pattern[str]
    before: bool = True
    certain: bool = True
    alone: bool = False


def _form(kind: str, pattern: str, *, before: bool = True, certain: bool = True, alone: bool = False) -> Form:
    return Form(kind, re.compile(rf"^\W{{0,2}}(?:{pattern})" if before else rf"(?:{pattern})\W*$", re.IGNORECASE),
                before, certain, alone)  # fmt: skip


_WHOSE = r"(?:(?:author|publisher|editor|journal)(?:'s|s'|s)? |published )?"
_ERRATA = (
    rf"{_WHOSE}(?:erratum|errata|corrigend(?:um|a)|addendum|errata corrige|fe de err(?:at|or)(?:a|as|es)|rectificatif"
    r"|berichtigung|erratum und berichtigung|исправлени[ея]|опечатк[аи])"
)
_CORRECTION = rf"{_WHOSE}(?:corrections?|correcci[oó]n(?:es)?|corre[cç][aã]o|correzione|korrektur|rectificaci[oó]n)"
_RETRACTIONS = (
    r"(?:(?:partial|editorial|statement of|notice of) )?(?:retraction(?: (?:notice|note|statement|letter))?"
    r"|retractaci[oó]n|r[ée]tractation|retrata[cç][aã]o|ritrattazione|zur[uü]ckziehung)|withdrawal(?: notice| statement)"
    r"|retraction and (?:replacement|republication)|notice of (?:retraction|withdrawal)(?: and (?:replacement|republication))?"
)
_CONCERNS = r"(?:(?:editorial|publisher'?s?|editor'?s?) )?(?:expressions? of (?:editorial )?concern|notice of concern)"
_REPLIES = (
    r"(?:(?:authors?'?s?'?|author'?s|the authors'?) )?(?:repl(?:y|ies)|response|rebuttal|respuesta|r[ée]ponse|antwort|erwiderung"
    r"|resposta|risposta)"
)
_TO = r"\s*(?:to|for|of|on|zu|zum|zur|de|di|del|al|a|à|au|auf|an)\b(?: the)?(?: (?:article|paper|original article))?(?: entitled| titled)?"
_LETTER = r"letter(?: (?:to|from) the editors?)?"
_MARK = r"\s*(?::|\.\s|-\s|\]\s*|\)\s*)"
_QUOTE = r"\s*(?=[\"'])"
_BY = r"(?: by [^\"]{2,80}?)?"

_TRIGGERS = """
    errat errores corrig correc correç korrektur rectif berichtigung исправлен опечат 勘误 更正 訂正 正誤 정정 정오 retrac retratac
    retrataç rétrac ritratt zurückzieh zuruckzieh withdraw remov 撤 retirado concern reply replies respon respuesta réponse antwort
    erwider resposta risposta rebuttal comment kommentar comentario discussion remark letter re: notice note addend (vol
"""
TRIGGERS = tuple(_TRIGGERS.split())
"""A title without any of these, in small letters, has no form of a notice and no mark: most titles need no other look."""

FORMS: tuple[Form, ...] = (
    # Nothing but the word.
    _form(ERRATUM, rf"(?:{_ERRATA}|{_CORRECTION}|勘误|更正|訂正)(?: notice)?\W*$", alone=True),
    _form(RETRACTION, rf"(?:{_RETRACTIONS})\W*$", alone=True),
    _form(CONCERN, rf"{_CONCERNS}\W*$", alone=True),
    _form(REPLY, rf"(?:the )?(?:author|authors|author's|authors')? ?{_REPLIES}\W*$", alone=True),
    # Before the title of the paper.
    _form(ERRATUM, rf"{_ERRATA}(?:{_TO})?{_MARK}", alone=True),
    _form(ERRATUM, rf"{_ERRATA}(?:{_TO}|\s*(?=[\"'(\[]))"),
    _form(ERRATUM, rf"{_CORRECTION}(?: notice)?(?:{_TO})?(?:\s*(?::|-\s|\]\s+)|{_QUOTE})"),
    _form(ERRATUM, rf"{_CORRECTION}\s+(?:to|for)\s+(?=[^,]{{2,40}} et al\.?,)"),
    _form(ERRATUM, rf"{_CORRECTION}\s+(?:to|for|of)\b", certain=False),
    _form(ERRATUM, r"(?:勘误|更正|更正启事|訂正|正誤表?|정정|정오표)\s*[:\]]?\s*", alone=True),
    _form(RETRACTION, rf"(?:{_RETRACTIONS})(?:{_TO})?(?:\s*(?::|-\s|\]\s+)|{_QUOTE})"),
    _form(RETRACTION, r"(?:retraction (?:notice|note|statement)|notice of retraction|statement of retraction)\s*(?:to|for|of|on)\b"),
    _form(RETRACTION, r"retraction\s+(?:to|for|of)\s+(?=[^,]{2,40} et al\.?,)"),
    _form(RETRACTION, r"retraction\s+(?:to|for|of)\b", certain=False),
    _form(RETRACTION, r"(?:撤稿声明|撤稿|撤回声明|論文撤回|撤回)\s*[:\]]\s*"),
    _form(RETRACTION, rf"(?:withdrawal|removal)(?: notice| statement)(?:{_TO})?(?:\s*(?::|-\s|\]\s+)|{_QUOTE}|(?<= to)\s)"),
    _form(RETRACTION, rf"(?:withdrawal|removal)(?:{_TO})?(?:\s*:|{_QUOTE})", certain=False),
    _form(CONCERN, rf"{_CONCERNS}(?:{_TO}| about| regarding)?(?:\s*(?::|-\s|\]\s+)|{_QUOTE})", alone=True),
    _form(CONCERN, rf"{_CONCERNS}{_TO}", certain=False),
    _form(REPLY, rf"{_REPLIES}{_BY}\s*(?:(?:to|re|on) (?:the )?)?{_LETTER}[^\"]{{0,120}}?\s(?:regarding|on|about|concerning|re:?)"
                 r"(?: the)?(?: articles?| papers?)?[,:]?\s+"),
    _form(REPLY, rf"{_LETTER}{_BY}\s+(?:regarding|concerning|re:?|about|on|in response to)(?: the)?(?: articles?| papers?)?[,:]?\s+"),
    _form(REPLY, rf"{_REPLIES}(?:{_TO})?(?:\s*:\s|{_QUOTE})"),
    _form(REPLY, rf"(?:comments?|commentary|discussion|remarks?|kommentar|comentarios?|commentaire)(?: (?:to|on|regarding))(?:\s*:|{_QUOTE})"),
    _form(REPLY, r"re\s*:\s*"),
    _form(REPLY, r"(?:in )?(?:reply|response)(?: to (?:the )?letters?(?: to the editors?)?)?\s*:"),
    _form(REPLY, rf"(?:invited |editorial )?(?:comments?|commentary|discussion)(?: (?:to|on|of|about|regarding))?(?:\s*:|{_QUOTE})",
          certain=False),
    _form(REPLY, r"(?:some |methodological )?(?:concerns?|questions?) (?:about|regarding|with|on|over)(?: the)?\b:?", certain=False),
    _form(REPLY, rf"{_REPLIES}\s+(?:to|a|à|auf|al)\b", certain=False),
    _form(REPLY, r"(?:a )?(?:comments?|commentary) (?:to|on)\b|letter to the editors?\s*[:.-]\s*", certain=False),
    _form(EDITORIAL, rf"(?:editor'?s|editorial|editors') note(?: (?:to|on|regarding))?(?:\s*(?::|-\s)|{_QUOTE})"),
    _form(EDITORIAL, r"editorial comment(?:ary)?(?: (?:to|on))?\s*[:.-]?\s", certain=False),
    # Behind it.
    _form(ERRATUM, rf"\s*[(\[]\s*(?:{_ERRATA}|{_CORRECTION})\s*(?:notice)?\s*[)\]]|\s*[:.-]\s*(?:{_ERRATA})", before=False),
    _form(ERRATUM, r"(?<=[\"'])\s*[:,]\s*corrections?(?: to [^:]{2,60} \(\d{4}\))?", before=False),
    _form(ERRATUM, r"\s*:\s*corrections?|\s+-\s*corrections?", before=False, certain=False),
    _form(ERRATUM, r"\s*\((?:(?:correction|corrigendum|erratum)[^()]{0,8})?vol\.? ?\w+(?: [^()]*)?, ?[^()]+, ?(?:19|20)\d\d\)", before=False),
    _form(RETRACTION, r"\s*[(\[]\s*(?:retraction(?: notice| note)?)\s*[)\]]|\s*\(retraction of vol[^()]*\)"
                      r"|\s*[:-]\s*retraction(?: notice| note)?|\s*[\[(]\s*retraction (?:of|notice)[^\[\]]*[\])]", before=False),
    _form(CONCERN, rf"\s*[(\[]\s*{_CONCERNS}[^()\[\]]{{0,60}}[)\]]|\s*[:-]\s*{_CONCERNS}", before=False),
    _form(REPLY, r"\s*(?:[:.]|-|,)\s*(?:(?:the )?authors?'?s?'? )?(?:reply|response|rebuttal)|\s+(?:the )?authors?'?s? (?:reply|response)"
                 r"|\s*[(\[]\s*(?:(?:the )?authors?'?s?'? )?(?:reply|response)\s*[)\]]", before=False),
    _form(REPLY, r"\s*-\s*reply to [^:]{2,60}(?: et al\.?| and [^: ]{2,40})", before=False),
    _form(EDITORIAL, r"\s*(?:-|:|\s)\s*editorial comment", before=False, certain=False),
    _form(REPLY, r"\s*[:-]?\s+(?:a )?(?:reply|discussion|comments?)", before=False, certain=False),
)  # fmt: skip
"""The forms of titles, tried in order."""

_OPEN, _CLOSE = r"[\[(]", r"[\])]"
_RETRACTED = r"retracted(?: (?:article|paper|chapter|publication|manuscript|study|book|conference paper))?"
RETRACTED_BEFORE = re.compile(
    rf"^\W{{0,2}}(?:{_OPEN}\s*{_RETRACTED}\s*{_CLOSE}\s*:?\s*|{_RETRACTED}\s*(?::|-\s|–\s|—\s)\s*|this article has been retracted\s*:\s*"
    r"|[\[【]撤稿[\]】]\s*|retirado\s*:\s*|(?-i:RETRACTED (?:ARTICLE |PAPER |CHAPTER )?(?=[A-Z\"“‘'])))",
    re.IGNORECASE,
)
"""A paper that says of itself, before its title, that it was retracted; not `Retracted publications in …`."""
RETRACTED_AFTER = re.compile(
    rf"\s*(?:{_OPEN}\s*(?:this )?{_RETRACTED}(?: in| by|\.|;|,| see)?[^\[\]()]*(?:\([^()]*\)[^\[\]()]*)*{_CLOSE}"
    rf"|\s[-–—]\s*{_RETRACTED}|\s(?-i:RETRACTED(?: ARTICLE| PAPER)?))\s*\.?$",
    re.IGNORECASE,
)
_WITHDRAWN = r"(?:withdrawn|temporary removal|article withdrawn)(?: (?:article|paper|publication))?"
WITHDRAWN_BEFORE = re.compile(
    rf"^\W{{0,2}}(?:{_OPEN}\s*withdrawn\s*{_CLOSE}\s*:?\s*|{_WITHDRAWN}\s*:\s*|(?-i:REMOVED|WITHDRAWN)\s*(?::|-\s|–\s)\s*)",
    re.IGNORECASE,
)
WITHDRAWN_AFTER = re.compile(
    rf"\s*(?:{_OPEN}\s*withdrawn(?: (?:article|paper|publication))?\.?\s*{_CLOSE}|\s[-–—]\s*withdrawn)\s*\.?$",
    re.IGNORECASE,
)
IEEE_NOTICE = re.compile(r"^notice of (?:retraction|violation of ieee publication principles)\s*:?\s+(?!(?:and|to|for|of)\b)",
                         re.IGNORECASE)  # fmt: skip
"""IEEE keeps a retracted paper under its DOI and writes so before the title; without a colon no notice is called so."""
COLON_NOTICE = re.compile(r"^notice of retraction\s*:", re.IGNORECASE)
APPEARS = re.compile(
    r"\.?\s*\[((?:published )?(?:erratum|errata|corrigendum|correction|retraction|retracted|expression of concern|update"
    r"|comment)(?: (?:appears|published|in))?\s*(?:in|:)\s[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]?",
    re.IGNORECASE,
)
"""What Ovid writes behind a paper's title of a notice that stands elsewhere."""

REMARKS = re.compile(r"\.?\s*\[(?:see )?comments?\]", re.IGNORECASE)
"""Ovid's words for a paper that was commented on, and for a work that comments: often a letter with data of its own."""

DATA = re.compile(
    r"\d\s*%|\b[np]\s*[=<>]\s*\d|\b(?:95|90|99)\s?% ?ci\b|\b\d+\s+(?:\w+\s+){0,2}(?:patients|participants|subjects|cases"
    r"|children|women|men|adults|controls|individuals|samples|mice|rats|eyes|studies|trials)\b",
    re.IGNORECASE,
)
"""Figures that nobody gives who only answers."""

QUOTED = re.compile(r"^(?:[^\"]{0,60}\s)?\"(.+?)\"(?:[\s.,;:\[(-]|$)|^'(.+?)'(?:\s*[\[(.]|$)")
AUTHORS_BEFORE = re.compile(r"^(?:[A-Z][\w'-]+(?: [A-Z][\w'-]*)*,? )(?:et al[.,:]*|and [A-Z][\w'-]+,)\s+")
OTHER_NOTICE = re.compile(
    r"^(?:(?:author|publisher) )?(?:erratum|corrigendum|correction)(?: to| for)?\s*:\s*|^(?:letter to the editor)\s*(?::|on|regarding)\s*",
    re.IGNORECASE,
)
VOLUME = re.compile(r"\s*\((?:[^()]*\bof )?vol\.? ?\w+[^()]*\)?\s*$", re.IGNORECASE)
CITATION = re.compile(r"(?:19|20)\d\d|10\.\d{4,9}/|\bdoi\b|\bvol\b", re.IGNORECASE)
ABSTRACT_NUMBER = re.compile(r"^Abstract \w+:\s*", re.IGNORECASE)
PLACES = (
    re.compile(r"\bvol\.? ?(?P<volume>\w+)(?: ?\([^()]*\))?, (?:pg\.? |p\.? ?|no\.? |art\.? ?(?:no\.? )?)?(?P<page>\w+(?:-\w+)?), (?P<year>(?:19|20)\d\d)\b",
               re.IGNORECASE),
    re.compile(r"\s(?P<volume>\d+)\s?(?:\([^()]{1,12}\))?\s?\((?P<year>(?:19|20)\d\d)\)[ ,:]+(?P<page>\w+)"),
    re.compile(r"\((?P<year>(?:19|20)\d\d)\)[ ,]+(?P<volume>\d+)\s?(?:\([\w.]{1,4}\))?[ ,:]+\(?(?P<page>\w+)"),
)  # fmt: skip
