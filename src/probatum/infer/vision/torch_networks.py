"""Networks of `timm` and `open_clip`, for those who have PyTorch: embeddings of whole pictures, no layers.

Both libraries may fetch weights when they are asked for them; nothing here does so by itself. Weights are named by the digest of all
tensors, by name, so a network that was published anew under the same name is another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Network:
    """A network of another library, and how it wants its pictures."""

    digest: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    width: int
    side: int
    run: Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.float32]]]


def open_network(library: str, name: str) -> Network:
    """Return a network of `timm` or `open_clip`.

    Raises
    ------
    MissingExtra
        If the library is not installed.
    UsageError
        If it has no such network.
    """
    try:
        import torch

        module = __import__(library)
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision that does not fit this torch
        raise MissingExtra(
            f"`{library}:{name}` needs `torch` and `{library}`, and they cannot be loaded: {' '.join(str(error).split())[:80]}",
            help=f"pip install torch {library.replace('_', '-')}"
            + ("-torch" if library == "open_clip" else "")
            + ", or use `embedded:lite0`",
        ) from error
    try:
        network, look, mean, deviation, side = (_timm if library == "timm" else _open_clip)(module, name)
    except Exception as problem:  # of many kinds, from two libraries
        raise UsageError(f"`{library}` has no network `{name}`: {' '.join(str(problem).split())[:100]}") from problem
    network.eval()

    def run(pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        with torch.no_grad():
            return {"embedding": look(torch.from_numpy(pictures)).float().numpy()}

    import numpy as np

    width = run(np.zeros((1, 3, side, side), dtype=np.float32))["embedding"].shape[1]
    mean3, scale3 = (tuple(255.0 * float(value) for value in values) for values in (mean, deviation))
    return Network(
        _digest(network.state_dict()), (mean3[0], mean3[1], mean3[2]), (scale3[0], scale3[1], scale3[2]), width, side, run
    )


def _timm(timm: Any, name: str) -> tuple[Any, Any, Any, Any, int]:
    network = timm.create_model(name, pretrained=True, num_classes=0)
    told = network.pretrained_cfg
    return network, network, told["mean"], told["std"], int(told["input_size"][-1])


def _open_clip(open_clip: Any, name: str) -> tuple[Any, Any, Any, Any, int]:
    architecture, _, weights = name.partition("/")
    network, _, _ = open_clip.create_model_and_transforms(architecture, pretrained=weights or None)
    size = network.visual.image_size
    return (
        network,
        network.encode_image,
        network.visual.image_mean,
        network.visual.image_std,
        int(size if isinstance(size, int) else size[0]),
    )


def _digest(tensors: Mapping[str, Any]) -> str:
    whole = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        whole.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        whole.update(values.numpy().tobytes())
    return whole.hexdigest()
