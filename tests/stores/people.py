"""Companies, people and sessions for the tests of access."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.test import Client

from stores.models import Company, Membership, Store, User

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"


def make_store(number: str = "S1", company: Company | None = None, **more: object) -> Store:
    company = company or Company.objects.create(company_no=f"C-{number}", name=f"Company of {number}")
    return Store.objects.create(company=company, store_no=number, name=more.pop("name", f"Store {number}"), **more)


def make_person(name: str, company: Company | None = None, role: str = "owner", **more: object) -> User:
    user = User.objects.create_user(f"{name}@example.com", PASSWORD, **more)
    if company is not None:
        Membership.objects.create(company=company, user=user, role=role)
    return user


def make_staff(name: str, *groups: str, factor: bool = True) -> User:
    user = make_person(name, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    assert user.groups.count() == len(groups)
    if factor:
        enrol(user)
    return user


def enrol(user: User) -> Authenticator:
    return TOTP.activate(user, SECRET).instance


def client_of(user: User | None, *, second_factor: bool | None = None) -> Client:
    """A signed-in browser; its session has shown the person's authenticator if there is one, unless said otherwise."""
    client = Client()
    if user is None:
        return client
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    authenticator = Authenticator.objects.filter(user=user).first()
    if authenticator and second_factor is not False:
        session = client.session
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(user)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "mfa", "at": time.time(), "id": authenticator.pk, "type": authenticator.type}
        ]
        session.save()
    return client
