"""Translates a Java class file into smali, the assembly of Android's dex files.

Debian has no compiler from Java to dex, so this is one for the Java that the shell is written in. The Java machine
works on a stack and on local variables, Android's on registers. The translation is the plain one: each place of the
stack and each local variable is a register.

    v0 .. v(max_stack - 1)    the stack, from the bottom
    then                      the local variables that are no parameters
    at the end                the parameters, where Android puts them and Java counts its first local variables

Arguments of a call lie side by side on the stack, so they lie in consecutive registers, as calls by range want them.
A long or a double takes two places on the stack and two registers. What is on the stack is known at every instruction:
it is followed from the start of the method along every branch. Two ways that disagree are refused, and so is every
instruction that is not listed here (lambdas, monitors, arrays of arrays). Attributes that only reflection reads are
dropped, but for annotations that are seen at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from apk.classfile import ClassFile, Code, Constant, Double, Float, Long, Member, Reference, Type

Stack = tuple[str, ...]
"""What lies on the stack, from the bottom: "i" an int or a float, "w" a long or a double, "a" a reference."""

MOVE = {"i": "move/from16", "w": "move-wide/from16", "a": "move-object/from16"}
RESULT = {"i": "move-result", "w": "move-result-wide", "a": "move-result-object"}
RETURN = {"i": "return", "w": "return-wide", "a": "return-object"}
KIND = dict.fromkeys("ZBCSIF", "i") | dict.fromkeys("JD", "w") | dict.fromkeys("L[", "a")
FIELD = {"Z": "-boolean", "B": "-byte", "C": "-char", "S": "-short", "I": "", "F": "", "J": "-wide", "D": "-wide"}
FIELD |= dict.fromkeys("L[", "-object")

ARRAY = [("", "i"), ("-wide", "w"), ("", "i"), ("-wide", "w"), ("-object", "a"), ("-byte", "i")]
ARRAY += [("-char", "i"), ("-short", "i")]  # int, long, float, double, reference, byte, char, short
ARITHMETIC = ["int", "long", "float", "double"]
OPERATOR = {0x60: "add", 0x64: "sub", 0x68: "mul", 0x6C: "div", 0x70: "rem"}
BITWISE = {0x78: "shl", 0x7A: "shr", 0x7C: "ushr", 0x7E: "and", 0x80: "or", 0x82: "xor"}
CONVERSION = ["int-to-long", "int-to-float", "int-to-double", "long-to-int", "long-to-float", "long-to-double"]
CONVERSION += ["float-to-int", "float-to-long", "float-to-double", "double-to-int", "double-to-long"]
CONVERSION += ["double-to-float", "int-to-byte", "int-to-char", "int-to-short"]
COMPARISON = {0x94: "cmp-long", 0x95: "cmpl-float", 0x96: "cmpg-float", 0x97: "cmpl-double", 0x98: "cmpg-double"}
CONDITION = ["eq", "ne", "lt", "ge", "gt", "le"]
PRIMITIVE_ARRAY = {5: "[C", 6: "[F", 7: "[D", 8: "[B", 9: "[S", 10: "[I", 11: "[J"}  # booleans share byte's opcodes

FLAGS = [(1, "public"), (2, "private"), (4, "protected"), (8, "static"), (0x10, "final")]
FIELD_FLAGS = [*FLAGS, (0x40, "volatile"), (0x80, "transient"), (0x1000, "synthetic")]
METHOD_FLAGS = [*FLAGS, (0x40, "bridge"), (0x80, "varargs"), (0x100, "native"), (0x400, "abstract")]
METHOD_FLAGS += [(0x1000, "synthetic")]
CLASS_FLAGS = [(1, "public"), (0x10, "final"), (0x200, "interface"), (0x400, "abstract"), (0x1000, "synthetic")]
SYNCHRONIZED = 0x20
MOST_STACK = 16  # many instructions name registers by four bits
MOST_REGISTERS = 256  # and nearly all of them by eight


class UntranslatableError(ValueError):
    """The class holds something that this translation does not know."""


def translate(cls: ClassFile) -> str:
    """A class as smali.

    Raises:
        UntranslatableError: it holds something that is not known here; the message names the method.
    """
    lines = [f".class {_flags(cls.access, CLASS_FLAGS)}L{cls.name};", f".super L{cls.superclass};"]
    if cls.source:
        lines.append(f".source {_quoted(cls.source)}")
    lines += [f".implements L{name};" for name in cls.interfaces]
    for member in cls.fields:
        if member.annotations:
            raise UntranslatableError(f"{cls.name}.{member.name}: annotations of a field are not known here")
        value = "" if member.constant is None else f" = {_literal(member.constant, member.descriptor)}"
        lines.append(f".field {_flags(member.access, FIELD_FLAGS)}{member.name}:{member.descriptor}{value}")
    for member in cls.methods:
        lines += ["", *_method(cls, member)]
    return "\n".join(lines) + "\n"


def _flags(access: int, names: list[tuple[int, str]]) -> str:
    return "".join(f"{name} " for bit, name in names if access & bit)


def _quoted(text: str) -> str:
    units = (int.from_bytes(pair, "big") for pair in _pairs(text.encode("utf-16-be", "surrogatepass")))
    plain = (chr(unit) if 0x20 <= unit < 0x7F and chr(unit) not in "\"\\'" else f"\\u{unit:04x}" for unit in units)
    return '"' + "".join(plain) + '"'


def _pairs(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 2] for at in range(0, len(data), 2))


def _literal(value: Constant, descriptor: str) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Long):
        return f"{value.value}L"
    if isinstance(value, int) and descriptor == "I":
        return str(value)
    if isinstance(value, int) and descriptor == "Z":
        return "true" if value else "false"
    raise UntranslatableError(f"a constant field of type {descriptor} with value {value!r} is not known here")


def _parameters(descriptor: str) -> list[str]:
    """The kinds of a method's parameters."""
    inside = descriptor[1 : descriptor.index(")")]
    return [KIND[found[0]] for found in re.findall(r"\[*(?:L[^;]+;|[ZBCSIJFD])", inside)]


def _width(kinds: Stack | list[str]) -> int:
    return len(kinds) + list(kinds).count("w")


def _method(cls: ClassFile, method: Member) -> list[str]:
    where = f"{cls.name}.{method.name}{method.descriptor}"
    if method.access & SYNCHRONIZED:
        raise UntranslatableError(f"{where}: synchronized methods are not known here")
    constructor = "constructor " if method.name.startswith("<") else ""
    lines = [f".method {_flags(method.access, METHOD_FLAGS)}{constructor}{method.name}{method.descriptor}"]
    for descriptor in method.annotations:
        lines += [f"    .annotation runtime {descriptor}", "    .end annotation"]
    if method.code is not None:
        try:
            lines += [f"    {line}" for line in _Body(cls, method, method.code).smali()]
        except UntranslatableError as error:
            raise UntranslatableError(f"{where}: {error}") from None
    return [*lines, ".end method"]


class _Body:
    """One method's code on its way into smali."""

    def __init__(self, cls: ClassFile, method: Member, code: Code) -> None:
        if code.max_stack > MOST_STACK or code.max_stack + code.max_locals > MOST_REGISTERS:
            raise UntranslatableError(f"a stack of {code.max_stack} and {code.max_locals} local variables are too many")
        self.cls = cls
        self.code = code
        self.parameters = _width(_parameters(method.descriptor)) + (not method.access & 8)
        self.stack: list[str] = []
        self.lines: list[str] = []
        self.targets: list[int] = []
        self.tables: list[str] = []
        self.at = 0

    def smali(self) -> Iterator[str]:
        """The lines between .method and .end method."""
        code = self.code
        catching = {row.handler for row in code.handlers}
        entered: dict[int, Stack] = {}
        written: dict[int, list[str]] = {}
        ahead: list[tuple[int, Stack]] = [(0, ())] + [(pc, ("a",)) for pc in sorted(catching)]
        while ahead:
            pc, stack = ahead.pop()
            if pc in entered:
                if entered[pc] != stack:
                    raise UntranslatableError(f"two ways to {pc} leave {entered[pc]} and {stack} on the stack")
                continue
            entered[pc] = stack
            self.at, self.stack, self.lines, self.targets = pc, list(stack), [], []
            falls = self._instruction()
            written[pc] = ["move-exception v0", *self.lines] if pc in catching else self.lines
            onward = [*self.targets, *([self.at] if falls else [])]
            if catching.intersection(onward):
                raise UntranslatableError(f"{pc} leads into an exception handler")
            ahead += [(target, tuple(self.stack)) for target in onward]
        yield f".registers {code.max_stack + code.max_locals}"
        for pc in sorted(written):
            if pc in code.lines:
                yield f".line {code.lines[pc]}"
            yield f":at_{pc}"
            yield from written[pc]
        yield f":at_{len(code.instructions)}"
        yield from self._catches()
        yield from self.tables

    def _catches(self) -> Iterator[str]:
        """The exception table, cut where its rows begin and end.

        Java takes the first row that fits. Android looks at what catches all last, so what Java would look at after it
        has to be left out.
        """
        rows = self.code.handlers
        cuts = sorted({row.start for row in rows} | {row.end for row in rows})
        for start, end in pairwise(cuts):
            for row in rows:
                if row.start <= start and end <= row.end:
                    caught = ".catchall" if row.caught is None else f".catch L{row.caught};"
                    yield f"{caught} {{:at_{start} .. :at_{end}}} :at_{row.handler}"
                    if row.caught is None:
                        break

    # The stack, as registers.

    def _push(self, kind: str) -> str:
        self.stack.append(kind)
        return f"v{_width(self.stack[:-1])}"

    def _pop(self, kind: str | None = None) -> str:
        if not self.stack or (kind and self.stack[-1] != kind):
            raise UntranslatableError(f"a {kind} should lie on top of the stack {self.stack}")
        self.stack.pop()
        return f"v{_width(self.stack)}"

    def _local(self, index: int) -> str:
        own = index - self.parameters
        return f"p{index}" if own < 0 else f"v{self.code.max_stack + own}"

    def _emit(self, line: str) -> None:
        self.lines.append(line)

    # The instruction at hand.

    def _number(self, size: int, *, signed: bool = False) -> int:
        self.at += size
        return int.from_bytes(self.code.instructions[self.at - size : self.at], "big", signed=signed)

    def _constant(self, size: int = 2) -> Constant:
        return self.cls.pool[self._number(size)]

    def _type(self) -> str:
        value = self._constant()
        if not isinstance(value, Type):
            raise UntranslatableError(f"a class was expected and {value!r} found")
        return value.name if value.name.startswith("[") else f"L{value.name};"

    def _reference(self) -> Reference:
        value = self._constant()
        if not isinstance(value, Reference) or value.owner.startswith("["):
            raise UntranslatableError(f"a member of a class was expected and {value!r} found")
        return value

    def _branch(self, start: int, size: int = 2) -> str:
        target = start + self._number(size, signed=True)
        self.targets.append(target)
        return f":at_{target}"

    def _instruction(self) -> bool:
        """Translates one instruction; whether the next one may follow it."""
        start = self.at
        op = self._number(1)
        if op <= 0x14:
            self._push_constant(op)
        elif op <= 0x2D:
            kind = "iwiwa"[op - 0x15 if op <= 0x19 else (op - 0x1A) // 4]
            index = self._number(1) if op <= 0x19 else (op - 0x1A) % 4
            self._emit(f"{MOVE[kind]} {self._push(kind)}, {self._local(index)}")
        elif op <= 0x35:
            suffix, kind = ARRAY[op - 0x2E]
            index_register, array = self._pop("i"), self._pop("a")
            self._emit(f"aget{suffix} {self._push(kind)}, {array}, {index_register}")
        elif op <= 0x4E:
            kind = "iwiwa"[op - 0x36 if op <= 0x3A else (op - 0x3B) // 4]
            index = self._number(1) if op <= 0x3A else (op - 0x3B) % 4
            self._emit(f"{MOVE[kind]} {self._local(index)}, {self._pop(kind)}")
        elif op <= 0x56:
            suffix, kind = ARRAY[op - 0x4F]
            value, index_register, array = self._pop(kind), self._pop("i"), self._pop("a")
            self._emit(f"aput{suffix} {value}, {array}, {index_register}")
        elif op <= 0x5F:
            self._rearrange(op)
        elif op <= 0x98:
            self._calculate(op)
        elif op <= 0xA6:
            second = self._pop() if op >= 0x9F else None
            condition = CONDITION[(op - 0x99) % 6]
            operands = f"z {self._pop()}" if second is None else f" {self._pop()}, {second}"
            self._emit(f"if-{condition}{operands}, {self._branch(start)}")
        elif op == 0xA7:
            self._emit(f"goto/32 {self._branch(start)}")
            return False
        elif op in (0xAA, 0xAB):
            self._switch(op, start)
            return False
        elif 0xAC <= op <= 0xB0:
            kind = "iwiwa"[op - 0xAC]
            self._emit(f"{RETURN[kind]} {self._pop(kind)}")
            return False
        elif op == 0xB1:
            self._emit("return-void")
            return False
        elif op == 0xBF:
            self._emit(f"throw {self._pop('a')}")
            return False
        elif 0xB2 <= op <= 0xB9:
            self._member(op)
        elif op in (0xC6, 0xC7):
            register = self._pop("a")
            self._emit(f"if-{CONDITION[op - 0xC6]}z {register}, {self._branch(start)}")
        else:
            self._object(op)
        return True

    def _push_constant(self, op: int) -> None:
        if op == 0x01:
            self._emit(f"const/4 {self._push('a')}, 0")
            return
        value: Constant
        if 0x02 <= op <= 0x08:
            value = op - 0x03
        elif op in (0x09, 0x0A):
            value = Long(op - 0x09)
        elif 0x0B <= op <= 0x0D:
            value = Float((0, 0x3F80_0000, 0x4000_0000)[op - 0x0B])  # 0.0, 1.0, 2.0
        elif op in (0x0E, 0x0F):
            value = Double((0, 0x3FF0 << 48)[op - 0x0E])  # 0.0, 1.0
        elif op in (0x10, 0x11):
            value = self._number(op - 0x0F, signed=True)
        elif op in (0x12, 0x13, 0x14):
            value = self._constant(1 if op == 0x12 else 2)
        else:
            raise UntranslatableError(f"instruction {op:#04x} is not known here")
        if isinstance(value, int):
            self._emit(f"const {self._push('i')}, {value}")
        elif isinstance(value, Float):
            self._emit(f"const {self._push('i')}, {value.bits - (value.bits >> 31 << 32)}")
        elif isinstance(value, Long):
            self._emit(f"const-wide {self._push('w')}, {value.value}L")
        elif isinstance(value, Double):
            self._emit(f"const-wide {self._push('w')}, {value.bits - (value.bits >> 63 << 64)}L")
        elif isinstance(value, str):
            self._emit(f"const-string {self._push('a')}, {_quoted(value)}")
        elif isinstance(value, Type):
            name = value.name if value.name.startswith("[") else f"L{value.name};"
            self._emit(f"const-class {self._push('a')}, {name}")
        else:
            raise UntranslatableError(f"the constant {value!r} is not known here")

    def _rearrange(self, op: int) -> None:
        """Pop, pop2, dup, dup_x1 and dup2; the other five hardly ever come from a compiler."""
        if op == 0x57 or (op == 0x58 and self.stack[-1:] == ["w"]):
            self._pop()
        elif op == 0x59 or (op == 0x5C and self.stack[-1:] == ["w"]):
            kind = self.stack[-1]
            source = self._pop()
            self._push(kind)
            self._emit(f"{MOVE[kind]} {self._push(kind)}, {source}")
        elif op in (0x5A, 0x5C) and "w" not in self.stack[-2:]:
            below, top = self.stack[-2:]
            at = _width(self.stack[:-2])
            if op == 0x5A:  # ..., below, top -> ..., top, below, top
                self.stack[-2:] = [top, below, top]
                self._emit(f"{MOVE[top]} v{at + 2}, v{at + 1}")
                self._emit(f"{MOVE[below]} v{at + 1}, v{at}")
                self._emit(f"{MOVE[top]} v{at}, v{at + 2}")
            else:  # ..., below, top -> ..., below, top, below, top
                self.stack += [below, top]
                self._emit(f"{MOVE[below]} v{at + 2}, v{at}")
                self._emit(f"{MOVE[top]} v{at + 3}, v{at + 1}")
        else:
            raise UntranslatableError(f"instruction {op:#04x} is not known here on {self.stack}")

    def _calculate(self, op: int) -> None:
        if op <= 0x73:
            kind, name = "iwiw"[op % 4], f"{OPERATOR[op & ~3]}-{ARITHMETIC[op % 4]}"
            right, left = self._pop(kind), self._pop(kind)
            self._emit(f"{name} {self._push(kind)}, {left}, {right}")
        elif op <= 0x77:
            kind = "iwiw"[op % 4]
            register = self._pop(kind)
            self._emit(f"neg-{ARITHMETIC[op % 4]} {self._push(kind)}, {register}")
        elif op <= 0x83:
            kind, name = "iw"[op % 2], f"{BITWISE[op & ~1]}-{ARITHMETIC[op % 2]}"
            right, left = self._pop("i" if op <= 0x7D else kind), self._pop(kind)  # a shift is by an int
            self._emit(f"{name} {self._push(kind)}, {left}, {right}")
        elif op == 0x84:
            register = self._local(self._number(1))
            self._emit(f"add-int/lit8 {register}, {register}, {self._number(1, signed=True)}")
        elif op <= 0x93:
            name = CONVERSION[op - 0x85]
            before, after = name.split("-to-")
            register = self._pop("w" if before in ("long", "double") else "i")
            self._emit(f"{name} {self._push('w' if after in ('long', 'double') else 'i')}, {register}")
        else:
            kind = "i" if op in (0x95, 0x96) else "w"
            right, left = self._pop(kind), self._pop(kind)
            self._emit(f"{COMPARISON[op]} {self._push('i')}, {left}, {right}")

    def _switch(self, op: int, start: int) -> None:
        """Both forms of Java's switch become the sparse one."""
        register = self._pop("i")
        self.at += -self.at % 4
        default = self._branch(start, 4)
        if op == 0xAA:
            low, high = self._number(4, signed=True), self._number(4, signed=True)
            cases = [(key, self._branch(start, 4)) for key in range(low, high + 1)]
        else:
            cases = [(self._number(4, signed=True), self._branch(start, 4)) for _ in range(self._number(4))]
        self._emit(f"sparse-switch {register}, :switch_{start}")
        self._emit(f"goto/32 {default}")
        self.tables += [f":switch_{start}", ".sparse-switch"]
        self.tables += [f"    {key} -> {label}" for key, label in cases]
        self.tables.append(".end sparse-switch")

    def _member(self, op: int) -> None:
        member = self._reference()
        name = f"L{member.owner};->{member.name}{'' if op >= 0xB6 else ':'}{member.descriptor}"
        if op <= 0xB5:
            kind, suffix = KIND[member.descriptor[0]], FIELD[member.descriptor[0]]
            if op == 0xB2:
                self._emit(f"sget{suffix} {self._push(kind)}, {name}")
            elif op == 0xB3:
                self._emit(f"sput{suffix} {self._pop(kind)}, {name}")
            elif op == 0xB4:
                register = self._pop("a")
                self._emit(f"iget{suffix} {self._push(kind)}, {register}, {name}")
            else:
                value, register = self._pop(kind), self._pop("a")
                self._emit(f"iput{suffix} {value}, {register}, {name}")
            return
        arguments = _parameters(member.descriptor)
        if op == 0xB9:
            self.at += 2  # a count, which the descriptor tells too, and a zero
        if op != 0xB8:
            arguments.insert(0, "a")
        for kind in reversed(arguments):
            self._pop(kind)
        first = _width(self.stack)
        registers = f"{{v{first} .. v{first + _width(arguments) - 1}}}" if arguments else "{}"
        self._emit(f"invoke-{self._way(op, member)}{'/range' if arguments else ''} {registers}, {name}")
        result = member.descriptor[member.descriptor.index(")") + 1]
        if result != "V":
            self._emit(f"{RESULT[KIND[result]]} {self._push(KIND[result])}")

    def _way(self, op: int, member: Reference) -> str:
        if op == 0xB7:  # Java calls constructors, private methods and those of the superclass by one instruction
            return "direct" if member.name == "<init>" or member.owner == self.cls.name else "super"
        return {0xB6: "virtual", 0xB8: "static", 0xB9: "interface"}[op]

    def _object(self, op: int) -> None:
        if op == 0xBB:
            name = self._type()
            self._emit(f"new-instance {self._push('a')}, {name}")
        elif op in (0xBC, 0xBD):
            code = self._number(1) if op == 0xBC else None
            if code is not None and code not in PRIMITIVE_ARRAY:
                raise UntranslatableError("arrays of booleans are not known here")
            name = f"[{self._type()}" if code is None else PRIMITIVE_ARRAY[code]
            register = self._pop("i")
            self._emit(f"new-array {self._push('a')}, {register}, {name}")
        elif op == 0xBE:
            register = self._pop("a")
            self._emit(f"array-length {self._push('i')}, {register}")
        elif op == 0xC0:
            self._emit(f"check-cast {self._pop('a')}, {self._type()}")
            self._push("a")
        elif op == 0xC1:
            register = self._pop("a")
            self._emit(f"instance-of {self._push('i')}, {register}, {self._type()}")
        else:
            raise UntranslatableError(f"instruction {op:#04x} is not known here")
