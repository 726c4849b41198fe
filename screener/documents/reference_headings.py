"""How lists of references are headed, in the languages that papers come in."""

import re
import unicodedata

_NAMES = frozenset(
    name.strip()
    for line in """
references / bibliography / literature cited / cited literature / works cited / reference list / list of references
references and notes / notes and references / references cited / cited references / references and further reading
selected references / key references / supplementary references / additional references / reference
literatur / literaturverzeichnis / literaturangaben / literaturnachweis / literaturnachweise / literaturliste
quellen / quellenverzeichnis / quellenangaben / quellen und literatur / referenzen / bibliographie / bibliografie
références / références bibliographiques / références citées / liste des références / références et notes
ouvrages cités / littérature citée / littérature / sources bibliographiques
bibliografía / bibliografía citada / referencias / referencias bibliográficas / referencias citadas
lista de referencias / literatura citada / obras citadas / fuentes / bibliografia / referências
referências bibliográficas / lista de referências / referências citadas / riferimenti / riferimenti bibliografici
letteratura / letteratura citata / opere citate / referències / referències bibliogràfiques
список литературы / список использованной литературы / список использованных источников / список источников
библиографический список / библиография / литература / использованная литература / цитированная литература / источники
список літератури / список джерел / список використаних джерел / список використаної літератури / література
перелік посилань / посилання / бібліографія / джерела / використана література
literatuur / literatuurlijst / literatuurverwijzingen / referenties / referentielijst / bronnen / bronvermelding
källor / källförteckning / referenser / referenslista / litteratur / litteraturförteckning / litteraturlista
bibliografi / referencer / referanser / kilder / kildeliste / litteraturliste / litteraturhenvisninger
lähteet / lähdeluettelo / kirjallisuus / kirjallisuusluettelo / viitteet / kirjallisuusviitteet / heimildir
kaynaklar / kaynakça / kaynak listesi / referanslar
literatura / literatura cytowana / spis literatury / wykaz literatury / piśmiennictwo / źródła
seznam literatury / použitá literatura / seznam použité literatury / zoznam literatúry / literatúra / zdroje
popis literature / viri / literatura i izvori / referencije / irodalom / irodalomjegyzék / felhasznált irodalom
hivatkozások / referințe / referințe bibliografice / kirjandus / kasutatud kirjandus / literatūra / literatūros sąrašas
βιβλιογραφία / αναφορές / βιβλιογραφικές αναφορές
参考文献 / 參考文獻 / 引用文献 / 引用文獻 / 文献 / 文獻 / 参考资料 / 參考資料 / 参考书目 / 參考書目 / 参照文献 / 主要参考文献
引用・参考文献 / 引用参考文献 / 参考文献及注释 / 注释与参考文献 / 参考図書
참고문헌 / 인용문헌 / 문헌 / 참고자료 / 참고 문헌
المراجع / قائمة المراجع / المصادر / المصادر والمراجع / منابع / مراجع / فهرست منابع
מקורות / רשימת מקורות / ביבליוגרפיה
tài liệu tham khảo / daftar pustaka / daftar rujukan / referensi / rujukan / เอกสารอ้างอิง / บรรณานุกรม
संदर्भ / सन्दर्भ / संदर्भ सूची
""".strip().split("\n")
    for name in line.split("/")
)
_LABELS = frozenset({
    "reference", "quellen", "sources bibliographiques", "littérature", "fuentes", "letteratura", "источники", "посилання",
    "джерела", "bronnen", "källor", "kilder", "zdroje", "viri", "źródła", "文献", "文獻", "참고자료", "문헌",
})  # fmt: skip
"""Names that also head columns and sections: a list only where they are set as a heading."""
_NUMBER = re.compile(
    r"(?:(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,5}(?=[.)\s])|[a-h](?=[.)])|[一二三四五六七八九十]{1,3}(?=[、.]))[.、)]*\s*)+"
)
_PARTS = re.compile(r"[/|()\[\]（）【】〔〕:：·•‧—–]+|\s-\s")
_SPACED = re.compile(r"(?:\w ){3,}\w|(?:[\u2e80-\ua4cf] )+[\u2e80-\ua4cf]")


def is_references(heading: str) -> bool:
    """Return whether a heading, numbered or not, opens the list of references: in one language or in two, with the
    number of entries (`REFERENCES (41)`) or set letter by letter (`R E F E R E N C E S`).
    """
    if len(heading) > _LONGEST:
        return False
    words = " ".join(unicodedata.normalize("NFKC", heading).casefold().split()).strip(" .:0123456789-–—■▪●")
    if _SPACED.fullmatch(words):
        words = words.replace(" ", "")
    parts = [part.strip(" .:0123456789") for part in _PARTS.split(words[_end_of_number(words) :])]
    named = [part for part in parts if part]
    return bool(named) and all(part in _NAMES for part in named)


def is_label(heading: str) -> bool:
    """Return whether a name of such a list is also one of columns and sections."""
    return heading.casefold().strip(" .:0123456789") in _LABELS


_LONGEST = 80


def _end_of_number(words: str) -> int:
    match = _NUMBER.match(words)
    return match.end() if match else 0
