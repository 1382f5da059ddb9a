"""`probatum dialogue serve`: the rewriter over HTTP."""

from __future__ import annotations

import gc
import ipaddress
import socket
import sys
from pathlib import Path

import click

from probatum.cli.dialogue_files import FILE, SERVICE, read
from probatum.cli.dialogue_pipelines import Named, pipeline
from probatum.errors import MissingExtra, UsageError

_SHORTEST = 16  # characters of a token


@click.command("serve")
@SERVICE
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The key of the conversations that were imported: users are known by their pseudonyms under it.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of this machine to listen at.")
@click.option("--port", default=8642, show_default=True, type=click.IntRange(0, 65535), help="0 for any that is free.")
@click.option(
    "--deadline", default=30.0, show_default=True, type=click.FloatRange(1.0, 1000.0), help="Milliseconds for a request."
)
@click.option(
    "--teaching",
    "teaching_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Rules of teaching. By default users are asked about requests that are known to work for others only.",
)
@click.option(
    "--token-file",
    "token_file",
    type=FILE,
    help="File with a token of 16 characters or more that requests must say: `Authorization: Bearer TOKEN`. Needed with a `--host` "
    "that other machines reach.",
)
@pipeline
def command(  # noqa: PLR0917 - click names them
    service: Path,
    key_file: Path,
    host: str,
    port: int,
    deadline: float,
    teaching_file: Path | None,
    token_file: Path | None,
    named: Named,
) -> None:
    """Answer what to do with requests, and take what users teach, until it is interrupted.

    Without a policy, with one that is damaged, or where an answer would be late,
    requests are kept as they were said. A new policy is taken up within a second.

    What users teach is checked by the assistant, if one is named, and the
    catalogue of the rules of teaching, if there is one.

    `/healthz` and `/metrics` are answered without the token.
    """
    token = _token(token_file, host)
    try:
        import uvicorn
    except ImportError:
        raise MissingExtra("serving needs uvicorn", help='pip install "probatum[serve]"') from None
    from contextlib import closing

    from probatum.cli.dialogue_files import registry_of, teacher_of, teaching_rules
    from probatum.dialogue.artefacts.store import key_of
    from probatum.dialogue.service.serving.app import HOSTS, App
    from probatum.dialogue.service.serving.personal import Personal
    from probatum.dialogue.service.serving.policies import Policies
    from probatum.dialogue.service.serving.rewriter import Rewriter

    service.mkdir(parents=True, exist_ok=True)
    rules = teaching_rules(teaching_file)
    policies = Policies(service / "policies")
    with closing(Personal(service / "people.db")) as people, teacher_of(people, rules, named, policies.works) as teacher:
        rewriter = Rewriter(policies, key_of(key_file), people, teacher, deadline_s=deadline / 1000)
        if policies.trouble:
            kept = ": requests are kept until there is a policy" if policies.policy is None else ""
            click.echo(f"{policies.trouble}{kept}", err=True)
        rewriter.warm()
        sys.setswitchinterval(0.001)  # seconds that requests wait for the thread that reads another policy, each time
        gc.freeze()  # what is here stays: to look through it at each collection of garbage would hold requests up
        app = App(rewriter, registry_of(service), HOSTS | {host}, token)
        config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, lifespan="on")
        with closing(_listening(host, port)) as listening:
            click.echo(f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}")
            uvicorn.Server(config).run(sockets=[listening])
        rewriter.close()


def _token(path: Path | None, host: str) -> bytes:
    """Return the token that requests must say; empty for none, which is refused where other machines reach the service."""
    if path is None:
        if _own(host):
            return b""
        raise UsageError(
            f"other machines may reach `{host}`, and whoever does could teach and forget users",
            help="name a file with a secret by `--token-file`, which requests must then say, or listen at 127.0.0.1",
        )
    token = read(path).strip()
    if len(token) < _SHORTEST or not all(33 <= one <= 126 for one in token):
        raise UsageError(
            f"`{path}` has no token of {_SHORTEST} characters or more, of ASCII and without spaces",
            help="write one, as `openssl rand -hex 32` does",
        )
    return token


def _own(host: str) -> bool:
    """Whether only this machine reaches an address; a name counts as what all its addresses are."""
    try:
        found = {address[0] for *_, address in socket.getaddrinfo(host or None, None, flags=socket.AI_PASSIVE)}
    except OSError:
        return False
    return bool(host) and all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in found)


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that is bound, and says that it speaks TCP.

    asyncio sends small packets at once only on sockets that say so: otherwise the body of each answer would
    wait some forty milliseconds until its head was acknowledged.
    """
    try:
        [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as problem:
        why = (problem.strerror or str(problem)).lower()
        raise UsageError(
            f"`{host}`, port {port}, cannot be listened at ({why})", help="name another with `--host` or `--port`"
        ) from None
    return made
