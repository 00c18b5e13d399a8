/**
 * `_text` and `_content`: words, "phrases", AND, OR, NOT and parentheses; and whether a text has them.
 * A word is found at the beginning of one; in a script that sets no spaces between words, anywhere.
 * R4: https://hl7.org/fhir/R4/search.html#content
 * @module
 */
import { fold } from '../model/fold.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import type { TextQuery } from './query.ts';

const part = /\s*(?:"([^"]*)"|([()])|([^\s()"]+))/y;

/** Deeper than anybody asks. */
const deepest = 20;

const apart = /[\p{P}\p{S}\p{Z}\p{Cc}]+/u;

/** Words with one blank before each and one at the end, folded. */
const wordsOf = (text: string): string => {
  const words = text.split(apart).map(fold).filter(Boolean);
  return words.length === 0 ? '' : ` ${words.join(' ')} `;
};

const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]/u;

/** A word as it is looked for; undefined: nothing is left of it. */
function word(text: string): TextQuery | undefined {
  const words = wordsOf(text);
  if (words === '') return undefined;
  return { word: unspaced.test(words) ? words.trim() : words.trimEnd() };
}

/** Words that stand together must all be there. Undefined: it cannot be read, or says nothing. */
export function readTextQuery(text: string): TextQuery | undefined {
  const parts: { readonly text: string; readonly quoted: boolean }[] = [];
  part.lastIndex = 0;
  while (part.lastIndex < text.trimEnd().length) {
    const m = part.exec(text);
    if (m === null) return undefined;
    parts.push({ text: m[1] ?? m[2] ?? m[3]!, quoted: m[1] !== undefined });
  }
  let at = 0;
  const is = (...marks: string[]): boolean => at < parts.length && !parts[at]!.quoted && marks.includes(parts[at]!.text.toUpperCase());

  const term = (depth: number): TextQuery | undefined => {
    if (depth > deepest || at >= parts.length || is(')', 'AND', 'OR')) return undefined;
    if (is('NOT')) {
      at++;
      const not = term(depth + 1);
      return not && { not };
    }
    if (!is('(')) return word(parts[at++]!.text);
    at++;
    const inner = either(depth + 1);
    if (!is(')')) return undefined;
    at++;
    return inner;
  };
  const together = (depth: number): TextQuery | undefined => {
    const all: TextQuery[] = [];
    do {
      if (all.length > 0 && is('AND')) at++;
      const one = term(depth);
      if (one === undefined) return undefined;
      all.push(one);
    } while (at < parts.length && !is(')', 'OR'));
    return all.length === 1 ? all[0] : { all };
  };
  const either = (depth: number): TextQuery | undefined => {
    const any: TextQuery[] = [];
    do {
      if (any.length > 0) at++;
      const one = together(depth);
      if (one === undefined) return undefined;
      any.push(one);
    } while (is('OR'));
    return any.length === 1 ? any[0] : { any };
  };

  const whole = either(0);
  return at === parts.length ? whole : undefined;
}

/** @param words as `searchable` gives them */
export function matchesWords(words: string, query: TextQuery): boolean {
  if ('word' in query) return words.includes(query.word);
  if ('not' in query) return !matchesWords(words, query.not);
  return 'all' in query ? query.all.every(one => matchesWords(words, one)) : query.any.some(one => matchesWords(words, one));
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };
const inline = /^\/?(?:b|i|em|strong|span|a|sub|sup|small|big|tt|q|cite|code)(?![\w-])/i;

/** The text between the tags. A tag within a sentence parts no word; what is not closed is no text. */
function plain(xhtml: string): string {
  const texts: string[] = [];
  for (let at = 0; at < xhtml.length; ) {
    const open = xhtml.indexOf('<', at);
    if (open < 0) {
      texts.push(xhtml.slice(at));
      break;
    }
    texts.push(xhtml.slice(at, open));
    const isComment = xhtml.startsWith('<!--', open);
    const close = xhtml.indexOf(isComment ? '-->' : '>', open);
    if (close < 0) break;
    if (isComment || !inline.test(xhtml.slice(open + 1, open + 8))) texts.push(' ');
    at = close + (isComment ? 3 : 1);
  }
  return texts.join('').replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,30}));/gi, (_, decimal, hex, name) => {
    if (name !== undefined) return entities[String(name).toLowerCase()] ?? ' ';
    const code = Number.parseInt(String(decimal ?? hex), decimal === undefined ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
  });
}

/** What there is to read in a resource: the text of its narrative, or of every string in it (base64 and ids left out). */
export function searchable(resource: AnyResource, within: 'narrative' | 'resource'): string {
  const div = (resource['text'] as Json | undefined)?.['div'];
  const narrative = typeof div === 'string' ? plain(div) : '';
  if (within === 'narrative') return wordsOf(narrative);
  const texts: string[] = [narrative];
  const gather = (node: unknown, key: string): void => {
    if (typeof node === 'string') {
      if (!silent.has(key)) texts.push(key === 'div' ? plain(node) : node);
    } else if (Array.isArray(node)) for (const one of node) gather(one, key);
    else if (typeof node === 'number') texts.push(String(node));
    else if (typeof node === 'object' && node !== null)
      for (const below in node) if (node !== resource || (below !== 'text' && below !== 'meta')) gather((node as Json)[below], below);
  };
  gather(resource, '');
  return wordsOf(texts.join('\n'));
}

/** What nobody reads. */
const silent: ReadonlySet<string> = new Set(['resourceType', 'id', 'data', 'hash', 'reference', 'contentType']);
