/**
 * The sheet as a PDF of one page in true millimetres: a picture, its text once more, unseen, so that it can be found and
 * copied, and all of it in words for whoever has the page read aloud.
 */
import type { Record } from "../edge/record";
import { A4, sheetCanvas, type Written } from "./sheet";
import type { SheetText } from "./types";

const POINTS_PER_MM = 72 / 25.4;

export async function sheetPdf(record: Record, text: SheetText, startS = 0): Promise<Blob> {
  const lines: Written[] = [];
  const canvas = sheetCanvas(record, text, startS, (line) => lines.push(line));
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no canvas");
  const { palette, pixels } = indexed(context.getImageData(0, 0, width, height));
  const picture = await deflated(pixels);
  canvas.width = canvas.height = 0; // 35 MB that iOS would keep

  const [right, top] = [points(A4.width), points(A4.height)];
  const shown = `q ${right} 0 0 ${top} 0 0 cm /Sheet Do Q`;
  const content = `/Figure << /MCID 0 >> BDC\n${shown}\n${lines.map(unseen).join("\n")}\nEMC`;
  return assembled([
    [
      `<< /Type /Catalog /Pages 2 0 R /Lang ${pdfString(text.language)} /MarkInfo << /Marked true >>` +
        " /StructTreeRoot 7 0 R /ViewerPreferences << /DisplayDocTitle true /PrintScaling /None" +
        ` /Direction /${text.direction === "rtl" ? "R2L" : "L2R"} >> >>`,
    ],
    ["<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
    [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${right} ${top}] /Contents 4 0 R /StructParents 0 /Tabs /S` +
        " /Resources << /XObject << /Sheet 5 0 R >> /Font << /Text 6 0 R >> >> >>",
    ],
    [`<< /Length ${content.length} >>\nstream\n${content}\nendstream`],
    [
      `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /BitsPerComponent 8` +
        ` /ColorSpace [/Indexed /DeviceRGB ${palette.length - 1} <${palette.map(hexRgb).join("")}>]` +
        ` /Filter /FlateDecode /Length ${picture.length} >>\nstream\n`,
      picture,
      "\nendstream",
    ],
    ["<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"],
    ["<< /Type /StructTreeRoot /K 8 0 R /ParentTree 10 0 R /ParentTreeNextKey 1 >>"],
    ["<< /Type /StructElem /S /Document /P 7 0 R /K 9 0 R >>"],
    [
      `<< /Type /StructElem /S /Figure /P 8 0 R /Pg 3 0 R /K 0 /Alt ${pdfString(inWords(text))}` +
        ` /A << /O /Layout /Placement /Block /BBox [0 0 ${right} ${top}] >> >>`,
    ],
    ["<< /Nums [0 [9 0 R]] >>"],
    [`<< /Title ${pdfString(text.title)} /Subject ${pdfString(text.verdict)} /Producer (ecglite) >>`],
  ]);
}

const points = (mm: number): string => (mm * POINTS_PER_MM).toFixed(3);

/** What a sheet says, line by line, for whoever does not see it. */
function inWords({ title, verdict, facts, probabilities, alerts, overTime, remarks, notADevice }: SheetText): string {
  return [
    title,
    verdict,
    ...facts,
    ...probabilities.map(([label, , p]) => `${label}: ${p}`),
    ...alerts,
    ...(overTime ? [overTime.inWords(overTime.stretches)] : []),
    ...remarks,
    notADevice,
  ].join("\n");
}

/**
 * A line that is not painted, over the picture of it. Each letter of Courier is 0.6 of its size wide, so the line is as
 * wide as its picture once stretched. What Latin-1 does not have, Arabic above all, stands as the text that is meant.
 */
function unseen({ text, left, base, width, size }: Written): string {
  const codes = Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  const latin = codes.every((code) => code < 256);
  const stretch = (100 * width) / (0.6 * size * codes.length);
  const letters = codes.map((code) => (code < 256 ? code : 0x3f).toString(16).padStart(2, "0")).join("");
  const at = `${points(left)} ${points(A4.height - base)}`;
  const line = `BT 3 Tr /Text ${points(size)} Tf ${stretch.toFixed(2)} Tz 1 0 0 1 ${at} Tm <${letters}> Tj ET`;
  return latin ? line : `/Span << /ActualText ${pdfString(text)} >> BDC ${line} EMC`;
}

/** Objects numbered from 1, the first the catalog and the last the information, with the table of where each begins. */
function assembled(objects: readonly (readonly (string | Uint8Array<ArrayBuffer>)[])[]): Blob {
  const latin = new TextEncoder(); // everything written here is ASCII
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  const write = (part: string | Uint8Array<ArrayBuffer>): void => {
    const bytes = typeof part === "string" ? latin.encode(part) : part;
    parts.push(bytes);
    at += bytes.length;
  };
  write("%PDF-1.7\n");
  write(new Uint8Array([0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a])); // tells transports that the file is binary
  const begins = objects.map((object, index) => {
    const begin = at;
    write(`${index + 1} 0 obj\n`);
    object.forEach(write);
    write("\nendobj\n");
    return begin;
  });
  const table = at;
  const entries = begins.map((begin) => `${String(begin).padStart(10, "0")} 00000 n \n`).join("");
  write(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`);
  write(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\n`);
  write(`startxref\n${table}\n%%EOF\n`);
  return new Blob(parts, { type: "application/pdf" });
}

/** A text string in any script: UTF-16 with its byte order mark, in hexadecimal. */
function pdfString(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, "0"));
  return `<feff${units.join("")}>`;
}

/** Colours as 0xBBGGRR, the most frequent first, and for each pixel which of them it is. */
interface Indexed {
  readonly palette: readonly number[];
  readonly pixels: Uint8Array<ArrayBuffer>;
}

/**
 * The picture in its 256 most frequent colours, which are over 99 % of its pixels; the rest, rare shades on the edges of
 * letters, become the nearest of them. It takes half the bytes of RGB.
 */
function indexed({ data, width, height }: ImageData): Indexed {
  const words = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const counts = new Map<number, number>();
  const n = words.length;
  for (let at = 0; at < n; ) {
    const word = words[at] as number;
    const from = at++;
    while (at < n && words[at] === word) at++;
    counts.set(word, (counts.get(word) ?? 0) + at - from);
  }
  const colours = [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => word & 0xffffff);
  const palette = colours.slice(0, 256);
  const indices = new Map(colours.map((colour, at) => [colour, at < 256 ? at : nearest(palette, colour)]));
  const pixels = new Uint8Array(n);
  for (let at = 0; at < n; ) {
    const word = words[at] as number;
    const index = indices.get(word & 0xffffff) as number;
    do pixels[at++] = index;
    while (at < n && words[at] === word);
  }
  return { palette, pixels };
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [at, other] of palette.entries()) {
    let far = 0;
    for (const shift of [0, 8, 16]) far += (((colour >> shift) & 0xff) - ((other >> shift) & 0xff)) ** 2;
    if (far < least) [best, least] = [at, far];
  }
  return best;
}

function hexRgb(colour: number): string {
  return [0, 8, 16].map((shift) => ((colour >> shift) & 0xff).toString(16).padStart(2, "0")).join("");
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
