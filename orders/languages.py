"""Detects the language of messages (PN-23)."""

from functools import lru_cache
from typing import Any

from django.utils import timezone

from rulebook.queries import policy_at

_ALWAYS = ("en", "zh")
_REMEMBERED = 20_000


class LanguageDetector:
    """Distinguishes the languages of the sites, English and Chinese. Short texts ("ok, thanks") and doubtful ones stay
    undetected, and what can't be detected counts as a valid reply."""

    def __init__(self) -> None:
        policy = policy_at(timezone.now())
        self._least_letters = policy.notices.detect_min_letters
        self._least_probability = float(policy.notices.detect_min_probability)
        languages = {language for site in policy.reference.sites for language in site.languages}
        self._identifier: Any = None
        self._languages = sorted(languages.union(_ALWAYS))
        self.detect = lru_cache(_REMEMBERED)(self._detect)

    def _detect(self, text: str) -> str:
        """The ISO 639-1 code of the text's language, or an empty string."""
        if sum(character.isalpha() for character in text) < self._least_letters:
            return ""
        if self._identifier is None:
            self._identifier = _load(tuple(self._languages))
        language, probability = self._identifier.classify(text)
        return str(language) if probability >= self._least_probability else ""


@lru_cache(maxsize=4)
def _load(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(languages)
    return identifier
