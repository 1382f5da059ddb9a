"""What a policy would have done with the requests of a log: one that is served, a file of one, or a table of pairs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.off_policy import Acts
from probatum.dialogue.semantics.decided import Decided
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import Policy, current, read
from probatum.dialogue.service.serving.rewriter import Request, Rewriter
from probatum.errors import UnreadableArtefact
from probatum.source import Location

_NO_KEY = bytes(16)  # nothing is drawn, and pseudonyms are those of the log


@dataclass(frozen=True, slots=True)
class Acting:
    """What a policy does.

    Attributes
    ----------
    acts : callable
        What it would act on.
    until : str
        Until when it learnt, "" if it does not say.
    refused : bool
        Whether it weighs what refused requests could have been, of which `acts` knows nothing.
    """

    acts: Acts
    until: str = ""
    refused: bool = False


@contextmanager
def acting(place: Path, *, habits: bool = True) -> Iterator[Acting]:
    """Open a policy.

    Parameters
    ----------
    place : Path
        The folder of the service, one of its `.policy` files, or a table: TSV or CSV with the columns `source` and `target`, or
        JSON as `rewrites export --format glossary` writes it.
    habits : bool
        Whether to use what is known of each user, which only a folder has.

    Raises
    ------
    UnreadableArtefact
        If there is no policy, or it cannot be read.
    """
    if place.is_dir():
        with _served(place, habits=habits) as found:
            yield found
    elif place.suffix == ".policy":
        policy = read(place.parent, place.stem)
        yield _acting(policy, place.parent, None)
    else:
        table = _table(place)
        yield Acting(lambda one: table.get(one.text, one.text))


@contextmanager
def _served(folder: Path, *, habits: bool) -> Iterator[Acting]:
    policies = folder / "policies" if (folder / "policies").is_dir() else folder
    digest = current(policies)
    if digest is None:
        raise UnreadableArtefact(
            f"`{folder}` has no policy that is served",
            help="make one with `probatum dialogue rewrites compile`, or name a `.policy` file or a table of `source` and `target`",
            location=Location(folder.as_posix()),
        )
    policy = read(policies, digest)
    people = folder / "people.db"
    if not habits or not people.is_file():
        yield _acting(policy, policies, None)
        return
    with closing(Personal(people)) as personal:
        yield _acting(policy, policies, personal)


def _acting(policy: Policy, folder: Path, personal: Personal | None) -> Acting:
    policies = Policies(folder)
    policies.policy = policy  # whatever the pointer of the folder names
    rewriter = Rewriter(policies, _NO_KEY, personal)

    def act(one: Decided) -> str:
        request = Request(
            text=one.text, heard=one.heard, confidence=one.confidence, before=one.before, context=one.context, at=one.at
        )
        return rewriter.meant(request, one.user)

    return Acting(act, str(policy.about.get("until", "")), policy.recovery is not None)


def _table(place: Path) -> Mapping[str, str]:
    try:
        text = place.read_text(encoding="utf-8-sig")
        if place.suffix == ".json":
            found = json.loads(text)
            pairs = [(str(one["heard"]), str(one["meant"])) for one in found["entries"]]
        else:
            rows = csv.DictReader(text.splitlines(), delimiter="\t" if "\t" in text.partition("\n")[0] else ",")
            pairs = [(row["source"] or "", row["target"] or "") for row in rows]
    except (OSError, ValueError, LookupError, TypeError, csv.Error) as problem:
        why = (problem.strerror or str(problem)).lower() if isinstance(problem, OSError) else str(problem)
        why = f"it has no `{problem.args[0]}`" if isinstance(problem, KeyError) else why
        raise UnreadableArtefact(
            f"`{place}` is no policy ({why})",
            help="name the folder of the service, a `.policy` file, or a table with the columns `source` and `target`",
            location=Location(place.as_posix()),
        ) from None
    return {one: other for one, other in ((normalised(source), normalised(target)) for source, target in pairs) if one and other}
