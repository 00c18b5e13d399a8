/**
 * XML → events for the cleaners: well-formed, without DOCTYPE, without entities of its own, bounded in depth and number. Nothing is fetched.
 * XML 1.0: https://www.w3.org/TR/xml/
 * @module
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';

const deepest = 100;
const mostElements = 200_000;

export interface Handler {
  readonly open: (tag: SaxesTagNS) => void;
  readonly close: (tag: SaxesTagNS) => void;
  readonly text: (text: string) => void;
}

class Refused extends Error {}

/** Ends the reading: the document is none that may leave. */
export function refuse(): never {
  throw new Refused();
}

/** @returns whether it was read to its end */
export function parse(xml: string, { open, close, text }: Handler): boolean {
  const parser = new SaxesParser({ xmlns: true, position: false });
  let depth = 0;
  let elements = 0;
  parser.on('error', refuse);
  parser.on('doctype', refuse);
  parser.on('opentag', tag => {
    if (++depth > deepest || ++elements > mostElements) refuse();
    open(tag);
  });
  parser.on('closetag', tag => {
    depth--;
    close(tag);
  });
  parser.on('text', text);
  parser.on('cdata', text);
  try {
    parser.write(xml).close();
    return elements > 0;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };

export const escaped = (text: string): string => text.replace(/[&<>"\r]/g, character => references[character]!);

/** Charset of the XML declaration, where the bytes are ASCII enough to read it. */
export function declaredCharset(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1');
  return /^<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})["']/.exec(start)?.[1]?.toLowerCase();
}
