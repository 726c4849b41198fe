from pathlib import Path

from screener.records import read_file

RECORD = """<record><database name="x.enl">x.enl</database><rec-number>7</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal" font="default">Ito, Ken</style></author><author>WALK Group,</author>
</authors></contributors><titles><title><style face="normal">Walking </style><style face="italic">in vivo</style></title>
<secondary-title><style>Age Rep</style></secondary-title></titles><periodical><full-title>Age Reports</full-title>
</periodical><pages>105-14</pages><volume>12</volume><number>3</number><keywords><keyword>gait</keyword>
<keyword>age</keyword></keywords><dates><year>2018</year><pub-dates><date>Mar 7</date></pub-dates></dates>
<isbn>1476-4687 (Electronic)&#xD;0028-0836</isbn><accession-num>30000001</accession-num><abstract>One.&#xD;Two.</abstract>
<notes>PMID: 1</notes><urls><related-urls><url>https://a.org/1</url><url>https://b.org/2</url></related-urls><pdf-urls>
<url>internal-pdf://x.pdf</url></pdf-urls></urls><custom2>PMC123</custom2>
<electronic-resource-num>https://doi.org/10.5555/Age.1</electronic-resource-num>
<remote-database-name>PubMed</remote-database-name><language>eng</language><work-type>Trial</work-type></record>"""


def written(tmp_path: Path, records: str) -> Path:
    file = tmp_path / "library.xml"
    file.write_text(f'<?xml version="1.0" encoding="UTF-8"?><xml><records>{records}</records></xml>', encoding="utf-8")
    return file


def test_every_field_of_a_record_is_read_without_its_styles(tmp_path: Path) -> None:
    [hit] = read_file(written(tmp_path, RECORD)).hits
    entry = hit.entry
    assert (hit.source, entry.title, entry.venue) == ("PubMed", "Walking in vivo", "Age Reports")
    assert entry.authors == ("Ito, Ken", "WALK Group")
    assert (entry.volume, entry.issue, entry.pages, entry.year) == ("12", "3", "105–114", 2018)
    assert entry.dates[0].value == "2018-03-07"
    assert (entry.doi, entry.pmid, entry.pmcid) == ("10.5555/age.1", "30000001", "PMC123")
    assert (entry.issn, entry.url, entry.keywords) == (("1476-4687", "0028-0836"), "https://a.org/1", ("gait", "age"))
    assert (entry.reference_type, entry.publication_types, entry.language) == ("JOUR", ("Trial",), "eng")
    assert entry.abstract == "One. Two."


def test_an_accession_number_is_what_its_database_counts_by(tmp_path: Path) -> None:
    embase = RECORD.replace(">PubMed<", ">Embase<").replace(">30000001<", ">L2012345678<").replace("PMID: 1", "")
    wos = RECORD.replace(">PubMed<", ">Web of Science<").replace(">30000001<", ">WOS:000223334444221<")
    thesis = RECORD.replace('name="Journal Article">17', ">32").replace("<language>", "<x/><language>")
    first, second, third = (hit.entry for hit in read_file(written(tmp_path, embase + wos + thesis)).hits)
    assert (first.accession, first.pmid) == (("embase:L2012345678",), None)
    assert (second.wos, second.accession) == ("WOS:000223334444221", ())
    assert third.reference_type == "THES"


def test_a_library_that_breaks_off_tells_it(tmp_path: Path) -> None:
    file = written(tmp_path, RECORD + RECORD.replace("vivo</style></title>", "vivo</style>"))
    read_back = read_file(file)
    assert (len(read_back.hits), [row.row for row in read_back.rejected]) == (1, [2])
