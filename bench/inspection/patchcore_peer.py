"""anomalib's PatchCore on a network of ours: its own model, neighbours and score, and features that are given to it.

Its choice of patches for the bank is greedy, the one farthest from all chosen next. `trained` chooses by the same rule with the code of
probatum, in a projection to 32 numbers, unless `own` is asked for: anomalib's takes minutes where that takes seconds.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from probatum.infer.vision.backbone import Backbone
from probatum.inspection.fit.bank import spread_out

LAYERS = ("stride8", "stride16")


def patchcore(backbone: Backbone, kept: dict[bytes, Any]) -> Any:
    """Return an untrained `PatchcoreModel`, on one thread, or None if anomalib is not installed; features are kept in `kept`."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    torch.manual_seed(0)
    module = _loaded(torch)
    if module is None:
        return None

    class Extractor(torch.nn.Module):  # type: ignore[misc] # untyped
        def forward(self, given: Any) -> dict[str, Any]:
            key = given.numpy().tobytes()
            if key not in kept:
                seen = backbone.features(list(given.numpy().astype(np.uint8).transpose(0, 2, 3, 1)))
                kept[key] = {layer: torch.from_numpy(getattr(seen, layer)) for layer in LAYERS}
            return kept[key]

    module.TimmFeatureExtractor = lambda **_: Extractor()
    return module.PatchcoreModel(layers=LAYERS, backbone="lite0", pre_trained=False)


def _loaded(torch: Any) -> Any:
    """Import the model. Where torchvision was built for another PyTorch its operators are missing, which PatchCore calls none of."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for _ in range(20):
        try:
            import anomalib.models.image.patchcore.torch_model as module
        except ImportError as problem:
            print(f"anomalib cannot be loaded: {problem}")
            return None
        except RuntimeError as problem:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(problem))
            if missing is None:
                raise
            library.define(f"{missing[1]}(Tensor given) -> Tensor")
            for name in [
                name for name in sys.modules if name.split(".")[0] in ("torchvision", "anomalib", "timm", "torchmetrics")
            ]:
                del sys.modules[name]
        else:
            _loaded.__dict__["library"] = library  # as long as it is used
            return module
    return None


def trained(model: Any, pictures: list[np.ndarray], share: float, *, own: bool) -> None:
    """Fill the bank with a share of all patches of pictures of shape (h, w, 3), uint8."""
    model.train()
    for picture in pictures:
        model(tensor(picture))
    if own:
        model.subsample_embedding(share)
    else:
        import torch

        every = torch.vstack(model.embedding_store)
        model.embedding_store.clear()
        model.memory_bank = every[spread_out(every.numpy(), int(share * len(every)), seed=0)]
    model.eval()


def scorer(model: Any) -> Callable[[np.ndarray], float]:
    def score(picture: np.ndarray) -> float:
        return float(model(tensor(picture)).pred_score.reshape(-1)[0])

    return score


def tensor(picture: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]).astype(np.float32))
