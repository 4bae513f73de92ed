"""A person and a program that ask."""

import pytest
from rest_framework.test import APIClient

from tests.factories import make_client, make_lead, make_user


@pytest.fixture
def lead() -> APIClient:
    return make_client(make_lead("alice"))


@pytest.fixture
def robot() -> APIClient:
    return make_client(make_user("robot"), service=True)
