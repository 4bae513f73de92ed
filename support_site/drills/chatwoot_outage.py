"""Chatwoot's API fails for a while: replies wait and are sent once, and a customer answered in Chatwoot needs no draft."""

import contextlib
from collections.abc import Iterator

from .stage import Demo, Drill

FAULT = {"kind": "status", "path": "/api/v1/", "code": 503, "times": None}


def run(drill: Drill) -> None:
    demo = drill.demo
    drill.does("Two customers write.")
    ours, theirs = demo.customer_writes(), demo.customer_writes()
    draft = drill.see(
        "Queue", "the first customer has a proposed draft", lambda: demo.draft_for(ours, "PROPOSED")
    )
    other = drill.see("Queue", "the second customer has one, too", lambda: demo.draft_for(theirs, "PROPOSED"))

    drill.does("Chatwoot's API answers every call with 503. A person approves the first reply.")
    with _chatwoot_fails(demo):
        demo.approve(draft)
        drill.see(
            "Deliveries out", "the reply failed with 503 and will be retried", lambda: _was_refused(demo, ours)
        )  # fmt: skip
        drill.see(
            "Draft",
            "it is still approved, because nothing was sent",
            lambda: demo.draft_for(ours, "APPROVED"),
        )

        drill.does("The agents are informed. One answers the second customer directly in Chatwoot.")
        answer = {"conversation_id": theirs, "content": "Please choose Forgot password."}
        demo.chatwoot("POST", "do/agent_writes", answer)
        drill.see("Draft", "the second draft is withdrawn (stale)", lambda: demo.draft_for(theirs, "STALE"))
        drill.see("Queue", "the second customer is no longer waiting", lambda: not demo.queued(theirs))

    drill.does("Chatwoot is back.")
    drill.see("Draft", "the first draft is sent", lambda: demo.draft_for(ours, "SENT"))
    drill.see("Chatwoot", "the reply is there, exactly once", lambda: demo.our_replies(ours) == 1)
    drill.see("Chatwoot", "only the agent's answer is there", lambda: demo.our_replies(theirs) == 0)
    drill.see(
        "Draft",
        "the second draft is still stale",
        lambda: demo.api(f"drafts/{other['id']}/")["status"] == "STALE",
    )


@contextlib.contextmanager
def _chatwoot_fails(demo: Demo) -> Iterator[None]:
    demo.chatwoot("POST", "faults", FAULT)
    try:
        yield
    finally:
        demo.chatwoot("DELETE", "faults", {"kind": FAULT["kind"]})


def _was_refused(demo: Demo, conversation: int) -> bool:
    row = demo.delivery(conversation, "reply.send", "PENDING")
    if not row:
        return False
    return any(
        attempt["http_status"] == 503 for attempt in demo.api(f"deliveries/{row['id']}/")["attempt_log"]
    )
