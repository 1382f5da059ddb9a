import errno

import pytest

from probatum.errors import ConfigurationError
from probatum.project.config import has_configuration, read_configuration
from probatum.project.options import options, tables, types
from probatum.project.system import Link, MemorySystem


def read(text, name="probatum.toml"):
    return read_configuration(MemorySystem({name: text.encode() if isinstance(text, str) else text}))


def refused(text, name="probatum.toml"):
    with pytest.raises(ConfigurationError) as caught:
        read(text, name)
    return caught.value


def test_without_a_file_every_option_has_its_default():
    configuration = read_configuration(MemorySystem())

    assert configuration.path == ""
    assert {(t, n) for t in tables() for n in configuration.values[t]} == {(o.table, o.name) for o in options}
    assert configuration.check["timeout"] == 60


def test_what_is_written_wins():
    configuration = read('[check]\ntimeout = 5\n[access]\ntrusted-accounts = ["111122223333"]\n')

    assert configuration.check["timeout"] == 5
    assert configuration.of("access")["trusted-accounts"] == ["111122223333"]
    assert configuration.given == {("check", "timeout"), ("access", "trusted-accounts")}


def test_pyproject_does_as_well():
    configuration = read("[project]\nname='x'\n[tool.probatum.check]\nseed = 7\n", "pyproject.toml")

    assert (configuration.path, configuration.check["seed"]) == ("pyproject.toml", 7)


def test_a_pyproject_of_someone_else_is_none_of_ours_even_if_malformed():
    assert not has_configuration(MemorySystem({"pyproject.toml": b"[project]\ndependencies = ['probatum']\n"}))
    assert not has_configuration(MemorySystem({"pyproject.toml": b"[project\n"}))


def test_two_configurations_are_an_error():
    system = MemorySystem({"probatum.toml": b"", "pyproject.toml": b"[tool.probatum.check]\n"})

    with pytest.raises(ConfigurationError, match="there are two configurations"):
        read_configuration(system)


@pytest.mark.parametrize(
    ("text", "place", "message", "advice"),
    [
        ("[check]\n  time-out = 5\n", "probatum.toml:2:3", "unknown option of `[check]`: `time-out`", "did you mean `timeout`?"),
        ("[acess]\nkinds = {}\n", "probatum.toml:1:1", "unknown table: `acess`", "did you mean `access`?"),
        ("seed = 1\n", "probatum.toml:1:1", "unknown option: `seed`", "there are `check`, `access`"),
        ("check = 1\n", "probatum.toml:1:1", "`check` must be a table", "write `[check]`"),
        ("[check]\ntimeout = '5'\n", "probatum.toml:2:1", "it must be a number", "for example `timeout = 60`"),
        ("[check]\nseed = true\n", "probatum.toml:2:1", "it must be a whole number", "for example"),
        ("[check]\ntimeout = 0\n", "probatum.toml:2:1", "it must be more than 0", "for example"),
        ("[check]\nexclude = ['a', 1]\n", "probatum.toml:2:1", "it must be a list of texts", "for example"),
        ("[access]\narn-mode = 'flate'\n", "probatum.toml:2:1", "`flate` is not one of `segments`, `flat`", "for example"),
        ("[access.kinds]\n'a*' = 'idendity'\n", "probatum.toml:1:1", "`idendity` is not one of", "for example"),
        (
            "[access]\ntrusted-accounts = ['12']\n",
            "probatum.toml:2:1",
            "`12` is not an account number of 12 digits",
            "for example",
        ),
        ("[access]\nreference = {'*' = '../x'}\n", "probatum.toml:2:1", "must be a path inside the project", "for example"),
        ("[access]\nreference = {'*' = 'git:'}\n", "probatum.toml:2:1", "must name a revision", "for example"),
        ("[access]\nreference = {'*' = 'git:--output=x'}\n", "probatum.toml:2:1", "must name a revision", "for example"),
        ("[[access.never-grant]]\nresources = ['*']\n", "probatum.toml:1:1", "`actions` must be a list", "for example"),
        ("[check]\nrunner = 'spark'\n", "probatum.toml:2:1", "it must be `local`", "for example"),
        ("[check]\nselect = ['a/b']\nignore = ['a/b']\n", "probatum.toml:3:1", "is in `select` and in `ignore`", "decide"),
        ("[check]\nexclude = ['**']\n", "probatum.toml:2:1", "it excludes every file", "decide"),
        ("[check]\nbaseline = 'x'\nsuppressions = 'x'\n", "probatum.toml:3:1", "are both `x`", "decide"),
        ("[check\n", "probatum.toml:1:7", "is not valid TOML", "correct the file"),
        ("[check]\nseed = 1\nseed = 2\n", "probatum.toml:3:9", "is not valid TOML", "correct the file"),
    ],
)
def test_whatever_is_not_understood_is_an_error_with_its_place(text, place, message, advice):
    error = refused(text)

    assert str(error.location) == place
    assert message in error.message
    assert advice in error.help


def test_places_in_pyproject_count_from_its_own_tables():
    error = refused("[tool.other]\nseeds = 1\n[tool.probatum.check]\nseeds = 1\n", "pyproject.toml")

    assert str(error.location) == "pyproject.toml:4:1"


def test_a_file_that_is_no_text_is_a_configuration_error():
    assert "not valid UTF-8" in refused(b"\xff").message
    with pytest.raises(ConfigurationError, match="cannot be read: Permission denied"):
        read_configuration(MemorySystem({"probatum.toml": PermissionError(errno.EACCES, "Permission denied")}))


def test_a_configuration_may_be_a_link_inside_the_directory_and_not_out_of_it():
    files = {"probatum.toml": Link("conf/shared.toml"), "conf/shared.toml": b"[check]\nseed = 3\n"}

    assert read_configuration(MemorySystem(files)).check["seed"] == 3
    with pytest.raises(ConfigurationError, match="a link out of the directory"):
        read_configuration(MemorySystem({"probatum.toml": Link(None)}))


@pytest.mark.parametrize("option", options, ids=lambda o: f"{o.table}.{o.name}")
def test_every_option_accepts_its_own_default_and_example(option):
    import tomllib

    example = tomllib.loads(f"x = {option.example}")["x"]

    for value in (option.default, example):
        assert types[option.type][1](value)
        assert option.fault(value) == ""
    assert option.help.endswith(".")
