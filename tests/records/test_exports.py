"""Every real export is read with the number of records that was counted without the program."""

import pytest
from records.exports import Counted, counted, read
from support.records import EXPORTS, needs_shared


@needs_shared
@pytest.mark.parametrize("export", counted(), ids=lambda export: export.file)
def test_every_record_of_an_export_is_read(export: Counted) -> None:
    assert read(EXPORTS / export.file) == (export.format, export.records, export.rejected)


@needs_shared
def test_no_export_is_left_out_of_the_list() -> None:
    assert {path.name for path in EXPORTS.iterdir()} - {"manifest.csv"} == {export.file for export in counted()}
