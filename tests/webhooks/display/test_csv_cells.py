"""Cells of CSV files: a spreadsheet runs none of them."""

import pytest

from tests.factories import NOW
from webhooks.display.csv_cells import safe

pytestmark = pytest.mark.once
CELLS = [
    ("=1+1", "'=1+1"),
    ("+49 30", "'+49 30"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t'=1"),
    ("\r=1", "'\r'=1"),
    ("a;=1+1", "a;'=1+1"),
    (";=1+1", ";'=1+1"),
    ("a\t=1;@b;c", "a\t'=1;'@b;c"),
    ("a; \u200b\u00ad＝1", "a;' \u00ad＝1"),
    ("yes\r\n- no", "yes\r\n'- no"),
    ('";=1;"', '";\'=1;"'),
    ("5;10", "5;10"),
    ("＝1+1", "'＝1+1"),
    ("＋1", "'＋1"),
    ("－1", "'－1"),
    ("﹣1", "'﹣1"),
    ("−1", "'−1"),
    ("＠SUM(A1)", "'＠SUM(A1)"),
    (" =1", "' =1"),
    ("\u3000=1", "'\u3000=1"),
    ("\n=1", "'\n'=1"),
    ("\0=1", "'=1"),
    ("\u200b=1", "'=1"),
    ("\ufeff=1", "'=1"),
    ("\xad=1", "'\xad=1"),
    ("\u061c=1", "'\u061c=1"),
    ("\ufe0f=1", "'\ufe0f=1"),
    ("\u3164=1", "'\u3164=1"),
    ("\U000e0041=1", "'\U000e0041=1"),
    ("a\x1b[1mb", "a[1mb"),
    ("two\nlines", "two\nlines"),
    ("a=1", "a=1"),
    (["=1", "b"], "'=1, b"),
    (-1.5, -1.5),
    (None, ""),
    (NOW, "2026-11-23T09:00:00+00:00"),
]


@pytest.mark.parametrize(("value", "cell"), CELLS, ids=[repr(value) for value, _ in CELLS])
def test_what_looks_like_a_formula_is_kept_a_text_and_numbers_stay_numbers(value, cell):
    assert safe(value) == cell
