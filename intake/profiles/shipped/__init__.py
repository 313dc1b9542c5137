"""The profiles that come with the product, after exports that sellers really have (IX-06)."""

from intake.profiles.shipped.erps import ERPS
from intake.profiles.shipped.platforms import PLATFORMS

SHIPPED = (*ERPS, *PLATFORMS)
