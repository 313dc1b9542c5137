"""Which columns are about persons, by their headings: they are not shown (RL-14)."""

import re

from intake.reading.headings import heading_key

_WORDS = (
    *("recipient", "receiver", "consignee", "shipto", "postto", "billto", "billing", "buyername", "buyeremail"),
    *("customername", "contactname", "fullname", "firstname", "lastname", "surname", "phone", "mobile", "telephone"),
    *("email", "mailbox", "address", "street", "zipcode", "postcode", "postal", "taxid", "taxnumber", "passport"),
    *(
        "收件人",
        "收货人",
        "收货地址",
        "姓名",
        "买家名",
        "买家邮箱",
        "电话",
        "手机",
        "邮箱",
        "邮件",
        "地址",
        "邮编",
        "税号",
    ),
    *(
        "身份证",
        "护照",
        "备注",
        "留言",
        "namapenerima",
        "telepon",
        "telefon",
        "alamat",
        "destinatario",
        "получатель",
        "телефон",
    ),
)
_PERSONAL = re.compile("|".join(map(re.escape, _WORDS)))


def is_personal(heading: str) -> bool:
    """Whether a column seems to be about a person."""
    return _PERSONAL.search(heading_key(heading)) is not None
