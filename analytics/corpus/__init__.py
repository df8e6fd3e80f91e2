"""语料 Corpus: the project's own phrases per category, and the generator that makes complaints of them.

Everything in ``phrases/`` was written for this project. Nothing was taken from anybody's orders, so that the model
trained on it can be given away with the program.
"""

from __future__ import annotations

from analytics.corpus.compose import Example, compose
from analytics.corpus.phrases import (
    CategoryPhrases,
    CommonPhrases,
    category_phrases,
    common_phrases,
    corpus_hash,
)

__all__ = [
    "CategoryPhrases",
    "CommonPhrases",
    "Example",
    "category_phrases",
    "common_phrases",
    "compose",
    "corpus_hash",
]
