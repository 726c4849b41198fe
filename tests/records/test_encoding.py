"""The text of an export is what was written, or the file is refused in one line that names the remedy; never garbage."""

from pathlib import Path

import pytest

from screener.core.errors import BadInput
from screener.records import decode, read_file

PATH = Path("a.ris")
FRAME = "TY  - JOUR\nTI  - {}\nAB  - At p < 0.05 the effect was {}, see text.\nER  - \n"

WESTERN = [
    ("Überwachung von Frühgeborenen – größere Kohorte", "größer"),
    ("Évaluation de l’état : été, âgé, cœur, où ça", "déjà noté"),
    ("Años y corazón: ¿qué pasó?", "más allá del 5 %"),
    ("Coração e avaliação das ações", "não é"),
    ("Perché l’età è più", "così"),
    ("Sjælden sygdom på ét år, søvn", "større"),
    ("Småbarn är ängsliga före öppenvård", "lägre än 3 µg/ml ± 0,2 °C"),
    ("Efficiëntie van de “zorg” … één", "reëel"),
    ("Müller’s test—part I", "5 × 10³ m²"),
]
OTHERS = [
    ("cp1250", "Dvořák a Krejčí: léčba dětí, Wałęsa", "větší"),
    ("cp1250", "Léčba astmatu u dětí", "malý"),
    ("cp1250", "Průběh astmatu", "malý"),
    ("cp1250", "Kovačević", "veći"),
    ("cp1250", "Leczenie chorób serca u dzieci – część", "większy"),
    ("cp1250", "Erdős és Szűcs: a szív működése", "nagyobb volt, főleg nőknél"),
    ("iso8859-2", "Łódź: źródła choroby", "większy niż"),
    ("cp1254", "Çocuklarda kalp hastalığı: Işık, Şimşek", "ağır"),
    ("cp1251", "Лечение болезней сердца", "больше"),
    ("koi8-r", "Лечение болезней сердца", "больше"),
    ("cp866", "Лечение болезней сердца", "больше"),
    ("cp1253", "Θεραπεία της καρδιάς", "μεγαλύτερο"),
    ("cp1255", "טיפול במחלות לב", "גדול"),
    ("cp1256", "علاج أمراض القلب", "أكبر"),
    ("cp874", "การรักษาโรคหัวใจ", "มาก"),
    ("gb18030", "多双在心电图诊断中的应用研究", "较大"),
    ("big5", "心電圖診斷之應用研究", "較大"),
    ("shift_jis", "心電図の診断とディープラーニング", "大きい"),
    ("shift_jis", "ｶﾀｶﾅの心電図", "大"),
    ("euc-jp", "心電図の診断", "大きい"),
    ("euc-kr", "심전도 진단의 응용", "컸다"),
    ("mac-roman", "Évaluation de l’état du cœur âgé", "où l’été"),
    ("cp850", "Überwachung für größere Kohorten", "größer"),
    ("cp437", "Évaluation de l'été", "âgé"),
]


@pytest.mark.parametrize(("title", "effect"), WESTERN, ids=[title[:12] for title, _ in WESTERN])
def test_western_text_is_read_in_every_encoding_that_proves_itself(title: str, effect: str) -> None:
    text = FRAME.format(title, effect)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        notes: list[str] = []
        assert decode(PATH, text.encode(encoding), notes) == text, encoding
        assert bool(notes) == (encoding == "cp1252")


@pytest.mark.parametrize("text", ["Überwachung – größer", "Čapek à Paříž", "心电图诊断", "Лечение"])
def test_utf8_that_was_encoded_twice_is_read_as_it_was_meant_and_told(text: str) -> None:
    notes: list[str] = []
    garbled = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())
    assert decode(PATH, f"TI  - {garbled}\nAU  - Côté, É\n".encode(), notes) == f"TI  - {text}\nAU  - Côté, É\n"
    assert [note.rpartition(": ")[2] for note in notes] == ["line 1"]


@pytest.mark.parametrize("text", ["CAFÉ™ and MENÜ…", "“MAÇÃ”", "SÃO PAULO – Ã", "Â and â: 25 °C", "naïve “Ô"])
def test_capitals_before_signs_are_left_alone(text: str) -> None:
    notes: list[str] = []
    assert decode(PATH, f"TI  - {text}\n".encode(), notes) == f"TI  - {text}\n"
    assert notes == []


@pytest.mark.parametrize(
    ("encoding", "title", "effect"), OTHERS, ids=[f"{name} {title[:8]}" for name, title, _ in OTHERS]
)
def test_what_could_be_read_wrongly_is_refused_with_the_remedy(encoding: str, title: str, effect: str) -> None:
    text = FRAME.format(title, effect)
    with pytest.raises(BadInput, match=r"a\.ris: line \d+ is no UTF-8, .*`--encoding gb18030`") as refused:
        decode(PATH, text.encode(encoding), [])
    assert "\n" not in str(refused.value)
    assert decode(PATH, text.encode(encoding), [], encoding) == text


def test_one_line_in_another_encoding_costs_no_other_line_its_letters() -> None:
    utf8 = FRAME.format("Überwachung – Teil 1", "α ≥ 200 心电图").encode()
    notes: list[str] = []
    mixed = (
        utf8 + "TI  - Café au lait\r\n".encode("cp1252") + "AU  - Côté, ".encode() + "Rémi\n".encode("cp1252") + utf8
    )
    assert (
        decode(PATH, mixed, notes)
        == mixed[: len(utf8)].decode() + "TI  - Café au lait\r\nAU  - Côté, Rémi\n" + utf8.decode()
    )
    assert notes == ["2 of 11 lines are no UTF-8 and were read as Windows-1252: lines 5, 6"]
    for bad in ("心电图".encode("gb18030"), "ő és ű főleg".encode("cp1250"), b"cut \xc3"):
        with pytest.raises(BadInput, match="line 5 "):
            decode(PATH, utf8 + b"AB  - x " + bad + b"\n" + utf8, [])


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("klingon", "klingon: no such encoding"), ("hex", "no such encoding"), ("punycode", "no such encoding"), ("", None), ("gb18030", None),
     ("utf-8", "a.ris: not utf-8 (line 2, byte 0xd0)"), ("shift_jis", "not shift_jis (line 2"), ("utf-16", "not utf-16")],
)  # fmt: skip
def test_a_name_that_is_unknown_or_does_not_fit_is_said_in_one_line(encoding: str, says: str | None) -> None:
    raw = b"TY  - JOUR\nTI  - " + "心电图诊断研究".encode("gb18030")[:13] + b"\xbf \n"
    if says is None:
        raw = b"TY  - JOUR\nTI  - One\n"
        assert decode(PATH, raw, [], encoding) == raw.decode()
        return
    with pytest.raises(BadInput) as refused:
        decode(PATH, raw, [], encoding)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_xml_declaration_counts() -> None:
    text = "<?xml version='1.0' encoding='GB2312'?><a>心电图</a>"
    assert decode(PATH, text.encode("gb2312"), []) == text


def test_the_users_source_wins_over_what_rows_and_formats_say(tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text(
        "TY  - JOUR\nTI  - One\nDB  - psyh\nER  - \nTY  - JOUR\nTI  - Two\nER  - \nTY  - JOUR\nTI  - Three\nDB  - PSYCINFO\nER  - \n"
    )
    file = read_file(path, source="PsycINFO")
    assert {hit.source for hit in file.hits} == {"PsycINFO"}
    assert "the source is PsycINFO, as you say; the file names psyh (1 rows)" in file.notes
    assert [hit.source for hit in read_file(path).hits] == ["psyh", "a", "PSYCINFO"]
    path.write_text("PMID,Title,Journal/Book,Create Date\n1,One,Heart,2020/01/01\n")
    file = read_file(path, source="Library")
    assert (file.hits[0].source, file.notes) == (
        "Library",
        ("the source is Library, as you say; the file names PubMed (1 rows)",),
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"\xfe\xff" + "题目,心电图\n".encode("utf-16-be"),
        b"\x84\x31\x95\x33" + "题目,心电图\n".encode("gb18030"),
        ("题目,心电图\n" + "title,heart\n").encode("utf-16-le"),
    ],
)
def test_a_mark_or_the_zeros_between_tell_the_encoding_of_chinese(raw: bytes) -> None:
    assert decode(PATH, raw, []).removeprefix("\ufeff").startswith("题目,心电图\n")


def test_a_given_encoding_leaves_no_mark_in_the_text() -> None:
    assert decode(PATH, b"\xef\xbb\xbftitle\n", [], "utf-8") == "title\n"


@pytest.mark.parametrize("raw", [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", bytes(range(256)) * 4])
def test_what_is_no_text_is_left_to_be_named(raw: bytes) -> None:
    assert decode(PATH, raw, []) == raw.decode("latin-1")


@pytest.mark.parametrize(
    "line",
    [
        b"one \xa6 two",  # a sign that no text has
        b"word\x84 next",  # an opening quotation mark behind a word
        b"of \xf6\xe4 all",  # a word of nothing but such letters
        b"of \xe9a\xe9a\xe9 all",  # a word with more of them than others
        b"a f\xf5 is",  # Portuguese, where it has none
        b"de K\x8en in",  # a capital letter within a word
    ],
)
def test_words_that_no_western_language_has_are_refused(line: bytes) -> None:
    with pytest.raises(BadInput, match="--encoding"):
        decode(PATH, b"title\n" + line + b"\n", [])
