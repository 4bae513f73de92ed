"""What people read of a user: the full name, or the user name of someone who has none. Programs read the user name."""

from django.contrib.auth.models import User


def shown(user: User) -> str:
    return user.get_full_name() or user.get_username()


def install() -> None:
    """As the text of a user: every page, message and form shows the same, also one that is written later."""
    User.add_to_class("__str__", shown)
