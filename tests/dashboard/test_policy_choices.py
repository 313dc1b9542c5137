"""The codes that the policy editor offers (DM-30)."""

import pytest

from dashboard.presenters.policy.choices import codes_of
from rulebook.fields import policy_fields
from rulebook.shipped import SHIPPED
from rulebook.texts.parameters import value_word

pytestmark = pytest.mark.sqlite_only
FIELDS = policy_fields(SHIPPED)
# Country sites go by their codes.
BY_CODE = {"factors.site"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_code_that_is_offered_has_a_word(language: str) -> None:
    offered = {
        code
        for key, field in FIELDS.items()
        if key not in BY_CODE
        for codes in codes_of(field, SHIPPED).values()
        for code in codes
    }
    own = {code for code in offered if "_" in code and value_word(code, language) == code}
    assert (own, len(offered) > 100) == (set(), True)
