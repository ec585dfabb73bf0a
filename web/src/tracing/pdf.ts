/** The sheet as a PDF of one page in true millimetres: a picture, losslessly compressed, and what PDF must say around it. */
import type { Record } from "../edge/record";
import { A4, sheetCanvas } from "./sheet";
import type { SheetText } from "./types";

const POINTS_PER_MM = 72 / 25.4;

export async function sheetPdf(record: Record, text: SheetText, startS = 0): Promise<Blob> {
  const canvas = sheetCanvas(record, text, startS);
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser has no canvas");
  const picture = await deflated(predicted(context.getImageData(0, 0, width, height)));
  canvas.width = canvas.height = 0; // 35 MB that iOS would keep

  const points = (mm: number): string => (mm * POINTS_PER_MM).toFixed(3);
  const page = `${points(A4.width)} 0 0 ${points(A4.height)}`;
  const content = `q ${page} 0 0 cm /Sheet Do Q`;
  return assembled([
    [
      `<< /Type /Catalog /Pages 2 0 R /Lang ${pdfString(text.language)} /ViewerPreferences << /DisplayDocTitle true` +
        ` /PrintScaling /None /Direction /${text.direction === "rtl" ? "R2L" : "L2R"} >> >>`,
    ],
    ["<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
    [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${points(A4.width)} ${points(A4.height)}]` +
        " /Resources << /XObject << /Sheet 5 0 R >> >> /Contents 4 0 R >>",
    ],
    [`<< /Length ${content.length} >>\nstream\n${content}\nendstream`],
    [
      `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8` +
        ` /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns ${width} >>` +
        ` /Length ${picture.length} >>\nstream\n`,
      picture,
      "\nendstream",
    ],
    [`<< /Title ${pdfString(text.title)} /Subject ${pdfString(text.verdict)} /Producer (ecglite) >>`],
  ]);
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

/** Rows of RGB, each preceded by PNG's filter 2: what differs from the row above, which on ruled paper is little. */
function predicted({ data, width, height }: ImageData): Uint8Array<ArrayBuffer> {
  const row = width * 3 + 1;
  const out = new Uint8Array(row * height);
  for (let y = 0, from = 0; y < height; y++) {
    let to = y * row;
    out[to++] = 2;
    for (let x = 0; x < width; x++, from += 4) {
      for (let colour = 0; colour < 3; colour++) {
        const above = y === 0 ? 0 : (data[from + colour - width * 4] as number);
        out[to++] = (data[from + colour] as number) - above;
      }
    }
  }
  return out;
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
