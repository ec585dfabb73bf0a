"""From the shell's source and the built page to a signed Android package, step by step."""

from __future__ import annotations

import re
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apk.classfile import parse
from apk.tools import FRAMEWORK, SMALI, BuildError, run, run_jars
from apk.translate import translate

ANDROID = Path(__file__).resolve().parent.parent
MAIN = ANDROID / "app" / "src" / "main"
STUBS = ANDROID / "stubs"
PACKAGE = "org.ecglite.app"
MIN_SDK = 24
TARGET_SDK = 36
ASSETS = "assets/page/"
JAVA_8 = ("--release", "8", "-encoding", "UTF-8", "-Xlint:all,-options,-serial", "-Werror")
LONG_AGO = (1981, 1, 1, 1, 1, 2)
"""The time of every entry, the one that Android's own tools write, so that equal inputs give equal packages."""
STORED = {".png", ".arsc"}
"""Compressed already, or read by the system in place."""


@dataclass(frozen=True)
class Version:
    """The name that a person reads, and the number by which Android knows which of two is newer."""

    name: str

    @property
    def code(self) -> int:
        """1.2.3 is 10203."""
        numbers = re.match(r"(\d+)\.(\d{1,2})\.(\d{1,2})(?!\d)", self.name)
        if numbers is None:
            raise BuildError(f"a version like 1.2.3 is needed for Android, with parts below 100, and is {self.name}")
        major, minor, patch = (int(number) for number in numbers.groups())
        return (major * 100 + minor) * 100 + patch


@dataclass(frozen=True)
class Key:
    """What signs a package. The password is given as apksigner takes it: pass:TEXT, env:NAME, file:PATH or stdin."""

    keystore: Path
    alias: str
    password: str


def project_version() -> Version:
    """The version of the whole project."""
    project = tomllib.loads((ANDROID.parent / "pyproject.toml").read_text("utf-8"))["project"]
    return Version(project["version"])


def page_files(page: Path) -> dict[str, Path]:
    """The files of a built page by their names inside the package, sorted.

    Raises:
        BuildError: the folder holds no page.
    """
    if not (page / "index.html").is_file():
        raise BuildError(f"{page} holds no built page: build it first: python -m ecglite.app.build web/dist")
    files = {f"{ASSETS}{path.relative_to(page).as_posix()}": path for path in page.rglob("*") if path.is_file()}
    return dict(sorted(files.items()))


def write_manifest(out: Path) -> Path:
    """The manifest with the package name, which Gradle takes from elsewhere and aapt wants in it."""
    ET.register_namespace("android", "http://schemas.android.com/apk/res/android")
    tree = ET.parse(MAIN / "AndroidManifest.xml")
    tree.getroot().set("package", PACKAGE)
    path = out / "AndroidManifest.xml"
    tree.write(path, encoding="utf-8", xml_declaration=True)
    return path


def compile_resources(out: Path, version: Version) -> Path:
    """Manifest and resources, compiled by aapt; writes R.java to out/generated."""
    package, generated = out / "resources.apk", out / "generated"
    generated.mkdir()
    run(
        "aapt", "package", "-f", "-I", FRAMEWORK, "-M", write_manifest(out), "-S", MAIN / "res", "-J", generated,
        "--min-sdk-version", str(MIN_SDK), "--target-sdk-version", str(TARGET_SDK),
        "--version-code", str(version.code), "--version-name", version.name, "-F", package,
    )  # fmt: skip
    return package


def compile_stubs(out: Path) -> Path:
    """The signatures of Android's classes that the shell uses."""
    classes = out / "stubs"
    run("javac", *JAVA_8, "-d", classes, *sorted(STUBS.rglob("*.java")))
    return classes


def compile_java(out: Path, sources: list[Path], stubs: Path) -> Path:
    """Java to class files of Java 8, whose instructions the translation knows."""
    classes = out / "classes"
    run("javac", *JAVA_8, "-cp", stubs, "-d", classes, *sources)
    return classes


def assemble(out: Path, classes: Path) -> Path:
    """Class files to a dex file, by way of smali. The constants in R are copied into the code that uses them."""
    smali = out / "smali"
    for path in sorted(classes.rglob("*.class")):
        if re.match(r"R(\$|\.class$)", path.name):
            continue
        target = smali / path.relative_to(classes).with_suffix(".smali")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(translate(parse(path.read_bytes())), "utf-8")
    dex = out / "classes.dex"
    run_jars(SMALI, "org.jf.smali.Main", "assemble", "--api", str(MIN_SDK), "--jobs", "1", "--output", dex, smali)
    return dex


def write_package(path: Path, entries: Iterator[tuple[str, bytes]]) -> None:
    """A package whose bytes depend on its entries alone."""
    with zipfile.ZipFile(path, "w") as package:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.external_attr = 0o644 << 16
            stored = Path(name).suffix in STORED
            package.writestr(entry, content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED, 9)


def _entries(resources: Path, dex: Path, page: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(resources) as compiled:
        for name in sorted(compiled.namelist()):
            yield name, compiled.read(name)
    yield "classes.dex", dex.read_bytes()
    for name, path in page_files(page).items():
        yield name, path.read_bytes()


def build_unsigned(out: Path, page: Path, version: Version) -> Path:
    """The aligned, unsigned package. What is made on the way lies in out, which has to be an empty folder."""
    resources = compile_resources(out, version)
    sources = sorted([*(MAIN / "java").rglob("*.java"), *(out / "generated").rglob("*.java")])
    dex = assemble(out, compile_java(out, sources, compile_stubs(out)))
    loose, aligned = out / "loose.apk", out / "unsigned.apk"
    write_package(loose, _entries(resources, dex, page))
    run("zipalign", "-p", "4", loose, aligned)
    return aligned


def make_test_key(out: Path) -> Key:
    """A key for trying the package out, made once. Its password is no secret, because the key is worth nothing."""
    key = Key(out / "test.keystore", "test", "pass:ecglite-test")
    if key.keystore.exists():
        return key  # the same one again: Android takes an update only from whoever signed what is installed
    run(
        "keytool", "-genkeypair", "-keystore", key.keystore, "-storetype", "PKCS12", "-alias", key.alias,
        "-storepass", "ecglite-test", "-keyalg", "RSA", "-keysize", "3072", "-validity", "10000",
        "-dname", "CN=ecglite test key",
    )  # fmt: skip
    return key


def sign(unsigned: Path, signed: Path, key: Key) -> None:
    """Signs by the schemes 1 (Android 6 and older, and tools that look for it), 2 and 3."""
    run(
        "apksigner", "sign", "--ks", key.keystore, "--ks-key-alias", key.alias, "--ks-pass", key.password,
        "--min-sdk-version", str(MIN_SDK), "--v1-signing-enabled", "true", "--v2-signing-enabled", "true",
        "--v3-signing-enabled", "true", "--v4-signing-enabled", "false", "--out", signed, unsigned,
    )  # fmt: skip
