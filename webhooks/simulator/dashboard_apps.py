"""Dashboard apps: pages of other sites, framed beside a conversation. Kept, listed, and shown as 4.14.2's Frame.vue does.

The dashboard posts the conversation's context to a frame when it has loaded, and when it asks; to any origin, as a string.
"""

from __future__ import annotations

import json
from html import escape

from . import shapes
from .calls import Call
from .records import Conversation, Json
from .world import Invalid, World

_FRAME = """
<section><h2>{title}</h2>
<iframe id="dashboard-app--frame-{number}-0" src="{url}" style="border:0;width:100%;height:60rem"></iframe></section>
<script>
(() => {{
  const frame = document.getElementById("dashboard-app--frame-{number}-0");
  const send = () => frame.contentWindow.postMessage(JSON.stringify({{ event: "appContext", data: {context} }}), "*");
  frame.addEventListener("load", send);
  window.addEventListener("message", (event) => {{ if (event.data === "chatwoot-dashboard-app:fetch-info") send(); }});
}})();
</script>
"""


def listed(call: Call) -> list[Json]:
    return list(call.world.dashboard_apps.values())


def create(call: Call) -> Json:
    given = call.request.body.get("dashboard_app") or {}
    content = given.get("content")
    if not given.get("title"):
        raise Invalid("Title can't be blank", "title")
    if not isinstance(content, list) or not content or not all(_is_frame(one) for one in content):
        raise Invalid("Content : Invalid data", "content")
    number = call.world.next_id("dashboard_app")
    app = {"id": number, "title": given["title"], "content": content}
    call.world.dashboard_apps[number] = app
    return app


def _is_frame(one: object) -> bool:
    return isinstance(one, dict) and one.get("type") == "frame" and str(one.get("url", "")).startswith("http")


def frames(world: World, conversation: Conversation) -> str:
    """HTML below a conversation: one frame for each app, and the script that answers it."""
    contact = shapes.conversation(world, conversation)["meta"]["sender"]
    context = {
        "conversation": shapes.conversation(world, conversation) | {"account_id": world.account_id},
        "contact": contact, "currentAgent": {"id": 1, "name": "Support Desk", "email": "desk@acme.example"},
    }  # fmt: skip
    said = json.dumps(context).replace("<", "\\u003c")
    return "".join(
        _FRAME.format(
            title=escape(app["title"]), number=app["id"], url=escape(app["content"][0]["url"]), context=said
        )
        for app in world.dashboard_apps.values()
    )
