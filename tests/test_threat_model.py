"""The threat model names the tests that prove its guards. Each must exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODEL = (ROOT / "docs" / "threat_model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", MODEL)))


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_every_test_that_the_threat_model_names_exists(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert {test for other, test in NAMED if other == file} - there == set()


def test_it_starts_with_what_a_customer_could_receive():
    first = next(line for line in MODEL.splitlines() if line.startswith("## "))

    assert first == "## Who could make a customer receive something?"


def test_every_threat_names_a_test():
    rows = [line for line in MODEL.splitlines() if re.match(r"\| (?!threat|---)", line)]

    assert len(rows) > 25
    assert [row for row in rows if "`tests/" not in row] == []
