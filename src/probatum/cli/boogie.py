"""`probatum boogie`: verify programs of the Boogie language.

Each file is a program of its own unless `--together` says otherwise; they share
workers, and what is wrong with one of them does not touch the others. Options
have Boogie's names in both of its spellings (`boogie_options`), and lines are
printed as Boogie prints them (`boogie_output`).
"""

from __future__ import annotations

import json
import os
import re
import shlex
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from probatum.cli import asked, boogie_options, complain, delivery
from probatum.errors import ProbatumError, UnreadableArtefact, UsageError
from probatum.source import digest

if TYPE_CHECKING:
    from probatum.cli.boogie_output import Answer
    from probatum.ivl.blocks import Label
    from probatum.ivl.options import Options
    from probatum.ivl.stability import Noting
    from probatum.ivl.syntax import tree
    from probatum.ivl.verification import Decider, Key, OnText
    from probatum.runner import Runner
    from probatum.solve.prover import Decision, Obligation, Prover
    from probatum.solve.prover_cache import StoreCache

LARGEST = 32 * 2**20  # bytes of one file; no program that people or tools write is near


class _Command(click.Command):
    """A command that takes Boogie's options out of the arguments before click sees them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options, rest = boogie_options.separate(args)
        ctx.meta["probatum.boogie"] = options
        return super().parse_args(ctx, rest)


@dataclass(frozen=True, slots=True)
class Request:
    """One program to verify: its files, and what is asked."""

    files: tuple[str, ...]
    settings: boogie_options.Settings


@click.command("boogie", cls=_Command)
@click.argument("files", metavar="FILE...", nargs=-1)
@asked.format_option("text", "json")
@click.option("--together", is_flag=True, help="All files are one program, as for Boogie.")
@click.option("--houdini", is_flag=True, help="Infer which `{:existential}` constants hold, and print them.")
@click.option("--guess", is_flag=True, help="Guess invariants of loops; only guesses that are proved are used.")
@click.option("--values", is_flag=True, help="Print values with each trace, in the names of the source.")
@click.option("--print-smt", metavar="DIR", help="Write every question to the solver into this directory.")
@click.option(
    "--jobs", "-j", metavar="N", type=click.IntRange(min=1), help="Processes at once; default: the processors there are."
)
@click.option("--deadline", "deadline_s", metavar="SECONDS", type=asked.SecondsType(), help="End the whole run after this time.")
@click.option(
    "--stability",
    metavar="N",
    type=click.IntRange(min=0, max=1000),
    default=0,
    help="Prove again under N seeds and in N variants; name fragile proofs.",
)
@click.option(
    "--max-cost",
    metavar="EFFORT",
    type=click.IntRange(min=0),
    help="End with 1 if a proof takes more work than this, in the solver's count, or is fragile.",
)
@click.option("--certify", metavar="FILE", help="Write a report with certificates for `probatum recheck`.")
@click.option("--cache", "cache_folder", metavar="DIR", help="Keep decisions here, and use those that are there.")
@click.option("--list-options", is_flag=True, help="List Boogie's options, and what each means here.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[str, ...],
    format: str,
    together: bool,
    houdini: bool,
    guess: bool,
    values: bool,
    print_smt: str | None,
    jobs: int | None,
    deadline_s: float | None,
    stability: int,
    max_cost: int | None,
    certify: str | None,
    cache_folder: str | None,
    list_options: bool,
) -> int:
    """Verify programs of the Boogie language; each FILE is a program of its own.

    Boogie's own options are understood as well, as `-name:value` or
    `/name:value`: `--list-options` says what each means here.

    Exit status: 0 everything is proved, 1 something is refuted or `--max-cost`
    is exceeded, 3 something is neither, or is not checked because of an error in
    the file, or there was nothing to verify, 2 a wrong command line.
    """
    if list_options:
        delivery.say(_listing())
        return 0
    settings = boogie_options.Settings(together=together, values=values, print_smt=print_smt or "", jobs=jobs)
    settings.stability, settings.max_cost, settings.certify = stability, max_cost, certify or ""
    if houdini:
        settings.fields["infer"] = settings.print_assignment = True
    if guess:
        settings.fields["intervals"] = settings.fields["templates"] = True
    boogie_options.apply(ctx.meta["probatum.boogie"], settings)
    if not files:
        raise UsageError("no file is given", help="write `probatum boogie FILE.bpl`")
    _check_settings(settings)
    requests = [Request(files, settings)] if settings.together else [Request((file,), settings) for file in files]
    return _run(requests, settings, format, Session(jobs=jobs, deadline_s=deadline_s, cache=cache_folder))


def _run(requests: Sequence[Request], settings: boogie_options.Settings, form: str, session: Session) -> int:
    from probatum.cli import boogie_output, boogie_proofs

    root = boogie_proofs.root_of([file for request in requests for file in request.files]) if settings.certify else Path()
    answers = []
    with session:
        for answer in session.answers(requests):
            answers.append(answer)
            if answer.problem:
                complain(f"error: {answer.problem}")
            if form == "text":
                text = boogie_output.text(answer, settings)
                delivery.say(f"{answer.name}:\n{text}\n" if len(requests) > 1 and text else text)
    if form == "json":
        rows = [boogie_output.to_json(answer, settings) for answer in answers]
        delivery.say(json.dumps({"schema": boogie_output.SCHEMA, "programs": rows}, indent=2) + "\n")
    elif len(answers) > 1 and settings.silence == 0:
        delivery.say(boogie_output.total(answers) + "\n")
    status = 1 if boogie_proofs.gate(answers, settings) else boogie_output.exit_status(answers)
    return status if _certified(answers, settings, root, form) else 2


def _certified(answers: Sequence[Answer], settings: boogie_options.Settings, root: Path, form: str) -> bool:
    """Write the report with certificates, if it was asked for, and return whether nothing went wrong with it."""
    if not settings.certify:
        return True
    from probatum.cli import boogie_proofs
    from probatum.report import Look
    from probatum.report import json as json_report

    text = json_report.render(boogie_proofs.report(answers, settings, root), Look())
    written = delivery.write([(Path(settings.certify), text)])
    if written and form == "text" and settings.silence == 0:
        where = "" if root == Path() else f" --root {shlex.quote(str(root))}"
        delivery.say(f"    to check them again: probatum recheck {shlex.quote(settings.certify)}{where}\n")
    return bool(written)


class Session:
    """Verifies program after program with the same workers; a context.

    Parameters
    ----------
    jobs : int, optional
        Processes at once; default: the processors there are.
    deadline_s : float, optional
        Seconds until whatever is not decided stays undecided.
    cache : str, optional
        A directory for decisions, which is made if need be; opened with the session.
    """

    def __init__(self, *, jobs: int | None = None, deadline_s: float | None = None, cache: str | None = None) -> None:
        self._jobs = jobs
        self._ends = time.monotonic() + deadline_s if deadline_s is not None else None
        self._provers: dict[int, Prover] = {}  # by seed
        self._open = ExitStack()
        self._folder = cache
        self._cache: StoreCache | None = None
        self._runner: Runner | None = None

    def __enter__(self) -> Self:
        if self._folder is not None:
            from probatum.solve.prover_cache import StoreCache
            from probatum.store import State

            self._cache = StoreCache(self._open.enter_context(State.open(Path(self._folder))))
        return self

    def __exit__(self, *error: object) -> None:
        if self._cache is not None and self._cache.note is not None:
            complain(f"note: decisions are not kept: {self._cache.note}")
        self._open.close()

    def _prover(self, seed: int) -> Prover:
        from probatum.solve.prover import Prover

        if seed not in self._provers:
            made = Prover(workers=self._jobs, seed=seed % 2**31, cache=self._cache)
            self._provers[seed] = self._open.enter_context(made)
        return self._provers[seed]

    def _searchers(self) -> Runner:
        """Return where certificates are looked for."""
        from probatum.runner import runner_for

        if self._runner is None:
            self._runner = self._open.enter_context(runner_for("local", workers=self._jobs))
        return self._runner

    def answers(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Yield what becomes of each program, in the order of the requests."""
        from probatum.cli.boogie_output import Answer

        for request in requests:
            began = time.perf_counter()
            try:
                answer = self._answer(request)
            except ProbatumError as error:
                answer = Answer(request.files[-1], problem=error.message)
            except Exception as error:  # a defect of ours ends one program, and not the others
                if os.environ.get("PROBATUM_DEBUG"):
                    raise
                answer = Answer(request.files[-1], problem=_defect(request.files[-1], error), defect=True)
            answer.seconds = time.perf_counter() - began
            yield answer

    def _answer(self, request: Request) -> Answer:
        from probatum.cli.boogie_output import Answer
        from probatum.ivl.outcomes import Verification

        settings, name = request.settings, request.files[-1]
        files = {Path(file).name if settings.base_names else file: file for file in request.files}
        contents = {shown: content_of(file) for shown, file in files.items()}
        texts = {shown: text_of(files[shown], content) for shown, content in contents.items()}
        from probatum.ivl import libraries
        from probatum.ivl.checking import check
        from probatum.ivl.syntax import tree
        from probatum.ivl.syntax.parser import parse

        program, errors = tree.Program([]), []
        for number, (shown, text) in enumerate(texts.items()):
            parsed, found = parse(text, shown, defines=frozenset([f"FILE_{number}"]))
            program = tree.Program([*program.declarations, *parsed.declarations])
            errors += found
        digests = {shown: digest(content) for shown, content in contents.items()} if settings.certify else {}
        answer = Answer(name, texts=texts, files=files, digests=digests)
        if errors and all(error.phase == "resolution" for error in errors):
            # The parser saw first what the resolver would have said, and left out what it is about.
            errors += [error for error in check(program) if error.phase == "resolution"]
            errors.sort(key=lambda error: error.position[1:])
        if errors or settings.stop_after == "parse":
            answer.verification, answer.complete = Verification(tuple(errors), ()), False
            return answer
        if settings.print_file:
            from probatum.ivl.syntax.printer import printed

            if settings.print_file == "-":
                answer.printed = printed(program)
            else:
                Path(settings.print_file).write_text(printed(program), encoding="utf-8")
        program = libraries.extended(program, settings.fields.get("libraries", ()))
        self._verify(program, settings, answer)
        return answer

    def _verify(self, program: tree.Program, settings: boogie_options.Settings, answer: Answer) -> None:
        """Add the result, and what is asked about proofs, to an answer."""
        from probatum.ivl.checking import check
        from probatum.ivl.outcomes import Verification

        static = check(program)
        if settings.stop_after == "resolution":
            static = [error for error in static if error.phase != "type"]
        if settings.stop_after or not options_of(settings).verify or any(error.kind == "error" for error in static):
            answer.verification, answer.complete = Verification(tuple(static), ()), False
            return
        from probatum.ivl.verification import verify

        options = options_of(settings)
        on_text = _writer(settings.print_smt, list(answer.texts)[-1]) if settings.print_smt else None
        prover = self._prover(options.seed)
        decider: Decider = prover if self._ends is None else _Until(prover, self._ends)
        noting: Noting | None = None
        if settings.stability:
            from probatum.ivl.stability import Noting, examine

            decider = noting = Noting(decider)
        result = verify(program, options, prover=decider, on_text=on_text, keep_texts=bool(settings.certify))
        if noting is not None:
            answer.stability = examine(result, noting.proved, prover, settings.stability, ends=self._ends)
        if settings.certify:
            from probatum.ivl.certified import certify

            answer.certified = certify(result, self._searchers(), seed=options.seed % 2**31, ends=self._ends)
        answer.verification = replace(result, static=(*static, *result.static))


@dataclass(frozen=True, slots=True)
class _Until:
    """A prover that gives up everything at a point of the monotonic clock."""

    prover: Prover
    ends: float

    def decide(self, obligations: Iterable[tuple[Key, Obligation]]) -> Iterator[tuple[Key, Decision]]:
        """Decide as the prover does; whoever comes too late gets an `unknown` that says so."""
        from probatum.findings import Why
        from probatum.solve.prover import Decision

        late: list[Key] = []

        def in_time() -> Iterator[tuple[Key, Obligation]]:
            for key, obligation in obligations:
                left = self.ends - time.monotonic()
                if left <= 0:
                    late.append(key)
                else:
                    limit = left if obligation.timeout_s is None else min(left, obligation.timeout_s)
                    yield key, replace(obligation, timeout_s=limit)

        yield from self.prover.decide(in_time())
        reason = "the deadline of the whole run had passed"
        for key in late:
            yield key, Decision("unknown", Why.TIME_LIMIT, reason, "", "", 0, 0.0, repeatable=False)


def content_of(file: str) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    UnreadableArtefact
        If it is missing, no file, or larger than any program.
    """
    path = Path(file)
    try:
        if path.is_dir():
            raise UnreadableArtefact(f"cannot read `{file}`: it is a directory", help="name the files in it")
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableArtefact(f"cannot read `{file}`: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise UnreadableArtefact(f"cannot read `{file}`: this cannot be the name of a file") from None
    if len(content) > LARGEST:
        raise UnreadableArtefact(f"cannot read `{file}`: it is larger than {LARGEST // 2**20} MiB")
    return content


def text_of(file: str, content: bytes) -> str:
    """Return the text in the bytes of a file.

    Raises
    ------
    UnreadableArtefact
        If they are no text.
    """
    if 0 in content:
        raise UnreadableArtefact(f"cannot read `{file}`: it is no text, byte {content.index(0)} is zero")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableArtefact(f"cannot read `{file}`: it is no UTF-8 from byte {error.start} on") from None


def _check_settings(settings: boogie_options.Settings) -> None:
    """Refuse what would fail for every program."""
    from probatum.ivl import libraries

    for name in settings.fields.get("libraries", ()):
        libraries.text(name)


def _defect(file: str, error: Exception) -> str:
    return f"`{file}` met a defect of probatum: {type(error).__name__}: {error}"


def _writer(folder: str, program: str) -> OnText:
    """Return what writes each question of a program into a file of its own."""
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9_.-]", "_", Path(program).stem)

    def write(body: str, number: int, label: Label, text: str) -> None:
        del label
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", body)[:100]
        (root / f"{stem}.{name}.{number}.smt2").write_text(text, encoding="utf-8")

    return write


def options_of(settings: boogie_options.Settings) -> Options:
    """Return the options of a verification."""
    from probatum.ivl.options import Options

    return Options(**settings.fields)


def _listing() -> str:
    rows = boogie_options.described()
    width = max(len(spelling) for spelling, _, _ in rows)
    lines = [f"{spelling:{width}}  {kind:9}  {words}" for spelling, kind, words in rows]
    return "\n".join(lines) + "\n"
