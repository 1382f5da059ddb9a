"""Files as the engine hands them to rules and to checks of evidence: in place or in memory, and none but those."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import misnamed
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.picture import file_bytes
from probatum.inspection.artefacts.policy import Named
from probatum.inspection.artefacts.unusable import Unusable
from probatum.source import DATA, Data, Source, beside, digest


@dataclass(slots=True)
class Files:
    """All files of one policy; made by `files`.

    Attributes
    ----------
    policy : str
        Path of the policy.
    """

    policy: str
    _inputs: Mapping[str, Source]
    _stack: ExitStack
    _archives: dict[str, Media] = field(default_factory=dict)

    def place(self, named: Named) -> Path:
        """Return where a file that the policy names can be read.

        Raises
        ------
        UnreadableArtefact
            If it is not there.
        """
        path = beside(self.policy, named.path)
        source = None if path is None else self._inputs.get(DATA + path)
        if source is None:
            why = "is outside of what is checked" if path is None else "is not there"
            advice = "name a file beside the policy or below it"
            if path is not None and named.made_by:
                advice = f"make it with `probatum inspection {named.made_by} {self.policy}`, or take its line out of the policy"
            raise UnreadableArtefact(f"`{named.path}` {why}", help=advice, location=named.location)
        return self._on_disk(source)

    def digest(self, named: Named) -> str:
        """Return the digest of a file that the policy names; "" if it is not there."""
        path = beside(self.policy, named.path)
        source = None if path is None else self._inputs.get(DATA + path)
        return "" if source is None else source.digest

    def beside(self, manifest: str) -> Beside:
        """Return the files that a manifest names, given its path as `path_of` says it."""
        return Beside(manifest, self)

    def path_of(self, named: Named) -> str:
        """Return the path of a file that the policy names, within what is checked."""
        return beside(self.policy, named.path) or named.path

    def read(self, path: str) -> bytes | Unusable:
        """Return the bytes of a file within what is checked, or of a member of an archive."""
        outer, inside, member = path.partition(".zip!")
        source = self._inputs.get(DATA + (outer + ".zip" if inside else path))
        if source is None:
            return Unusable("missing", f"there is no file `{path[:80]}`")
        if inside:
            place = self._on_disk(source)
            if outer not in self._archives:
                self._archives[outer] = self._stack.enter_context(Media(place.parent))
            return self._archives[outer].read(f"{place.name}!{member}")
        return file_bytes(Path(source.place)) if isinstance(source, Data) else source.raw

    def known(self, path: str) -> str:
        """Return the digest of a file, which was taken before; "" if it is not there, or is a member of an archive."""
        source = self._inputs.get(DATA + path)
        return "" if source is None else source.digest

    def _on_disk(self, source: Source) -> Path:
        if isinstance(source, Data):
            return Path(source.place)
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="probatum-")))
        place = folder / Path(source.path).name
        place.write_bytes(source.raw)
        return place


@dataclass(frozen=True, slots=True)
class Beside:
    """The files that one manifest names."""

    manifest: str
    _files: Files

    def path(self, name: str) -> str:
        """Return the path of a file within what is checked."""
        return beside(self.manifest, name) or name

    def read(self, name: str) -> bytes | Unusable:
        """Return the bytes of a file, or of a member of an archive."""
        if why := misnamed(name):
            return Unusable("outside", f"`{name[:80]}` {why}")
        path = beside(self.manifest, name)
        return self._files.read(path) if path is not None else Unusable("outside", f"`{name[:80]}` is outside of what is checked")

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, hexadecimal; the kind of failure if it cannot be read."""
        path = None if misnamed(name) else beside(self.manifest, name)
        known = "" if path is None else self._files.known(path)
        if known:
            return known
        raw = self.read(name)
        return raw.kind if isinstance(raw, Unusable) else digest(raw)


@contextmanager
def files(policy: str, inputs: Mapping[str, Source]) -> Iterator[Files]:
    """Open the files of a policy for as long as the context lasts.

    Parameters
    ----------
    policy : str
        Its path within what is checked.
    inputs : mapping of str to Source
        By `data:` and their path.
    """
    with ExitStack() as stack:
        yield Files(policy, inputs, stack)
