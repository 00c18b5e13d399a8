// https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.7.6.3.html
import { expect, test } from '@jest/globals';
import { plainJpeg, plainJpeg2000 } from '../../../src/deid/dicom/codestream.ts';
import { deidentifyDicom } from '../../../src/deid/dicom/deidentify.ts';
import type { Geometry } from '../../../src/deid/dicom/geometry.ts';
import { blank } from '../../../src/deid/dicom/pixels.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { readFile } from '../../../src/deid/dicom/read.ts';
import { chest, encapsulated, entry, file, type Item, syntaxes } from './ground.ts';

const regions = [{ x: 1, y: 2, width: 2, height: 1 }];
const ruled = readDicomProfile({ pixels: [{ modality: 'US', manufacturer: 'ACME', rows: 4, columns: 4, regions }] });
const us = (bits: number, samples: number, frames: number, planar: number): Item => [
  entry(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.6.1'),
  entry(0x00080060, 'CS', 'US'),
  entry(0x00080070, 'LO', 'ACME'),
  entry(0x00280002, 'US', samples),
  entry(0x00280004, 'CS', samples === 3 ? 'RGB' : 'MONOCHROME2'),
  entry(0x00280006, 'US', planar),
  entry(0x00280008, 'IS', String(frames)),
  entry(0x00280100, 'US', bits),
  entry(0x00280101, 'US', bits),
  entry(0x00280102, 'US', bits - 1),
];
const full = (n: number): Buffer => Buffer.from(Array.from({ length: n }, (_, i) => (i % 250) + 1));

/** Which value of which pixel stands at a byte: the slow way. */
function expected(bytes: Buffer, bits: number, samples: number, frames: number, planar: number): Buffer {
  const out = Buffer.from(bytes);
  const width = bits / 8;
  for (let f = 0; f < frames; f++)
    for (let s = 0; s < samples; s++)
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 4; x++)
          for (let b = 0; b < width; b++) {
            const value = planar === 1 ? (f * samples + s) * 16 + y * 4 + x : (f * 16 + y * 4 + x) * samples + s;
            if (y === 2 && (x === 1 || x === 2)) out[value * width + b] = 0;
          }
  return out;
}

const outPixels = (result: object): Buffer => {
  if (!('bytes' in result)) throw new Error(JSON.stringify(result));
  return Buffer.from(readFile(result.bytes as Uint8Array).set.get(0x7fe00010)!.bytes!);
};

for (const bits of [8, 16])
  for (const samples of [1, 3])
    for (const frames of [1, 3])
      for (const planar of samples === 3 ? [0, 1] : [0])
        for (const syntax of ['explicit', 'bigEndian', 'implicit'] as const)
          test(`clean pixel data: ${bits} bits, ${samples} samples, ${frames} frames, planar ${planar}, ${syntax}`, () => {
            const bytes = full((16 * bits * samples * frames) / 8);
            const result = deidentifyDicom(file(chest(us(bits, samples, frames, planar), bytes), syntaxes[syntax]), ruled, { uid: u => u });
            // The generator swaps words for big endian, whatever the bits are.
            expect(outPixels(result).equals(expected(bytes, bits, samples, frames, planar))).toBe(true);
            expect((result as { counts: Record<string, number> }).counts['blanked']).toBe(1);
          });

test('a region that reaches over the edge blanks what is inside', () => {
  const geometry: Geometry = { rows: 2, columns: 2, samples: 1, bits: 8, planar: false, frames: 1 };
  const bytes = Uint8Array.of(1, 2, 3, 4);
  blank(bytes, geometry, { x: 1, y: 1, width: 60_000, height: 60_000 });
  expect([...bytes]).toEqual([1, 2, 3, 0]);
  blank(bytes, geometry, { x: 9, y: 9, width: 1, height: 1 });
  expect([...bytes]).toEqual([1, 2, 3, 0]);
});

test('clean pixel data: compressed pixels with text in them are withheld', () => {
  const input = file(chest(us(8, 1, 1, 0), null), syntaxes.jpeg, false, encapsulated([Buffer.from('ffd8ffd9', 'hex')]));
  expect(deidentifyDicom(input, ruled, { uid: u => u })).toEqual({ withheld: 'has text in compressed pixels' });
});

test('pixels in a compression that cannot be looked into, or of more pieces than frames, are withheld', () => {
  const picture = Buffer.from('ffd8ffda0003011234ffd9', 'hex');
  const eight = [entry(0x00280100, 'US', 8), entry(0x00280008, 'IS', '2')];
  const of = (syntax: string, fragments: Buffer[]): object =>
    deidentifyDicom(file(chest(eight, null), syntax, false, encapsulated(fragments)), readDicomProfile({}), { uid: u => u });
  const closed = { withheld: 'has pixels in a compression that cannot be looked into' };
  for (const syntax of ['1.2.840.10008.1.2.4.100', '1.2.840.10008.1.2.4.92', '1.2.840.10008.1.2.4.110', '1.2.3'])
    expect(of(syntax, [picture, picture])).toEqual(closed);
  expect(of(syntaxes.jpeg, [picture, picture, picture])).toEqual({ withheld: 'has pixel data that are none' });
  expect(of(syntaxes.jpeg, [picture, picture])).toHaveProperty('bytes');
});

/** PackBits of literal runs. */
function rle(segments: readonly Buffer[]): Buffer {
  const packed = segments.map(bytes => {
    const runs: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 128)
      runs.push(Buffer.from([Math.min(128, bytes.length - at) - 1]), bytes.subarray(at, at + 128));
    const all = Buffer.concat(runs);
    return all.length % 2 === 0 ? all : Buffer.concat([all, Buffer.from([128])]);
  });
  const head = Buffer.alloc(64);
  head.writeUInt32LE(packed.length);
  let offset = 64;
  packed.forEach((bytes, i) => {
    head.writeUInt32LE(offset, 4 + 4 * i);
    offset += bytes.length;
  });
  return Buffer.concat([head, ...packed]);
}

test('RLE: becomes native, so that its text is blanked and nothing hides behind it', () => {
  const planes = [full(16), full(16).reverse(), full(16)];
  const input = file(chest(us(8, 3, 1, 1), null), syntaxes.rle, false, encapsulated([Buffer.concat([rle(planes), Buffer.from('QZJQZJ')])]));
  const result = deidentifyDicom(input, ruled, { uid: u => u });
  const native = Buffer.alloc(48);
  for (let i = 0; i < 48; i++) native[i] = planes[i % 3]![Math.floor(i / 3)]!;
  expect(outPixels(result).equals(expected(native, 8, 3, 1, 0))).toBe(true);
  expect(readFile((result as { bytes: Uint8Array }).bytes).transferSyntax).toBe(syntaxes.explicit);
  expect(readFile((result as { bytes: Uint8Array }).bytes).set.get(0x00280006)!.bytes![0]).toBe(0);
});

test('RLE: 16 bits, their high bytes first, and runs', () => {
  const high = Buffer.from([0xf1, 7]);
  const low = Buffer.from([0xf1, 9]);
  const head = Buffer.alloc(64);
  head.writeUInt32LE(2);
  head.writeUInt32LE(64, 4);
  head.writeUInt32LE(66, 8);
  const input = file(chest([entry(0x00280101, 'US', 16)], null), syntaxes.rle, false, encapsulated([Buffer.concat([head, high, low])]));
  expect(outPixels(deidentifyDicom(input, readDicomProfile({}), { uid: u => u }))).toEqual(Buffer.from('0907'.repeat(16), 'hex'));
});

test('bits that no value needs are cleared where an overlay says that it is in them; signs stay', () => {
  const overlay = [entry(0x60000100, 'US', 16), entry(0x60000102, 'US', 15), entry(0x00280103, 'US', 1)];
  const bytes = Buffer.alloc(32);
  bytes.writeUInt16LE(0xf005, 0);
  bytes.writeUInt16LE(0x0fff, 2);
  const out = outPixels(deidentifyDicom(file(chest(overlay, bytes), syntaxes.explicit), readDicomProfile({}), { uid: u => u }));
  expect([out.readInt16LE(0), out.readInt16LE(2)]).toEqual([5, -1]);
});

test('an odd number of bytes is padded with a zero', () => {
  const odd = chest([entry(0x00280010, 'US', 3), entry(0x00280011, 'US', 3), entry(0x00280100, 'US', 8)], full(9));
  const result = deidentifyDicom(file(odd, syntaxes.explicit), readDicomProfile({}), { uid: u => u });
  expect(outPixels(result)).toEqual(Buffer.concat([full(9), Buffer.alloc(1)]));
});

test('bytes behind the last frame go', () => {
  const bytes = Buffer.concat([full(32), Buffer.from('QZJQZJ')]);
  const result = deidentifyDicom(file(chest([], bytes), syntaxes.explicit), readDicomProfile({}), { uid: u => u });
  expect(outPixels(result)).toEqual(full(32));
});

test('pixels that are fewer than the object says are withheld', () => {
  expect(deidentifyDicom(file(chest([], full(30)), syntaxes.explicit), readDicomProfile({}), { uid: u => u })).toEqual({
    withheld: 'is cut short',
  });
});

test('JPEG: a JFIF header and the word on colours stay, EXIF and comments become zeros, what cannot be followed is refused', () => {
  const jfif = Buffer.from('ffe000104a46494600010100000100010000', 'hex');
  const adobe = Buffer.concat([Buffer.from('ffee000e', 'hex'), Buffer.from('Adobe'), Buffer.alloc(7, 1)]);
  const exif = Buffer.concat([Buffer.from('ffe1000a', 'hex'), Buffer.from('Exif QZJ')]);
  const scan = Buffer.from('ffda0003011234ffd0ff0056fffe0005515a4affd9', 'hex');
  const out = Buffer.from(plainJpeg(Buffer.concat([Buffer.from('ffd8', 'hex'), jfif, exif, adobe, scan]))!);
  expect(out.subarray(2, 20)).toEqual(jfif);
  expect(out.includes(adobe)).toBe(true);
  expect(out.includes('QZJ')).toBe(false);
  expect(plainJpeg(Buffer.from('ffd8ffe1ffff', 'hex'))).toBeUndefined();
  expect(plainJpeg(Buffer.from('ffd8ffda000301123456', 'hex'))).toBeUndefined();
  for (const marker of ['c8', 'd8', 'de', 'df', 'f1', 'fd'])
    expect(plainJpeg(Buffer.concat([Buffer.from(`ffd8ff${marker}0005`, 'hex'), Buffer.from('QZJ'), scan]))).toBeUndefined();
});

test('JPEG 2000: comments of the main header and of tile-parts become zeros; a file with boxes is refused', () => {
  const comment = Buffer.concat([Buffer.from('ff6400070001', 'hex'), Buffer.from('QZJ')]);
  const size = Buffer.from('ff5100040000', 'hex');
  const part = Buffer.concat([
    Buffer.from('ff90000a0000', 'hex'),
    Buffer.from([0, 0, 0, 27]),
    Buffer.from('0001', 'hex'),
    comment,
    Buffer.from('ff93', 'hex'),
    Buffer.from('ff64'),
  ]);
  const stream = Buffer.concat([Buffer.from('ff4f', 'hex'), size, comment, part, Buffer.from('ffd9', 'hex'), Buffer.from('QZJ')]);
  const out = Buffer.from(plainJpeg2000(stream)!);
  expect(out.includes('QZJ')).toBe(false);
  expect(out.length).toBe(stream.length);
  expect(plainJpeg2000(Buffer.from('0000000c6a502020', 'hex'))).toBeUndefined();
  const unknown = Buffer.concat([
    Buffer.from('ff4f', 'hex'),
    size,
    Buffer.from('ff6f0005', 'hex'),
    Buffer.from('QZJ'),
    part,
    Buffer.from('ffd9', 'hex'),
  ]);
  expect(plainJpeg2000(unknown)).toBeUndefined();
});

test('pixels that are no whole numbers: bytes behind the last frame go, fewer are withheld, those in a sequence go, text in them cannot be blanked', () => {
  const leave = (more: Item, profile: unknown = {}) =>
    deidentifyDicom(file(chest(more, null), syntaxes.explicit), readDicomProfile(profile), { uid: u => u });
  const values = Buffer.alloc(64, 1);
  const behind = leave([entry(0x7fe00008, 'OF', Buffer.concat([values, Buffer.from('QZJQZJQZ')]))]);
  expect('bytes' in behind && Buffer.from(readFile(behind.bytes).set.get(0x7fe00008)!.bytes!)).toEqual(values);
  expect(leave([entry(0x7fe00009, 'OD', values)])).toEqual({ withheld: 'is cut short' });
  const nested = leave([entry(0x00081250, 'SQ', [[entry(0x7fe00008, 'OF', 'QZJQZJQZ')]])]);
  expect('bytes' in nested && Buffer.from(nested.bytes).includes('QZJ')).toBe(false);
  expect(leave([entry(0x7fe00008, 'OF', values)], { pixels: [{ modality: 'CT', regions }] })).toEqual({
    withheld: 'has text in pixels that cannot be blanked',
  });
});

test('a number of frames that has not the form of one is none', () => {
  expect(deidentifyDicom(file(chest([entry(0x00280008, 'IS', '0x1')]), syntaxes.explicit), readDicomProfile({}), { uid: u => u })).toEqual({
    withheld: 'has pixel data that are none',
  });
});
