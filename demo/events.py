"""What the audit trail keeps of the demo."""

from django.utils.translation import gettext_lazy as _

from core.events import EventKind, Visibility, declare_events

declare_events(EventKind("demo.built", _("Demo built"), "installation", Visibility.STAFF))
