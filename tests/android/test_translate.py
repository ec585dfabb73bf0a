"""The translation from Java to dex, proved by running what it made: back in Java, by a program that is not ours."""

import struct
from pathlib import Path

import pytest
from apk.classfile import ClassFileError, parse
from apk.package import assemble, compile_java
from apk.tools import missing_packages, run
from apk.translate import UntranslatableError, translate

HERE = Path(__file__).parent
MISSING = " ".join(missing_packages())
needs_tools = pytest.mark.skipif(bool(MISSING), reason=f"Android's tools are missing: apt-get install {MISSING}")

REFUSED = {  # what stands in a class, and the words of the refusal
    "synchronized void f() {}": "synchronized methods",
    "void f() { synchronized (this) { hashCode(); } }": "instruction 0xc3",
    "Object o = new int[2][2];": "instruction 0xc5",
    "boolean[] b = new boolean[2];": "arrays of booleans",
    "long x; long f(long y) { return x = y; }": "instruction 0x5d",
    "byte[] f(byte[] b) { return b.clone(); }": "a member of a class",
    "static final double D = 0.5;": "constant field of type D",
    "@Deprecated int x;": "annotations of a field",
    "@Deprecated static class Inner {} Runnable r = () -> {};": "tag 18: lambdas",
}
KEPT = "@Deprecated void f() {}"


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Classes A0, A1, ... of the bodies above, and Kept, compiled in one go."""
    folder = tmp_path_factory.mktemp("java")
    bodies = {f"A{k}": body for k, body in enumerate(REFUSED)} | {"Kept": KEPT}
    source = folder / "All.java"
    source.write_text("\n".join(f"class {name} {{ {body} }}" for name, body in bodies.items()), "utf-8")
    return compile_java(folder, [source], folder)


@needs_tools
def test_translated_code_does_what_java_does(tmp_path: Path) -> None:
    classes = compile_java(tmp_path, [HERE / "Sample.java"], tmp_path)
    dex, back = assemble(tmp_path, classes), tmp_path / "back.jar"
    run("/usr/bin/python3", "-I", "-m", "enjarify.main", "-o", back, dex)
    expected = run("java", "-cp", classes, "Sample")
    assert expected.count("\n") == 23
    assert run("java", "-cp", back, "Sample") == expected


@needs_tools
@pytest.mark.parametrize("k", range(len(REFUSED)), ids=list(REFUSED.values()))
def test_what_is_not_known_is_refused(classes: Path, k: int) -> None:
    with pytest.raises((ClassFileError, UntranslatableError), match=list(REFUSED.values())[k]):
        translate(parse((classes / f"A{k}.class").read_bytes()))


@needs_tools
def test_annotations_that_are_seen_at_run_time_are_kept_or_refused(classes: Path) -> None:
    smali = translate(parse((classes / "Kept.class").read_bytes()))
    assert ".annotation runtime Ljava/lang/Deprecated;\n    .end annotation" in smali
    with pytest.raises(ClassFileError, match="annotations of a class"):
        parse((classes / "A8$Inner.class").read_bytes())


@pytest.mark.parametrize("data", [b"", b"\xca\xfe\xba\xbe", b"PK\3\4" + bytes(40)])
def test_other_bytes_are_no_class_file(data: bytes) -> None:
    with pytest.raises(ClassFileError):
        parse(data)


def test_a_constant_of_newer_java_is_named() -> None:
    pool = struct.pack(">IIHBHH", 0xCAFEBABE, 61, 2, 18, 0, 0)
    with pytest.raises(ClassFileError, match="constant 1 has tag 18"):
        parse(pool)
