"""A site whose replies a model drafts."""

import pytest
import responses

from tests.factories import make_inbox


@pytest.fixture
def model(seeded, settings):
    settings.DRAFTER_URL, settings.DRAFTER_API_KEY = "https://models.test/v1", "k"
    settings.DRAFTER_MODEL = "small-1"
    make_inbox()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
