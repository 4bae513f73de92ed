"""Each field that can hold customer data is listed in a table that says what happens to it."""

import pytest
from django.apps import apps
from django.db import models

from webhooks.privacy import erasure

pytestmark = pytest.mark.once
OURS = ("webhooks", "knowledge", "reports")
HOLDS_TEXT = (models.TextField, models.CharField, models.JSONField, models.BinaryField)


def tables() -> list[type[models.Model]]:
    return [
        model
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if not model._meta.proxy and not model.__name__.startswith("Historical")
    ]


def fields_of(model: type[models.Model]) -> set[str]:
    """A field with choices holds one of our own words."""
    return {f.name for f in model._meta.concrete_fields if isinstance(f, HOLDS_TEXT) and not f.choices}


def test_every_table_is_named():
    assert set(erasure.table()) == {model._meta.label for model in tables()}


@pytest.mark.parametrize("model", tables(), ids=lambda model: model._meta.label)
def test_every_field_is_named(model):
    named = set(erasure.table()[model._meta.label].fields)

    assert fields_of(model) <= named, (
        "say in customer_data.py whether it holds customers' data, and what becomes of it"
    )
    assert named <= {field.name for field in model._meta.concrete_fields}


def test_what_holds_customers_data_says_how_a_persons_rows_are_found():
    assert not [label for label, holds in erasure.table().items() if bool(holds.theirs) != bool(holds.rows)]


def test_no_table_of_versions_repeats_customers_data():
    versioned = [model for model in apps.get_models() if model.__name__.startswith("Historical")]

    originals = {model.instance_type._meta.label for model in versioned}

    assert not [label for label in originals if erasure.table()[label].theirs]
