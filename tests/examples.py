"""How many examples a costly property gets: few by default, fewer where they are tried again on another database, many
with HYPOTHESIS_PROFILE=thorough."""

import os

from hypothesis import settings


def costly(examples: int) -> settings:
    """Settings for a property whose examples take about a second each; every run draws others, on two databases."""
    profile = os.environ.get("HYPOTHESIS_PROFILE")
    if profile == "thorough":
        return settings(max_examples=examples * 20)
    return settings(max_examples=max(2, examples // (6 if profile == "quick" else 3)))
