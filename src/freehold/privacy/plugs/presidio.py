"""Microsoft Presidio's recognisers. Without a spaCy model they are its patterns alone; none is fetched.

Types are Presidio's own, which ours are named after.
"""

from __future__ import annotations

from collections.abc import Iterable

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span


class Detector:
    """`model` is an installed spaCy model, such as `en_core_web_lg`."""

    def __init__(self, model: str | None, language: str = "en") -> None:
        import spacy  # noqa: PLC0415 - an extra
        from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - likewise
        from presidio_analyzer.nlp_engine import SpacyNlpEngine  # noqa: PLC0415 - likewise
        from tldextract import tldextract  # noqa: PLC0415 - likewise

        # Its look at e-mail addresses would fetch the list of public suffixes; the one that it ships will do.
        tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
        engine = SpacyNlpEngine(models=[{"lang_code": language, "model_name": model or "blank"}])
        # Loaded here, since Presidio would fetch a model that is not there.
        engine.nlp = {language: spacy.blank(language) if model is None else spacy.load(model)}
        self._language = language
        self._analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=[language])
        self.types = frozenset(self._analyzer.get_supported_entities(language))

    def find(self, reading: Reading) -> Iterable[Span]:
        for found in self._analyzer.analyze(reading.text, language=self._language):
            yield Span(found.start, found.end, found.entity_type, found.score)
