/**
 * A request's URL → the path below the base and decoded query pairs. Read here and nowhere else: no nesting, no arrays, no guessing.
 * RFC 3986; R4: https://hl7.org/fhir/R4/http.html#general
 * @module
 */
import { Problem } from '../fhir/model/outcome.ts';

export type Pairs = readonly (readonly [string, string])[];

export interface Target {
  /** Decoded path below the base: no leading slash, no query. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: Pairs;
}

const nothing: Pairs = [];
const plain = /^[A-Za-z0-9\-._$/]*$/;

/**
 * @param url what follows the base in the request line: `/Patient/1?_elements=id`
 * @throws Problem `invalid-request` for bad percent-encoding or a path that could be read in two ways; `invalid-parameter` for too many parameters
 */
export function readTarget(url: string, mostParameters: number): Target {
  const mark = url.indexOf('?');
  let path = mark < 0 ? url : url.slice(0, mark);
  if (path.startsWith('/')) path = path.slice(1);
  // Clients write searches and criteria as the specification once did, `[type]/?…`.
  if (mark >= 0 && /^[A-Za-z]+\/$/.test(path)) path = path.slice(0, -1);
  const raw = path === '' ? [] : path.split('/');
  const asItIs = plain.test(path);
  const segments = asItIs ? raw : raw.map(segment => decoded(segment, 'The path'));
  // The same text must not be one path here and another one behind a proxy: `..`, an encoded slash or NUL have no place in any FHIR path.
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..' || (!asItIs && /[/\\\0]/.test(segment)))
      throw new Problem('invalid-request', 'The path has an empty or ambiguous segment.');
  }
  return {
    path: asItIs ? path : segments.join('/'),
    segments,
    query: mark < 0 || mark === url.length - 1 ? nothing : readPairs(encoded(url.slice(mark + 1)), mostParameters),
  };
}

/** `a=1&b=2` of a URL or a form → decoded pairs in their order; `+` is a space. */
export function readPairs(text: string, most: number): Pairs {
  const pairs: (readonly [string, string])[] = [];
  let start = 0;
  while (start <= text.length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      if (pairs.length === most) throw new Problem('invalid-parameter', `The request has more than ${most} parameters.`);
      const equals = text.indexOf('=', start);
      const split = equals < 0 || equals > end ? end : equals;
      const name = decoded(text.slice(start, split).replaceAll('+', ' '), 'The name of a parameter');
      if (name === '') throw new Problem('invalid-parameter', 'A parameter has no name.');
      pairs.push([name, split === end ? '' : decoded(text.slice(split + 1, end).replaceAll('+', ' '), 'The value of a parameter')]);
    }
    start = end + 1;
  }
  return pairs;
}

/** Bytes that stand in a URL as they are were read as Latin-1: they would be another text than was meant. */
function encoded(query: string): string {
  if (/[^\x21-\x7e]/.test(query)) throw new Problem('invalid-request', 'The query is not percent-encoded.');
  return query;
}

function decoded(text: string, what: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem('invalid-request', `${what} is not percent-encoded UTF-8.`);
  }
}
