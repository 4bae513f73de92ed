"""What people paste from Chatwoot's address bar is understood, however much of it they copied."""

import pytest

from webhooks.sources.addresses import split

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("pasted", "base_url", "account_id"),
    [
        ("https://chat.example.com", "https://chat.example.com", None),
        ("https://chat.example.com/", "https://chat.example.com", None),
        ("  chat.example.com ", "https://chat.example.com", None),
        ("https://chat.example.com/app/accounts/12/dashboard", "https://chat.example.com", 12),
        ("https://chat.example.com/app/accounts/12", "https://chat.example.com", 12),
        ("https://chat.example.com/app/accounts/12/conversations/7?messageId=3#x", "https://chat.example.com", 12),
        ("https://chat.example.com/api/v1/accounts/12/inboxes", "https://chat.example.com", 12),
        ("https://chat.example.com/app/login", "https://chat.example.com", None),
        ("https://example.com/chatwoot/app/accounts/3/dashboard", "https://example.com/chatwoot", 3),
        ("http://10.0.0.5:3000/app/accounts/1/", "http://10.0.0.5:3000", 1),
        ("HTTPS://Chat.Example.com/app/accounts/2", "HTTPS://Chat.Example.com", 2),
        ("/app/accounts/12/settings/inboxes/list", "", 12),
        ("app/accounts/12/dashboard", "", 12),
        ("12", "", 12),
        ("", "", None),
        ("https://apple.example.com", "https://apple.example.com", None),
        ("https://chat.example.com/app/accounts/" + "9" * 30, "https://chat.example.com", None),
    ],
)  # fmt: skip
def test_an_address_is_split_into_base_and_account(pasted, base_url, account_id):
    assert split(pasted) == (base_url, account_id)
