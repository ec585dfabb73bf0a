"""The whole build on a tiny page, and that its checks can fail."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from apk import checks, package, tools
from apk.checks import Built, CheckFailedError
from apk.package import ASSETS, MAIN, Version, build_unsigned, compile_resources, page_files, project_version
from apk.tools import SMALI, BuildError, missing_packages, run_jars

BUILD = Path(__file__).parents[2] / "android" / "build"
MISSING = " ".join(missing_packages())
needs_tools = pytest.mark.skipif(bool(MISSING), reason=f"Android's tools are missing: apt-get install {MISSING}")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built page of four files, one of them in a folder that aapt would leave out."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "_assets").mkdir()
    for name in ("index.html", "model.tflite", "icon.png", "_assets/index-0aZ_.js"):
        (folder / name).write_bytes(name.encode() * 100)
    return folder


@pytest.fixture(scope="module")
def built(page: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The page's package, by the command itself."""
    if MISSING:
        pytest.skip(f"Android's tools are missing: apt-get install {MISSING}")
    out = tmp_path_factory.mktemp("out")
    done = subprocess.run(
        [sys.executable, BUILD, "--page", page, "--out", out], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [f"ok      {name}" for name in checks.CHECKS]
    version = project_version()
    apk = out / f"ecglite-{version.name}.apk"
    assert lines[-1] == f"{apk}: {apk.stat().st_size:,} bytes, signed with a test key"
    return Built(apk, page, out / "steps", version)


@pytest.mark.parametrize(("values", "theme"), [("values", ":root"), ("values-night", ':root[data-theme="dark"]')])
def test_what_surrounds_the_page_has_its_colour(values: str, theme: str) -> None:
    """Both before the page is there and about it: else it flashes."""
    styles = (package.ANDROID.parent / "web" / "src" / "app" / "styles" / "base.css").read_text("utf-8")
    (page,) = re.findall(rf"^{re.escape(theme)} {{\n(?:  .*\n)*?  --page: (#\w+);", styles, re.MULTILINE)
    colour = ET.parse(MAIN / "res" / values / "colors.xml").findtext("color[@name='page']")
    assert colour == page


def changed(built: Built, tmp_path: Path, name: str, content: bytes) -> Built:
    """The package with one entry more, or another one."""
    apk = tmp_path / "changed.apk"
    with zipfile.ZipFile(built.apk) as old, zipfile.ZipFile(apk, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(zipfile.ZipInfo(name, package.LONG_AGO), content)
    return replace(built, apk=apk)


@needs_tools
def test_equal_inputs_give_equal_bytes(built: Built, page: Path, tmp_path: Path) -> None:
    again = build_unsigned(tmp_path, page, built.version)
    assert again.read_bytes() == (built.steps / "unsigned.apk").read_bytes()


@needs_tools
def test_a_changed_package_is_caught(built: Built, tmp_path: Path) -> None:
    other = changed(built, tmp_path, f"{ASSETS}index.html", b"other")
    with pytest.raises(CheckFailedError, match="packed are"):
        checks.assets(other)
    with pytest.raises(BuildError, match="DOES NOT VERIFY"):
        checks.signature(other)
    with pytest.raises(CheckFailedError, match="libspy"):
        checks.contents(changed(built, tmp_path, "lib/arm64-v8a/libspy.so", b""))
    with pytest.raises(CheckFailedError, match="over 100000"):
        checks.contents(changed(built, tmp_path, "res/large.png", bytes(200_000)))


@needs_tools
def test_a_page_that_was_built_anew_is_caught(built: Built, tmp_path: Path) -> None:
    page = shutil.copytree(built.page, tmp_path / "page")
    (page / "index.html").write_text("newer")
    with pytest.raises(CheckFailedError, match="differs from"):
        checks.assets(replace(built, page=page))
    (page / "more.js").write_text("")
    with pytest.raises(CheckFailedError, match=r"more\.js"):
        checks.assets(replace(built, page=page))


@needs_tools
@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("<application", '<uses-permission android:name="android.permission.INTERNET"/><application', "permissions"),
        ('allowBackup="false"', 'allowBackup="true"', "manifest"),
        ('android:exported="false"', 'android:exported="true"', "manifest"),
        ("<application", '<application android:debuggable="true"', "badging"),
        ("@string/app_name", "@string/saved", "badging"),
    ],
)
def test_a_changed_manifest_is_caught(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, check: str
) -> None:
    main = shutil.copytree(MAIN, tmp_path / "main")
    path = main / "AndroidManifest.xml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    monkeypatch.setattr(package, "MAIN", main)
    other = replace(built, apk=compile_resources(tmp_path, built.version))
    with pytest.raises(CheckFailedError):
        checks.CHECKS[check](other)


WRONG_TYPE = """
.class public Lorg/ecglite/app/Wrong;
.super Ljava/lang/Object;
.method public static text(Ljava/util/List;)Ljava/lang/String;
    .registers 1
    return-object p0
.end method
"""


@needs_tools
def test_a_wrong_dex_file_is_caught(built: Built, tmp_path: Path) -> None:
    steps = shutil.copytree(built.steps, tmp_path / "steps")
    other = replace(built, steps=steps)
    (steps / "classes" / "org" / "ecglite" / "app" / "Media.class").unlink()
    with pytest.raises(CheckFailedError, match=r"differing methods: .*isText"):
        checks.dex_members(other)
    wrong = steps / "Wrong.smali"
    wrong.write_text(WRONG_TYPE, "utf-8")
    run_jars(SMALI, "org.jf.smali.Main", "assemble", "--output", steps / "classes.dex", wrong)
    with pytest.raises(BuildError, match=r"VerifyError: .*Wrong return type"):
        checks.dex_verifies(other)


@pytest.mark.parametrize(("name", "code"), [("0.1.0", 100), ("1.2.3", 10203), ("10.0.99.dev1", 100099)])
def test_versions(name: str, code: int) -> None:
    assert Version(name).code == code


@pytest.mark.parametrize("name", ["1", "1.2", "1.2.300", "v1.2.3"])
def test_a_version_that_android_cannot_count_is_refused(name: str) -> None:
    with pytest.raises(BuildError, match="is needed for Android"):
        Version(name).code  # noqa: B018


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no built page: build it first"):
        page_files(tmp_path)


def test_missing_tools_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PATH", "JARS", "FRAMEWORK"):
        monkeypatch.setattr(tools, name, str(tmp_path) if name == "PATH" else tmp_path / "none")
    with pytest.raises(BuildError, match="apt-get install aapt android-framework-res apksigner "):
        tools.require_tools()


@pytest.mark.parametrize("folder", ["values-ar", "values-night"])
def test_translations_and_night_have_what_the_default_has(folder: str) -> None:
    for path in (MAIN / "res" / folder).glob("*.xml"):
        names = [
            {node.get("name") for node in ET.parse(file).getroot() if node.get("name") != "App"}
            for file in (path, MAIN / "res" / "values" / path.name)
        ]
        assert names[0] == names[1]
