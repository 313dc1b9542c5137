"""How many decimals the amounts of a currency have (ISO 4217)."""

_WITHOUT = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_WITH_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_WITH_FOUR = ("CLF", "UYW")
_DECIMALS = dict.fromkeys(_WITHOUT, 0) | dict.fromkeys(_WITH_THREE, 3) | dict.fromkeys(_WITH_FOUR, 4)

MOST_DECIMALS = 4


def decimals_of(currency: str) -> int:
    """Decimals of a currency's smallest unit; 2 for those that ISO 4217 doesn't know."""
    return _DECIMALS.get(currency.upper(), 2)
