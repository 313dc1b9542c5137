"""Secrets in the database open in their place alone, and their keys can be changed."""

import pytest

from core.secrets import UnsealError, is_sealed_by_first_key, seal, unseal

pytestmark = pytest.mark.sqlite_only

PLACE = "webhook:17:secret"


def test_a_sealed_secret_opens_in_its_place_alone():
    sealed = seal("whsec_中文", context=PLACE)
    assert "whsec" not in sealed
    assert sealed != seal("whsec_中文", context=PLACE)
    assert unseal(sealed, context=PLACE) == "whsec_中文"
    with pytest.raises(UnsealError):
        unseal(sealed, context="webhook:18:secret")


@pytest.mark.parametrize("text", ["", "v1", "v1.x.y", "v2.a.b", "plain text", "v1.00000000.AAAA"])
def test_what_was_not_sealed_is_not_taken_for_a_secret(text):
    with pytest.raises(UnsealError):
        unseal(text, context=PLACE)


def test_a_changed_secret_does_not_open():
    sealed = seal("secret", context=PLACE)
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(UnsealError):
        unseal(changed, context=PLACE)


def test_the_first_key_seals_and_the_others_still_open(settings):
    settings.ENCRYPTION_KEYS = ["old"]
    sealed = seal("secret", context=PLACE)
    assert is_sealed_by_first_key(sealed)
    settings.ENCRYPTION_KEYS = ["new", "old"]
    assert (unseal(sealed, context=PLACE), is_sealed_by_first_key(sealed)) == ("secret", False)
    settings.ENCRYPTION_KEYS = ["new"]
    with pytest.raises(UnsealError, match="not among"):
        unseal(sealed, context=PLACE)
