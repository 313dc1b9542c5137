"""Which rules the product does already. A rule enters when its code, its page and its tests are in."""


def _ids(family: str, numbers: str) -> set[str]:
    return {f"{family}-{number}" for number in numbers.split()}


BUILT = frozenset(
    _ids("DM", "01 02 02a 03 04 10 11 11a 12 13 14 15 16 17 18 19 20 21 22 25 26 27 28 30 31 32 33 34 35")
    | _ids("MX", "01 02 03 04 05 06 07 08 11 12")
    | _ids("SR", "01 02 03 05 08 09 14 15")
    | _ids("IX", "01 02 03 04 05 06 06a 07 09 10 11 12 13 14 15 16")
    | _ids("RL", "05 07 08 10 11 15 17")
    | _ids("PG", "01 02 03 04 05 06 16 17 22")
)
