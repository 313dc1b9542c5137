"""How many examples a costly property gets: few by default, many with HYPOTHESIS_PROFILE=thorough."""

import os

from hypothesis import settings


def costly(examples: int) -> settings:
    """Settings for a property whose examples take about a second each; every run draws others, on two databases."""
    thorough = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
    return settings(max_examples=examples * 20 if thorough else max(2, examples // 3))
