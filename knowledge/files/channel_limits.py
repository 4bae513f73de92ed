"""What each of Chatwoot's channels takes along with a text: one table, each row with its source. Pure.

The strictest of three counts: what Chatwoot's own page lets people choose (@chatwoot/utils, `CHANNEL_CONFIGS`), what the
channel's provider takes, and what Chatwoot passes on. A channel that drops the text beside a file is closed to that file: a
reply always has a text, and the customer must get what was approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .file_types import DOC, DOCX, KNOWN, PDF, PPT, PPTX, XLS, XLSX

MB = 2**20  # bytes, as Chatwoot counts (Rails' megabytes)
MOST_FILES = 15  # Message::NUMBER_OF_PERMITTED_ATTACHMENTS
MOST_EACH = 40 * MB  # Chatwoot's MAXIMUM_FILE_UPLOAD_SIZE, unless an installation changes it
DOCUMENTS = frozenset({PDF, DOC, DOCX, XLS, XLSX, PPT, PPTX, "text/plain"})
PHOTOS = frozenset({"image/png", "image/jpeg"})
META_PICTURES = PHOTOS | {"image/gif"}
META_SOUND = frozenset({"audio/aac", "audio/mp4", "audio/wav"})
META_FILMS = frozenset({"video/mp4", "video/quicktime", "video/webm"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Limit:
    """files: how many. total, each: bytes, each by category. types: content types. text: characters beside a file."""

    source: str
    types: frozenset[str] = KNOWN
    files: int = MOST_FILES
    total: int | None = None
    each: Mapping[str, int] = field(default_factory=dict)
    text: int | None = None

    def most_of(self, category: str) -> int:
        return min(self.each.get(category, MOST_EACH), self.total or MOST_EACH)


TWILIO_WHATSAPP = "Channel::TwilioSms, WhatsApp"
DEFAULT = Limit(
    "app/models/attachment.rb: types and size are checked for the website's chat alone; an API channel takes all"
)
LIMITS: dict[str, Limit] = {
    "Channel::WebWidget": Limit("app/models/attachment.rb, ACCEPTABLE_FILE_TYPES: image, audio, video and listed documents"),
    "Channel::Api": DEFAULT,
    "Channel::Email": Limit(
        "app/mailers/conversation_reply_mailer_attachment_helper.rb: beyond 20 MB together, files become links", total=20 * MB
    ),
    "Channel::Whatsapp": Limit(
        "whatsapp_cloud_service.rb sends the first file alone, with the text as its caption, and no text beside audio; "
        "developers.facebook.com, WhatsApp, media: 5 MB image, 16 MB video, 100 MB document, 1024 characters of caption",
        types=PHOTOS | {"video/mp4", "video/3gpp"} | DOCUMENTS, files=1, each={"image": 5 * MB, "video": 16 * MB}, text=1024,
    ),
    TWILIO_WHATSAPP: Limit(
        "twilio.com, guidance-whatsapp-media-messages: documents and audio go without their text; Chatwoot's page: 5 MB",
        types=PHOTOS, files=1, total=5 * MB, text=1600,
    ),
    "Channel::TwilioSms": Limit("twilio.com, accepted-mime-types: 5 MB a message, 10 files", files=10, total=5 * MB),
    "Channel::Sms": Limit("none found for Bandwidth: as for Twilio's SMS, over the same networks", files=10, total=5 * MB),
    "Channel::FacebookPage": Limit(
        "developers.facebook.com, Messenger, attachments; Chatwoot's page: 8 MB image, 25 MB the rest",
        types=META_PICTURES | META_SOUND | META_FILMS | DOCUMENTS,
        each={"image": 8 * MB, "audio": 25 * MB, "video": 25 * MB, "document": 25 * MB},
    ),
    "Channel::Instagram": Limit(
        "developers.facebook.com, Instagram, messaging API: 8 MB image, 25 MB audio and video",
        types=META_PICTURES | META_SOUND | META_FILMS, each={"image": 8 * MB, "audio": 25 * MB, "video": 25 * MB},
    ),
    "Channel::Line": Limit(
        "developers.line.biz, messaging API: five messages a push, image 10 MB; send_on_line_service.rb sends pictures and video",
        types=PHOTOS | {"video/mp4"}, files=4, each={"image": 10 * MB},
    ),
    "Channel::Telegram": Limit(
        "core.telegram.org/bots/api#sending-files: by URL 5 MB a photo and 20 MB the rest; Chatwoot sends media by URL",
        each={"image": 5 * MB, "audio": 20 * MB, "video": 20 * MB},
    ),
    "Channel::Tiktok": Limit("send_on_tiktok_service.rb: text and file in one message are refused", types=NOTHING, files=0),
    "Channel::TwitterProfile": Limit("send_on_twitter_service.rb sends the text alone", types=NOTHING, files=0),
}  # fmt: skip


def of(channel: str, *, whatsapp: bool) -> Limit:
    """whatsapp: Twilio's channel carries SMS or WhatsApp, and only its conversations say which."""
    if channel == "Channel::TwilioSms" and whatsapp:
        return LIMITS[TWILIO_WHATSAPP]
    return LIMITS.get(channel, DEFAULT)
