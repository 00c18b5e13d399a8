/**
 * RLE pixel data → native: the one compression that is undone here, so that regions can be blanked in it and no byte remains that nobody sees.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part05/chapter_G.html
 * @module
 */
import { Withheld } from './element.ts';
import type { Geometry } from './geometry.ts';

/** PackBits into every `step`th byte from `from`. */
function segment(bytes: Uint8Array, start: number, stop: number, out: Uint8Array, from: number, step: number, count: number): void {
  let at = start;
  let to = from;
  let left = count;
  while (left > 0) {
    if (at >= stop) throw new Withheld('has pixel data that are none');
    const n = bytes[at++]!;
    if (n === 128) continue;
    const run = Math.min(n < 128 ? n + 1 : 257 - n, left);
    if (n < 128) {
      if (at + run > stop) throw new Withheld('has pixel data that are none');
      for (let i = 0; i < run; i++, to += step) out[to] = bytes[at + i]!;
      at += n + 1;
    } else {
      const value = bytes[at++]!;
      for (let i = 0; i < run; i++, to += step) out[to] = value;
    }
    left -= run;
  }
}

/** One fragment per frame; samples come out by pixel (planar configuration 0). @throws Withheld */
export function native(fragments: readonly Uint8Array[], { rows, columns, samples, bits, frames }: Geometry): Uint8Array {
  if (fragments.length !== frames || (bits !== 8 && bits !== 16)) throw new Withheld('has pixel data that are none');
  const width = bits / 8;
  const pixels = rows * columns;
  const size = pixels * samples * width * frames;
  // Two bytes become 128 at most: what cannot be there takes no memory.
  if (size > 64 * fragments.reduce((sum, { length }) => sum + length, 0)) throw new Withheld('has pixel data that are none');
  const out = new Uint8Array(size + (size & 1));
  fragments.forEach((bytes, frame) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (bytes.length < 64 || view.getUint32(0, true) !== samples * width) throw new Withheld('has pixel data that are none');
    for (let s = 0; s < samples * width; s++) {
      const start = view.getUint32(4 + 4 * s, true);
      const stop = s + 1 < samples * width ? view.getUint32(8 + 4 * s, true) : bytes.length;
      if (start < 64 || stop > bytes.length || start > stop) throw new Withheld('has pixel data that are none');
      // Segments hold the high byte first, the output the low one.
      const inPixel = Math.floor(s / width) * width + (width - 1 - (s % width));
      segment(bytes, start, stop, out, frame * pixels * samples * width + inPixel, samples * width, pixels);
    }
  });
  return out;
}
