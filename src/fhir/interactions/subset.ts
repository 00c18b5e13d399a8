/**
 * Parts of a resource: `_elements` and `_summary`. What is cut carries the tag SUBSETTED; mandatory elements stay.
 * R4: https://hl7.org/fhir/R4/search.html#elements, https://hl7.org/fhir/R4/search.html#summary
 * @module
 */
import type { Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { elementsOf } from '../profile/elements.ts';
import { resourceOf } from './stored.ts';

export interface Subset {
  readonly summary: 'true' | 'text' | 'data' | 'false';
  /** Names of top-level elements; empty: all that `summary` leaves. */
  readonly elements: readonly string[];
}

/** What changes the meaning of all the rest stays as well. */
const always: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'implicitRules', 'modifierExtension']);

/** The summary elements alone, inside groups too. Data types are whole. */
function summarized(json: Json, type: string): Json {
  const elements = elementsOf(type);
  const left: Json = {};
  for (const [key, value] of Object.entries(json)) {
    const element = elements.get(key.replace(/^_/, ''));
    if (always.has(key)) left[key] = value;
    else if (element?.summary) {
      const inner = (one: unknown) => summarized(one as Json, element.type);
      left[key] = !element.type.includes('.') ? value : Array.isArray(value) ? value.map(inner) : inner(value);
    }
  }
  return left;
}

/** The top-level elements that are wanted, and the mandatory ones. */
function chosen(json: Json, type: string, isWanted: (name: string) => boolean): Json {
  const elements = elementsOf(type);
  const keep = (key: string) => {
    const element = elements.get(key.replace(/^_/, ''));
    // `value` chooses valueQuantity.
    const name = element?.path.slice(type.length + 1).replace('[x]', '') ?? key;
    return always.has(key) || element?.required === true || isWanted(name);
  };
  return Object.fromEntries(Object.entries(json).filter(([key]) => keep(key)));
}

/** The parts of a resource that were asked for, tagged SUBSETTED. */
export function partOf(resource: AnyResource, { summary, elements }: Subset): AnyResource {
  const type = resource.resourceType;
  const left = (
    elements.length > 0
      ? chosen(resource, type, name => elements.includes(name))
      : summary === 'true'
        ? summarized(resource, type)
        : summary === 'text'
          ? chosen(resource, type, name => name === 'text')
          : Object.fromEntries(Object.entries(resource).filter(([key]) => key !== 'text'))
  ) as AnyResource;
  const tags = Array.isArray(left.meta?.['tag']) ? left.meta['tag'] : [];
  const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
  const { resourceType: _, id, meta, ...rest } = left;
  return { resourceType: type, ...(id === undefined ? {} : { id }), meta: { ...meta, tag: [...tags, subsetted] }, ...rest } as AnyResource;
}

/** The same, from stored bytes to bytes. */
export const subset = (version: Version, wanted: Subset): Buffer => Buffer.from(JSON.stringify(partOf(resourceOf(version), wanted)));

const usable: Readonly<Record<string, RegExp>> = {
  _elements: /^\s*[A-Za-z]\w{0,63}\s*(?:,\s*[A-Za-z]\w{0,63}\s*)*$/,
  _summary: /^(?:true|text|data|false)$/,
  _pretty: /^(?:true|false)$/,
  _format: /^/,
};

/** `_elements` and `_summary` of a read; undefined: the whole resource. Any other parameter is refused. */
export function askedSubset(query: readonly (readonly [string, string])[]): Subset | undefined {
  let summary: Subset['summary'] = 'false';
  let elements: readonly string[] = [];
  for (const [name, value] of query) {
    const form = Object.hasOwn(usable, name) ? usable[name] : undefined;
    if (form === undefined) throw new Problem('invalid-parameter', 'A read takes _elements and _summary only.');
    if (!form.test(value)) throw new Problem('invalid-parameter', `${name} has an unusable value.`, { expression: `http.${name}` });
    if (name === '_elements') elements = value.split(',').map(element => element.trim());
    if (name === '_summary') summary = value as Subset['summary'];
  }
  return elements.length === 0 && summary === 'false' ? undefined : { summary, elements };
}
