"""Which addresses requests may go to (RL-13).

The table is our own, after IANA's registries of special-purpose addresses: `ipaddress.is_global` follows the Python
release, and older ones pass addresses that were set apart later.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

CLOSED_IPV4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network, with the unspecified address
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; clouds keep services here
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, with the metadata services of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, with broadcast
    )
]
# All that is routed publicly. Loopback, unspecified, mapped IPv4, NAT64, unique local, link-local and multicast
# addresses are outside.
GLOBAL_IPV6 = IPv6Network("2000::/3")
CLOSED_IPV6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, with Teredo and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
]
# Metadata services hand out credentials of the machine: never reached, not even in networks that the operator allows.
METADATA = frozenset(
    ip_address(address)
    for address in (
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure, a public address
        "169.254.0.23",  # Tencent Cloud
        "169.254.169.254",  # AWS, Google, Azure, Huawei and others
        "169.254.170.2",  # AWS containers
        "192.0.0.192",  # Oracle
        "fd00:ec2::254",  # AWS over IPv6
        "fd20:ce::254",  # Google over IPv6
    )
)


def is_open(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether requests may go to an address: a public one, or one of the networks that the operator allows."""
    if address in METADATA:
        return False
    if any(address in network for network in allowed):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in CLOSED_IPV4)
    return address in GLOBAL_IPV6 and not any(address in network for network in CLOSED_IPV6)


@lru_cache(maxsize=16)
def parse_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks such as ``10.1.0.0/16``. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)
