"""Carriers known from the start (DM-15). Scan intervals are typical hours between two scans (assumption)."""

from rulebook.shipped.form import Entries, assumed

S10 = r"[A-Z]{2}\d{9}[A-Z]{2}"

# code, name, official, typical scan interval in hours, pattern of its tracking numbers
CARRIERS = [
    ("AE_STANDARD", "AliExpress Standard Shipping", True, 24, ""),
    ("AE_PREMIUM", "AliExpress Premium Shipping", True, 18, ""),
    ("AE_SAVER", "AliExpress Saver Shipping", True, 36, ""),
    ("CAINIAO_SUPER_ECONOMY", "Cainiao Super Economy", True, 36, ""),
    ("CAINIAO_STANDARD", "Cainiao Expedited Standard", True, 24, ""),
    ("CHINA_POST", "China Post Registered Air Mail", False, 36, S10),
    ("EMS", "EMS", False, 24, S10),
    ("EPACKET", "ePacket", False, 30, S10),
    ("YANWEN", "Yanwen", False, 36, ""),
    ("SF_EXPRESS", "SF Express", False, 18, r"SF\d{12,13}"),
    ("4PX", "4PX", False, 30, ""),
    ("DHL", "DHL Express", False, 12, r"\d{10}"),
    ("UPS", "UPS", False, 12, r"1Z[0-9A-Z]{16}"),
    ("FEDEX", "FedEx", False, 12, r"\d{12}|\d{15}"),
]

ENTRIES: Entries = assumed(
    "reference.carriers",
    [
        {
            "code": code,
            "name": name,
            "approved": True,
            "official": official,
            "scan_interval_hours": hours,
            "number_pattern": pattern,
        }
        for code, name, official, hours, pattern in CARRIERS
    ],
    "DM-15",
    "004",
)
