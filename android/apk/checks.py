"""What a package has to prove before it is handed out. Each check says in a line what it found, or fails."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from apk.classfile import parse
from apk.package import ASSETS, LONG_AGO, MAIN, MIN_SDK, PACKAGE, TARGET_SDK, Version, page_files
from apk.tools import BAKSMALI, BuildError, run, run_jars

LARGEST_SHELL = 100_000
"""Bytes, compressed: all of the package but the page and the signature."""


class CheckFailedError(Exception):
    """The package is not what it should be."""


@dataclass(frozen=True)
class Built:
    """A signed package, and what it was made from: the page, and the folder of the steps on the way."""

    apk: Path
    page: Path
    steps: Path
    version: Version


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise CheckFailedError(otherwise)


def signature(built: Built) -> str:
    """The package is signed by every scheme that Android from 7 on looks at, and by the older one."""
    # Without a version below 7 the tool does not look at scheme 1.
    for sdk, schemes in ((MIN_SDK, (2, 3)), (21, (1, 2, 3))):
        verdict = run("apksigner", "verify", "--verbose", "--Werr", "--min-sdk-version", str(sdk), built.apk)
        for scheme in schemes:
            found = re.search(rf"^Verified using v{scheme} scheme .*: true$", verdict, re.MULTILINE)
            _demand(found is not None, f"signature scheme {scheme} does not hold for SDK {sdk}")
    return f"schemes 1, 2 and 3 hold, for SDK {MIN_SDK} and up"


def badging(built: Built) -> str:
    """Name, version, SDK levels, labels, icon and activity are as meant."""
    found = run("aapt", "dump", "badging", built.apk)
    for wanted in (
        f"package: name='{PACKAGE}' versionCode='{built.version.code}' versionName='{built.version.name}' ",
        f"sdkVersion:'{MIN_SDK}'\n",
        f"targetSdkVersion:'{TARGET_SDK}'\n",
        f"launchable-activity: name='{PACKAGE}.MainActivity' ",
        "supports-any-density: 'true'\n",
        "locales: '--_--' 'ar'\n",
        *(f"{label}:'{text}'\n" for label, text in _labels().items()),
    ):
        _demand(wanted in found, f"aapt dump badging does not show {wanted.strip()}")
    icons = re.findall(r"^application-icon-\d+:'(.+)'$", found, re.MULTILINE)
    _demand(icons != [], "there is no icon")
    _demand(set(icons) <= set(_names(built)), "an icon is named that the package does not hold")
    _demand("debuggable" not in found, "the package is debuggable")
    version = f"{built.version.name} ({built.version.code})"
    return f"{PACKAGE} {version}, SDK {MIN_SDK} to {TARGET_SDK}, English and Arabic, icon"


def _labels() -> dict[str, str]:
    labels = {}
    for folder, label in (("values", "application-label"), ("values-ar", "application-label-ar")):
        strings = ET.parse(MAIN / "res" / folder / "strings.xml").getroot()
        labels[label] = next(node.text or "" for node in strings if node.get("name") == "app_name")
    return labels


def permissions(built: Built) -> str:
    """No permission is asked for or declared."""
    found = run("aapt", "dump", "permissions", built.apk).split("\n")
    _demand(found == [f"package: {PACKAGE}", ""], f"permissions are named: {found}")
    return "none, so the system keeps the app off the network"


def manifest(built: Built) -> str:
    """Nothing is backed up, and only what is meant for others is open to them."""
    tree = run("aapt", "dump", "xmltree", built.apk, "AndroidManifest.xml")
    _demand(re.search(r"android:allowBackup\(\w+\)=\(type 0x12\)0x0\n", tree) is not None, "backup is not off")
    components = re.split(r"^ +E: (?=activity|provider|service|receiver)", tree, flags=re.MULTILINE)[1:]
    exported = {part.split()[0]: "android:exported(0x01010010)=(type 0x12)0xffffffff" in part for part in components}
    _demand(exported == {"activity": True, "provider": False}, f"exported are {exported}")
    return "no backup; one activity is open to others, the provider is not"


def _names(built: Built) -> list[str]:
    with zipfile.ZipFile(built.apk) as package:
        return package.namelist()


def assets(built: Built) -> str:
    """The package holds the page's files, byte for byte, and no other."""
    files = page_files(built.page)
    packed = [name for name in _names(built) if name.startswith("assets/")]
    _demand(packed == list(files), f"packed are {packed}, the page has {list(files)}")
    with zipfile.ZipFile(built.apk) as package:
        for name, path in files.items():
            _demand(package.read(name) == path.read_bytes(), f"{name} differs from {path}")
    return f"{len(files)} files, equal to the page's"


def contents(built: Built) -> str:
    """Nothing else is in the package, and what the system reads in place is stored aligned."""
    allowed = re.compile(rf"AndroidManifest\.xml|classes\.dex|resources\.arsc|res/.+|{ASSETS}.+|META-INF/.+")
    with zipfile.ZipFile(built.apk) as package:
        entries = package.infolist()
    strange = [entry.filename for entry in entries if not allowed.fullmatch(entry.filename)]
    _demand(strange == [], f"unexpected: {strange}")
    table = next(entry for entry in entries if entry.filename == "resources.arsc")
    _demand(table.compress_type == zipfile.ZIP_STORED, "resources.arsc is compressed, which Android 11 refuses")
    own = [entry for entry in entries if not entry.filename.startswith((ASSETS, "META-INF/"))]
    _demand({entry.date_time for entry in own} == {LONG_AGO}, "an entry carries the time of the build")
    size = sum(entry.compress_size for entry in own)
    _demand(size <= LARGEST_SHELL, f"the shell takes {size} bytes, over {LARGEST_SHELL}")
    run("zipalign", "-c", "-p", "4", built.apk)
    return f"the shell takes {size:,} bytes beside the page; aligned"


def dex_members(built: Built) -> str:
    """The disassembled dex file has the classes and the methods of the compiled Java."""
    dex, back = built.steps / "classes.dex", built.steps / "baksmali"
    _demand("Checksum verified" in run("dexdump", "-c", dex), "its checksum is wrong")
    run_jars(BAKSMALI, "org.jf.baksmali.Main", "disassemble", "--output", back, dex)
    found = {
        (path.relative_to(back).with_suffix("").as_posix(), name)
        for path in back.rglob("*.smali")
        for name in re.findall(r"^\.method .*?([^ ]+\))", path.read_text("utf-8"), re.MULTILINE)
    }
    compiled = [parse(path.read_bytes()) for path in (built.steps / "classes").rglob("*.class")]
    wanted = {
        (cls.name, method.name + method.descriptor[: method.descriptor.index(")") + 1])
        for cls in compiled
        for method in cls.methods
        if not re.search(r"/R(\$.*)?$", cls.name)
    }
    _demand(found == wanted, f"differing methods: {sorted(found ^ wanted)}")
    return f"{len(wanted)} methods, as compiled"


def dex_verifies(built: Built) -> str:
    """The dex file, translated back to Java by a program that is not ours, passes Java's verifier of types."""
    back = built.steps / "back.jar"
    said = run("/usr/bin/python3", "-I", "-m", "enjarify.main", "-f", "-o", back, built.steps / "classes.dex")
    _demand("0 classes had errors" in said, said)
    with zipfile.ZipFile(back) as jar:
        names = [name.removesuffix(".class").replace("/", ".") for name in jar.namelist()]
    program = Path(__file__).parent / "LoadClasses.java"
    run("java", "-cp", f"{back}:{built.steps / 'stubs'}", program, *names)
    return f"{len(names)} classes pass Java's verifier, translated back"


CHECKS: dict[str, Callable[[Built], str]] = {
    "signature": signature,
    "badging": badging,
    "permissions": permissions,
    "manifest": manifest,
    "page": assets,
    "contents": contents,
    "dex": dex_members,
    "dex code": dex_verifies,
}


def check(built: Built) -> bool:
    """Runs every check and prints a line for each; whether all of them hold."""
    good = True
    for name, function in CHECKS.items():
        try:
            print(f"ok      {name}: {function(built)}")
        except (BuildError, CheckFailedError) as error:
            print(f"FAILED  {name}: {error}")
            good = False
    return good
