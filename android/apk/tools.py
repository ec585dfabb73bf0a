"""The programs that the build calls, all of them Debian's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PROGRAMS = {  # program: the Debian package that brings it
    "aapt": "aapt",
    "apksigner": "apksigner",
    "dexdump": "dexdump",
    "enjarify": "enjarify",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "keytool": "default-jdk-headless",
    "zipalign": "zipalign",
}
JARS = Path("/usr/share/java")
SMALI = ("smali.jar", "smali-util.jar", "dexlib2.jar", "antlr3-runtime.jar", "jcommander.jar", "guava.jar")
BAKSMALI = ("baksmali.jar", *SMALI[1:])
FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
PATH = "/usr/bin:/bin"


class BuildError(Exception):
    """The build cannot go on; the message says why and what to do."""


def missing_packages() -> list[str]:
    """The Debian packages that have to be installed before a build."""
    packages = {package for program, package in PROGRAMS.items() if shutil.which(program, path=PATH) is None}
    if not all((JARS / jar).exists() for jar in (*SMALI, *BAKSMALI)):
        packages.add("libsmali-java")
    if not FRAMEWORK.exists():
        packages.add("android-framework-res")
    return sorted(packages)


def require_tools() -> None:
    """Refuses to go on where a tool is missing.

    Raises:
        BuildError: with the command that installs what is missing.
    """
    packages = missing_packages()
    if packages:
        raise BuildError(f"tools are missing; on Debian: apt-get install {' '.join(packages)}")


def run(*command: str | Path) -> str:
    """What a program prints, in one language and time zone everywhere.

    Raises:
        BuildError: it failed; the message holds its last lines.
    """
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "LC_ALL": "C.UTF-8", "PATH": PATH, "TZ": "UTC"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-20:])
        raise BuildError(f"{Path(command[0]).name} failed with {done.returncode}:\n{last}")
    return done.stdout


def run_jars(jars: tuple[str, ...], main: str, *arguments: str | Path) -> str:
    """What a Java program prints that Debian ships as jars without a command."""
    return run("java", "-cp", ":".join(str(JARS / jar) for jar in jars), main, *arguments)
