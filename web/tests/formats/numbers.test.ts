/** Delimited text to numbers, where `Number` is the truth; numbers and text in sentences, where Python is. */
import { describe, expect, test } from "vitest";
import { EcgliteError } from "../../src/edge/errors";
import { parseTable } from "../../src/edge/formats/numbers";
import { general, mebibytes, nearest, plain } from "../../src/edge/numbers";
import { clipped, quoted, strip } from "../../src/edge/text";
import { say, words } from "../../src/edge/words";

const parsed = (text: string, nColumns: number, decimal = ".", ignored: readonly number[] = []): Float64Array[] => {
  const delimiter = decimal === "." ? "," : ";";
  const layout = { nColumns, delimiter, decimal, firstLine: 11, clocks: new Set<number>() };
  return parseTable(new TextEncoder().encode(text), layout, new Set(ignored));
};

const cameOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof EcgliteError && error.kind === "MalformedFileError") return error.message;
    throw error;
  }
  throw new Error("it was read");
};

describe("cells", () => {
  test("equal Number to the last bit, over many blocks", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 0x7fffffff;
      return seed / 0x7fffffff;
    };
    const cells = Array.from({ length: 30_000 }, (_, at) => {
      const value = (random() - 0.5) * 10 ** (Math.floor(random() * 24) - 8);
      return [value.toPrecision(5), String(value), value.toExponential(18), value.toFixed(3), ` ${value} `][at % 5];
    });
    const [column] = parsed(`${cells.join("\n")}\n`, 1);
    expect(column).toEqual(Float64Array.from(cells, Number));
  });

  test.each<[string, number]>([
    ["-0", -0],
    [".5", 0.5],
    ["5.", 5],
    ["+4.25", 4.25],
    ["-1E-3", -0.001],
    ["'8'", 8],
    [' "9.5" ', 9.5],
    ["123456789012345", 123456789012345],
    ["12345678901234567890", 12345678901234567e3],
    ["0.1234567890123456", 0.1234567890123456],
    ...["", " ", "nan", "NaN", "NA", "n/a", "null", "-", "inf", "+nan", "-Infinity", "1e999"].map(
      (cell): [string, number] => [cell, Number.NaN],
    ),
  ])("%j is %d", (cell, value) => {
    expect(parsed(`1,${cell}\n3,4\n`, 2)[1]).toEqual(Float64Array.of(value, 4));
  });

  test("a decimal comma", () => {
    expect(parsed("-0;-0,5\n1.25;+3\n", 2, ",")).toEqual([Float64Array.of(-0, 1.25), Float64Array.of(-0.5, 3)]);
  });

  test.each(["x", "1_0", "0x10", "0b1", "1 2", "--1", "1.2.3", "-+4", "5-", "1.-5", "e5", "1;5", "٣"])(
    "%j is text, which an ignored column may hold",
    (cell) => {
      const text = `1,2\n3,${cell}\n`;
      expect(cameOf(() => parsed(text, 2))).toMatch(/^line 12, column 2 holds '/);
      expect(parsed(text, 2, ".", [1])[1]).toEqual(Float64Array.of(2, Number.NaN));
    },
  );

  test.each([
    ["1", 0],
    ["1,2,3", 7],
    ["", 19_999],
  ])("a row %j of another length names its line", (line, row) => {
    const lines = Array<string>(20_000).fill("1.5,-2.5");
    lines[row] = line;
    const cells = line.split(",").length;
    const came = `line ${11 + row} has ${cells} cells where the lines before have 2`;
    expect(cameOf(() => parsed(`${lines.join("\n")}\n`, 2))).toBe(came);
  });

  test("an endless line", () => {
    expect(cameOf(() => parsed(`1\n${"1".repeat(130_000)}\n`, 1))).toBe("line 12 is longer than 65536 bytes");
  });
});

describe("as Python writes them", () => {
  test.each([
    [500, 6, "500"],
    [0.5, 6, "0.5"],
    [100000, 6, "100000"],
    [1e6, 6, "1e+06"],
    [0.0001, 6, "0.0001"],
    [0.00001234, 6, "1.234e-05"],
    [1 / 3, 6, "0.333333"],
    [12.25, 3, "12.2"],
    [12.35, 3, "12.3"],
    [1125000, 3, "1.12e+06"],
    [999.6, 3, "1e+03"],
    [-0, 6, "-0"],
    [Number.NaN, 6, "nan"],
    [Number.NEGATIVE_INFINITY, 6, "-inf"],
  ])("%d to %d digits", (value, digits, text) => {
    expect(general(value, digits)).toBe(text);
  });

  test.each([
    [1040.3, 3, "1040"],
    [1e6, 6, "1000000"],
    [0.0014567, 3, "0.00146"],
    [1.04e-6, 3, "under 0.001"],
    [1e20, 3, "over 1000000000"],
    [0, 3, "0"],
  ])("%d to %d digits in a sentence", (value, digits, text) => {
    expect(say(words("{value}", { value: plain(value, digits) }))).toBe(text);
  });

  test("bytes up to the next tenth, and whole numbers, ties to even", () => {
    expect(mebibytes(3 * 1024 ** 3)).toBe("3072");
    expect(mebibytes(128 * 1024 ** 2 + 1)).toBe("128.1");
    expect([0.5, 1.5, 2.4, 1000.5].map(nearest)).toEqual([0, 2, 2, 1000]);
  });

  test.each([
    ["a", "'a'"],
    ["it's", '"it\'s"'],
    ["'\"", "'\\'\"'"],
    ["\\\n\r\t\0\x7f\xa0", "'\\\\\\n\\r\\t\\x00\\x7f\\xa0'"],
    ["é😀\u2028\u{e0001}", "'é😀\\u2028\\U000e0001'"],
  ])("quoted: %j", (text, quotation) => {
    expect(quoted(text)).toBe(quotation);
  });

  test("stripped and cut", () => {
    expect(strip("\x1c\x85\u2003 a\ufeff\n")).toBe("a\ufeff");
    expect(strip("[](x) ", "[]() ")).toBe("x");
    expect(clipped("😀😀😀", 2)).toBe("😀😀");
  });
});
