"""The accounts of the demo: one for each role, with a password that the start and the sign-in page show."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.accounts import access
from webhooks.models import Membership


@dataclass(frozen=True)
class Person:
    """group empty: a superuser. about: who this is, and what they do here."""

    username: str
    name: str
    group: str
    about: Promise

    @property
    def role(self) -> str:
        return self.group or _("Superuser")

    @property
    def introduced(self) -> str:
        return str(self.about) % {"name": self.name}

    @property
    def password(self) -> str:
        """The same at each start, another one on each installation."""
        return salted_hmac("demo", self.username).hexdigest()[:10]


ADMIN = Person("admin", "Ada Moss", "", gettext_lazy("%(name)s connects Chatwoot and adds people"))
PEOPLE = (
    Person("agent", "Alex Baker", access.AGENT, gettext_lazy("%(name)s reads the queue and edits drafts")),
    Person("lead", "Lena Novak", access.LEAD, gettext_lazy("%(name)s approves, grades and rejects drafts")),
    Person("manager", "Mark Owen", access.MANAGER, gettext_lazy("%(name)s reads reports and sets the rules")),
    Person("operator", "Olga Reyes", access.OPERATOR, gettext_lazy("%(name)s keeps deliveries running")),
    ADMIN,
)
# Leads of the past weeks, who cannot sign in: several people have decided and graded.
COLLEAGUES = (("nina", "Nina Brandt"), ("samuel", "Samuel Osei"))


def create() -> None:
    """Also sets the passwords again: what the sign-in page shows is true after each start."""
    for person in PEOPLE:
        user = _user(person.username, person.name, person.group)
        if not user.has_usable_password() or not user.check_password(person.password):
            user.set_password(person.password)
            user.save(update_fields=["password"])
    for username, name in COLLEAGUES:
        _user(username, name, access.LEAD)


def _user(username: str, name: str, group: str) -> User:
    first, last = name.split()
    facts = {"first_name": first, "last_name": last, "email": f"{username}@acme.example", "is_staff": True}
    nobody = {"password": make_password(None)}
    user, _created = User.objects.update_or_create(
        username=username, defaults=facts, create_defaults=facts | nobody
    )
    if group:
        user.groups.add(Group.objects.get(name=group))
        Membership.objects.get_or_create(user=user, defaults={"all_inboxes": group != access.OPERATOR})
    return user


def reviewers() -> tuple[int, ...]:
    """User ids, the one who decides most first."""
    names = ["lead", *(username for username, _ in COLLEAGUES), "manager"]
    ids = dict(User.objects.filter(username__in=names).values_list("username", "pk"))
    return tuple(ids[name] for name in names)
