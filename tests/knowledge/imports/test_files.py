"""Markdown folders, zips and CSV files: what is wrong is named with file and line, and loses nothing else."""

import io
import zipfile
from pathlib import Path

import pytest

from knowledge.imports import csv_file, markdown_files
from knowledge.imports.found import CannotRead, Found

pytestmark = pytest.mark.django_db
GOOD = "---\ntitle: Refunds\nlanguage: en\nslug: refund\n---\n\nIn 30 days.\n"


def zipped(files: dict[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def read(files: dict[str, bytes | str]) -> list[Found]:
    return markdown_files.read_zip(zipped(files), language="en")


def test_a_file_with_front_matter_is_an_article():
    (found,) = read({"help/refund.md": GOOD})

    assert found.values == {"title": "Refunds", "language": "en", "slug": "refund", "body": "In 30 days."}
    assert found.ref == "help/refund.md"


def test_a_file_without_front_matter_takes_title_and_slug_from_itself():
    (found,) = read({"Gift cards.md": "# Gift cards\n\nBy email.\n"})

    assert (found.values["title"], found.values["slug"], found.values["body"]) == (
        "Gift cards",
        "gift-cards",
        "By email.",
    )


def test_all_fields_are_read():
    front = (
        "title: 'Returns: how'\nlanguage: pt_BR\nslug: r\nquestion: How?\nkeywords: [back, money]\nreview_by: 2027-01-01\n"
        "valid_until: 2027-02-01\npolicy: yes\ntranslations: returns\nlayout: page\n"
    )

    (found,) = read({"r.md": f"---\n{front}---\nText."})

    assert found.values == {
        "title": "Returns: how", "language": "pt", "slug": "r", "question": "How?", "keywords": "back money",
        "review_by": "2027-01-01", "valid_until": "2027-02-01", "is_policy": True, "group": "returns", "body": "Text.",
    }  # fmt: skip


BAD = {
    "no end": ("---\ntitle: A\n\nText", "line 1", "no closing"),
    "open bracket": ("---\ntitle: A\nslug: [a\n---\nText", "line 3", "a bracket"),
    "tab": ("---\ntitle: A\n\tslug: a\n---\nText", "line 3", "a tab; use spaces"),
    "open quote": ('---\nslug: a\ntitle: "A\nquestion: b\n---\nText', "line 3", "a quotation mark"),
    "colon": ("---\ntitle: Returns: how\n---\nText", "line 2", "a value with a colon needs quotation marks"),
    "deeper": ("---\ntitle: A\n  slug: b\n---\nText", "line 3", "indented wrongly"),
    "less deep": ("---\n  title: A\nslug: b\n---\nText", "line 3", "indented wrongly"),
    "no colon": ("---\ntitle: A\nslug b\nquestion: c\n---\nText", "line 3", "no colon after its name"),
    "sign": ("---\ntitle: @home\n---\nText", "line 2", "such as @ or &"),
    "escape": ('---\ntitle: "a\\q"\n---\nText', "line 2", "not valid: found unknown escape"),
    "a list": ("---\n- a\n---\nText", "line 2", "title: Refunds"),
    "nested": ("---\ntitle: A\nslug: {a: b}\n---\nText", "line 3", "slug must be one text"),
    "flag": ("---\ntitle: A\npolicy: maybe\n---\nText", "line 3", "true or false"),
    "language": ("---\ntitle: A\nlanguage: xx\n---\nText", "line 1", "not a known language"),
    "date": ("---\ntitle: A\nreview_by: soon\n---\nText", "line 1", "not a date"),
    "empty": ("---\ntitle: A\n---\n", "line", "Give the article a body"),
    "no title": ("Text alone", "line 1", "Give the article a title"),
    "latin": (b"---\ntitle: A\n---\n\nGr\xfc\xdfe", "line 5", "not UTF-8"),
    "bomb of anchors": ("---\n" + "a: &a [x,x]\nb: &b [*a,*a]\ntitle: *b\n" + "---\nText", "line", "must be one text"),
    "large": ("x" * (2**20 + 1), "bad.md", "KiB"),
    "NUL": ("---\ntitle: A\n---\na\0b", "line 1", "NUL"),
    "half an emoji": ('---\ntitle: "A \\ud83d"\n---\nText', "line", "half an emoji"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_named_with_its_line_and_loses_no_other(kind):
    text, where, what = BAD[kind]

    found = read({"a.md": GOOD, "bad.md": text})

    assert found[0].values["slug"] == "refund"
    assert found[1].text.startswith("bad.md")
    assert where in found[1].text
    assert what in found[1].text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_in_each_of_its_encodings(encoding):
    (found,) = read({"a.md": GOOD.replace("days", "Tagen, schön").encode(encoding)})

    assert found.values["body"] == "In 30 Tagen, schön."


def test_a_slug_that_comes_twice_names_the_first_file():
    found = read({"a.md": GOOD, "b.md": GOOD})

    assert "already used by a.md" in found[1].text


def test_files_of_one_name_in_several_folders_are_called_by_their_folders():
    text = "# Refunds\n\nIn 30 days.\n"

    found = read(
        {"de/refund.md": text, "en/refund.md": text, "gifts/index.md": text, "returns/README.md": text}
    )

    assert [one.values["slug"] for one in found] == ["refund", "en-refund", "gifts", "returns"]


def test_titles_in_any_script_have_slugs_of_their_own_each_time_the_same():
    files = {"Доставка DHL.md": "Три дня.", "Возврат DHL.md": "Да.", "返品.md": "はい。", "Größen.md": "S."}

    first, again = (
        read({name: f"# {name[:-3]}\n\n{body}" for name, body in files.items()}) for _ in range(2)
    )

    slugs = [one.values["slug"] for one in first]
    assert slugs == [one.values["slug"] for one in again]
    assert len(set(slugs)) == 4
    assert slugs[0] == "groen"
    assert all(slug.isascii() for slug in slugs)


@pytest.mark.parametrize("name", ["../up.md", "/etc/a.md", "a/../../b.md", "..\\up.md", "C:\\a.md"])
def test_a_path_that_leaves_the_folder_is_refused(name):
    found = {one.ref: one for one in read({"a.md": GOOD, name: GOOD.replace("refund", "other")})}

    assert found["a.md"].values
    assert [one.problem for one in found.values() if one.ref != "a.md"] == [
        "its path leads out of the folder."
    ]


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(markdown_files, "MOST_ALL", 3 * 2**20)

    with pytest.raises(CannotRead, match="MiB together"):
        read({f"{number}.md": b"\0" * 2**24 for number in range(5)})


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\0" * 10])
def test_what_is_no_zip_is_said_in_one_line(data):
    with pytest.raises(CannotRead, match="not a zip"):
        markdown_files.read_zip(data, language="en")


def test_a_damaged_file_in_a_zip_loses_no_other():
    whole = zipped({"a.md": GOOD, "b.md": GOOD.replace("refund", "other") * 50})
    place = whole.index(b"b.md") + len("b.md") + 5  # in its packed text
    damaged = whole[:place] + b"\xff" * 20 + whole[place + 20 :]

    found = markdown_files.read_zip(damaged, language="en")

    assert found[0].values["slug"] == "refund"
    assert "cannot be unpacked" in found[1].problem


def test_hidden_files_are_left_out():
    assert len(read({"a.md": GOOD, "__MACOSX/._a.md": "x", ".git/b.md": "x", "c.txt": "x"})) == 1


def test_a_folder_is_read_without_following_links_out_of_it(tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.md").write_text("# Secret\n\nText")
    (tmp_path / "in" / "a.md").write_text(GOOD)
    (tmp_path / "in" / "b.md").symlink_to(tmp_path / "secret.md")

    found = markdown_files.read_folder(tmp_path / "in", language="en")

    assert [bool(one.problem) for one in found] == [False, True]


# CSV


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_with_each_usual_separator(mark):
    text = f'title{mark}body{mark}slug\nRefunds{mark}"In 30{mark} or 60\ndays."{mark}refund\n'

    (found,) = csv_file.read(text.encode(), language="en")

    assert found.values["body"] == f"In 30{mark} or 60\ndays."


def test_a_bad_row_is_named_with_its_line_and_loses_no_other():
    text = 'title,body,language\n"Two\nlines",B,en\nBad,,en\nC,D,en,extra\nE,F,en\n'

    found = csv_file.read(text.encode(), language="en")

    assert [one.text if one.problem else one.values["title"] for one in found] == [
        "Two lines",
        "line 4: Give the article a body.",
        "line 5: it has 4 columns; the header has 3.",
        "E",
    ]


UNREADABLE = {
    b"": "name the columns", b"a,b\n1,2\n": "name the columns", b"title,body\n\xff,x\n": "Line 2",
    b'title,body\na,b\n"c,d\ne,f\n': "Line 3: a quotation mark is not closed",
    b'title,body\na,"b"x\n': "Line 2: text follows a closing quotation mark",
    b"title,body\na," + b"x" * 500_001: "Line 2: a cell is too long",
}  # fmt: skip


@pytest.mark.parametrize(("data", "why"), UNREADABLE.items())
def test_a_csv_that_cannot_be_read_says_why(data, why):
    with pytest.raises(CannotRead, match=why):
        csv_file.read(data, language="en")
