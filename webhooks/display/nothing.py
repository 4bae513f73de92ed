"""What a cell shows that has nothing to say: a dash, which a phone's card leaves out together with its label."""

from django.utils.safestring import SafeString

NOTHING = SafeString('<span class="s-nothing">–</span>')
