"""冷启动模型 Builtin: the classifier of the first day, made from the project's own corpus when first asked for.

Trained once in well under a minute and kept in a folder named after everything it depends on (phrases, code, library
versions): a new version of any of these makes a new folder, so that nobody answers with an outdated model.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from analytics import calibration, classifier, features, text, training
from analytics.classifier import ComplaintClassifier, ModelError, load_model
from analytics.corpus import compose, corpus_hash
from analytics.model_files import FORMAT

VERSION = "2026.11"
PER_CATEGORY = 120
FEATURES = 100_000
CAUTION = 0.7  # real orders stray further from the corpus than its halves from each other: be less sure


def builtin(cache_dir: Path | None = None) -> ComplaintClassifier:
    """The cold-start model, from its cache folder or newly trained.

    Parameters: cache_dir: folder that holds model folders; by default ``models`` under the folder that
    ``INSTANCE_PATH`` names, or under ``instance``. Where that cannot be written, a private folder under the temporary
    one is used. Several processes may build at once: each builds beside the place and renames; whoever is first
    stays. A cached model that does not hold (meddled with, half deleted) is built anew.
    """
    return _builtin((cache_dir or Path(os.environ.get("INSTANCE_PATH") or "instance") / "models").resolve())


@lru_cache(maxsize=2)
def _builtin(cache: Path) -> ComplaintClassifier:
    name = f"builtin-{fingerprint()[:12]}"
    places = [cache / name]
    if not _writable(cache) and (private := _private_folder()):
        places.append(private / name)
    for folder in places:
        try:
            return load_model(folder)
        except ModelError:
            continue
    model = train_builtin()
    try:
        if places[-1].exists():
            shutil.rmtree(places[-1], ignore_errors=True)
        model.save(places[-1], replace=False)
    except ModelError:
        pass  # nowhere to keep it: it still answers, only the next process trains again
    return model


def _writable(cache: Path) -> bool:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            return True
    except OSError:
        return False


def _private_folder() -> Path | None:
    """A folder under the temporary one that nobody else can have put a model into."""
    folder = Path(tempfile.gettempdir()) / f"tongde-models-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return folder if ours else None


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """SHA-256 of all the cached model depends on."""
    digest = hashlib.sha256(corpus_hash().encode())
    for module in (calibration, classifier, features, text, training):
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update(Path(__file__).read_bytes() + text.WORDS_FILE.read_bytes())
    for library in ("jieba", "rjieba", "numpy", "scipy", "scikit-learn"):
        digest.update(f"{library} {version(library)} {FORMAT}".encode())
    return digest.hexdigest()


def train_builtin() -> ComplaintClassifier:
    """Train on the corpus. Folds are the corpus's halves: the model is tried on phrases it has never seen."""
    examples = list(compose(PER_CATEGORY))
    model = ComplaintClassifier(prefix="builtin", method="bayes", features=FEATURES, folds=2)
    model.fit(
        [example.text for example in examples],
        [example.label for example in examples],
        [example.half for example in examples],
        version=VERSION,
    )
    model.sharpness_ *= CAUTION
    return model
