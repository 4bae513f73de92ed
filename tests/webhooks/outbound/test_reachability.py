"""What counts as no answer: silence, 5xx and "slow down". A refusal concerns one delivery."""

import pytest

from webhooks.errors import DeliveryError, NotSent, Permanent, Retryable, Unknown
from webhooks.outbound import reachability

pytestmark = pytest.mark.once
ERRORS = {
    "not reached": (NotSent("x"), True),
    "lost": (Unknown("x"), True),
    "timeout": (Retryable("x"), True),
    "500 to a read": (Retryable("x", http_status=500), True),
    "502 to a write": (Unknown("x", http_status=502), True),
    "slow down": (NotSent("x", http_status=429), True),
    "a page of a proxy": (Retryable("x", http_status=200), True),
    "saved or not": (Unknown("x", http_status=422), False),
    "token refused": (Permanent("x", http_status=401), False),
    "not there": (Permanent("x", http_status=404), False),
    "not allowed to be called": (Permanent("x"), False),
}


def heard_of(error: DeliveryError) -> reachability.Observed:
    with reachability.observing() as observed, pytest.raises(DeliveryError), reachability.call():
        raise error
    return observed


@pytest.mark.parametrize("case", ERRORS)
def test_what_is_no_answer(case):
    error, silent = ERRORS[case]

    assert heard_of(error).last is not silent


def test_without_a_call_nothing_is_known():
    with reachability.observing() as observed:
        pass

    assert observed.last is None


def test_the_last_call_counts():
    with reachability.observing() as observed:
        with reachability.call():
            pass
        with pytest.raises(Unknown), reachability.call():
            raise Unknown("The answer was lost.")

    assert (observed.last, observed.failure) == (False, "The answer was lost.")


def test_a_call_outside_of_a_delivery_is_nobodys_business():
    with reachability.call():
        pass
