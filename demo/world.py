"""What lies around the demo's stores: carriers, sites, currencies, sub-categories and sales days.

Pure data. The first-level category codes are those that the rulebook ships; only children are defined here.
"""

from dataclasses import dataclass
from datetime import date, timedelta

FIRST_LEVEL_CATEGORIES = (
    "apparel", "shoes", "bags", "jewellery", "watches", "beauty", "phones", "computers", "electronics",
    "home_appliances", "home_garden", "tools", "toys", "mother_kids", "sports", "automotive", "weddings", "virtual",
)  # fmt: skip

# code, name, parent, flags: what the demo adds below the shipped first level.
SUBCATEGORIES = (
    ("home_storage", "收纳整理 Storage", "home_garden", ""),
    ("home_kitchen", "厨房用具 Kitchen", "home_garden", ""),
    ("home_textile", "家纺 Home textile", "home_garden", ""),
    ("home_festive", "节庆用品 Festive supplies", "home_garden", ""),
    ("home_custom", "定制家居 Made to order", "home_garden", "custom_made"),
    ("phone_cases", "手机壳 Phone cases", "phones", ""),
    ("phone_chargers", "充电器 Chargers", "phones", ""),
    ("beauty_tools", "美妆工具 Beauty tools", "beauty", ""),
    ("silver_jewellery", "银饰 Silver jewellery", "jewellery", ""),
    ("pearl_jewellery", "珍珠饰品 Pearl jewellery", "jewellery", ""),
    ("toy_blocks", "积木 Building blocks", "toys", ""),
    ("fitness", "健身用品 Fitness", "sports", ""),
    ("cycling", "骑行 Cycling", "sports", ""),
    ("led_strips", "灯带 LED strips", "electronics", ""),
    ("hand_tools", "手动工具 Hand tools", "tools", ""),
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier as the demo knows it; ``style`` names its tracking-number format, ``pace`` scales transit times."""

    code: str
    name: str
    approved: bool
    official: bool
    scan_interval_hours: int
    style: str
    pace: float


CARRIERS = {
    carrier.code: carrier
    for carrier in (
        Carrier("AE_STANDARD", "AliExpress Standard Shipping", True, True, 24, "lp", 0.9),
        Carrier("CAINIAO_SUPER_ECONOMY", "Cainiao Super Economy", True, True, 36, "lp", 1.2),
        Carrier("AE_SAVER", "AliExpress Saver Shipping", True, True, 36, "lp", 1.1),
        Carrier("CHINA_POST", "China Post Registered Air Mail", True, False, 36, "s10", 1.35),
        Carrier("EMS", "EMS", True, False, 24, "s10", 0.8),
        Carrier("YANWEN", "燕文物流 Yanwen", True, False, 30, "yw", 1.1),
        Carrier("FOURPX", "递四方 4PX", True, False, 30, "4px", 1.0),
        Carrier("SZ_SPEED", "深圳速达 SZ Speed Express", True, False, 36, "sz", 1.05),
        Carrier("HUANYU_LINE", "环宇专线 Huanyu Special Line", False, False, 48, "hy", 1.4),
    )
}


@dataclass(frozen=True, slots=True)
class Site:
    """A buyer country: language of its buyers, currency, median transit days, days promised, an address pattern."""

    code: str
    language: str
    currency: str
    transit_days: float
    promised_days: int
    street: str
    cities: tuple[str, ...]


SITES = {
    site.code: site
    for site in (
        Site("ES", "es", "EUR", 6.8, 13, "Calle Mayor {n}", ("28013 Madrid", "08002 Barcelona", "41001 Sevilla")),
        Site("FR", "fr", "EUR", 7.0, 13, "{n} rue de la Gare", ("75010 Paris", "69003 Lyon", "31000 Toulouse")),
        Site("US", "en", "USD", 8.0, 15, "{n} Oak Street", ("Austin TX 78701", "Columbus OH 43004", "Reno NV 89501")),
        Site("BR", "pt", "BRL", 11.0, 22, "Rua das Flores {n}", ("01001-000 São Paulo", "30110-000 Belo Horizonte")),
        Site("RU", "ru", "RUB", 9.5, 20, "ул. Ленина {n}", ("101000 Москва", "190000 Санкт-Петербург")),
        Site("GB", "en", "GBP", 7.2, 14, "{n} Station Road", ("London E8 1AA", "Leeds LS1 4AP")),
        Site("DE", "de", "EUR", 7.0, 13, "Bahnhofstraße {n}", ("10115 Berlin", "80331 München")),
        Site("IT", "it", "EUR", 7.4, 14, "Via Roma {n}", ("00184 Roma", "20121 Milano")),
        Site("PL", "pl", "PLN", 7.6, 15, "ul. Polna {n}", ("00-001 Warszawa", "30-001 Kraków")),
        Site("MX", "es", "MXN", 9.0, 18, "Av. Reforma {n}", ("06600 Ciudad de México", "44100 Guadalajara")),
        Site("KR", "ko", "KRW", 4.5, 9, "{n} Teheran-ro", ("06164 Seoul", "48058 Busan")),
    )
}

# Who buys where: shares of a store's orders by site.
SITE_MIX = {
    "europe": {"ES": 26, "FR": 22, "DE": 10, "IT": 9, "PL": 10, "GB": 8, "US": 8, "RU": 4, "BR": 3},
    "world": {"US": 20, "ES": 15, "FR": 13, "BR": 14, "RU": 14, "GB": 6, "MX": 6, "KR": 6, "PL": 6},
    "americas": {"US": 38, "BR": 26, "MX": 16, "ES": 10, "GB": 10},
}

# Mean USD of one unit; a day's rate swings a little around it.
USD_PER_UNIT = {
    "EUR": 1.085, "GBP": 1.268, "BRL": 0.183, "RUB": 0.0112, "PLN": 0.252, "MXN": 0.0556, "KRW": 0.000735, "HKD": 0.128,
}  # fmt: skip

# Words that the texts of a site's buyers are written in; other languages fall back to English.
TEXT_LANGUAGES = ("zh", "en", "es", "ru", "fr", "pt")


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def demand(day: date) -> float:
    """Orders of the day relative to an ordinary one: weekdays, 11.11, Black Friday, the March sale, CNY lull."""
    weekday = (1.04, 1.02, 1.0, 0.98, 0.94, 0.98, 1.04)[day.weekday()]
    friday = black_friday(day.year)
    if day in (date(day.year, 11, 11), date(day.year, 11, 12)):
        return 4.0 * weekday
    if friday <= day <= friday + timedelta(days=3):
        return 3.0 * weekday
    if date(day.year, 3, 28) <= day <= date(day.year, 3, 30):
        return 2.0 * weekday
    if date(day.year, 2, 1) <= day <= date(day.year, 2, 14):
        return 0.75 * weekday
    return weekday
