"""Weights are read without running anything that their file says."""

from __future__ import annotations

import io
import pickle
import random
import struct
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from probatum.errors import UnreadableArtefact
from probatum.infer.vision.tensor_file import read_tensors

np = pytest.importorskip("numpy")


class Storage:
    """Numbers of one or more tensors."""

    def __init__(self, key: str, numbers: Any) -> None:
        self.key, self.numbers = key, numbers


class Tensor:
    """Pickled as PyTorch does it."""

    def __init__(self, storage: Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.given = (storage, offset, shape, strides, False, OrderedDict())

    def __reduce__(self) -> tuple[Any, ...]:
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.given


@pytest.fixture
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the names that files of tensors refer to."""
    utils, torch = types.ModuleType("torch._utils"), types.ModuleType("torch")

    def _rebuild_tensor_v2(*_: Any) -> None:
        raise AssertionError("nothing that a file names is called")

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]  # a stand-in
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def written(tensors: Any, storages: list[Storage]) -> bytes:
    class Own(pickle.Pickler):
        def persistent_id(self, one: Any) -> Any:
            if isinstance(one, Storage):
                return ("storage", sys.modules["torch"].FloatStorage, one.key, "cpu", len(one.numbers), None)
            return None

    file = io.BytesIO()
    for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        pickle.dump(value, file, protocol=2)
    Own(file, protocol=2).dump(tensors)
    pickle.dump([one.key for one in storages], file, protocol=2)
    for one in storages:
        file.write(struct.pack("<q", len(one.numbers)) + np.asarray(one.numbers, "<f4").tobytes())
    return file.getvalue()


@pytest.fixture
def whole(torch_names: None) -> bytes:
    numbers = Storage("7", np.arange(12.0))
    return written(OrderedDict(a=Tensor(numbers, 0, (2, 3), (3, 1)), b=Tensor(numbers, 6, (3, 2), (1, 3))), [numbers])


def test_tensors_are_read_with_their_shapes_and_strides(tmp_path: Path, whole: bytes) -> None:
    (tmp_path / "w.pth").write_bytes(whole)

    found = read_tensors(tmp_path / "w.pth")

    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["b"].tolist() == [[6, 9], [7, 10], [8, 11]]
    assert found["a"].dtype == np.float32


def test_nothing_is_called(tmp_path: Path, torch_names: None) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "touched",)

    (tmp_path / "w.pth").write_bytes(written(OrderedDict(a=Evil()), []))

    with pytest.raises(UnreadableArtefact, match=r"it asks to call `"):
        read_tensors(tmp_path / "w.pth")
    assert not (tmp_path / "touched").exists()


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path, torch_names: None) -> None:
    numbers = Storage("7", np.arange(4.0))
    (tmp_path / "w.pth").write_bytes(written(OrderedDict(a=Tensor(numbers, 0, (2, 3), (3, 1))), [numbers]))

    with pytest.raises(UnreadableArtefact, match="a tensor lies outside its storage"):
        read_tensors(tmp_path / "w.pth")


@pytest.mark.parametrize("raw", [b"", b"\x80", b"PK\x03\x04", b"cos\nsystem\n(S'true'\ntR.", bytes(range(256)) * 4])
def test_other_files_are_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "w.pth").write_bytes(raw)

    with pytest.raises(UnreadableArtefact, match="is not read"):
        read_tensors(tmp_path / "w.pth")
    with pytest.raises(UnreadableArtefact, match="no such file"):
        read_tensors(tmp_path / "none.pth")


def test_whatever_is_wrong_with_a_file_is_told_as_such(tmp_path: Path, whole: bytes) -> None:
    rng = random.Random(3)
    read = refused = 0
    for _ in range(600):
        raw = bytearray(whole)
        if rng.random() < 0.3:
            del raw[rng.randrange(len(raw)) :]
        for _ in range(rng.randrange(1, 4)):
            if raw:
                raw[rng.randrange(len(raw))] = rng.randrange(256)
        (tmp_path / "w.pth").write_bytes(raw)
        try:
            read_tensors(tmp_path / "w.pth")
            read += 1
        except UnreadableArtefact:
            refused += 1

    assert refused > 100
    assert read + refused == 600
