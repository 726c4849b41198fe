"""What a file is that no reader recognises."""

import io
import zipfile

from screener.exchange.decisions.asreview import is_project
from screener.records.readers.refused import archive_names


def test_an_archive_of_a_later_version_of_zip_is_none_that_can_be_looked_into() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("project.json", "{}")
    raw = bytearray(packed.getvalue())
    assert (archive_names(bytes(raw)), is_project(bytes(raw))) == (["project.json"], True)
    raw[raw.index(b"PK\x01\x02") + 6] = 99  # the version that is needed to unpack the member
    assert (archive_names(bytes(raw)), is_project(bytes(raw))) == ((), False)
