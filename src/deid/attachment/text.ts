/**
 * Bytes → text in the charset that a byte order mark or a parameter names, UTF-8 where neither does. Bytes that are no text there are none at all.
 * Encoding: https://encoding.spec.whatwg.org/
 * @module
 */

/** Names that may be given, and what TextDecoder calls them. */
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
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
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

/** @returns undefined: no text in that charset, or a charset that is not known */
export function textOf(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const declared = charset === undefined ? 'utf-8' : Object.hasOwn(labels, charset) ? labels[charset] : undefined;
  const label = byMark(bytes) ?? declared;
  if (label === undefined) return undefined;
  try {
    const text = new TextDecoder(label, { fatal: true }).decode(bytes);
    return noText.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
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

/** Letters by their numbers: of HTML, of URLs and of quoted-printable (three bytes at least), of JSON. Whoever opens the text may see letters there. */
const numbered = /&#(?:x0{0,4}[1-9a-f][0-9a-f]{2,5}|0{0,4}[1-9]\d{2,6});|(?:%[0-9a-f]{2}){3}|(?:=[0-9A-F]{2}){3}|\\u[0-9a-f]{4}/i;
export const hasNumberedLetters = (text: string): boolean => numbered.test(text);
