"""`probatum fairness convert`: a model out of a pickle, in a sandbox, as JSON that can be read without running it."""

from __future__ import annotations

import json
from pathlib import Path

import click

_MEMORY = 8 * 2**30  # bytes of address space: numerical libraries reserve far more than they use


@click.command("convert")
@click.argument("model", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--feature", "features", multiple=True, metavar="NAME", help="Name of a feature, in the model's order; else those it knows."
)
@click.option(
    "--time-limit", type=float, default=60.0, show_default=True, metavar="SECONDS", help="After which loading is stopped."
)
@click.option(
    "--allow-unsandboxed", is_flag=True, help="Load it with limits on time and memory alone, where nothing can confine it."
)
def command(*, model: Path, output: Path, features: tuple[str, ...], time_limit: float, allow_unsandboxed: bool) -> int:
    """Write a model of scikit-learn as JSON that `certify` and policies read.

    MODEL is a pickle, or a file of joblib or skops. Loading one runs what it says, so it is loaded in a process that reads
    nothing but itself and the libraries, writes nothing and opens no connection. Linear and logistic models, also behind scalers, trees,
    forests, gradient boosting and networks with ReLU are described exactly; anything else is refused. MODEL may be a file of
    ONNX, too, which is read without running it, and gets the names of its features.
    """
    from probatum.errors import MissingExtra, UnreadableArtefact
    from probatum.fairness.artefacts.models import read_model
    from probatum.runner.sandbox import spawn
    from probatum.source import Location, Source

    with model.open("rb") as stream:
        if stream.read(1) == b"\x08":
            return _of_onnx(model, output, features)
    script = Path(__file__).resolve().parent.parent / "fairness" / "artefacts" / "models" / "describe.py"
    libraries = _libraries()
    if not libraries:
        raise MissingExtra("loading a model needs scikit-learn, which is not installed", help="pip install scikit-learn")
    with spawn(
        [str(script), str(model.resolve()), json.dumps(list(features))],
        readable=[model],
        path=libraries,
        cpu_s=time_limit,
        memory_bytes=_MEMORY,
        wall_s=time_limit * 2,
        unsandboxed=allow_unsandboxed,
    ) as child:
        finished = child.communicate()
        tried = child.attempts()
    where = Location(model.name)
    try:
        said = json.loads(finished.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = finished.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        why = "it took too long" if finished.timed_out else last[0]
        raise UnreadableArtefact(
            f"`{model.name}` cannot be loaded ({why})", help="save it again with its library", location=where
        ) from None
    if not isinstance(said, dict) or "model" not in said:
        problem = said.get("error") if isinstance(said, dict) else "it gave no model"
        raise UnreadableArtefact(
            f"`{model.name}` is no model that can be described exactly ({problem})",
            help="save a linear model, a tree, a forest or gradient boosting of scikit-learn; others have formats of their own",
            location=where,
        )
    raw = (json.dumps(said["model"]) + "\n").encode()
    read = read_model(Source(output.name, raw))
    output.write_bytes(raw)
    click.echo(f"{output}: a model of {len(read.features)} features, from {read.source}")
    for one in tried:
        click.echo(f"  loading it tried to {one}", err=True)
    return 0


def _of_onnx(model: Path, output: Path, features: tuple[str, ...]) -> int:
    """Write a model of ONNX with names of features."""
    from dataclasses import replace

    from probatum.errors import UsageError
    from probatum.fairness.artefacts.models import read_model
    from probatum.fairness.artefacts.models.own import written
    from probatum.source import Source

    read = read_model(Source(model.name, model.read_bytes()))
    if features and (len(features) != len(read.features) or len(set(features)) != len(features)):
        raise UsageError(
            f"the model has {len(read.features)} features, and {len(set(features))} names were given",
            help="name each with `--feature`, once, in the model's order",
        )
    output.write_text(json.dumps(written(replace(read, features=features or read.features))) + "\n", encoding="utf-8")
    click.echo(f"{output}: a model of {len(read.features)} features, from {read.source}")
    return 0


def _libraries() -> list[Path]:
    """Folders that a model's libraries are imported from; none of them is imported here."""
    from importlib.util import find_spec

    if find_spec("sklearn") is None:
        return []
    found = [find_spec(name) for name in ("sklearn", "numpy", "scipy", "joblib", "threadpoolctl", "skops")]
    return list(
        dict.fromkeys(
            Path(spec.origin).parent.parent if Path(spec.origin).name == "__init__.py" else Path(spec.origin).parent
            for spec in found
            if spec and spec.origin
        )
    )
