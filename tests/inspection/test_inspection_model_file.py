"""Files of trained parts: what was written comes back, and nothing else is ever taken for it."""

from __future__ import annotations

import hashlib
import json
import pickle

import numpy as np
import pytest

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model, read_model, unpacked, write_model

KIND, BACKBONE = "damage-head/1", "a" * 64


def made() -> Model:
    arrays = {
        "weights": np.arange(12, dtype=np.float32).reshape(3, 4),
        "bias": np.array(0.5),
        "none": np.zeros((0, 4), np.float32),
        "bytes": np.arange(5, dtype=np.uint8),
    }
    return Model(KIND, BACKBONE, {"types": ["crush", "tear"], "seed": 3}, arrays)


def refused(path, why, **asked):
    # asserts the error, its one line and its advice, for every test that calls it
    with pytest.raises(UnreadableArtefact) as caught:
        read_model(path, **{"kind": KIND, "backbone": BACKBONE, **asked})
    assert why in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.help
    return caught.value


def test_what_was_written_comes_back_with_its_digest(tmp_path):
    model = made()
    digest = write_model(model, tmp_path / "head")
    found = read_model(tmp_path / "head", kind=KIND, backbone=BACKBONE)
    assert digest == found.digest == hashlib.sha256((tmp_path / "head").read_bytes()).hexdigest()
    assert found.settings == model.settings
    assert set(found.arrays) == set(model.arrays)
    for name, array in model.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        np.testing.assert_array_equal(found.arrays[name], array)
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_the_same_content_is_the_same_file_in_whatever_order_and_form_it_is_given():
    model = made()
    big = {name: array.astype(array.dtype.newbyteorder(">")) for name, array in reversed(model.arrays.items())}
    strided = {**big, "weights": np.repeat(model.arrays["weights"], 2, axis=1)[:, ::2]}
    assert Model(KIND, BACKBONE, {"seed": 3, "types": ["crush", "tear"]}, strided).packed() == model.packed()


def test_another_backbone_or_kind_is_refused(tmp_path):
    write_model(made(), tmp_path / "head")
    refused(tmp_path / "head", "trained with the backbone aaaaaaaaaaaa, and bbbbbbbbbbbb is in use", backbone="b" * 64)
    refused(tmp_path / "head", "a `fusion/1` is needed", kind="fusion/1")


class Runs:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_is_refused_and_not_run(tmp_path, protocol):
    (tmp_path / "head").write_bytes(pickle.dumps(Runs(), protocol=protocol))
    refused(tmp_path / "head", "it is a pickle" if protocol >= 2 else "it is no such file")


def test_files_of_others_are_refused(tmp_path):
    np.savez(tmp_path / "zip.npz", a=np.zeros(3))
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "empty").write_bytes(b"")
    refused(tmp_path / "zip.npz", "archive")
    refused(tmp_path / "one.npy", "array of NumPy")
    refused(tmp_path / "empty", "it is no such file")
    refused(tmp_path / "nothing", "no such file")
    refused(tmp_path, "directory")


def test_every_cut_and_every_changed_byte_is_noticed():
    raw = made().packed()
    for length in range(0, len(raw), 7):
        with pytest.raises(ValueError, match=r"no such file|cut off or altered"):
            unpacked(raw[:length])
    for at in range(0, len(raw), 5):
        with pytest.raises(ValueError, match=r"it is|cut off or altered"):
            unpacked(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])


def forged(header: object, body: bytes = b"", length: int | None = None) -> bytes:
    told = json.dumps(header).encode()
    raw = b"probatum inspection model 1\n" + (len(told) if length is None else length).to_bytes(8, "little") + told + body
    return raw + hashlib.sha256(raw).digest()


def header(**changed: object) -> dict[str, object]:
    return {"kind": KIND, "backbone": BACKBONE, "settings": {}, "arrays": [], **changed}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (forged(header(), length=2**63), "header is longer"),
        (forged("text"), "does not say"),
        (forged(header(settings=[])), "does not say"),
        (forged(header(arrays=[{"name": "a", "type": "|O", "shape": [1]}]), b"12345678"), "does not say"),
        (forged(header(arrays=[{"name": "a", "type": "<f4", "shape": [-1]}]), b"1234"), "shape"),
        (forged(header(arrays=[{"name": "a", "type": "<f4", "shape": [True]}]), b"1234"), "shape"),
        (forged(header(arrays=[{"name": "a", "type": "<f4", "shape": [2**62, 2**62]}]), b"1234"), "not those"),
        (forged(header(arrays=[{"name": "a", "type": "<f4", "shape": [2]}]), b"1234"), "not those"),
        (forged(header(), b"1234"), "more than"),
        (forged(header(arrays=[{"name": "a", "type": "<f4", "shape": [1]}]), b"\0\0\xc0\x7f"), "not finite"),
    ],
)
def test_a_forged_header_is_refused_though_its_digest_fits(raw, why):
    with pytest.raises(ValueError, match=why):
        unpacked(raw)


def test_what_cannot_be_kept_is_not_written(tmp_path):
    for array in (np.array([object()]), np.array([np.nan]), np.array([1j])):
        with pytest.raises(ValueError, match="`a`"):
            Model(KIND, BACKBONE, {}, {"a": array}).packed()
    with pytest.raises(ValueError, match="JSON"):
        Model(KIND, BACKBONE, {"at": float("nan")}).packed()
    with pytest.raises(UnreadableArtefact, match="cannot be written"):
        write_model(made(), tmp_path / "missing" / "head")
