"""System checks: report at start-up what would fail later, each with a hint."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from knowledge.drafting import model_choice, prompts
from webhooks.accounts import access
from webhooks.database.encryption import keyring


@register()
def handlers_import(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    paths = {path for listed in settings.IN_HANDLERS.values() for path in listed}
    paths |= set(settings.OUT_HANDLERS.values()) | set(settings.ON_DEAD_LETTER.values())
    paths |= set(settings.OUT_UPSTREAMS.values()) | set(settings.UPSTREAM_PINGS.values())
    paths |= {*settings.RETENTION, *settings.CUSTOMER_DATA, *(path for _, path, _ in settings.CHORES)}
    paths |= {
        settings.BEFORE_ERASING, settings.DELIVERY_EFFECTS, settings.OPEN_SECONDS, settings.REPLIES_LAST_HOUR,
        settings.NOTICE_HOLDS, settings.CUSTOMERS_WAITING, settings.MISSED_TARGETS,
        settings.MEASURE_CHANGE,
    }  # fmt: skip
    errors: list[CheckMessage] = []
    for path in sorted(paths):
        try:
            import_string(path)
        except ImportError as error:
            hint = "Fix the dotted path in support_site/configuration/wiring.py."
            errors.append(
                Error(f"The handler {path} cannot be imported: {error}", hint=hint, id="support.E001")
            )
    return errors


@register()
def drafter_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.DRAFTER_URL:
        return []
    if not settings.DRAFTER_MODEL:
        hint = "Set DRAFTER_MODEL to a model that the endpoint offers."
        return [Error("DRAFTER_URL is set without DRAFTER_MODEL.", hint=hint, id="support.E006")]
    return [*_drafter_shares(), *_drafter_time()]


def _drafter_shares() -> list[CheckMessage]:
    errors: list[CheckMessage] = []
    for name in ("DRAFTER_MODEL", "DRAFTER_PROMPT"):
        try:
            found = model_choice.shares(getattr(settings, name))
        except ValueError as error:
            errors.append(Error(f"{name} cannot be read.", hint=str(error), id="support.E009"))
            continue
        unknown = [version for version, _ in found if version not in prompts.versions()]
        if name == "DRAFTER_PROMPT" and unknown:
            hint = f"Known versions: {', '.join(prompts.versions())}."
            errors.append(Error(f"DRAFTER_PROMPT names {unknown[0]}.", hint=hint, id="support.E009"))
    return errors


def _drafter_time() -> list[CheckMessage]:
    most = settings.DRAFTER_S - 5  # for the work before and after the calls
    if most >= settings.DRAFTER_SECONDS:
        return []
    message = (
        f"DRAFTER_SECONDS is {settings.DRAFTER_SECONDS}, but a draft may take {settings.DRAFTER_S} s in all."
    )
    return [Error(message, hint=f"Set it to {most} or less.", id="support.E010")]


@register()
def single_sign_on_is_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.OIDC_ISSUER:
        return []
    problems: list[CheckMessage] = []
    if not (settings.OIDC_RP_CLIENT_ID and settings.OIDC_RP_CLIENT_SECRET):
        hint = "Set both to what the provider shows for this site's client."
        said = "OIDC_ISSUER is set without OIDC_CLIENT_ID or OIDC_CLIENT_SECRET."
        problems.append(Error(said, hint=hint, id="support.E007"))
    unknown = sorted({*settings.OIDC_GROUPS.values()} - {*access.GROUPS})
    if unknown:
        hint = f"Use {', '.join(access.GROUPS)}."
        problems.append(
            Error(f"OIDC_GROUPS names {unknown[0]}, which is no group here.", hint=hint, id="support.E008")
        )
    return problems


@register()
def demo_is_local(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.DEMO or urlsplit(settings.PUBLIC_URL).hostname in ("127.0.0.1", "localhost", "::1"):
        return []
    said = "DEMO is on, so everybody who reaches the sign-in page can sign in as any role."
    return [Warning(said, hint="Unset DEMO on a real site.", id="support.W001")]


@register()
def timeouts_in_order(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    upload = settings.OUT_CALL_S + settings.ATTACHMENTS_MAX_BYTES / settings.UPLOAD_BYTES_S
    longest = settings.SLICE_S + max(upload, *settings.LANE_TIMEOUT_S.values())
    if longest < settings.Q_TIMEOUT_S < settings.Q_RETRY_S:
        return []
    return [
        Error(
            f"A drain takes up to {longest:.0f} s, but django-q2 stops it after {settings.Q_TIMEOUT_S} s and runs it again after "
            f"{settings.Q_RETRY_S} s.",
            hint="Make sure that SLICE_S + the longest handler < Q_TIMEOUT_S < Q_RETRY_S.",
            id="support.E002",
        )
    ]


@register()
def keys_are_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    weak = (
        len(settings.SECRET_KEY) < 40
        or len(set(settings.SECRET_KEY)) < 10
        or "insecure" in settings.SECRET_KEY
    )
    kind = Warning if settings.DEBUG else Error
    if weak:
        hint = "Run `make setup`, which writes one to .env, or set SECRET_KEY to 50 random characters."
        problems.append(kind("SECRET_KEY is missing or weak.", hint=hint, id="support.E003"))
    if not settings.ENCRYPTION_KEYS:
        hint = "Run `make setup`, which writes one to .env, or set ENCRYPTION_KEYS to a Fernet key."
        problems.append(
            kind(
                "ENCRYPTION_KEYS is missing, so secrets cannot be stored safely.",
                hint=hint,
                id="support.E004",
            )
        )
    else:
        try:
            keyring()
        except ImproperlyConfigured as error:
            problems.append(
                Error(str(error), hint="A Fernet key is 44 characters of URL-safe base64.", id="support.E005")
            )
    return problems
