"""Country sites, first-level categories, working-day tables of years that are not announced (DM-12, DM-13, DM-26)."""

from rulebook.shipped.form import Entries, assumed, given, merged

SITES = [
    ("RU", "Russia", "俄罗斯", "ru"),
    ("US", "United States", "美国", "en"),
    ("ES", "Spain", "西班牙", "es"),
    ("FR", "France", "法国", "fr"),
    ("BR", "Brazil", "巴西", "pt"),
    ("PL", "Poland", "波兰", "pl"),
    ("IT", "Italy", "意大利", "it"),
    ("DE", "Germany", "德国", "de"),
    ("NL", "Netherlands", "荷兰", "nl"),
    ("IL", "Israel", "以色列", "he"),
    ("KR", "South Korea", "韩国", "ko"),
    ("JP", "Japan", "日本", "ja"),
    ("UA", "Ukraine", "乌克兰", "uk ru"),
    ("SA", "Saudi Arabia", "沙特阿拉伯", "ar"),
    ("CL", "Chile", "智利", "es"),
    ("MX", "Mexico", "墨西哥", "es"),
    ("GB", "United Kingdom", "英国", "en"),
    ("AU", "Australia", "澳大利亚", "en"),
]

CATEGORIES = [
    ("apparel", "Apparel", "服饰", "fast_moving"),
    ("shoes", "Shoes", "鞋类", ""),
    ("bags", "Luggage & bags", "箱包", ""),
    ("jewellery", "Jewellery", "珠宝饰品", "high_value"),
    ("watches", "Watches", "手表", "high_value"),
    ("beauty", "Beauty & health", "美妆健康", "fast_moving"),
    ("phones", "Phones & accessories", "手机及配件", "electronics_3c"),
    ("computers", "Computers & office", "电脑办公", "electronics_3c"),
    ("electronics", "Consumer electronics", "消费电子", "electronics_3c"),
    ("home_appliances", "Home appliances", "家用电器", ""),
    ("home_garden", "Home & garden", "家居园艺", ""),
    ("tools", "Tools & home improvement", "工具家装", ""),
    ("toys", "Toys & hobbies", "玩具爱好", ""),
    ("mother_kids", "Mother & kids", "母婴", ""),
    ("sports", "Sports & entertainment", "运动娱乐", ""),
    ("automotive", "Automobiles & motorcycles", "汽摩配件", ""),
    ("weddings", "Weddings & custom made", "婚庆定制", "custom_made"),
    ("virtual", "Virtual goods", "虚拟商品", "virtual"),
]

# Days off that fall on weekdays. Without an announcement no weekend is worked: the statutory days are certain, the
# exchanges of weekends are not.
YEARS_OFF = {
    "2027": "01-01 02-05 02-08 02-09 02-10 04-05 05-03 05-04 06-09 09-15 10-01 10-04 10-05",
    "2028": "01-03 01-25 01-26 01-27 01-28 04-04 05-01 05-02 05-29 10-02 10-03 10-04 10-05",
}

ENTRIES: Entries = merged(
    assumed(
        "reference.sites",
        [
            {"code": code, "name_en": name_en, "name_zh": name_zh, "languages": languages.split()}
            for code, name_en, name_zh, languages in SITES
        ],
        "DM-13 PN-23",
        "000",
    ),
    given(
        "reference.category_flags",
        ["fast_moving", "electronics_3c", "virtual", "custom_made", "export_controlled", "high_value"],
        "DM-12",
        "003",
    ),
    assumed(
        "reference.categories",
        [
            {"code": code, "name_en": name_en, "name_zh": name_zh, "flags": flags.split()}
            for code, name_en, name_zh, flags in CATEGORIES
        ],
        "DM-12",
        "003",
    ),
    *(
        assumed(f"calendar.years.{year}.off", [f"{year}-{day}" for day in days.split()], "DM-26")
        for year, days in YEARS_OFF.items()
    ),
)
