/**
 * What a request may send and what it may be answered with: JSON, in UTF-8, of FHIR 4.0.
 * R4: https://hl7.org/fhir/R4/http.html#mime-type, https://hl7.org/fhir/R4/http.html#parameters (_format)
 * @module
 */
import { patchTypes } from '../fhir/interactions/patch.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { Pairs } from './url.ts';

export const fhirJson = 'application/fhir+json; charset=utf-8';

const json: ReadonlySet<string> = new Set(['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json']);
const ranges: ReadonlySet<string> = new Set([...json, '*/*', 'application/*', 'text/*', 'text/html', 'application/xhtml+xml']);
/** `+` of a query reads as a space. */
const formats: ReadonlySet<string> = new Set(['json', ...json, 'application/fhir json', 'application/json fhir']);

interface MediaType {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function mediaType(text: string): MediaType {
  const [name = '', ...rest] = text.split(';');
  const parameters = rest.map(parameter => {
    const [key = '', value = ''] = parameter.split('=', 2);
    return [
      key.trim().toLowerCase(),
      value
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    ] as const;
  });
  return { name: name.trim().toLowerCase(), parameters: new Map(parameters) };
}

const isR4 = (type: MediaType): boolean => ['4.0', '4.0.1', undefined].includes(type.parameters.get('fhirversion'));

/** Accept headers seen before: clients send the same few again and again. */
const judged = new Map<string, boolean>();

function acceptable(header: string): boolean {
  const before = judged.get(header);
  if (before !== undefined) return before;
  const ok = header
    .split(',')
    .map(mediaType)
    .some(type => ranges.has(type.name) && isR4(type) && !/^0(\.0*)?$/.test(type.parameters.get('q') ?? '1'));
  if (judged.size < 200 && header.length < 300) judged.set(header, ok);
  return ok;
}

/**
 * @throws Problem `not-acceptable` when the client takes no JSON; `_format` wins over Accept. A browser's text/html is answered with JSON.
 */
export function checkAccept(accept: string | undefined, query: Pairs): void {
  let format: string | undefined;
  for (const [name, value] of query) if (name === '_format') format = value;
  if (format !== undefined && format !== '') {
    const type = mediaType(format);
    if (!formats.has(type.name) || !isR4(type)) throw new Problem('not-acceptable', undefined, { expression: 'http._format' });
  } else if (accept !== undefined && accept !== '' && !acceptable(accept)) {
    throw new Problem('not-acceptable');
  }
}

/**
 * @param form a form (POST _search) is asked for, not a resource
 * @throws Problem `unsupported-media-type`
 */
export function checkContentType(header: string | undefined, form: boolean): void {
  if (header === 'application/fhir+json' && !form) return;
  const wanted = form ? 'Send application/x-www-form-urlencoded.' : 'Send application/fhir+json.';
  if (header === undefined) throw new Problem('unsupported-media-type', `The header Content-Type is missing. ${wanted}`);
  const type = mediaType(header);
  if (form ? type.name !== 'application/x-www-form-urlencoded' : !json.has(type.name)) throw new Problem('unsupported-media-type', wanted);
  if (!['utf-8', 'utf8', undefined].includes(type.parameters.get('charset')))
    throw new Problem('unsupported-media-type', 'Only the charset UTF-8 is taken.');
  if (!isR4(type)) throw new Problem('unsupported-media-type', 'Only resources of FHIR 4.0 are taken.');
}

/** The type of a document that is a patch; undefined: the patch must be a resource. */
export function patchTypeOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const { name, parameters } = mediaType(header);
  const type = patchTypes.find(one => one === name);
  if (type !== undefined && !['utf-8', 'utf8', undefined].includes(parameters.get('charset')))
    throw new Problem('unsupported-media-type', 'Only the charset UTF-8 is taken.');
  return type;
}

/** What a PATCH may bring, for the header Accept-Patch. RFC 5789 */
export const acceptPatch = ['application/fhir+json', ...patchTypes].join(', ');
