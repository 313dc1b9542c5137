"""The gateway of Tencent Cloud."""

from typing import Any

from django.conf import settings
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models, sms_client

from notifications.channels.declaring import ANSWER_LENGTH, Answer, Outcome
from notifications.channels.sms.gateways import Text, template_id

# Codes of Tencent Cloud that concern the number: it takes no messages, or its owner answered STOP.
UNREACHABLE = frozenset(
    {
        "FailedOperation.PhoneNumberInBlacklist",
        "InvalidParameterValue.IncorrectPhoneNumber",
        "UnsupportedOperation.UnsupportedRegion",
    }
)
# This text, not the number; sending it again changes nothing.
REFUSED = frozenset(
    {
        "FailedOperation.ContainSensitiveWord",
        "FailedOperation.ForbidAddMarketingTemplates",
        "InvalidParameterValue.ContentLengthLimit",
        "InvalidParameterValue.TemplateParameterFormatError",
        "InvalidParameterValue.TemplateParameterLengthLimit",
        "FailedOperation.JsonParseFail",
    }
)
# Limits of a number and of an account: later.
LATER = ("LimitExceeded.", "RequestLimitExceeded", "InternalError.SendAndRecvFail")


class TencentGateway:
    """Tencent Cloud SMS."""

    def __init__(self) -> None:
        scheme, _colon, host = settings.SMS_ENDPOINT.rpartition("://")
        profile = HttpProfile(
            protocol=scheme or "https", endpoint=host, reqTimeout=settings.CHANNEL_TIMEOUT, reqMethod="POST"
        )
        self._client = sms_client.SmsClient(
            credential.Credential(settings.SMS_SECRET_ID, settings.SMS_SECRET_KEY),
            settings.SMS_REGION,
            ClientProfile(httpProfile=profile),
        )

    def send(self, number: str, text: Text) -> Answer:
        template = template_id(text.template, text.language)
        if not template:
            return Answer(Outcome.DOWN, f"SMS_TEMPLATES names no template {text.template}")
        request = models.SendSmsRequest()
        request.SmsSdkAppId = settings.SMS_APP_ID
        request.SignName = settings.SMS_SIGN_NAME
        request.TemplateId = template
        request.TemplateParamSet = list(text.parameters)
        request.PhoneNumberSet = [number]
        # The gateway gives it back with its report: a text that was sent twice is known by it.
        request.SessionContext = text.id
        try:
            status: Any = self._client.SendSms(request).SendStatusSet[0]
        except TencentCloudSDKException as error:
            outcome = _outcome_of(str(error.code or ""), is_status=False)
            return Answer(outcome, f"{error.code}: {error.message}"[:ANSWER_LENGTH])
        if status.Code == "Ok":
            return Answer(Outcome.SENT, f"Ok {status.SerialNo}"[:ANSWER_LENGTH])
        return Answer(_outcome_of(status.Code, is_status=True), f"{status.Code}: {status.Message}"[:ANSWER_LENGTH])


def _outcome_of(code: str, *, is_status: bool) -> Outcome:
    """What a code means; ``is_status``: it is about the number, otherwise about the request as a whole."""
    if code in UNREACHABLE:
        return Outcome.UNREACHABLE
    if code in REFUSED:
        return Outcome.REFUSED
    if code.startswith(LATER) and is_status:
        return Outcome.RETRY
    # Keys, balance, signature, template, network: nothing of it depends on this message.
    return Outcome.DOWN
