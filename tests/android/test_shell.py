"""The shell's answers to the page: its dex file, translated back to Java and run against fakes of Android's classes."""

from pathlib import Path

import pytest
from apk.package import JAVA_8, MAIN, assemble, compile_java, compile_stubs
from apk.tools import missing_packages, run

FAKES = Path(__file__).parent / "fakes"
MISSING = " ".join(missing_packages())
HOME = "https://app.ecglite.invalid/"
NOSNIFF = "{X-Content-Type-Options=nosniff}"
FORBIDDEN = f"403 Forbidden | text/plain | utf-8 | {NOSNIFF} | "
NOT_FOUND = f"404 Not Found | text/plain | utf-8 | {NOSNIFF} | "


def ok(kind: str, content: str, encoding: str = "null") -> str:
    return f"200 OK | {kind} | {encoding} | {NOSNIFF} | {content}"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path: fakes first, then the shell as it came back from dex, then the stubs."""
    if MISSING:
        pytest.skip(f"Android's tools are missing: apt-get install {MISSING}")
    folder = tmp_path_factory.mktemp("shell")
    resources = folder / "R.java"
    resources.write_text(
        "package org.ecglite.app; final class R { static final class style { static final int App = 1; }"
        " static final class color { static final int page = 2; } static final class bool { static final int day = 3; }"
        " static final class string { static final int saved = 4, not_saved = 5; } }"
    )
    stubs = compile_stubs(folder)
    dex = assemble(folder, compile_java(folder, [resources, *sorted((MAIN / "java").rglob("*.java"))], stubs))
    back, fakes = folder / "back.jar", folder / "fakes"
    run("/usr/bin/python3", "-I", "-m", "enjarify.main", "-o", back, dex)
    everything = f"{folder / 'classes'}:{stubs}"
    run("javac", *JAVA_8, "-cp", everything, "-d", fakes, *sorted(FAKES.rglob("*.java")))
    return f"{fakes}:{back}:{stubs}"


def ask(path: str, *steps: str) -> list[str]:
    return run("java", "-cp", path, "org.ecglite.app.Ask", *steps).splitlines()


def test_the_page_is_served_from_the_assets(path: str) -> None:
    assert ask(path, HOME, f"{HOME}?incoming#x", f"{HOME}a%20b.js", f"{HOME}wasm/litert.wasm", f"{HOME}none.js") == [
        ok("text/html", "page/index.html", "utf-8"),
        ok("text/html", "page/index.html", "utf-8"),
        ok("text/javascript", "page/a b.js", "utf-8"),
        ok("application/wasm", "page/wasm/litert.wasm"),
        NOT_FOUND,
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/",
        "http://app.ecglite.invalid/",
        "https://app.ecglite.invalid:8443/",
        "https://user@app.ecglite.invalid/",
        "https://app.ecglite.invalid.example.org/",
        "file:///data/data/org.ecglite.app/",
        "content://media/1",
    ],
)
def test_anything_else_is_refused(path: str, address: str) -> None:
    assert ask(path, address, f"go {address}", f"go {HOME}") == [FORBIDDEN, "stays", "goes"]


def test_an_address_that_holds_its_own_content_is_left_to_the_webview(path: str) -> None:
    assert ask(path, "data:image/png;base64,AAAA") == ["null"]


def test_files_from_other_apps(path: str) -> None:
    index = f"{HOME}incoming/index.json"
    assert ask(
        path,
        index,
        "SEND content://a/one.csv content://a/bare.dat",
        "VIEW content://b/secret.csv",
        index,
        f"{HOME}incoming/0",
        "SEND content://a/two.csv",
        f"{HOME}incoming/1",
        f"{HOME}incoming/2",
        f"{HOME}incoming/3",
        f"{HOME}incoming/x",
        index,
        f"{HOME}incoming/0",
        index,
    ) == [
        ok("application/json", "[]", "utf-8"),
        "waiting",
        "waiting",
        ok(
            "application/json",
            "[{name=shown one.csv, size=5000000000, type=text/csv}, {name=bare.dat, size=null, type=},"
            " {name=secret.csv, size=null, type=}]",
            "utf-8",
        ),
        ok("application/octet-stream", "/one.csv"),
        "waiting",
        ok("application/octet-stream", "/bare.dat"),
        NOT_FOUND,
        NOT_FOUND,
        NOT_FOUND,
        ok("application/json", "[{name=shown two.csv, size=5000000000, type=text/csv}]", "utf-8"),
        ok("application/octet-stream", "/two.csv"),
        ok("application/json", "[]", "utf-8"),
    ]


@pytest.mark.parametrize("intent", ["OLD content://a/one.csv", "MAIN content://a/one.csv"])
def test_intents_that_bring_nothing(path: str, intent: str) -> None:
    assert ask(path, intent, f"{HOME}incoming/index.json") == [
        "nothing waits",
        ok("application/json", "[]", "utf-8"),
    ]


@pytest.mark.parametrize("intent", ["SEND text", "VIEW file:///data/data/org.ecglite.app/x", "SEND_MULTIPLE text text"])
def test_a_share_without_a_file_is_an_empty_list_that_the_page_is_told_of(path: str, intent: str) -> None:
    index = f"{HOME}incoming/index.json"
    assert ask(path, intent, index, intent, index) == 2 * ["waiting", ok("application/json", "[]", "utf-8")]
