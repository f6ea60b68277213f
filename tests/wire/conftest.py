from __future__ import annotations

from pathlib import Path

import pytest
from tests.openai_document import OpenAIDocument, openai_document


@pytest.fixture(scope="session")
def document(freehold_shared: Path) -> OpenAIDocument:
    """OpenAI's own document, by which answers and events are judged."""
    return openai_document(freehold_shared)
