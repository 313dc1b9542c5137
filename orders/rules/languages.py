"""The languages of an order's buyer (PN-23). No database, no clock, no request."""

from rulebook.policy import Policy


def site_languages(site: str, policy: Policy) -> tuple[str, ...]:
    """The languages of a site's buyers (ISO 639-1), the first most common; empty for an unknown site."""
    return next((one.languages for one in policy.reference.sites if one.code == site), ())


def language_for(site: str, known: set[str], policy: Policy) -> str:
    """The language among ``known`` in which to write to buyers of a site; English if they speak none of them."""
    return next((one for one in site_languages(site, policy) if one in known), "en")


def is_valid_language(language: str, site: str, policy: Policy) -> bool:
    """Whether a reply in the language counts (PN-23): undetected ones, common ones, and all on unknown sites do."""
    spoken = site_languages(site, policy)
    return not language or not spoken or language in spoken or language in policy.notices.reply_any_languages
