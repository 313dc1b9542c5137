"""Which rules the product does already. A rule enters when its code, its page and its tests are in."""


def _ids(family: str, numbers: str) -> frozenset[str]:
    return frozenset(f"{family}-{number}" for number in numbers.split())


BUILT = (
    _ids("DM", "01 02 02a 03 04 10 11 11a 12 13 14 15 16 17 18 20 21 22 25 26 27 28 30 31 32 33 34 35")
    | _ids("MX", "01 02 03 04 04a 05 06 07 08 09 10 11 12 13 14 15 16")
    | _ids("SR", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15")
    | _ids(
        "PN",
        "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 18 19 20 21 22 23 24 27 28 28a 29 30 31 33 35 36 37 42 43",
    )
    | _ids("AP", "01 02 03 04 05 05a 06")
    | _ids("DP", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 16 17 18 19")
    | _ids("TM", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18")
    | _ids("AF", "01 02 03 04 05 06 07 08 09 10 12 13 15 16")
    | _ids("RL", "01 02 03 04 05 07 08 09 10 11 12 13 14 15 16 17 18 19 20")
    | _ids("IX", "01 02 03 04 05 05a 05b 06 06a 06b 07 08 09 10 11 12 13 14 15 16 20 21 22 23 24 25")
    | _ids("PG", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22")
    | _ids("BX", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 16 18 21")
)

# Rules of which a part works, whatever the rest waits for: notices and penalties, actions, appeals.
PARTLY = _ids("DM", "19") | _ids("RL", "06")
