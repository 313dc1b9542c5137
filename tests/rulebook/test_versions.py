"""Policy versions: installed, published, refused, written once (DM-30)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from rulebook.models import PolicyVersion, WrittenOnceError
from rulebook.queries import latest_version, policies, policies_held, policy_at, policy_in
from rulebook.services import PolicyRefusedError, install_shipped_policy, publish_policy
from rulebook.shipped import SHIPPED

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def changed(**values: object) -> dict:
    """Shipped data with other values; double underscores mean dots."""
    data = dict(SHIPPED)
    for name, value in values.items():
        key = name.replace("__", ".")
        data[key] = {**data[key], "value": value}
    return data


def publish(start: datetime, **values: object) -> PolicyVersion:
    return publish_policy(data=changed(**values), effective_from=start, author="Li", note="", at=AT)


@pytest.mark.django_db
def test_migrate_alone_installs_the_shipped_version() -> None:
    (only,) = policies()
    assert (only.policy.number, only.start, only.end) == (1, datetime(1970, 1, 1, tzinfo=UTC), None)
    install_shipped_policy()
    assert PolicyVersion.objects.count() == 1


@pytest.mark.django_db
def test_version_acts_from_its_instant_on() -> None:
    start = AT + timedelta(days=2)
    publish(start, metrics__odr__red="0.012")
    assert policy_at(start - timedelta(seconds=1)).number == 1
    assert policy_at(start).number == 2
    assert str(policy_at(start).metrics["odr"].red) == "0.012"
    assert [period.end for period in policies()] == [start, None]


@pytest.mark.django_db
def test_version_scheduled_between_two_acts_until_the_next() -> None:
    publish(AT + timedelta(days=9), counting__reply_hours=20)
    publish(AT + timedelta(days=3), counting__reply_hours=30)
    hours = [policy_at(AT + timedelta(days=day)).counting.reply_hours for day in (0, 3, 8, 9)]
    assert hours == [24, 30, 30, 20]


@pytest.mark.django_db
def test_later_version_with_the_same_start_replaces_the_earlier() -> None:
    start = AT + timedelta(days=2)
    publish(start, counting__reply_hours=20)
    publish(start, counting__reply_hours=30)
    assert policy_at(start).number == 3
    assert [p.policy.number for p in policies()] == [1, 3]


@pytest.mark.django_db
def test_instants_before_every_version_get_the_first() -> None:
    assert policy_in(policies(), datetime(1960, 1, 1, tzinfo=UTC)).number == 1


@pytest.mark.django_db
def test_publishing_refuses_the_past_and_the_present() -> None:
    for start in (AT, AT - timedelta(seconds=1)):
        with pytest.raises(PolicyRefusedError, match="must lie in the future"):
            publish(start)
    assert PolicyVersion.objects.count() == 1


@pytest.mark.django_db
def test_publishing_names_every_reason() -> None:
    data = changed(rating__weights__described="0.5", metrics__odr__red="0.001")
    with pytest.raises(PolicyRefusedError) as refused:
        publish_policy(data=data, effective_from=AT, author=" ", note="", at=AT)
    assert len(refused.value.reasons) == 4


@pytest.mark.django_db
def test_versions_are_never_changed_by_code() -> None:
    version = latest_version()
    version.note = "better"
    for write in (
        version.save,
        version.delete,
        PolicyVersion.objects.all().delete,
        lambda: PolicyVersion.objects.update(note="better"),
        lambda: PolicyVersion.objects.bulk_update([version], ["note"]),
    ):
        with pytest.raises(WrittenOnceError):
            write()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE rulebook_policyversion SET note = 'x'", "DELETE FROM rulebook_policyversion"]
)
def test_versions_are_never_changed_in_the_database(statement: str) -> None:
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert PolicyVersion.objects.count() == 1


@pytest.mark.django_db
def test_stored_version_without_a_new_parameter_takes_the_shipped_value() -> None:
    data = {key: entry for key, entry in SHIPPED.items() if key != "judging.streak_days"}
    PolicyVersion.objects.create(
        number=2, effective_from=AT, author="Li", data=data, digest="0" * 64, created_at=AT - timedelta(1)
    )
    assert policy_at(AT).judging.streak_days == 3


@pytest.mark.django_db
def test_looking_up_a_policy_costs_one_query(django_assert_num_queries) -> None:
    policies()
    with django_assert_num_queries(1):
        policy_at(AT)


@pytest.mark.django_db
def test_held_policies_are_asked_for_once_and_no_longer(django_assert_num_queries) -> None:
    policies()
    with django_assert_num_queries(1), policies_held():
        before = policies()
        assert policies() is before
    with policies_held():
        policies()
        publish(AT + timedelta(days=1))
        assert len(policies()) == len(before)
    assert len(policies()) == len(before) + 1
