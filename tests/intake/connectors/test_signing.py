"""Signatures of requests: the vectors that the platform and its SDKs give (IX-25)."""

import pytest

from intake.connectors.aliexpress.signing import sign, text_to_sign

pytestmark = pytest.mark.rule("IX-25")
SECRET = "helloworld"
ORDER_CALL = {
    "app_key": "12345678",
    "format": "json",
    "method": "aliexpress.trade.new.redefining.findorderbyid",
    "param1": '{"order_id":3031000000000001}',
    "session": "50000100testtoken",
    "sign_method": "sha256",
    "timestamp": "1767225600000",
    "v": "2.0",
}


def test_a_system_call_begins_with_its_path():
    params = {"app_key": "123456", "order_id": "1234", "sign_method": "sha256", "timestamp": "1517820392000"}
    params["test"] = ""
    text = "/order/getaccess_tokentestapp_key123456order_id1234sign_methodsha256timestamp1517820392000"
    params["access_token"] = "test"
    assert text_to_sign(params, "/order/get") == text
    assert sign(params, SECRET, path="/order/get") == "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"


def test_a_business_call_is_signed_without_a_path():
    assert sign(ORDER_CALL, SECRET) == "4FBEE4D78CBD668F9504A2159FC4AD382593336EFBF2BDD05207F7DC55E6BA74"


def test_older_applications_sign_with_md5():
    assert sign(ORDER_CALL | {"sign_method": "md5"}, SECRET) == "FE9F0EB20F2F47F90D4DC5AF5C2A8F07"


def test_the_code_of_an_authorisation_is_exchanged_by_a_signed_call():
    params = {
        "app_key": "12345678",
        "code": "0_12345678_abcDEF",
        "sign_method": "sha256",
        "timestamp": "1767225600000",
        "sign": "is left out",
    }
    found = sign(params, SECRET, path="/auth/token/create")
    assert found == "B36EA6F1A09CA4C3E11E186667641172A7FAF6A06B5BC7F2C242002EC9324BB7"
