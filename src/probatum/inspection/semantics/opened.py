"""The goods of a policy, opened once for all that ask."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from probatum.inspection.artefacts.files import files
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.semantics.goods import Goods
from probatum.sharing import Shared
from probatum.source import Source, digest

_shared: Shared[Goods] = Shared("goods")
sharing = _shared.sharing


@contextmanager
def opened(policy: Policy, inputs: Mapping[str, Source], *, cache: Path | None = None) -> Iterator[Goods]:
    """Open the goods of a policy for as long as the context lasts.

    Parameters
    ----------
    policy : Policy
    inputs : mapping of str to Source
        Its files, as the engine hands them to rules and to checks of evidence: `data:` and their path.
    cache : Path, optional
        Folder in which a converted network and looks of references are kept. Without it nothing is, so that a check trusts only files.
    """
    name = (policy.digest, policy.location.path, digest(repr(sorted((path, source.digest) for path, source in inputs.items()))))
    with _shared.opened(name, lambda stack: _goods(policy, inputs, stack, cache)) as goods:
        yield goods


def _goods(policy: Policy, inputs: Mapping[str, Source], stack: ExitStack, cache: Path | None) -> Goods:
    own = stack.enter_context(files(policy.location.path, inputs))
    if cache is not None:
        return Goods(policy, own, cache, keeps_looks=True)
    # A check keeps nothing outside of its state, and the network is made in a third of a second.
    cache = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="probatum-")))
    return Goods(policy, own, cache)
