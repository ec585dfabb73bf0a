"""Reads Java class files, as the Java Virtual Machine Specification, chapter 4, lays them out.

Only what a translation needs is kept: names, members, code, exception tables, line numbers and annotations.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MAGIC = 0xCAFEBABE


class ClassFileError(ValueError):
    """The bytes are not a class file that can be read here."""


@dataclass(frozen=True)
class Float:
    """A float constant, by its 32 bits."""

    bits: int


@dataclass(frozen=True)
class Double:
    """A double constant, by its 64 bits."""

    bits: int


@dataclass(frozen=True)
class Long:
    """A long constant."""

    value: int


@dataclass(frozen=True)
class Type:
    """A class constant, by its internal name: java/lang/String, or [I for an array."""

    name: str


@dataclass(frozen=True)
class Reference:
    """A field or a method of a class."""

    owner: str
    name: str
    descriptor: str


Constant = int | str | Float | Double | Long | Type | Reference


@dataclass(frozen=True)
class Handler:
    """One row of an exception table: program counters, and the caught class (None catches all)."""

    start: int
    end: int
    handler: int
    caught: str | None


@dataclass(frozen=True)
class Code:
    """The body of a method."""

    max_stack: int
    max_locals: int
    instructions: bytes
    handlers: tuple[Handler, ...]
    lines: dict[int, int]


@dataclass(frozen=True)
class Member:
    """A field or a method."""

    access: int
    name: str
    descriptor: str
    code: Code | None = None
    constant: Constant | None = None
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassFile:
    """A class: names are internal (java/lang/String)."""

    access: int
    name: str
    superclass: str
    interfaces: tuple[str, ...]
    fields: tuple[Member, ...]
    methods: tuple[Member, ...]
    source: str | None
    pool: dict[int, Constant] = field(repr=False)


class _Reader:
    """Big-endian numbers from bytes, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def bytes(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ClassFileError(f"the class file ends at byte {len(self.data)}, inside something of {count} bytes")
        self.at += count
        return self.data[self.at - count : self.at]

    def u1(self) -> int:
        return self.bytes(1)[0]

    def u2(self) -> int:
        return int.from_bytes(self.bytes(2), "big")

    def u4(self) -> int:
        return int.from_bytes(self.bytes(4), "big")


def _modified_utf8(data: bytes) -> str:
    """Java's own UTF-8: zero as two bytes, and characters past U+FFFF as two surrogates of three bytes each."""
    text = data.replace(b"\xc0\x80", b"\0").decode("utf-8", "surrogatepass")
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def _constants(reader: _Reader) -> dict[int, Constant]:
    """The constant pool, every entry resolved that code can name."""
    raw: dict[int, tuple[int, ...]] = {}
    pool: dict[int, Constant] = {}
    count = reader.u2()
    index = 1
    while index < count:
        tag = reader.u1()
        if tag == 1:
            pool[index] = _modified_utf8(reader.bytes(reader.u2()))
        elif tag == 3:
            pool[index] = struct.unpack(">i", reader.bytes(4))[0]
        elif tag == 4:
            pool[index] = Float(reader.u4())
        elif tag == 5:
            pool[index] = Long(struct.unpack(">q", reader.bytes(8))[0])
        elif tag == 6:
            pool[index] = Double(int.from_bytes(reader.bytes(8), "big"))
        elif tag in (7, 8):
            raw[index] = (tag, reader.u2())
        elif tag in (9, 10, 11, 12):
            raw[index] = (tag, reader.u2(), reader.u2())
        else:
            raise ClassFileError(f"constant {index} has tag {tag}: lambdas and newer Java than 8 are not known here")
        index += 2 if tag in (5, 6) else 1  # a long or a double takes two places
    for index, entry in raw.items():
        if entry[0] == 7:
            pool[index] = Type(_text(pool, entry[1]))
        elif entry[0] == 8:
            pool[index] = _text(pool, entry[1])
    for index, entry in raw.items():
        if entry[0] in (9, 10, 11):
            _, name, descriptor = raw[entry[2]]
            pool[index] = Reference(_type(pool, entry[1]), _text(pool, name), _text(pool, descriptor))
    return pool


def _text(pool: dict[int, Constant], index: int) -> str:
    value = pool[index]
    if not isinstance(value, str):
        raise ClassFileError(f"constant {index} should be a text and is {value!r}")
    return value


def _type(pool: dict[int, Constant], index: int) -> str:
    value = pool[index]
    if not isinstance(value, Type):
        raise ClassFileError(f"constant {index} should be a class and is {value!r}")
    return value.name


def _attributes(reader: _Reader, pool: dict[int, Constant]) -> dict[str, _Reader]:
    return {_text(pool, reader.u2()): _Reader(reader.bytes(reader.u4())) for _ in range(reader.u2())}


def _code(reader: _Reader, pool: dict[int, Constant]) -> Code:
    max_stack, max_locals = reader.u2(), reader.u2()
    instructions = reader.bytes(reader.u4())
    handlers = []
    for _ in range(reader.u2()):
        start, end, handler, caught = reader.u2(), reader.u2(), reader.u2(), reader.u2()
        handlers.append(Handler(start, end, handler, _type(pool, caught) if caught else None))
    lines: dict[int, int] = {}
    table = _attributes(reader, pool).get("LineNumberTable")
    if table is not None:
        for _ in range(table.u2()):
            at = table.u2()
            lines[at] = table.u2()
    return Code(max_stack, max_locals, instructions, tuple(handlers), lines)


def _annotations(reader: _Reader | None, pool: dict[int, Constant], where: str) -> tuple[str, ...]:
    """The descriptors of the annotations that are seen at run time; one that carries values is refused."""
    if reader is None:
        return ()
    found = []
    for _ in range(reader.u2()):
        descriptor = _text(pool, reader.u2())
        if reader.u2():
            raise ClassFileError(f"{where}: the annotation {descriptor} carries values, which are not known here")
        found.append(descriptor)
    return tuple(found)


def _members(reader: _Reader, pool: dict[int, Constant]) -> tuple[Member, ...]:
    members = []
    for _ in range(reader.u2()):
        access, name, descriptor = reader.u2(), _text(pool, reader.u2()), _text(pool, reader.u2())
        attributes = _attributes(reader, pool)
        members.append(
            Member(
                access,
                name,
                descriptor,
                code=_code(attributes["Code"], pool) if "Code" in attributes else None,
                constant=pool[attributes["ConstantValue"].u2()] if "ConstantValue" in attributes else None,
                annotations=_annotations(attributes.get("RuntimeVisibleAnnotations"), pool, name),
            )
        )
    return tuple(members)


def parse(data: bytes) -> ClassFile:
    """A class from the bytes of its file.

    Raises:
        ClassFileError: the bytes are not a class file, or hold what a compiler for Java 8 does not write.
    """
    reader = _Reader(data)
    if reader.u4() != MAGIC:
        raise ClassFileError("this is not a class file: it does not begin with CAFEBABE")
    reader.bytes(4)  # the version
    pool = _constants(reader)
    access, name, superclass = reader.u2(), _type(pool, reader.u2()), _type(pool, reader.u2())
    interfaces = tuple(_type(pool, reader.u2()) for _ in range(reader.u2()))
    fields, methods = _members(reader, pool), _members(reader, pool)
    attributes = _attributes(reader, pool)
    source = _text(pool, attributes["SourceFile"].u2()) if "SourceFile" in attributes else None
    if "RuntimeVisibleAnnotations" in attributes:
        raise ClassFileError(f"{name}: annotations of a class that are seen at run time are not known here")
    return ClassFile(access, name, superclass, interfaces, fields, methods, source, pool)
