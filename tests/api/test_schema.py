"""Random requests by the OpenAPI document: no fault, and no answer that it doesn't name (IX-20 … IX-24)."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import time_machine
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.programs import WRITE_ALL, token_for
from tests.stores.world import NOON, Tenant, build_tenant

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-24")]


@pytest.fixture(scope="module")
def tenant(django_db_setup: None, django_db_blocker: Any) -> Iterator[Tenant]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_tenant("schema")
        transaction.set_rollback(True)


def test_every_answer_to_random_requests_is_documented(tenant: Tenant, db: None, open_connection: None) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 10
    with time_machine.travel(NOON, tick=False):
        token = token_for(tenant.store, scopes=WRITE_ALL, at=NOON)
        for operation in operations:
            _try(operation, tenant, token)


def _try(operation: Any, tenant: Tenant, token: str) -> None:
    @given(case=operation.as_strategy(), is_own=st.booleans())
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def call(case: Any, is_own: bool) -> None:
        if is_own and "store_no" in case.path_parameters:
            case.path_parameters["store_no"] = tenant.store.store_no
            if "/appeals/{number}" in operation.path:
                case.path_parameters["number"] = tenant.appeal.number
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    call()
