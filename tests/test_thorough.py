"""A run tries some rows of each table, and in time all of them."""

from tests.thorough import left_out

NAMES = [f"t/test_a.py::test_of_ten[{row}]" for row in "abcdefghij"]
NAMES += ["t/test_a.py::test_of_one", "t/test_b.py::test_of_ten[a]"]


def tried(rows: int, seed: int) -> list[str]:
    left = left_out(NAMES, rows, seed)
    return [name for name in NAMES if name not in left]


def test_so_many_rows_of_each_table_are_tried_and_every_rule():
    names = [name.partition("[")[0] for name in tried(3, seed=1)]

    assert names == ["t/test_a.py::test_of_ten"] * 3 + [
        "t/test_a.py::test_of_one",
        "t/test_b.py::test_of_ten",
    ]


def test_the_same_order_tries_the_same_rows():
    assert tried(3, seed=7) == tried(3, seed=7)


def test_in_time_every_row_is_tried():
    assert {name for seed in range(30) for name in tried(3, seed)} == set(NAMES)
