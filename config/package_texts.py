"""Texts of packages that people read, and that the packages' own catalogues leave in English or write with 你.

Nothing imports this module: it names the texts, so that our catalogue, which comes first, holds their translations."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

TEXTS = (
    _("Are you sure?"),
    _("Passkey"),
    _("Locked Out"),
    _("Form Data"),
    _("Meta Data"),
    _("Clean up expired attempts"),
    _("Cleaned up {count} expired access attempts."),
    _("Not set"),
    _("Attempt Remaining"),
    _("Account locked: too many login attempts. Please try again later."),
    _("Account locked: too many login attempts. Contact an admin to unlock your account."),
    _("User Agent"),
    _("HTTP Accept"),
    _("Path"),
    _("Attempt Time"),
    _("Access lock out"),
    _("access failure"),
    _("access failures"),
    _("GET Data"),
    _("POST Data"),
    _("Failed Logins"),
    _("access attempt"),
    _("access attempts"),
    _("Access Attempt"),
    _("Expires At"),
    _("The time when access attempt expires and is no longer valid."),
    _("access attempt expiration"),
    _("access attempt expirations"),
    _("Logout Time"),
    _("Session key hash (sha256)"),
    _("access log"),
    _("access logs"),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("Model name"),
    _("Add link"),
    _("You don’t have permission to view or edit anything."),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Error:"),
    _(
        "Deleting the %(object_name)s '%(escaped_object)s' would result in deleting related objects, "
        "but your account doesn't have permission to delete the following types of objects:"
    ),
    _(
        'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? '
        "All of the following related items will be deleted:"
    ),
    _(
        "Deleting the selected %(objects_name)s would result in deleting related objects, but your "
        "account doesn't have permission to delete the following types of objects:"
    ),
    _("Forgotten your login credentials?"),
    _("Your password was changed."),
    _(
        "Please enter your old password, for security’s sake, and then enter your new password twice so "
        "we can verify you typed it in correctly."
    ),
    _("Your password has been set.  You may go ahead and log in now."),
    _("Please enter your new password twice so we can verify you typed it in correctly."),
    _(
        "We’ve emailed you instructions for setting your password, if an account exists with the email "
        "you entered. You should receive them shortly."
    ),
    _(
        "If you don’t receive an email, please make sure you’ve entered the address you registered "
        "with, and check your spam folder."
    ),
    _("You're receiving this email because you requested a password reset for your user account at %(site_name)s."),
    _("In case you’ve forgotten, you are:"),
    _("Forgotten your password? Enter your email address below, and we’ll email instructions for setting a new one."),
    _("Your old password was entered incorrectly. Please enter it again."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    _("Your password can’t be too similar to your other personal information."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _(
        "ManagementForm data is missing or has been tampered with. Missing fields: %(field_names)s. You "
        "may need to file a bug report if the issue persists."
    ),
    _(
        'If you are using the <meta name="referrer" content="no-referrer"> tag or including the '
        "“Referrer-Policy: no-referrer” header, please remove them. The CSRF protection requires the “Referer” header "
        "to do strict referer checking. If you’re concerned about privacy, use alternatives like "
        '<a rel="noreferrer" …> for links to third-party sites.'
    ),
)
