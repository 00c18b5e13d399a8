/**
 * Pixel data: their geometry, rectangles blanked in native ones, bits that belong to no pixel cleared, bytes behind the last frame cut off;
 * compressed ones stripped of what they carry beside the picture.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.7.6.3.html, part05/chapter_8.html
 * @module
 */
import { plainJpeg, plainJpeg2000 } from './codestream.ts';
import { type DataSet, type Element, shortOf, textOf, Withheld } from './element.ts';
import { type Geometry, geometryOf } from './geometry.ts';
import type { Region } from './profile.ts';
import { syntax } from './read.ts';
import { native } from './rle.ts';

export const pixelData = 0x7fe0_0010;
/** Float and Double Float Pixel Data, with the bytes of a value. */
export const floatPixels: ReadonlyMap<number, number> = new Map([
  [0x7fe0_0008, 4],
  [0x7fe0_0009, 8],
]);
const jpeg = '1.2.840.10008.1.2.4.';

/** Two pixels in four bytes. PS3.3 C.7.6.3.1.2 */
const isHalved = (set: DataSet): boolean => textOf(set, 0x0028_0004) === 'YBR_FULL_422';

/** Bytes of all frames. Frames of single bits follow each other without a gap. */
const sizeOf = (set: DataSet, { rows, columns, samples, bits, frames }: Geometry): number =>
  Math.ceil((rows * columns * (isHalved(set) ? 2 : samples) * bits * frames) / 8);

export interface Picture {
  readonly element: Element;
  /** Of the output. */
  readonly transferSyntax: string;
  /** Attributes that the output's pixels need otherwise. */
  readonly planar?: boolean;
}

/**
 * What leaves of the pixels.
 * @param regions undefined: nothing is to be blanked
 * @throws Withheld where that cannot be done
 */
export function picture(set: DataSet, transferSyntax: string, regions: readonly Region[] | undefined): Picture {
  const element = set.get(pixelData)!;
  const geometry = geometryOf(set);
  const { fragments } = element;
  if (fragments === undefined) {
    if (element.bytes === undefined) throw new Withheld('has pixel data that are none');
    if (transferSyntax.startsWith(jpeg) || transferSyntax === syntax.rle) throw new Withheld('has pixel data that are none');
    return nativePicture(set, element.bytes, geometry, regions);
  }
  if (transferSyntax === syntax.rle) {
    const picture = nativePicture(set, native(fragments, geometry), { ...geometry, planar: false }, regions);
    return { ...picture, planar: false };
  }
  if (transferSyntax === syntax.encapsulatedUncompressed) return nativePicture(set, Buffer.concat(fragments), geometry, regions);
  if (regions !== undefined && regions.length > 0) throw new Withheld('has text in compressed pixels');
  return { element: { ...element, fragments: plainFragments(fragments, transferSyntax, geometry.frames) }, transferSyntax };
}

function nativePicture(set: DataSet, bytes: Uint8Array, geometry: Geometry, regions: readonly Region[] | undefined): Picture {
  const size = sizeOf(set, geometry);
  if (bytes.length < size) throw new Withheld('is cut short');
  let whole = bytes.subarray(0, size);
  const clears = (regions?.length ?? 0) > 0;
  const overlaid = geometry.bits === 16 && hasEmbeddedOverlay(set);
  if (clears || overlaid) whole = Uint8Array.from(whole);
  if (overlaid) withoutOverlay(set, whole);
  if (clears) {
    if (isHalved(set) || (geometry.bits !== 8 && geometry.bits !== 16)) throw new Withheld('has text in pixels that cannot be blanked');
    for (const region of regions!) blank(whole, geometry, region);
  }
  return { element: { tag: pixelData, vr: geometry.bits > 8 ? 'OW' : 'OB', bytes: whole }, transferSyntax: syntax.explicit };
}

/** The same of pixels that are no whole numbers. */
export function floatPictures(set: DataSet, regions: readonly Region[] | undefined): Element[] {
  return [...floatPixels].flatMap(([tag, width]) => {
    const element = set.get(tag);
    if (element === undefined) return [];
    if (regions !== undefined && regions.length > 0) throw new Withheld('has text in pixels that cannot be blanked');
    const { rows, columns, samples, frames } = geometryOf(set);
    const size = rows * columns * samples * frames * width;
    if (element.bytes === undefined || element.bytes.length < size) throw new Withheld('is cut short');
    return [{ tag, vr: width === 4 ? 'OF' : 'OD', bytes: element.bytes.subarray(0, size) }];
  });
}

/** Zeros in one rectangle of every frame; what of it lies outside of the picture is nothing. */
export function blank(bytes: Uint8Array, { rows, columns, samples, bits, planar, frames }: Geometry, region: Region): void {
  const left = Math.min(region.x, columns);
  const right = Math.min(region.x + region.width, columns);
  const bottom = Math.min(region.y + region.height, rows);
  const step = (bits / 8) * (planar ? 1 : samples);
  const line = columns * step;
  const planes = frames * (planar ? samples : 1);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = region.y; row < bottom; row++) {
      const at = (plane * rows + row) * line;
      bytes.fill(0, at + left * step, at + right * step);
    }
  }
}

/** An overlay in the bits of the pixels that no value needs. PS3.3 C.9.2 (retired) */
function hasEmbeddedOverlay(set: DataSet): boolean {
  for (const tag of set.keys()) if (tag >>> 24 === 0x60 && (tag & 0xffff) === 0x0102 && shortOf(set, tag) !== 0) return true;
  return false;
}

function withoutOverlay(set: DataSet, bytes: Uint8Array): void {
  const stored = shortOf(set, 0x0028_0101) ?? 16;
  const high = shortOf(set, 0x0028_0102) ?? stored - 1;
  if (stored < 1 || stored > 16 || high > 15 || high < stored - 1) throw new Withheld('has pixel data that are none');
  const low = high - stored + 1;
  const mask = ((1 << stored) - 1) << low;
  const sign = shortOf(set, 0x0028_0103) === 1 ? 1 << high : 0;
  const above = 0xffff & ~((1 << (high + 1)) - 1);
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const value = bytes[at]! | (bytes[at + 1]! << 8);
    const clean = (value & mask) | ((value & sign) !== 0 ? above : 0);
    bytes[at] = clean & 0xff;
    bytes[at + 1] = clean >> 8;
  }
}

/** Syntaxes below 1.2.840.10008.1.2.4 that can be followed. PS3.5 A.4 */
const asJpeg = new Set(['50', '51', '57', '70', '80', '81']);
const asJpeg2000 = new Set(['90', '91', '201', '202', '203']);

function plainFragments(fragments: readonly Uint8Array[], transferSyntax: string, frames: number): Uint8Array[] {
  const kind = transferSyntax.startsWith(jpeg) ? transferSyntax.slice(jpeg.length) : '';
  const plain = asJpeg.has(kind) ? plainJpeg : asJpeg2000.has(kind) ? plainJpeg2000 : undefined;
  if (plain === undefined) throw new Withheld('has pixels in a compression that cannot be looked into');
  const pictures = frames === 1 ? [Buffer.concat(fragments)] : fragments;
  if (pictures.length !== frames) throw new Withheld('has pixel data that are none');
  return pictures.map(bytes => {
    const out = plain(bytes);
    if (out === undefined) throw new Withheld('has pixel data that are none');
    return out;
  });
}
