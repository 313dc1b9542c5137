"""What a token may do."""

from datetime import datetime

from ninja import Router, Schema
from pydantic import Field

from api.auth import ApiRequest, any_token
from stores.access import visible_stores

router = Router(tags=["account"])


class GrantedStore(Schema):
    """A store of the grant."""

    store_no: str = Field(examples=["S1001"])
    name: str


class Account(Schema):
    """Who the token speaks for."""

    client_id: str = Field(description="The program, as it is registered", examples=["dw4kq2p9v7"])
    client_name: str
    company_no: str
    scopes: list[str] = Field(examples=[["orders:read", "orders:write"]])
    stores: list[GrantedStore]
    expires_at: datetime = Field(description="Until when this token is valid")


@router.get("/me", auth=any_token, response=Account, operation_id="getAccount", summary="What this token may do")
def account(request: ApiRequest) -> Account:
    """The program, its scopes and the stores that were granted to it."""
    caller = request.caller
    stores = visible_stores(caller.program).order_by("store_no") if caller.program.scopes else []
    client = caller.grant.client
    return Account(
        client_id=client.client_id,
        client_name=client.name,
        company_no=client.company.company_no,
        scopes=sorted(map(str, caller.program.scopes)),
        stores=[GrantedStore(store_no=store.store_no, name=store.name) for store in stores],
        expires_at=caller.token.expires_at,
    )
