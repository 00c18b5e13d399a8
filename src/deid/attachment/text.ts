/**
 * Bytes → text in the charset that a byte order mark or a parameter names, UTF-8 where neither does. Bytes that are no text there are none at all, nor are those that may as
 * well be of another: read in the wrong charset, a name is nothing that a cleaner knows, and everybody can read it back.
 * Encoding: https://encoding.spec.whatwg.org/
 * @module
 */

import { hidesLetters } from '../text/hidden.ts';

/** Names that may be given, and what TextDecoder calls them. UTF-16 is known by its mark alone: without one almost any bytes are UTF-16. */
const labels: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  shift_jis: 'shift_jis',
  'shift-jis': 'shift_jis',
  sjis: 'shift_jis',
  'windows-31j': 'shift_jis',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  'euc-jp': 'euc-jp',
  'iso-2022-jp': 'iso-2022-jp',
  'iso-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
};

function byMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** Controls but tab and line ends; what is not assigned to anybody; halves of pairs. */
const noText =
  /[\0-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const decoded = (bytes: Uint8Array, label: string): string | undefined => {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Charsets that take bytes of others for text, and those others. */
const mistakable: Readonly<Record<string, readonly string[]>> = { shift_jis: ['utf-8', 'euc-jp'], 'euc-jp': ['utf-8'] };

/** Whether the bytes may be text of another charset: Latin letters with accents stand alone, and Japanese in any encoding does not. */
function isDoubtful(bytes: Uint8Array, label: string): boolean {
  if (label === 'windows-1252') return bytes.some((byte, at) => byte >= 0x80 && (byte < 0xa0 || (bytes[at + 1] ?? 0) >= 0x80));
  const others = mistakable[label];
  return others !== undefined && bytes.some(byte => byte >= 0x80) && others.some(other => decoded(bytes, other) !== undefined);
}

/** @returns undefined: no text in that charset, or in another as well, or a charset that is not known */
export function textOf(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const declared = charset === undefined ? 'utf-8' : Object.hasOwn(labels, charset) ? labels[charset] : undefined;
  const label = byMark(bytes) ?? declared;
  const text = label === undefined || isDoubtful(bytes, label) ? undefined : decoded(bytes, label);
  return text === undefined || noText.test(text) ? undefined : text;
}

const longestRun = 160;
const isEncoded = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x3d ||
  code === 0x5f;

/** Lines of base64 have 64 or 76 characters: a run of this length goes on in the next line. */
const longestWord = 40;

/** Whether there is a run of letters and digits that no language has: something else, written as text (base64 and the like), in one line or in many. */
export function holdsMoreThanText(text: string): boolean {
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isEncoded(code)) run++;
    // Rulers of hyphens and the like end with their line.
    else if (!((code === 0x0a || code === 0x0d) && run >= longestWord && /[A-Za-z0-9+/\r]/.test(text[at - 1]!))) run = 0;
    if (run >= longestRun) return true;
  }
  return false;
}

/** Whether somebody who opens the text may read in it what a cleaner does not. */
export const hidesText = (text: string): boolean => holdsMoreThanText(text) || hidesLetters(text);
