"""Who reaches which page and which part of the API: the tables say it. Drafts have theirs in tests/knowledge/.

Letters: A Agent, L Lead, M Manager, O Operator, S superuser, N a person in no group.
"""

from collections import defaultdict
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from knowledge.models import BusinessCalendar, ImportRun, RiskRule, SavedReply
from reports.models import SLAPolicy
from tests.factories import make_article, make_client, make_delivery, make_inbox, make_source, make_user
from tests.knowledge.admin.pressing import signed_in
from webhooks.models import Contact, Delivery, ReplayRun, RetentionRule, RetryPolicy
from webhooks.reconcile import runs

pytestmark = pytest.mark.django_db
GROUPS = {"A": ["Agent"], "L": ["Lead"], "M": ["Manager"], "O": ["Operator"], "S": [], "N": []}

# method, page | who gets there
PAGES = """
GET  /admin/                                                ALMOSN
GET  /admin/knowledge/draft/                                ALMS
GET  /admin/knowledge/draft/queue/                          ALMS
POST /admin/knowledge/draft/next/                           ALMS
GET  /admin/knowledge/draft/queue/dismissed/                ALMS
GET  /admin/knowledge/draft/undoable/                       ALMS
GET  /admin/knowledge/draft/outages/                        ALMOS
GET  /admin/webhooks/conversation/                          ALMS
GET  /admin/knowledge/escalation/                           ALMS
GET  /admin/knowledge/learningsignal/                       ALMS
GET  /admin/knowledge/learningsignal/rows/                  ALMS
GET  /admin/knowledge/learningsignal/turns/                 LMS
GET  /admin/knowledge/modelcall/                            LMS
GET  /admin/knowledge/modelcall/rows/                       LMS
GET  /admin/knowledge/article/                              ALMS
POST /admin/knowledge/article/add/                          ALMS
POST /admin/knowledge/article/{article}/change/             ALMS
GET  /admin/knowledge/article/{article}/versions/1/         ALMS
POST /admin/knowledge/article/{article}/restore/            ALMS
POST /admin/knowledge/article/{article}/withdraw/           ALMS
POST /admin/knowledge/article/preview/                      ALMS
GET  /admin/knowledge/article/export/                       LMS
GET  /admin/knowledge/change/                               ALMS
GET  /admin/knowledge/change/{change}/change/               ALMS
POST /admin/knowledge/change/{change}/approve/              LMS
POST /admin/knowledge/change/{change}/edit-change/           LMS
POST /admin/knowledge/change/{change}/dismiss/              LMS
POST /admin/knowledge/change/approve-many/                  LMS
GET  /admin/knowledge/importrun/                            LMS
POST /admin/knowledge/importrun/add/                        LMS
GET  /admin/knowledge/importrun/{import}/change/            LMS
POST /admin/knowledge/importrun/{import}/begin/             LMS
POST /admin/knowledge/importrun/{import}/cancel/            LMS
POST /admin/knowledge/importrun/{import}/stop-repeating/    LMS
GET  /admin/knowledge/savedreply/                           ALMS
POST /admin/knowledge/savedreply/add/                       LMS
POST /admin/knowledge/savedreply/{reply}/change/            LMS
GET  /admin/knowledge/businesscalendar/                     ALMS
POST /admin/knowledge/businesscalendar/add/                 MS
POST /admin/knowledge/businesscalendar/{calendar}/change/   MS
POST /admin/knowledge/businesscalendar/{calendar}/make-default/   MS
GET  /admin/knowledge/riskrule/                             ALMS
POST /admin/knowledge/riskrule/add/                         MS
POST /admin/knowledge/riskrule/{rule}/change/               MS
POST /admin/knowledge/riskrule/{rule}/delete/               MS
GET  /admin/reports/slapolicy/                              ALMS
POST /admin/reports/slapolicy/add/                          MS
POST /admin/reports/slapolicy/{sla}/change/                 MS
GET  /admin/reports/clock/dashboard/                        ALMS
GET  /admin/reports/clock/report/                           LMS
GET  /admin/reports/clock/report/clocks/                    LMS
GET  /admin/reports/clock/report/export.csv                 MS
GET  /admin/reports/weeklyreport/                           LMS
GET  /admin/reports/weeklyreport/2020-W53/                  LMS
GET  /admin/reports/weeklyreport/2020-W53/rows/?of=opened   LMS
GET  /admin/reports/weeklyreport/2020-W53/csv/              MS
GET  /admin/reports/weeklyreport/2020-W53/pdf/              MS
POST /admin/reports/weeklyreport/2020-W53/save/             MS
POST /admin/reports/weeklyreport/2020-W53/send/             MS
POST /admin/reports/weeklyreport/2020-W53/note/             MS
GET  /admin/reports/weeklyrecipient/                        MS
POST /admin/reports/weeklyrecipient/add/                    MS
GET  /admin/knowledge/deskinbox/                            MS
POST /admin/knowledge/deskinbox/{inbox}/change/             MS
GET  /admin/webhooks/inbox/                                 MS
POST /admin/webhooks/inbox/{inbox}/change/                  MS
GET  /admin/knowledge/chatwoottoken/                        ALMS
POST /admin/knowledge/chatwoottoken/acme/store/             ALMS
POST /admin/knowledge/chatwoottoken/acme/remove/            ALMS
GET  /admin/webhooks/incoming/                              OS
GET  /admin/webhooks/outgoing/                              OS
GET  /admin/webhooks/delivery/{delivery}/change/            OS
POST /admin/webhooks/delivery/{delivery}/replay/            OS
GET  /admin/webhooks/failurenote/                           OS
GET  /admin/webhooks/replayrun/                             OS
POST /admin/webhooks/replayrun/add/                         OS
POST /admin/webhooks/replayrun/{run}/cancel/                OS
GET  /admin/webhooks/reconcilerun/                          MOS
GET  /admin/webhooks/reconcilerun/{search}/change/          MOS
POST /admin/webhooks/reconcilerun/add/                      OS
GET  /admin/webhooks/rejection/                             OS
GET  /admin/webhooks/retrypolicy/                           MOS
POST /admin/webhooks/retrypolicy/{retry}/change/            MOS
GET  /admin/webhooks/source/                                OS
GET  /admin/webhooks/source/{source}/change/                OS
POST /admin/webhooks/source/connect/                        S
POST /admin/webhooks/source/{source}/watch-silence/         OS
POST /admin/webhooks/source/{source}/check-token/           S
POST /admin/webhooks/source/{source}/add-secret/            S
POST /admin/webhooks/source/{source}/accept-unsigned/       S
GET  /admin/webhooks/alert/                                 MOS
GET  /admin/webhooks/modechange/source/{source}/            MOS
POST /admin/webhooks/modechange/source/{source}/switch/     MOS
POST /admin/webhooks/modechange/source/{source}/handler/    S
GET  /admin/webhooks/sendingswitch/                         MOS
POST /admin/webhooks/sendingswitch/stop/                    MOS
POST /admin/webhooks/sendingswitch/resume/                  MOS
POST /admin/webhooks/sendingswitch/limit/                   MOS
POST /admin/webhooks/sendingswitch/release/                 MOS
GET  /admin/webhooks/contact/                               MS
GET  /admin/webhooks/contact/{contact}/change/              MS
POST /admin/webhooks/contact/{contact}/export/              MS
POST /admin/webhooks/contact/{contact}/erase/               MS
GET  /admin/webhooks/retentionrule/                         MS
POST /admin/webhooks/retentionrule/{retention}/change/      MS
GET  /admin/webhooks/apitoken/                              ALMOSN
GET  /admin/webhooks/signinrule/                            ALMOSN
GET  /admin/settings/                                       ALMOSN
GET  /admin/health/                                         MOS
GET  /admin/webhooks/profile/notifications/                 ALMOSN
POST /admin/webhooks/profile/notifications/                 ALMOSN
POST /admin/webhooks/profile/notifications/test/            ALMOSN
GET  /admin/webhooks/profile/                               ALMOSN
POST /admin/webhooks/profile/save/                          ALMOSN
POST /admin/webhooks/signinrule/require-of-all/             MS
GET  /admin/auth/user/                                      S
POST /admin/auth/user/{person}/remove-second-factor/        S
GET  /admin/auth/group/                                     S
"""

# method, path | who, with their own token | who, with a service token (-: nobody)
API = """
GET   drafts/                     ALMS   ALMOSN
GET   queue/                      ALMS   ALMOSN
GET   articles/                   ALMS   ALMOSN
POST  articles/                   ALMS   ALMOSN
PATCH articles/{article}/         ALMS   ALMOSN
GET   knowledge-changes/          ALMS   ALMOSN
GET   knowledge-changes/{change}/           ALMS   ALMOSN
POST  knowledge-changes/{change}/approve/   LMS    -
POST  knowledge-changes/{change}/dismiss/   LMS    -
POST  knowledge-changes/{change}/roll-back/   LMS   -
GET   learning-signals/           LMS    ALMOSN
GET   calendars/                  ALMS   ALMOSN
POST  calendars/                  MS     -
PATCH calendars/{calendar}/       MS     -
GET   sla-policies/               ALMS   ALMOSN
POST  sla-policies/               MS     -
PATCH sla-policies/{sla}/         MS     -
GET   reports/sla/                MS     -
GET   reports/sla/rows/           MS     -
GET   reports/weekly/2020-W53/    MS     -
GET   deliveries/                 OS     -
GET   deliveries/{delivery}/      OS     -
POST  deliveries/{delivery}/replay/   OS   -
GET   retry-policies/             MOS    -
PATCH retry-policies/{retry}/     MOS    -
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


@pytest.fixture
def numbers(seeded) -> dict[str, int]:
    source, delivery = make_source(), make_delivery()
    Delivery.objects.filter(pk=delivery.pk).update(
        status="DEAD", next_attempt_at=None, finished_at=timezone.now()
    )
    run = ReplayRun.objects.create(source=source, reason="Fixed.", pace=1, started_at=timezone.now())
    search = runs.start(source, cause="schedule", now=timezone.now())
    article = make_article("one")
    return {
        "source": source.pk, "delivery": delivery.pk, "run": run.pk, "search": search.pk, "inbox": make_inbox().pk,
        "article": article.pk, "change": article.changes.get().pk,
        "import": ImportRun.objects.create(kind="csv", name="a.csv", began_at=timezone.now(), leased_until=timezone.now()).pk,
        "reply": SavedReply.objects.create(code="hi", text="Hello.").pk,
        "calendar": BusinessCalendar.objects.earliest("pk").pk, "rule": RiskRule.objects.earliest("pk").pk,
        "sla": SLAPolicy.objects.earliest("pk").pk, "retry": RetryPolicy.objects.earliest("pk").pk,
        "contact": Contact.objects.create(source=source, contact_id=5).pk, "retention": RetentionRule.objects.earliest("pk").pk,
        "person": make_user().pk,
    }  # fmt: skip


@pytest.fixture
def people() -> dict[str, User]:
    return {letter: make_user("", *groups, is_superuser=letter == "S") for letter, groups in GROUPS.items()}


def admitted(answers: dict[str, int]) -> set[str]:
    """Whoever was not told 403. What a form without content is told then (200, 302, 400, 409) is not the question."""
    assert set(answers.values()) <= {200, 201, 202, 204, 302, 400, 403, 409}, answers
    return {letter for letter, status in answers.items() if status != 403}


def asked(client: Client, method: str, address: str, **sent: Any) -> int:
    """The answer's status; what it changed is taken back."""
    with transaction.atomic():
        status = getattr(client, method.lower())(address, **sent).status_code
        transaction.set_rollback(True)
    return status


def page_tables() -> dict[str, list[list[str]]]:
    """By application, as the addresses have it."""
    tables = defaultdict(list)
    for row in rows(PAGES):
        tables[row[1].split("/")[2] or "index"].append(row)
    return tables


@pytest.mark.parametrize("application", page_tables())
def test_each_page_is_for_those_of_the_table(numbers, people, drawn_by_nobody, application):
    clients = {letter: signed_in(user) for letter, user in people.items()}

    wrong = {}
    for method, path, who in page_tables()[application]:
        address = path.format(**numbers)
        found = admitted({letter: asked(client, method, address) for letter, client in clients.items()})
        if found != set(who):
            wrong[f"{method} {path}"] = "".join(sorted(found))

    assert wrong == {}


@pytest.mark.parametrize("service", [False, True])
def test_each_part_of_the_api_is_for_those_of_the_table(numbers, people, service):
    clients = {letter: make_client(user, service=service) for letter, user in people.items()}

    wrong = {}
    for method, path, *expected in rows(API):
        address, sent = (
            "/api/v1/" + path.format(**numbers),
            {} if method == "GET" else {"data": {}, "format": "json"},
        )
        found = admitted(
            {letter: asked(client, method, address, **sent) for letter, client in clients.items()}
        )
        if found != set(expected[service].strip("-")):
            wrong[f"{method} {path}"] = "".join(sorted(found))

    assert wrong == {}
