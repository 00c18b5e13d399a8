/**
 * JPEG, JPEG-LS and JPEG 2000 as they are, without what they carry beside the picture: comments and application data (a JPEG's EXIF has a name and a place) become
 * zeros, so that no length moves. What cannot be followed marker by marker is refused.
 * ITU-T T.81 annex B, T.87 annex C, T.800 annex A
 * @module
 */

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const starts = (bytes: Uint8Array, at: number, text: string): boolean => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));

/** What of an application segment readers need: a JFIF header without its thumbnail, Adobe's word on colours. */
function kept(bytes: Uint8Array, marker: number, at: number, length: number): number {
  if (marker === 0xe0 && starts(bytes, at, 'JFIF\0') && length >= 14 && bytes[at + 12] === 0 && bytes[at + 13] === 0) return 14;
  return marker === 0xee && starts(bytes, at, 'Adobe') && length >= 12 ? 12 : 0;
}

/** Segments that a picture has: frames, tables, scans, application data, comments. Readers pass over all others, which may hold anything. */
const ofPictures = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) ||
  (marker >= 0xda && marker <= 0xdd) ||
  (marker >= 0xe0 && marker <= 0xef) ||
  marker === 0xf7 ||
  marker === 0xf8 ||
  marker === 0xfe;

/** The same of JPEG 2000, with what T.814 adds. */
const ofCodestreams = new Set([0x50, 0x51, 0x52, 0x53, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x63, 0x64, 0x90]);

/** A copy of one JPEG or JPEG-LS image; undefined: it is none that can be followed. */
export function plainJpeg(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 4 || u16(bytes, 0) !== 0xffd8) return undefined;
  const out = Uint8Array.from(bytes);
  let at = 2;
  let inScan = false;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) {
      if (!inScan) return undefined;
      const next = bytes.indexOf(0xff, at);
      if (next < 0) return undefined;
      at = next;
      continue;
    }
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
    } else if (marker === 0xd9) {
      out.fill(0, at + 2);
      return out;
    } else if (inScan && (marker < 0x80 || (marker >= 0xd0 && marker <= 0xd7))) {
      // Stuffing (JPEG: 00, JPEG-LS: a bit) and restarts are the picture's.
      at += 2;
    } else {
      if (!ofPictures(marker) || at + 4 > bytes.length) return undefined;
      const length = u16(bytes, at + 2) - 2;
      const body = at + 4;
      if (length < 0 || body + length > bytes.length) return undefined;
      if (marker === 0xfe || (marker >= 0xe0 && marker <= 0xef)) out.fill(0, body + kept(bytes, marker, body, length), body + length);
      inScan = marker === 0xda || inScan;
      at = body + length;
    }
  }
  return undefined;
}

/** A copy of one JPEG 2000 codestream (not a JP2 file); undefined: it is none that can be followed. */
export function plainJpeg2000(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 4 || u16(bytes, 0) !== 0xff4f || u16(bytes, 2) !== 0xff51) return undefined;
  const out = Uint8Array.from(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 2;
  let partEnd = 0;
  while (at + 2 <= bytes.length) {
    const marker = u16(bytes, at);
    if (marker === 0xffd9) {
      out.fill(0, at + 2);
      return out;
    }
    if (marker === 0xff93) {
      // Start of data: on to the next tile-part.
      if (partEnd <= at) return undefined;
      at = partEnd;
      continue;
    }
    if (marker >>> 8 !== 0xff || !ofCodestreams.has(marker & 0xff) || at + 4 > bytes.length) return undefined;
    const length = u16(bytes, at + 2) - 2;
    const body = at + 4;
    if (length < 0 || body + length > bytes.length) return undefined;
    if (marker === 0xff64) out.fill(0, body + Math.min(2, length), body + length);
    if (marker === 0xff90) {
      if (length !== 8) return undefined;
      const part = view.getUint32(body + 2);
      // Zero: up to the end of the image, whose last marker has two bytes.
      partEnd = part === 0 ? lastMarker(bytes) : at + part;
      if (partEnd > bytes.length) return undefined;
    }
    at = body + length;
  }
  return undefined;
}

function lastMarker(bytes: Uint8Array): number {
  for (let at = bytes.length - 2; at > bytes.length - 4 && at >= 0; at--) if (u16(bytes, at) === 0xffd9) return at;
  return 0;
}
