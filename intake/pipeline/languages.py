"""The language of a message, detected on the way in (PN-23)."""

from functools import lru_cache
from typing import Any

from django.utils import timezone

from rulebook.queries import policy_at

# Assumptions, as the shipped sites' languages are: shorter texts ("ok, thanks") and doubtful ones are not told apart,
# and what can't be detected counts as a valid reply.
LEAST_LETTERS = 12
LEAST_PROBABILITY = 0.9
_ALWAYS = ("en", "zh")
_REMEMBERED = 20_000


class LanguageDetector:
    """Tells the languages of the sites, English and Chinese apart."""

    def __init__(self) -> None:
        languages = {language for site in policy_at(timezone.now()).reference.sites for language in site.languages}
        self._identifier: Any = None
        self._languages = sorted(languages.union(_ALWAYS))
        self.detect = lru_cache(_REMEMBERED)(self._detect)

    def _detect(self, text: str) -> str:
        """The ISO 639-1 code of the text's language, or an empty string."""
        if sum(character.isalpha() for character in text) < LEAST_LETTERS:
            return ""
        if self._identifier is None:
            self._identifier = _load(self._languages)
        language, probability = self._identifier.classify(text)
        return str(language) if probability >= LEAST_PROBABILITY else ""


def _load(languages: list[str]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
