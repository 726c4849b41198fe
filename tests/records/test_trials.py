import json
from pathlib import Path

import pytest

from screener.records import Entry, Relation, RelationKind, read_file

STUDY = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT01234567", "briefTitle": "Walking groups", "officialTitle": "A cluster trial",
                                 "orgStudyIdInfo": {"id": "W-1"},
                                 "secondaryIdInfos": [{"id": "2010-012345-67", "type": "EUDRACT_NUMBER"}]},
        "statusModule": {"studyFirstPostDateStruct": {"date": "2018-03-07"}},
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "University X"}, "collaborators": [{"name": "Fund Y"}]},
        "descriptionModule": {"briefSummary": "We walk."},
        "conditionsModule": {"conditions": ["Frailty"]},
        "armsInterventionsModule": {"interventions": [{"type": "BEHAVIORAL", "name": "Walking"}]},
        "referencesModule": {"references": [{"pmid": "30000001", "type": "RESULT"}, {"pmid": "2", "type": "BACKGROUND"}]},
    },
    "hasResults": False,
}  # fmt: skip
XML = """<clinical_study><required_header><url>https://clinicaltrials.gov/show/NCT01234567</url></required_header>
<id_info><org_study_id>W-1</org_study_id><secondary_id>EudraCT 2010-012345-67</secondary_id><nct_id>NCT01234567</nct_id>
</id_info><brief_title>Walking groups</brief_title><sponsors><lead_sponsor><agency>University X</agency></lead_sponsor>
<collaborator><agency>Fund Y</agency></collaborator></sponsors><brief_summary><textblock>
      We walk.
</textblock></brief_summary><study_first_posted type="Actual">March 7, 2018</study_first_posted>
<condition>Frailty</condition><intervention><intervention_name>Walking</intervention_name></intervention>
<results_reference><PMID>30000001</PMID></results_reference></clinical_study>"""
CSV = """NCT Number,Study Title,Study URL,Brief Summary,Conditions,Interventions,Sponsor,Collaborators,Other IDs,First Posted
NCT01234567,Walking groups,https://clinicaltrials.gov/study/NCT01234567,We walk.,Frailty,BEHAVIORAL: Walking,University X,Fund Y,"W-1|2010-012345-67",2018-03-07
"""
ICTRP = """<Trials_downloaded_from_ICTRP><Trial><Internal_Number>1</Internal_Number><TrialID>EUCTR2010-012345-67-GB</TrialID>
<Public_title>Walking groups</Public_title><Scientific_title>A cluster trial</Scientific_title>
<Primary_sponsor>University X</Primary_sponsor><Date_registration>07/03/2018</Date_registration>
<Source_Register>EU Clinical Trials Register</Source_Register><web_address>https://x.eu/1</web_address>
<Condition>Frailty</Condition><Secondary_ID>NCT01234567</Secondary_ID></Trial></Trials_downloaded_from_ICTRP>"""


def entry_in(tmp_path: Path, name: str, text: str) -> tuple[str, Entry]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    read_back = read_file(file)
    assert not read_back.rejected
    [hit] = read_back.hits
    return hit.source, hit.entry


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("studies.json", json.dumps({"studies": [STUDY], "totalCount": 1})),
        ("study.json", json.dumps(STUDY)),
        ("study.xml", f'<?xml version="1.0"?>{XML}'),
        ("ctg-studies.csv", CSV),
    ],
)
def test_a_registration_is_the_same_in_every_format_of_its_registry(tmp_path: Path, name: str, text: str) -> None:
    source, entry = entry_in(tmp_path, name, text)
    assert source == "ClinicalTrials.gov"
    assert entry.title == "Walking groups"
    assert entry.abstract == "We walk."
    assert entry.authors == ("University X", "Fund Y")
    assert entry.registry == ("NCT01234567", "EUCTR2010-012345-67")
    assert (entry.year, entry.dates[0].value) == (2018, "2018-03-07")
    assert {"Frailty", "Walking"} <= set(entry.keywords)
    assert entry.publication_types == ("trial registration",)
    assert entry.url.endswith("NCT01234567")
    if name != "ctg-studies.csv":
        assert entry.relations == (Relation(kind=RelationKind.LINKED, identifier="pmid:30000001"),)


@pytest.mark.parametrize("table", [False, True])
def test_ictrp_is_read_as_xml_and_as_a_table(tmp_path: Path, table: bool) -> None:
    header = "TrialID,Public title,Scientific title,Primary sponsor,Date registration,Source Register,web address,Condition,Secondary ID\n"
    row = "EUCTR2010-012345-67-GB,Walking groups,A cluster trial,University X,07/03/2018,EU Clinical Trials Register,https://x.eu/1,Frailty,NCT01234567\n"
    source, entry = entry_in(tmp_path, "ictrp.txt", header + row if table else ICTRP)
    assert source == "ICTRP"
    assert entry.registry == ("EUCTR2010-012345-67", "NCT01234567")
    assert (entry.title, entry.venue, entry.url) == ("Walking groups", "EU Clinical Trials Register", "https://x.eu/1")
    assert entry.abstract == "Scientific title: A cluster trial. Condition: Frailty."
    assert entry.dates[0].value == "2018-03-07"


def test_several_studies_in_one_file_are_all_read_and_a_break_is_told(tmp_path: Path) -> None:
    file = tmp_path / "studies.xml"
    file.write_text(f'<?xml version="1.0"?>{XML}\n<?xml version="1.0"?>{XML}\n{XML[:200]}', encoding="utf-8")
    read_back = read_file(file)
    assert [hit.row for hit in read_back.hits] == [1, 2]
    assert "breaks off" in read_back.rejected[0].reason
