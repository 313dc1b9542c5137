"""Sites as two-letter codes of ISO 3166-1 (IX-05b): from alpha-3 codes and from names in English and Chinese."""

import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global
from django.utils.translation import gettext as _

from intake.canonical.rejections import RejectedCellError

# Of CLDR's regions those that ISO 3166-1 has no code for.
_NOT_ISO = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"))
_LOCALES = ("zh_Hant", "zh", "en")
_LEFT_OUT = frozenset({"the", "and", "of"})
# What CLDR calls otherwise than ISO, platforms and people do.
_ALSO = {
    "AE": "UAE|阿拉伯联合大公国",
    "BN": "Brunei Darussalam",
    "BO": "Bolivia, Plurinational State of",
    "CD": "Congo, Democratic Republic of the|Democratic Republic of the Congo|DR Congo|刚果民主共和国",
    "CG": "Congo|Republic of the Congo|刚果共和国",
    "CI": "Ivory Coast",
    "CN": "Mainland China|People's Republic of China|PR China|中国大陆|中国内地|中华人民共和国",
    "CV": "Cape Verde",
    "CZ": "Czech Republic|捷克共和国",
    "FK": "Falkland Islands (Malvinas)",
    "FM": "Micronesia, Federated States of",
    "GB": "UK|U.K.|Great Britain|United Kingdom of Great Britain and Northern Ireland|大不列颠",
    "HK": "Hong Kong|HongKong|Hong Kong, China|香港|中国香港",
    "IR": "Iran, Islamic Republic of",
    "KP": "Korea, Democratic People's Republic of|DPRK|北朝鲜",
    "KR": "Korea|Korea, Republic of|Republic of Korea|大韩民国|南韩",
    "LA": "Lao People's Democratic Republic",
    "MD": "Moldova, Republic of",
    "MK": "Macedonia|马其顿",
    "MM": "Myanmar|Burma",
    "MO": "Macao|Macau|Macao, China|澳门|澳門|中国澳门",
    "NL": "Holland",
    "PS": "Palestine|Palestine, State of|巴勒斯坦",
    "RU": "Russian Federation|俄罗斯联邦|俄国",
    "SY": "Syrian Arab Republic",
    "SZ": "Swaziland",
    "TL": "East Timor",
    "TR": "Turkey",
    "TW": "Taiwan, Province of China|Taiwan, China|中国台湾|台湾省|臺灣",
    "TZ": "Tanzania, United Republic of",
    "US": "U.S.|U.S.A.|United States of America|美利坚合众国",
    "VA": "Holy See|Holy See (Vatican City State)|梵蒂冈",
    "VE": "Venezuela, Bolivarian Republic of",
    "VN": "Viet Nam",
}


def read_site(text: str) -> str:
    """The code of a country, by code or name."""
    code = _names().get(_bare(text))
    if code is None:
        raise RejectedCellError(_("is no country that is known: write its two letters of ISO 3166-1, such as GB"))
    return code


@cache
def codes() -> frozenset[str]:
    """The two-letter codes of ISO 3166-1."""
    regions = map(str, Locale.parse("en").territories)
    return frozenset(code for code in regions if len(code) == 2 and code.isalpha()) - _NOT_ISO


@cache
def _names() -> dict[str, str]:
    """Code by what a country is called; codes win over names."""
    known = codes()
    names: dict[str, str] = {}
    for locale in _LOCALES:
        names |= {_bare(name): code for code, name in Locale.parse(locale).territories.items() if code in known}
    names |= {_bare(name): code for code, said in _ALSO.items() for name in said.split("|")}
    names |= {_bare(alias): to[0] for alias, to in get_global("territory_aliases").items() if _is_alpha3(alias, to)}
    return names | {_bare(code): code for code in known}


def _is_alpha3(alias: str, to: list[str]) -> bool:
    return len(alias) == 3 and alias.isalpha() and len(to) == 1 and to[0] in codes()


def _bare(name: str) -> str:
    """A name without case, accents, punctuation and small words."""
    spread = unicodedata.normalize("NFKD", name.replace("'", "").replace("\u2019", "").replace(".", "")).casefold()
    signs = ("" if unicodedata.combining(sign) else sign if sign.isalnum() else " " for sign in spread)
    words = [word for word in "".join(signs).split() if word not in _LEFT_OUT]
    return " ".join("st" if word == "saint" else word for word in words)
