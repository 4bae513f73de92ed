"""A person's second factor: what their app shows, and recovery codes for when it is gone. Both encrypted.

Our own model because django-otp's store the key and codes in clear text. The library does the throttling and arithmetic.
"""

import time
from base64 import b32encode
from binascii import unhexlify
from hmac import compare_digest
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP
from django_otp.util import random_hex

from ..database.encryption import EncryptedTextField

STEP_S, DIGITS = 30, 6
TOLERANCE = 1  # steps before and after


def new_key() -> str:
    return random_hex(20)


class SecondFactor(TimestampMixin, ThrottlingMixin, Device):
    key = EncryptedTextField(default=new_key)
    recovery_codes = EncryptedTextField(blank=True, default="")
    last_t = models.BigIntegerField(default=-1)  # codes of this step or earlier are not accepted again
    drift = models.SmallIntegerField(default=0)  # how many steps the app's clock is known to be off

    class Meta(Device.Meta):
        verbose_name = gettext_lazy("second factor")

    @property
    def bin_key(self) -> bytes:
        return unhexlify(self.key)

    @property
    def codes(self) -> list[str]:
        return self.recovery_codes.split()

    @property
    def config_url(self) -> str:
        """What the QR code contains."""
        issuer = settings.OTP_TOTP_ISSUER.replace(":", "")
        parameters = {
            "secret": self.base32, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S, "issuer": issuer
        }  # fmt: skip
        return f"otpauth://totp/{quote(f'{issuer}:{self.user.get_username()}')}?{urlencode(parameters, quote_via=quote)}"

    @property
    def base32(self) -> str:
        return b32encode(self.bin_key).decode()

    def get_throttle_factor(self) -> float:
        return 1

    def verify_token(self, token: str) -> bool:
        """Called under the row's lock (django_otp.verify_token takes it), so that two requests cannot use the same code."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        if not (self._is_of_the_app(token) if len(token) == DIGITS else self._is_for_recovery(token)):
            self.throttle_increment()
            return False
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def _is_of_the_app(self, token: str) -> bool:
        if not (token.isascii() and token.isdecimal()):
            return False
        clock = TOTP(self.bin_key, STEP_S, 0, DIGITS, self.drift)
        clock.time = time.time()
        if not clock.verify(int(token), TOLERANCE, self.last_t + 1):
            return False
        self.last_t, self.drift = clock.t(), clock.drift
        return True

    def _is_for_recovery(self, token: str) -> bool:
        left = [code for code in self.codes if not compare_digest(code.encode(), token.encode())]
        if len(left) == len(self.codes):
            return False
        self.recovery_codes = " ".join(left)
        return True
