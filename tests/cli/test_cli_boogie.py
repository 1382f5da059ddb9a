"""`probatum boogie`: what it prints, what it accepts and refuses, and what it survives."""

import json
from pathlib import Path

import pytest

from probatum.cli import boogie, boogie_options, boogie_output, main
from probatum.errors import UsageError
from probatum.ivl.blocks import Claim, Label
from probatum.ivl.outcomes import BodyResult, Outcome, Step, Trace, Verdict, Verification
from probatum.ivl.syntax.tree import Position

GOOD = "procedure P(a: int) { assert a == a; }\n"
BROKEN = "procedure P()\n{\n  assert 1 == ;\n}\n"
ILL_TYPED = "procedure P(b: bool)\n{\n  assert b + 1 == 2;\n}\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str | bytes = GOOD) -> str:
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(content)
        return name

    return write


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(["boogie", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


# Static errors


def test_a_syntax_error_shows_the_line_with_a_caret_and_what_was_expected(write, capsys) -> None:
    status, out, _ = run(capsys, write("broken.bpl", BROKEN))

    first, line, caret, closing = out.splitlines()
    assert first.startswith("broken.bpl(3,15): error: ")
    assert line.endswith("assert 1 == ;")
    assert line[caret.index("^")] == ";"
    assert closing == "1 parse errors detected in broken.bpl"
    assert status == 3


def test_a_type_error_closes_as_boogie_does(write, capsys) -> None:
    status, out, _ = run(capsys, write("typed.bpl", ILL_TYPED))

    assert out.splitlines()[0] == "typed.bpl(3,11): Error: invalid argument types (bool and int) to binary operator +"
    assert out.splitlines()[-1] == "1 type checking errors detected in typed.bpl"
    assert status == 3


def test_errors_in_one_file_leave_the_others_as_they_are(write, capsys) -> None:
    files = [write("broken.bpl", BROKEN), write("typed.bpl", ILL_TYPED), write("good.bpl")]

    status, out, err = run(capsys, *files, "nowhere.bpl", "-noVerify")

    assert "1 parse errors detected in broken.bpl" in out
    assert "1 type checking errors detected in typed.bpl" in out
    assert "Boogie program verifier finished with 0 verified, 0 errors" in out
    assert out.splitlines()[-1] == "4 programs: 0 verified, 0 errors, 3 not checked"
    assert err == "error: cannot read `nowhere.bpl`: no such file or directory\n"
    assert status == 3


def test_several_files_are_one_program_on_request(write, capsys) -> None:
    files = [write("declares.bpl", "const c: int;\n"), write("uses.bpl", "axiom c > 0;\n")]

    apart, out_apart, _ = run(capsys, *files, "-noVerify")
    together, out_together, _ = run(capsys, *files, "-noVerify", "--together")

    assert (apart, together) == (3, 0)
    assert "uses.bpl(1,6): Error: undeclared identifier: c" in out_apart
    assert out_together == "\nBoogie program verifier finished with 0 verified, 0 errors\n"


def test_a_file_knows_its_number_in_conditional_text(write, capsys) -> None:
    files = [write(name, "#if FILE_1\nfunction f(int): int;\n#endif\nprocedure P();\n") for name in ("a.bpl", "b.bpl")]

    _, out, _ = run(capsys, *files, "--together", "-noVerify")

    assert "more than one declaration of procedure name: P" in out
    assert "function name: f" not in out


# Bad input


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"procedure P() { }\0", "it is no text, byte 17 is zero"),
        (b"// caf\xe9\nprocedure P() { }", "it is no UTF-8 from byte 6 on"),
        (b"\xff\xfe\x00", "it is no text, byte 2 is zero"),
    ],
)
def test_what_is_no_text_is_one_line(write, capsys, content: bytes, words: str) -> None:
    status, out, err = run(capsys, write("odd.bpl", content))

    assert (status, out, err) == (3, "", f"error: cannot read `odd.bpl`: {words}\n")


def test_a_directory_is_one_line(tmp_path: Path, capsys) -> None:
    status, out, err = run(capsys, str(tmp_path))

    assert (status, out, err) == (3, "", f"error: cannot read `{tmp_path}`: it is a directory\n")


def test_a_file_of_fifty_megabytes_is_one_line(tmp_path: Path, capsys) -> None:
    path = tmp_path / "huge.bpl"
    with path.open("wb") as stream:
        stream.truncate(50 * 2**20)

    status, out, err = run(capsys, str(path))

    assert (status, out, err) == (3, "", f"error: cannot read `{path}`: it is larger than 32 MiB\n")


def test_nothing_to_verify_is_no_success(write, capsys) -> None:
    status, out, _ = run(capsys, write("empty.bpl", ""))

    assert out == "\nBoogie program verifier finished with 0 verified, 0 errors\n"
    assert status == 3


def test_a_byte_order_mark_is_no_part_of_the_text(write, capsys) -> None:
    status, out, _ = run(capsys, write("marked.bpl", b"\xef\xbb\xbf" + GOOD.encode()), "-noVerify")

    assert status == 0
    assert "0 errors" in out


@pytest.mark.parametrize("text", ["(" * 10_000 + "1" + ")" * 10_000, "!" * 10_000 + "true", "-" * 10_000 + "1 == 1"])
def test_deep_nesting_is_an_error_or_none_and_no_crash(write, capsys, text: str) -> None:
    status, out, err = run(capsys, write("deep.bpl", f"procedure P() {{ assert {text}; }}\n"), "-noVerify")

    assert status in {0, 3}
    assert err == ""
    assert out.count("\n") <= 5


# Options


def test_both_spellings_are_one_option(write, capsys) -> None:
    path = write("good.bpl")

    dashes = run(capsys, "-noVerify", path)
    slashes = run(capsys, path, "/noVerify")

    assert dashes == slashes
    assert dashes[0] == 0


def test_a_value_may_be_a_word_of_its_own() -> None:
    options, rest = boogie_options.separate(["-proc", "P", "/errorLimit:3", "--jobs", "2", "a.bpl", "--", "-b.bpl"])

    assert options == ["-proc:P", "-errorLimit:3"]
    assert rest == ["--jobs", "2", "a.bpl", "--", "-b.bpl"]


def test_an_absolute_path_is_no_option(tmp_path: Path) -> None:
    path = tmp_path / "a.bpl"

    options, rest = boogie_options.separate([str(path), "/trace", "/missing.bpl", "/no/such:thing"])

    assert options == ["-trace"]
    assert rest == [str(path), "/missing.bpl", "/no/such:thing"]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("-inlinDepth:3", "is not an option"),
        ("/nosuch", "is not an option"),
        ("-kInductionDepth:2", "is not supported"),
        ("-proverOpt:PROVER_PATH=z3", "is not supported"),
        ("-errorLimit:many", "is not a number"),
        ("-errorLimit:-1", "cannot be negative"),
        ("-errorLimit:", "needs a value"),
        ("-noVerify:1", "takes no value"),
        ("-inline:all", "is not a value"),
        ("-lib:nothing", "there is no library"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(write, capsys, option: str, words: str) -> None:
    status, out, err = run(capsys, write("good.bpl"), option)

    assert (status, out) == (2, "")
    assert words in err.splitlines()[0]
    assert err.splitlines()[1].startswith("  help: ")


def test_a_misspelt_option_is_told_its_neighbour(write, capsys) -> None:
    _, _, err = run(capsys, write("good.bpl"), "-inlinDepth:3")

    assert "did you mean `-inlineDepth`?" in err


def test_options_become_fields() -> None:
    settings = boogie_options.Settings()
    boogie_options.apply(
        ["-proc:A*", "-proc:B", "-lib:base", "-loopUnroll:3", "-soundLoopUnrolling", "-timeLimit:0", "-p:O:smt.x=2"], settings
    )

    options = boogie.options_of(settings)

    assert options.procedures == ("A*", "B")
    assert options.libraries == ("base",)
    assert (options.loop_unroll, options.sound_unrolling, options.timeout_s) == (3, True, None)
    assert options.solver_options == (("smt.x", "2"),)


def test_every_option_of_the_table_can_be_given_and_says_what_it_is() -> None:
    values = {"n": "1", "f": "0.5", "text": "base"}
    for name, meaning in boogie_options.TABLE.items():
        value = values.get(meaning.argument, meaning.argument.split("|")[0])
        word = f"-{name}:{value}" if meaning.argument else f"-{name}"
        if meaning.refused:
            with pytest.raises(UsageError, match="is not supported"):
                boogie_options.apply([word], boogie_options.Settings())
        else:
            settings = boogie_options.Settings()
            boogie_options.apply([word], settings)
            assert boogie.options_of(settings) is not None
        assert meaning.words
        assert meaning.words.endswith(".") is False


def test_the_list_of_options_names_them_all(capsys) -> None:
    status, out, _ = run(capsys, "--list-options")

    assert status == 0
    assert len(out.splitlines()) == len(boogie_options.TABLE)


def test_no_file_is_a_wrong_command_line(capsys) -> None:
    status, _, err = run(capsys, "-noVerify")

    assert status == 2
    assert "no file is given" in err


def test_the_program_is_printed_and_can_be_read_again(write, capsys) -> None:
    path = write("good.bpl", "function f(x: int): int;\naxiom (forall x: int :: {f(x)} f(x) > x);\n" + GOOD)

    _, out, _ = run(capsys, path, "-noVerify", "-print:again.bpl")
    first = Path("again.bpl").read_text(encoding="utf-8")
    status, shown, _ = run(capsys, "again.bpl", "-noVerify", "-print:-")

    assert status == 0
    assert shown.startswith(first)
    assert out == "\nBoogie program verifier finished with 0 verified, 0 errors\n"


# What is printed of results


def answer(*outcomes: Outcome, reported: tuple[Outcome, ...] | None = None) -> boogie_output.Answer:
    body = BodyResult("P", Position("a.bpl", 1, 11), outcomes, outcomes if reported is None else reported)
    return boogie_output.Answer("a.bpl", verification=Verification((), (body,)))


def failed(claim: Claim, *, verdict: Verdict = Verdict.REFUTED, message: str = "", **more: object) -> Outcome:
    label = Label(claim, Position("a.bpl", 5, 3), Position("a.bpl", 2, 1), message)
    steps = (Step("anon0", Position("a.bpl", 4, 3)), Step("hidden", Position("a.bpl", 0, 0)))
    trace = Trace(steps, {}, {"x": "3"}, candidate=False, return_position=Position("a.bpl", 9, 1))
    return Outcome(verdict, "P", label, trace=trace, **more)


@pytest.mark.parametrize(
    ("claim", "message", "lines"),
    [
        (Claim.ASSERT, "", ["a.bpl(5,3): Error: this assertion could not be proved"]),
        (Claim.ASSERT, "not so", ["not so"]),
        (
            Claim.PRECONDITION,
            "",
            [
                "a.bpl(5,3): Error: a precondition for this call could not be proved",
                "a.bpl(2,1): Related location: this is the precondition that could not be proved",
            ],
        ),
        (
            Claim.POSTCONDITION,
            "",
            [
                "a.bpl(9,1): Error: a postcondition could not be proved on this return path",
                "a.bpl(2,1): Related location: this is the postcondition that could not be proved",
            ],
        ),
        (Claim.ENTRY, "", ["a.bpl(5,3): Error: this loop invariant could not be proved on entry"]),
        (
            Claim.MAINTAINED,
            "mine",
            [
                "a.bpl(5,3): Error: this invariant could not be proved to be maintained by the loop",
                "a.bpl(5,3): Related message: mine",
            ],
        ),
    ],
)
def test_errors_are_said_as_boogie_says_them(claim: Claim, message: str, lines: list[str]) -> None:
    text = boogie_output.text(answer(failed(claim, message=message)), boogie_options.Settings())

    closing = ["", "Boogie program verifier finished with 0 verified, 1 error"]
    assert text.splitlines() == [*lines, "Execution trace:", "    a.bpl(4,3): anon0", *closing]


def test_a_time_out_is_no_error_and_no_success() -> None:
    late = failed(Claim.ASSERT, verdict=Verdict.NOT_PROVED, reason="no answer", timed_out=True)

    one = answer(late, reported=())
    text = boogie_output.text(one, boogie_options.Settings(fields={"timeout_s": 4.0}))

    assert "a.bpl(1,11): Verification of 'P' timed out after 4 seconds" in text
    assert text.splitlines()[-1] == "Boogie program verifier finished with 0 verified, 0 errors, 1 time out"
    assert one.status == 3


def test_what_is_not_supported_is_inconclusive_and_named() -> None:
    open_ = Outcome(Verdict.UNSUPPORTED, "P", Label(Claim.ASSERT, Position("a.bpl", 1, 11)), reason="parallel call")

    one = answer(open_, reported=())
    lines = boogie_output.text(one, boogie_options.Settings()).splitlines()

    assert lines[:2] == ["a.bpl(1,11): Verification inconclusive (P)", "    not supported: parallel call"]
    assert lines[-1].endswith("0 verified, 0 errors, 1 inconclusive")
    assert one.status == 3


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([], 3),
        ([Verdict.PROVED], 0),
        ([Verdict.PROVED, Verdict.NOT_PROVED], 3),
        ([Verdict.NOT_PROVED, Verdict.REFUTED], 1),
        ([Verdict.UNSUPPORTED], 3),
    ],
)
def test_the_exit_status_tells_refuted_from_not_known(verdicts: list[Verdict], status: int) -> None:
    outcomes = [failed(Claim.ASSERT, verdict=verdict) for verdict in verdicts]
    one = answer(*outcomes) if outcomes else boogie_output.Answer("a.bpl", verification=Verification((), ()))

    assert boogie_output.exit_status([one]) == status


def test_json_tells_refuted_from_not_proved() -> None:
    both = answer(failed(Claim.ASSERT), failed(Claim.POSTCONDITION, verdict=Verdict.NOT_PROVED, reason="gave up"))

    row = json.loads(json.dumps(boogie_output.to_json(both)))

    obligations = row["procedures"][0]["obligations"]
    assert [o["verdict"] for o in obligations] == ["refuted", "not proved"]
    assert (obligations[1]["line"], obligations[1]["related"]["line"], obligations[1]["reason"]) == (9, 2, "gave up")
    assert obligations[0]["trace"]["final"] == {"x": "3"}
    assert (row["status"], row["errors"]) == ("refuted", 2)


@pytest.mark.parametrize(("silence", "text"), [(1, "not so\n"), (2, "")])
def test_quiet_and_silent_print_less(silence: int, text: str) -> None:
    settings = boogie_options.Settings(silence=silence, error_trace=0)

    assert boogie_output.text(answer(failed(Claim.ASSERT, message="not so")), settings) == text


def test_a_defect_of_ours_ends_one_program_and_is_status_four(write, capsys, monkeypatch) -> None:
    monkeypatch.delenv("PROBATUM_DEBUG", raising=False)
    original = boogie.content_of
    monkeypatch.setattr(boogie, "content_of", lambda file: 1 / 0 if file == "bad.bpl" else original(file))

    status, out, err = run(capsys, write("bad.bpl"), write("good.bpl"), "-noVerify")

    assert status == 4
    assert "`bad.bpl` met a defect of probatum: ZeroDivisionError" in err
    assert "finished with 0 verified" in out
    assert err.count("\n") == 1


# Guesses

FILL = """procedure fill(n: int) returns (a: [int]int)
  requires 0 <= n;
  ensures (forall k: int :: 0 <= k && k < n ==> a[k] == 7);
{
  var i: int;
  i := 0;
  while (i < n) { a[i] := 7; i := i + 1; }
}
"""


def test_guessed_invariants_are_used_on_request_and_claim_nothing(write, capsys) -> None:
    name = write("fill.bpl", FILL)

    assert run(capsys, name)[0] != 0
    status, out, _ = run(capsys, "--guess", name)

    assert out == "\nBoogie program verifier finished with 1 verified, 0 errors\n"
    assert status == 0


def test_a_guess_that_fails_is_no_error_and_hides_none(write, capsys) -> None:
    _, out, _ = run(capsys, "--guess", write("fill.bpl", FILL.replace("a[i] := 7", "a[i] := i")))

    assert out.splitlines()[-1] == "Boogie program verifier finished with 0 verified, 1 error"
