"""Installing compiles by itself where the machine can, never fails for it unasked, and says what hinders."""

from __future__ import annotations

import importlib.util
import os
import re
import runpy
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


class Setuptools:
    """Stands in for setuptools: which wheels it was asked for ('1' compiled, '0' plain); breaks: on '1' it fails so;
    makes: what is in the one that is compiled, by name.
    """

    def __init__(self) -> None:
        self.wheels: list[str] = []
        self.breaks: BaseException | None = None
        self.makes = {f"inner/{name}.py": "import math" for name in ("one", "two")}

    def get_requires_for_build_wheel(self, _settings: object = None) -> list[str]:
        """Nothing of its own."""
        return []

    def build_wheel(self, directory: str, _settings: object = None, _metadata: object = None) -> str:
        """The name of the wheel."""
        choice = os.environ["SLEDGUARD_COMPILE"]
        self.wheels.append(choice)
        if self.breaks and choice == "1":
            raise self.breaks
        with ZipFile(Path(directory, f"wheel{choice}"), "w") as wheel:
            for name, text in self.makes.items() if choice == "1" else ():
                wheel.writestr(name, text)
        return f"wheel{choice}"

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


@pytest.fixture
def setuptools(monkeypatch: pytest.MonkeyPatch) -> Setuptools:
    """What does the work; the environment says nothing of compiling."""
    monkeypatch.setenv("SLEDGUARD_COMPILE", "")
    monkeypatch.delenv("SLEDGUARD_COMPILE")
    monkeypatch.setenv("CC", "/bin/false")
    fake, package = Setuptools(), ModuleType("setuptools")
    package.build_meta = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "setuptools", package)
    monkeypatch.setitem(sys.modules, "setuptools.build_meta", fake)  # type: ignore[arg-type]
    return fake


@pytest.fixture
def backend(setuptools: Setuptools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """build_backend.py, over that, on a Raspberry Pi of these days. Wheels go to "x"; what ends in .py counts as made
    by the compiler.
    """
    spec = importlib.util.spec_from_file_location("build_backend", ROOT / "build_backend.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(module, "SUFFIX", ".py")
    monkeypatch.chdir(tmp_path)
    Path("x").mkdir()
    return module


@pytest.fixture
def can_compile(backend: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has all it takes."""
    monkeypatch.setattr(backend, "hindrance", lambda: None)


def test_without_a_compiler_it_is_plain_python_and_one_line_says_why(
    backend: ModuleType, setuptools: Setuptools, capsys: pytest.CaptureFixture[str]
) -> None:
    """CC=/bin/false: nothing more is fetched, the wheel is plain, and the line says how to mend it."""
    assert backend.get_requires_for_build_wheel() == []
    assert backend.build_wheel("x") == "wheel0"
    assert setuptools.wheels == ["0"]
    (line,) = capsys.readouterr().err.splitlines()
    assert "will run as plain Python" in line
    assert "apt-get install build-essential python3-dev" in line


def test_who_insists_without_a_compiler_gets_an_error_that_says_what_to_do(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SLEDGUARD_COMPILE=1: before anything is fetched."""
    monkeypatch.setenv("SLEDGUARD_COMPILE", "1")
    for ask in (backend.get_requires_for_build_wheel, lambda: backend.build_wheel("x")):
        with pytest.raises(SystemExit, match=r"apt-get install build-essential.*SLEDGUARD_COMPILE=0"):
            ask()


@pytest.mark.usefixtures("can_compile")
def test_where_it_can_it_compiles_unasked(
    backend: ModuleType, setuptools: Setuptools, capsys: pytest.CaptureFixture[str]
) -> None:
    """mypy is fetched for the build, in the version that all of this is tested with, and what it is tried with, as the
    product needs it; nothing is said.
    """
    compiler, *others = backend.get_requires_for_build_wheel()
    assert compiler.startswith("mypy==")
    assert compiler in (ROOT / "constraints.txt").read_text().splitlines()
    assert [re.split("[><=~]", one)[0] for one in others] == list(backend.TRIED_WITH)
    assert backend.build_wheel("x") == "wheel1"
    assert setuptools.wheels == ["1"]
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("can_compile")
def test_told_not_to_it_does_not(
    backend: ModuleType, setuptools: Setuptools, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SLEDGUARD_COMPILE=0: nothing is fetched, and there is nothing to complain of."""
    monkeypatch.setenv("SLEDGUARD_COMPILE", "0")
    assert backend.get_requires_for_build_wheel() == []
    backend.build_wheel("x")
    assert setuptools.wheels == ["0"]
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("can_compile")
@pytest.mark.parametrize("error", [SystemExit("error: command gcc failed"), ImportError("No module named 'mypyc'")])
def test_a_compilation_that_fails_ends_in_plain_python(
    backend: ModuleType, setuptools: Setuptools, error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    """Out of memory, or no mypy without build isolation: a plain wheel, and a line with the reason."""
    setuptools.breaks = error
    assert backend.build_wheel("x") == "wheel0"
    assert setuptools.wheels == ["1", "0"]
    assert str(error) in capsys.readouterr().err


BROKEN = {
    "undefined symbol: CPyDef": {"inner/one.py": "", "inner/two.py": "raise ImportError('undefined symbol: CPyDef')"},
    "importing it ended with -6": {"inner/one.py": "import os; os.abort()"},
    "nothing was made": {"inner/one.txt": ""},
}


@pytest.mark.usefixtures("can_compile")
@pytest.mark.parametrize("problem", BROKEN)
def test_what_was_compiled_is_tried_before_anybody_gets_it(
    backend: ModuleType, setuptools: Setuptools, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it cannot be imported, or crashes, the only wheel is a plain one, and a line says why."""
    setuptools.makes = BROKEN[problem]
    assert backend.build_wheel("x") == "wheel0"
    assert os.listdir("x") == ["wheel0"]
    (line,) = capsys.readouterr().err.splitlines()
    assert "will run as plain Python" in line
    assert problem in line


@pytest.mark.usefixtures("can_compile")
def test_what_hangs_when_it_is_imported_is_given_to_nobody(
    backend: ModuleType, setuptools: Setuptools, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is ended, and the only wheel is a plain one."""
    monkeypatch.setattr(backend, "TRY_MAX_S", 0.5)
    setuptools.makes = {"inner/one.py": "import threading; threading.Event().wait()"}
    assert backend.build_wheel("x") == "wheel0"
    assert os.listdir("x") == ["wheel0"]
    assert "importing it takes more than 0.5 s" in capsys.readouterr().err


def test_it_is_tried_with_all_that_it_imports() -> None:
    """In a Python that has only this beside its own modules, and the product."""
    modules = [one.removesuffix(".py").replace("/", ".") for one in runpy.run_path(str(ROOT / "setup.py"))["modules"]()]
    backend = runpy.run_path(str(ROOT / "build_backend.py"))
    hidden = f"""
import sys
OURS = {{"edge", "firmware_protocol", *{backend["TRIED_WITH"]}}}
class Hidden:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in OURS and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
"""
    done = subprocess.run(
        [sys.executable, "-c", hidden + backend["TRY"], *modules], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.usefixtures("can_compile")
def test_a_compilation_that_fails_is_an_error_for_who_insists(
    backend: ModuleType, setuptools: Setuptools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No plain wheel is made instead."""
    monkeypatch.setenv("SLEDGUARD_COMPILE", "1")
    setuptools.breaks = SystemExit("error: command gcc failed")
    with pytest.raises(SystemExit, match=r"gcc failed.*SLEDGUARD_COMPILE=0"):
        backend.build_wheel("x")
    assert setuptools.wheels == ["1"]


def test_another_choice_is_refused(backend: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """`yes` is neither."""
    monkeypatch.setenv("SLEDGUARD_COMPILE", "yes")
    with pytest.raises(SystemExit, match="SLEDGUARD_COMPILE=yes: 1 compiles"):
        backend.get_requires_for_build_wheel()


def test_a_machine_for_which_mypy_would_have_to_be_made_is_not_troubled(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 32-bit Raspberry Pi installs plain Python, whatever compilers it has."""
    monkeypatch.setattr(backend.platform, "machine", lambda: "armv7l")
    assert "armv7l" in backend.hindrance()


def test_python_s_headers_are_asked_for(backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A compiler without python3-dev is none; one that has them is."""
    compiler = tmp_path / "cc"
    include = sysconfig.get_path("include")
    compiler.write_text(f'#!/bin/sh\ncase "$*" in *"-I {include}"*) touch "${{7}}";; *) exit 1;; esac\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", f"{compiler} -pthread")
    assert backend.hindrance() is None
    monkeypatch.setattr(backend.sysconfig, "get_path", lambda _name: str(tmp_path))
    assert backend.hindrance() == backend.NO_COMPILER
