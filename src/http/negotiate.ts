/**
 * What a request may send and what it may be answered with: JSON and XML, in UTF-8, of FHIR 4.0; a browser's text/html means JSON.
 * R4: https://hl7.org/fhir/R4/http.html#mime-type, https://hl7.org/fhir/R4/http.html#parameters (_format, _pretty); RFC 9110 (Accept)
 * @module
 */
import { patchTypes } from '../fhir/interactions/patch.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { Pairs } from './url.ts';

export type Format = 'json' | 'xml';

/** Media types of answers. */
export const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

/** Names of FHIR's own formats, and names of JSON and XML of whatever kind. */
const own = { json: ['application/fhir+json', 'application/json+fhir'], xml: ['application/fhir+xml', 'application/xml+fhir'] } as const;
const generic = { json: ['application/json', 'text/json'], xml: ['application/xml', 'text/xml'] } as const;
const pages = ['text/html', 'application/xhtml+xml'];

type Names = ReadonlySet<string>;
const names: Readonly<Record<Format, Names>> = {
  json: new Set([...own.json, ...generic.json]),
  xml: new Set([...own.xml, ...generic.xml]),
};
const inAccept: Readonly<Record<Format, Names>> = { json: new Set([...names.json, ...pages]), xml: names.xml };

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

/** How much a client likes a format, and by which of its words: a name counts before `text/*`, and that before any type; then the earlier one. */
interface Liking {
  readonly quality: number;
  readonly exactness: number;
  readonly place: number;
}

/** The client's ranges; of those that mean one of the names the most exact one decides. */
function liking(ranges: readonly MediaType[], wanted: Names, ofFhir: boolean): Liking | undefined {
  let best: Liking | undefined;
  ranges.forEach((range, place) => {
    if (ofFhir && !isR4(range)) return;
    const [type = '', subtype] = range.name.split('/');
    const isWithin = subtype === '*' && (type === '*' || [...wanted].some(name => name.startsWith(`${type}/`)));
    const exactness = wanted.has(range.name) ? 2 : isWithin ? (type === '*' ? 0 : 1) : -1;
    if (exactness < 0) return;
    const told = Number(range.parameters.get('q') ?? '1');
    const quality = told >= 0 && told <= 1 ? told : 0;
    if (best === undefined || exactness > best.exactness || (exactness === best.exactness && quality > best.quality))
      best = { quality, exactness, place };
  });
  return best === undefined || best.quality === 0 ? undefined : best;
}

/** Negative: `a` is liked more. */
const byLiking = (a: Liking, b: Liking): number => b.quality - a.quality || b.exactness - a.exactness || a.place - b.place;

/** What an answer is to look like. */
export interface Form {
  /** JSON where nothing that was asked for is served: a refusal has to have some form. */
  readonly format: Format;
  readonly pretty: boolean;
  /** Where it was asked for what is not served: the header, or the parameter. */
  readonly unmet?: 'Accept' | '_format';
}

interface Accepted {
  readonly form: Form;
  readonly ranges: readonly MediaType[];
}

const anything: Accepted = { form: { format: 'json', pretty: false }, ranges: [mediaType('*/*')] };

/** Accept headers seen before: clients send the same few again and again. */
const judged = new Map<string, Accepted>();

function accepted(header: string | undefined): Accepted {
  if (header === undefined || header === '' || header === '*/*') return anything;
  const before = judged.get(header);
  if (before !== undefined) return before;
  const ranges = header.split(',').map(mediaType);
  const [json, xml] = [liking(ranges, inAccept.json, true), liking(ranges, inAccept.xml, true)];
  const format =
    json === undefined ? (xml === undefined ? undefined : 'xml') : xml !== undefined && byLiking(xml, json) < 0 ? 'xml' : 'json';
  const made: Accepted = {
    form: format === undefined ? { format: 'json', pretty: false, unmet: 'Accept' } : { format, pretty: false },
    ranges,
  };
  if (judged.size < 200 && header.length < 300) judged.set(header, made);
  return made;
}

/** `_format` → its media type; a `+` of a query reads as a space. */
function askedFormat(query: Pairs): MediaType | undefined {
  let text = '';
  for (const [name, value] of query) if (name === '_format') text = value;
  if (text === '') return undefined;
  const type = mediaType(text);
  const name = type.name === 'json' || type.name === 'xml' ? own[type.name][0] : type.name.replace(' ', '+');
  return { ...type, name };
}

const formatNamed = ({ name }: MediaType): Format | undefined => (names.json.has(name) ? 'json' : names.xml.has(name) ? 'xml' : undefined);

/** The form that Accept, `_format` (which wins) and `_pretty` ask for. Judges nothing: see checkForm. */
export function formOf(accept: string | undefined, query: Pairs): Form {
  const { form } = accepted(accept);
  if (query.length === 0) return form;
  let pretty = false;
  for (const [name, value] of query) if (name === '_pretty') pretty = value === 'true';
  const asked = askedFormat(query);
  if (asked === undefined) return pretty ? { ...form, pretty } : form;
  const format = isR4(asked) ? formatNamed(asked) : undefined;
  return format === undefined ? { format: 'json', pretty, unmet: '_format' } : { format, pretty };
}

/** @throws Problem `not-acceptable` when neither JSON nor XML is taken */
export function checkForm({ unmet }: Form): void {
  if (unmet !== undefined) throw new Problem('not-acceptable', undefined, unmet === 'Accept' ? {} : { expression: 'http._format' });
}

/**
 * Whether content of this media type is to leave as it is, or as a resource in the form asked for. FHIR has to be asked for by its own names; a name of any JSON
 * or XML means the content where it is that, else FHIR. R4: https://hl7.org/fhir/R4/binary.html#rest
 * @throws Problem `not-acceptable` when neither is taken
 */
export function isNativeAsked(accept: string | undefined, query: Pairs, contentType: string): boolean {
  const native = new Set([mediaType(contentType).name]);
  const asked = askedFormat(query);
  if (asked !== undefined) {
    if (native.has(asked.name) && !new Set<string>([...own.json, ...own.xml]).has(asked.name)) return true;
    checkForm(formOf(accept, query));
    return false;
  }
  const { ranges, form } = accepted(accept);
  const exact = (wanted: readonly string[]) => {
    const found = liking(ranges, new Set(wanted), true);
    return found?.exactness === 2 ? found : undefined;
  };
  const content = liking(ranges, native, false);
  const fhir = exact([...own.json, ...own.xml]);
  if (content !== undefined && (fhir === undefined || content.quality > fhir.quality)) {
    // Any JSON, any XML: FHIR's, unless the content is that. A browser says XML and means pages.
    if (content.exactness === 2 || exact(pages) !== undefined || exact([...generic.json, ...generic.xml]) === undefined) return true;
  }
  checkForm(form);
  return false;
}

const utf8 = ['utf-8', 'utf8', undefined];

/**
 * What a body is, by its Content-Type.
 * @param form a form (POST _search) is asked for, not a resource
 * @throws Problem `unsupported-media-type`
 */
export function bodyFormat(header: string | undefined, form: boolean): Format {
  if (header === 'application/fhir+json' && !form) return 'json';
  const wanted = form ? 'Send application/x-www-form-urlencoded.' : 'Send application/fhir+json or application/fhir+xml.';
  if (header === undefined) throw new Problem('unsupported-media-type', `The header Content-Type is missing. ${wanted}`);
  const type = mediaType(header);
  const format = form ? (type.name === 'application/x-www-form-urlencoded' ? 'json' : undefined) : formatNamed(type);
  if (format === undefined) throw new Problem('unsupported-media-type', wanted);
  if (!utf8.includes(type.parameters.get('charset'))) throw new Problem('unsupported-media-type', 'Only the charset UTF-8 is taken.');
  if (!isR4(type)) throw new Problem('unsupported-media-type', 'Only resources of FHIR 4.0 are taken.');
  return format;
}

/** What the body of a Binary may be: a resource (`own`), perhaps one (any JSON, any XML), or content alone. */
export function contentKind(header: string): { readonly format?: Format; readonly own: boolean } {
  const { name } = mediaType(header);
  const format = formatNamed({ name, parameters: new Map() });
  return format === undefined ? { own: false } : { format, own: (own[format] as readonly string[]).includes(name) };
}

/** The type of a document that is a patch; undefined: the patch must be a resource. */
export function patchTypeOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const { name, parameters } = mediaType(header);
  const type = patchTypes.find(one => one === name);
  if (type !== undefined && !utf8.includes(parameters.get('charset')))
    throw new Problem('unsupported-media-type', 'Only the charset UTF-8 is taken.');
  return type;
}

/** What a PATCH may bring, for the header Accept-Patch. RFC 5789 */
export const acceptPatch = [own.json[0], own.xml[0], ...patchTypes].join(', ');
