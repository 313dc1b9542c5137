"""``demo`` where other data is (IX-15)."""

import pytest
from django.core.management import CommandError, call_command

from stores.models import Company

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-15")]


def test_demo_does_not_mix_with_data_of_others() -> None:
    Company.objects.create(company_no="OWN", name="Own")
    with pytest.raises(CommandError, match="data of others"):
        call_command("demo", "--scale", "0.03")
    call_command("demo", "--if-empty")
    assert list(Company.objects.values_list("company_no", flat=True)) == ["OWN"]
