"""The sign-in form. Apart from config.accounts, since allauth reads its adapter before its forms may be loaded."""

from typing import Any

from allauth.account import forms


class LoginForm(forms.LoginForm):
    """Address first, then password, then the button: what helps out (`account/login.html`) comes after them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True
        self.fields["password"].help_text = ""
