"""How long a call with files may take, and what that means for those who wait for its end."""

from knowledge.replies import attachments
from tests.factories import make_approved, make_draft
from tests.knowledge.files.making import PDF, upload
from webhooks.models import Delivery

POST = {"method": "POST", "path": r"/messages$"}


def approved_with_file(desk):
    draft = make_draft(desk.customer_writes().waiting_message, now=desk.now)
    attachments.attach(draft, files=[upload()], by=desk.lead, revision=1, now=desk.now)
    return make_approved(draft, by=desk.lead, now=desk.now)


def calls(desk) -> int:
    return sum(
        seen.request.method == "POST" and seen.request.path.endswith("/messages")
        for seen in desk.chatwoot.requests
    )


def test_a_slow_upload_has_its_time_before_it_counts_as_absent(desk, settings):
    """120 s after the call are not 120 s after an upload of 100 s."""
    settings.UPLOAD_BYTES_S = len(PDF) / 100
    draft = approved_with_file(desk)
    desk.world.faults.add("drop_before", **POST)

    desk.work(200)
    draft.refresh_from_db()
    assert (draft.status, calls(desk)) == ("SENDING", 1)

    desk.work(400)
    draft.refresh_from_db()
    assert (draft.status, calls(desk)) == ("SENT", 2)


def test_the_lease_covers_the_upload(desk, settings, monkeypatch):
    settings.UPLOAD_BYTES_S = len(PDF) / 100
    approved_with_file(desk)
    ends = []

    def noted(*args, **options):
        ends.append(Delivery.objects.get(event="reply.send").next_attempt_at)
        raise KeyboardInterrupt

    monkeypatch.setattr("webhooks.outbound.chatwoot.Client.create_message", noted)
    try:
        desk.work(60)
    except KeyboardInterrupt:
        pass

    assert (ends[0] - desk.now).total_seconds() > 100 + settings.LANE_TIMEOUT_S["send"]
