"""Names, types and limits of files: what a browser says of them counts for nothing."""

import pytest

from knowledge.files import channel_limits, file_names, file_types
from knowledge.files.channel_limits import LIMITS, MB
from tests.knowledge.files.making import PDF, SVG, archive, picture

NAMES = [
    ("invoice.pdf", "invoice.pdf"),
    ("../../etc/passwd", "passwd"),
    ("C:\\Users\\Ada\\scan.png", "scan.png"),
    ('a"b\r\nX-Evil: 1.pdf', "a_bX-Evil_ 1.pdf"),
    ("invoice\u202efdp.exe", "invoicefdp.exe"),
    ("50%20off.pdf", "50_20off.pdf"),
    ("Rabatt 50 %.pdf", "Rabatt 50 %.pdf"),
    ("Rechnung für Käthe.pdf", "Rechnung für Käthe.pdf"),
    ("..", "file"),
    ("", "file"),
    ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
]


@pytest.mark.parametrize(("given", "clean"), NAMES)
def test_a_name_keeps_its_words_and_nothing_that_a_path_or_header_reads(given, clean):
    assert file_names.clean(given) == clean


def test_the_content_decides_the_extension():
    assert file_names.with_extension("scan", (".pdf",)) == "scan.pdf"
    assert file_names.with_extension("photo.JPEG", (".jpg", ".jpeg")) == "photo.JPEG"
    assert file_names.with_extension("invoice.pdf", (".png",)) == "invoice.pdf.png"


KINDS = [
    (picture("PNG"), "", "image/png"),
    (picture("JPEG"), ".pdf", "image/jpeg"),
    (picture("GIF"), "", "image/gif"),
    (picture("WEBP"), "", "image/webp"),
    (PDF, ".html", "application/pdf"),
    (archive(**{"[Content_Types].xml": b"", "word/document.xml": b""}), ".docx", file_types.DOCX),
    (archive(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), ".zip", file_types.XLSX),
    (archive(mimetype=file_types.ODT.encode()), ".odt", file_types.ODT),
    (archive(**{"run.exe": b"MZ"}), ".docx", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old office", ".xls", file_types.XLS),
    (b"\0\0\0\x20ftypisom", ".mp4", "video/mp4"),
    (b"\0\0\0\x20ftypM4A ", ".m4a", "audio/mp4"),
    (b"OggS\0", ".ogg", "audio/ogg"),
    ("naïve, text".encode(), ".csv", "text/csv"),
    ("naïve, text".encode(), ".exe", "text/plain"),
    (b"{}", ".json", "application/json"),
    # Nobody can say what these are.
    (b"MZ\x90\0\3 a program", ".pdf", ""),
    (b"\x7fELF", ".png", ""),
    (b"\x89PNG\r\n\x1a\n cut", ".png", ""),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an installer", ".msi", ""),
    (b"PK\x03\x04 cut", ".zip", ""),
    (b"\xff\xfe\0", ".txt", ""),
]


@pytest.mark.parametrize(("content", "extension", "content_type"), KINDS)
def test_the_content_decides_what_a_file_is(content, extension, content_type):
    assert file_types.kind_of(content, extension=extension) == file_types.Kind(content_type)


@pytest.mark.parametrize(
    "content", [SVG, b"<!DOCTYPE html><p>", b'\n<?xml version="1.0"?><svg/>', b"text <SCRIPT>"]
)
@pytest.mark.parametrize("extension", [".svg", ".txt", ".png"])
def test_what_runs_scripts_where_it_is_opened_is_active_under_any_name(content, extension):
    assert file_types.kind_of(content, extension=extension) == file_types.Kind("", active=True)


def test_each_row_of_the_table_names_its_source_and_only_types_that_are_known():
    for channel, limit in LIMITS.items():
        assert limit.source, channel
        assert limit.types <= file_types.KNOWN, channel
        assert set(limit.each) <= {"image", "audio", "video", "document"}, channel
        assert bool(limit.files) == bool(limit.types), channel


def test_whatsapp_over_twilio_is_not_sms():
    sms, whatsapp = (channel_limits.of("Channel::TwilioSms", whatsapp=one) for one in (False, True))

    assert (sms.files, whatsapp.files) == (10, 1)


def test_a_channel_that_nobody_knows_has_chatwoots_own_limit():
    assert channel_limits.of("Channel::New", whatsapp=False).most_of("image") == 40 * MB
