"""`probatum inspection gallery`: which references are valid when, changed by people and never silently."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from probatum.cli.inspection_lines import say
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.artefacts.gallery import Gallery, Version
    from probatum.inspection.artefacts.gallery_changes import Author
    from probatum.inspection.service.galleries import OpenGallery

F = TypeVar("F", bound=Callable[..., Any])
_POLICY = click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
_PRODUCT = click.argument("product")
_NUMBER = click.argument("version", type=click.IntRange(1))


def _signed(function: F) -> F:
    by = click.option("--by", default="", help="Who decides; by default the user of this machine.")
    return by(click.option("--why", required=True, help="The reason, in one line: it stands in the journal.")(function))


@click.group("gallery")
def command() -> None:
    """Begin, list, change and test the gallery of a policy.

    A version of a product names units that show how it should look, with the
    digests of their pictures. It is proposed, then confirmed or rejected by a person,
    and can be rolled back; each change is a line of a journal that is chained.
    """


@command.command()
@_POLICY
@_signed
def begin(policy: Path, by: str, why: str) -> None:
    """Begin a gallery with all references that the manifest names."""
    opened = _opened(policy)
    gallery = opened.begin(_author(by, why))
    opened.write(gallery)
    many = sum(len(version.references) for version in gallery.versions)
    say(f"{opened.path}: {count(len(gallery.versions), 'product')}, {count(many, 'reference')}")
    say(f"name it in the policy, if it does not yet: `gallery: {opened.path.name}`")


@command.command("list")
@_POLICY
@click.option("--product", default="", help="Only of this product.")
@click.option("--journal", is_flag=True, help="List changes instead of versions.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def show(policy: Path, product: str, journal: bool, as_json: bool) -> None:
    """List versions, or the journal, and files that are not what was confirmed."""
    opened = _opened(policy)
    gallery = opened.read()
    altered = opened.altered(gallery)
    versions = [version for version in gallery.versions if product in ("", version.product)]
    if as_json:
        told: dict[str, Any] = {
            "schema": "probatum-inspection-gallery-list/1",
            "digest": gallery.digest,
            "versions": [version.to_json() for version in versions],
            "journal": [line.to_json() for line in gallery.journal if product in ("", line.product)],
            "altered": [dict(zip(("capture_id", "file", "why"), one, strict=True)) for one in altered],
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if journal:
        for line in gallery.journal:
            if product in ("", line.product):
                what = f"{line.product} version {line.version}" if line.product else "all"
                say(f"{line.at:%Y-%m-%d %H:%M}  {line.action}  {what}  by {line.by}: {line.why}")
    else:
        for version in versions:
            say(_version(version))
        waiting = len(gallery.proposals)
        if waiting:
            say(f"{count(waiting, 'proposal')} to be confirmed or rejected")
    for unit, name, reason in altered:
        say(f"`{unit}`: `{name}` is not what was confirmed: {reason}")


@command.command()
@_POLICY
@_PRODUCT
@click.argument("units", nargs=-1, required=True)
@click.option("--replaces", type=click.IntRange(1), help="A version that is retired then; by default both are valid.")
@_signed
def propose(policy: Path, product: str, units: tuple[str, ...], replaces: int | None, by: str, why: str) -> None:  # noqa: PLR0917 - click names them
    """Propose a version of PRODUCT that shows UNITS of the manifest."""
    opened = _opened(policy)
    gallery = opened.propose(opened.read(), product, units, _author(by, why), replaces=replaces)
    opened.write(gallery)
    version = gallery.of(product)[-1]
    say(_version(version))
    say(f"a person looks at it, and says `probatum inspection gallery confirm {policy} {product} {version.number}`")


@command.command()
@_POLICY
@_PRODUCT
@_NUMBER
@_signed
def confirm(policy: Path, product: str, version: int, by: str, why: str) -> None:
    """Confirm a proposed VERSION of PRODUCT."""
    from probatum.inspection.artefacts.gallery_changes import confirmed

    _change(policy, product, version, lambda gallery: confirmed(gallery, product, version, _author(by, why)))


@command.command()
@_POLICY
@_PRODUCT
@_NUMBER
@_signed
def reject(policy: Path, product: str, version: int, by: str, why: str) -> None:
    """Reject a proposed VERSION of PRODUCT, so that nobody proposes the same again."""
    from probatum.inspection.artefacts.gallery_changes import rejected

    _change(policy, product, version, lambda gallery: rejected(gallery, product, version, _author(by, why)), scores=False)


@command.command()
@_POLICY
@_PRODUCT
@_NUMBER
@_signed
def end(policy: Path, product: str, version: int, by: str, why: str) -> None:
    """End a confirmed VERSION of PRODUCT, as when old stock no longer comes."""
    from probatum.inspection.artefacts.gallery_changes import ended

    _change(policy, product, version, lambda gallery: ended(gallery, product, version, _author(by, why)))


@command.command("roll-back")
@_POLICY
@_PRODUCT
@_NUMBER
@_signed
def roll_back(policy: Path, product: str, version: int, by: str, why: str) -> None:
    """Retire a confirmed VERSION of PRODUCT, and confirm again what it replaced."""
    from probatum.inspection.artefacts.gallery_changes import rolled_back

    _change(policy, product, version, lambda gallery: rolled_back(gallery, product, version, _author(by, why)))


def _change(policy: Path, product: str, number: int, change: Callable[[Gallery], Gallery], *, scores: bool = True) -> None:
    opened = _opened(policy)
    gallery = change(opened.read())
    opened.write(gallery)
    version = gallery.version(product, number)
    if version is not None:
        say(_version(version))
    if scores:
        say(f"scores of `{product}` have changed: run `probatum inspection calibrate`; until then its units go to a person")


def _version(version: Version) -> str:
    since = "always" if version.valid_from is None else f"{version.valid_from:%Y-%m-%d %H:%M}"
    until = "" if version.valid_until is None else f" until {version.valid_until:%Y-%m-%d %H:%M}"
    units = count(len(version.references), "reference")
    return f"{version.product} version {version.number}  {version.state}  from {since}{until}, {units}, by {version.by}: {version.why}"


def _opened(policy: Path) -> OpenGallery:
    from probatum.inspection.service.galleries import OpenGallery
    from probatum.inspection.service.goods import policy_at

    return OpenGallery(policy_at(policy), policy.resolve().parent)


def _author(by: str, why: str) -> Author:
    from probatum.inspection.artefacts.gallery_changes import Author

    return Author(by=by or getpass.getuser(), at=datetime.now(UTC).replace(microsecond=0), why=why)
