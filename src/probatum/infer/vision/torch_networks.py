"""Networks of `timm` and `open_clip`, for those who have PyTorch: embeddings of whole pictures; their layers where they are exported.

Both libraries may fetch weights when they are asked for them; nothing here does so by itself. Weights are named by the digest of all
tensors, by name, so a network that was published anew under the same name is another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INSTALLED = {"timm": "timm", "open_clip": "open_clip_torch"}  # library -> the package that it comes in


@dataclass(frozen=True, slots=True)
class Network:
    """A network of another library, and how it wants its pictures."""

    digest: str
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    width: int
    side: int
    run: Callable[[NDArray[np.float32]], Mapping[str, NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network as its library has it.

    Attributes
    ----------
    network : torch.nn.Module
        For looking, not for training.
    look : callable
        From prepared pictures to embeddings.
    layers : callable or None
        From prepared pictures to a list of layers of shape (n, c, h, w), and an embedding; None where the network gives none out.
    """

    network: Any
    look: Any
    layers: Any
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    side: int

    @property
    def digest(self) -> str:
        """SHA-256 of all tensors, by name."""
        return _digest(self.network.state_dict())


def open_network(library: str, name: str) -> Network:
    """Return a network of `timm` or `open_clip`.

    Raises
    ------
    MissingExtra
        If the library is not installed.
    UsageError
        If it has no such network.
    """
    loaded = load(library, name)
    import numpy as np
    import torch

    def run(pictures: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        with torch.no_grad():
            return {"embedding": loaded.look(torch.from_numpy(pictures)).float().numpy()}

    width = run(np.zeros((1, 3, loaded.side, loaded.side), dtype=np.float32))["embedding"].shape[1]
    return Network(loaded.digest, loaded.mean, loaded.scale, width, loaded.side, run)


def load(library: str, name: str, *, weights: Path | None = None, side: int = 0) -> Loaded:
    """Return a network of `timm` or `open_clip` with its weights.

    Parameters
    ----------
    library, name : str
    weights : Path or None
        A file of weights; those that were published with the network, which the library may fetch, if not given.
    side : int
        Length of the sides in pixels of pictures that it is to take, 0 for what it was made for.

    Raises
    ------
    MissingExtra
        If the library is not installed.
    UsageError
        If it has no such network, or the weights are not there or not of this network.
    """
    try:
        import torch  # noqa: F401 - to be missed here, in one message

        module = __import__(library)
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision that does not fit this torch
        raise MissingExtra(
            f"`{library}:{name}` needs `torch` and `{library}`, and they cannot be loaded: {' '.join(str(error).split())[:80]}",
            help=f"pip install torch {INSTALLED[library]}, or use `embedded:lite0`",
        ) from error
    if weights is not None and not weights.is_file():
        raise UsageError(f"`{weights}` is no file of weights", help="name a file that was saved from this network")
    try:
        loaded = _seeded(library, module, name, weights, side)
    except Exception as problem:  # of many kinds, from two libraries
        which = (
            f"`{library}` has no network `{name}`" if weights is None else f"`{name}` does not take the weights `{weights.name}`"
        )
        raise UsageError(
            f"{which}: {' '.join(str(problem).split())[:100]}",
            help="see that the name is right, and that weights can be fetched here or are given as a file",
        ) from problem
    if weights is not None and _seeded(library, module, name, weights, side, seed=1).digest != loaded.digest:
        # The libraries fill what a file lacks by chance, and say nothing.
        raise UsageError(
            f"`{weights.name}` does not have all weights of `{name}`: the rest would be left to chance",
            help="name a file that was saved from this network",
        )
    loaded.network.eval()
    return loaded


def _seeded(library: str, module: Any, name: str, weights: Path | None, side: int, *, seed: int = 0) -> Loaded:
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return (_timm if library == "timm" else _open_clip)(module, name, weights, side)


def _timm(timm: Any, name: str, weights: Path | None, side: int) -> Loaded:
    own: dict[str, Any] = {} if weights is None else {"pretrained_cfg_overlay": {"file": str(weights)}}

    def made(**more: Any) -> Any:
        return timm.create_model(name, pretrained=True, num_classes=0, **own, **more)

    network = made()
    told = network.pretrained_cfg
    if side and int(told["input_size"][-1]) != side and told.get("fixed_input_size"):
        network = made(img_size=side)  # positions are scaled to it

    def layers(pictures: Any) -> tuple[list[Any], Any]:
        last, inner = network.forward_intermediates(pictures)
        return list(inner), network.forward_head(last)

    return Loaded(
        network,
        network,
        layers if hasattr(network, "forward_intermediates") else None,
        _of_256(told["mean"]),
        _of_256(told["std"]),
        side or int(told["input_size"][-1]),
    )


def _open_clip(open_clip: Any, name: str, weights: Path | None, side: int) -> Loaded:
    architecture, _, tag = name.partition("/")
    own: dict[str, Any] = {"force_image_size": side} if side else {}
    given = str(weights) if weights is not None else tag
    if not given:
        raise ValueError(f"which weights is not said: write `{architecture}/WEIGHTS`")
    network, _, _ = open_clip.create_model_and_transforms(architecture, pretrained=given, **own)
    visual = network.visual
    size = visual.image_size

    def layers(pictures: Any) -> tuple[list[Any], Any]:
        found = network.forward_intermediates(pictures, normalize=False)
        return list(found["image_intermediates"]), found["image_features"]

    return Loaded(
        network,
        network.encode_image,
        layers if hasattr(network, "forward_intermediates") else None,
        _of_256(visual.image_mean),
        _of_256(visual.image_std),
        int(size if isinstance(size, int) else size[0]),
    )


def _of_256(values: Any) -> tuple[float, float, float]:
    red, green, blue = (255.0 * float(value) for value in values)
    return red, green, blue


def _digest(tensors: Mapping[str, Any]) -> str:
    whole = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous()
        whole.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        whole.update(values.numpy().tobytes())
    return whole.hexdigest()
