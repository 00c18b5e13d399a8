/** Resources and rules made at random out of R4's definitions. */
import fc from 'fast-check';
import { Decimal } from '../../../src/fhir/model/json.ts';
import type { AnyResource, Json } from '../../../src/fhir/model/r4.ts';
import { elementsOf, isPrimitive } from '../../../src/fhir/profile/elements.ts';
import { copy } from './ground.ts';

const types = [
  'Patient',
  'Observation',
  'Bundle',
  'FamilyMemberHistory',
  'QuestionnaireResponse',
  'MedicationRequest',
  'Parameters',
  'Binary',
];

const texts = ['a', ' b ', 'Patient/p1', '#c', 'urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d', '98028-1830', '20301', '患者', ''];
const dates = ['2015-02-07', '1925-02-07', '2002', '2003-04', '2000-12-31'];
const times = ['2015-02-07T13:28:17.12345-05:00', '1999-01-01T00:00:00Z', ...dates];

function primitive(type: string, pick: (n: number) => number): unknown {
  switch (type) {
    case 'boolean':
      return pick(2) === 0;
    case 'integer':
      return pick(200) - 100;
    case 'positiveInt':
    case 'unsignedInt':
      return pick(100) + 1;
    case 'decimal':
      return [1.5, new Decimal('7.20'), 42, 95][pick(4)];
    case 'date':
      return dates[pick(dates.length)];
    case 'dateTime':
      return times[pick(times.length)];
    case 'instant':
      return times[pick(2)];
    default:
      return texts[pick(texts.length)];
  }
}

/** An object of a type: a few of its elements, fewer the deeper it lies. */
function object(type: string, pick: (n: number) => number, depth: number): Json {
  const json: Json = {};
  const elements = [...elementsOf(type)];
  const chosen = new Set<string>();
  for (let i = pick(depth > 3 ? 3 : 6) + 1; i > 0; i--) {
    const [property, element] = elements[pick(elements.length)]!;
    const name = element.path;
    if (chosen.has(name) || (depth > 4 && !element.primitive)) continue;
    chosen.add(name);
    const value = (): unknown =>
      element.primitive
        ? primitive(element.type, pick)
        : element.type === 'Resource'
          ? resource(pick, depth + 2)
          : object(element.type, pick, depth + 1);
    const beside = (): unknown => (pick(2) === 0 ? object('Element', pick, depth + 2) : null);
    const list = (make: () => unknown): unknown[] => Array.from({ length: pick(2) + 1 }, make);
    json[property] = element.array ? list(value) : value();
    // Nothing stands beside an id: R4 does not allow it, and the engine does not look for it.
    if (element.primitive && property !== 'id' && depth < 5 && pick(5) === 0)
      json['_' + property] = element.array ? list(beside) : object('Element', pick, depth + 2);
    if (element.primitive && pick(12) === 0 && json['_' + property] !== undefined) delete json[property];
  }
  return json;
}

/**
 * As senders write it, or as nobody should: properties in any order, `_name` before its `name` or without a value, null, empty texts and lists, one value where a list belongs.
 */
function disordered(value: unknown, pick: (n: number) => number): unknown {
  if (Array.isArray(value)) {
    const items = value.map(one => disordered(one, pick));
    return [items[0], [], [...items, null], [null, ...items], [...items, ...items.map(copy)]][pick(40)] ?? items;
  }
  if (typeof value !== 'object' || value === null || value instanceof Decimal) {
    const odd = [null, '', ' ', '1900-01-01T10:11:60Z'];
    const n = pick(60);
    return n < odd.length ? odd[n] : value;
  }
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, key === 'resourceType' ? one : disordered(one, pick)]);
  for (const [key, one] of [...entries]) {
    const items = Array.isArray(one) ? (one as unknown[]) : [one];
    const isPrimitive = items.every(item => typeof item !== 'object' || item === null || item instanceof Decimal);
    if (isPrimitive && !['id', 'resourceType'].includes(key) && !key.startsWith('_') && !(`_${key}` in value) && pick(15) === 0) {
      const beside = (): unknown => [null, { id: 'e' }, { extension: [{ url: 'u', valueString: 'a' }] }, {}][pick(4)];
      entries.push([`_${key}`, Array.isArray(one) ? Array.from({ length: pick(4) }, beside) : beside()]);
    }
  }
  if (pick(3) === 0) for (let i = entries.length - 1; i > 0; i--) entries.splice(pick(i + 1), 0, ...entries.splice(i, 1));
  return Object.fromEntries(entries);
}

function resource(pick: (n: number) => number, depth: number): AnyResource {
  const type = types[pick(types.length)]!;
  return { resourceType: type, ...(pick(2) === 0 ? { id: texts[pick(3)]! } : {}), ...object(type, pick, depth) } as AnyResource;
}

/** A path that is static: down some elements of a type, with a filter by type at times, or from `nodesBy…`. */
function path(pick: (n: number) => number): string {
  const type = types[pick(types.length)]!;
  const steps: string[] = [];
  let at = type;
  let last = type;
  for (let i = pick(3) + 1; i > 0; i--) {
    const elements = [...elementsOf(isPrimitive(at) ? 'Element' : at)];
    if (elements.length === 0) break;
    const [, element] = elements[pick(elements.length)]!;
    steps.push(element.path.slice(element.path.lastIndexOf('.') + 1).replace('[x]', ''));
    // The path may go on in a nested resource.
    at = element.type === 'Resource' ? types[pick(types.length)]! : element.type;
    last = at.includes('.') ? 'BackboneElement' : at;
  }
  const by = pick(2) === 0;
  const argument = by
    ? ['Address', 'dateTime', 'date', 'string', 'Extension', 'Quantity', 'Identifier', 'Reference', 'decimal', 'code', 'Patient', last][
        pick(12)
      ]!
    : ['value', 'id', 'extension', 'contained', 'resource', 'period', 'reference', 'entry', 'item', 'code', 'name', 'url'][pick(12)]!;
  const nodes = `nodesBy${by ? 'Type' : 'Name'}('${argument}')`;
  const name = ['value', 'period', 'id', 'extension', 'code', 'system', 'resource'][pick(7)]!;
  const filter = pick(4) === 0 ? (pick(2) === 0 ? ` as ${last}` : `.ofType(${last})`) : '';
  switch (pick(8)) {
    case 0:
      return nodes;
    case 1:
      return `${nodes}.${name}`;
    case 2:
      return `${type}.${nodes}`;
    case 3:
      return `Resource.${nodes}.${name}`;
    case 4:
      return pick(3) === 0 ? type : `Resource.${['id', 'meta', 'extension', 'language'][pick(4)]!}`;
    default:
      return steps.length === 0 ? type : `${type}.${steps.join('.')}${filter}`;
  }
}

/** Now and then one that only a tree can serve: a condition, or an element replaced. */
function rule(pick: (n: number) => number): Json {
  const method = [
    'keep',
    'redact',
    'redact',
    'dateShift',
    'dateShift',
    'cryptoHash',
    'encrypt',
    'perturb',
    'perturb',
    'substitute',
    'generalize',
  ][pick(11)]!;
  if (method === 'generalize') {
    const type = ['date', 'dateTime', 'code', 'decimal'][pick(4)]!;
    return {
      path: `nodesByType('${type}')`,
      method,
      cases: { '$this.toString().length() > 5': "'long'", '1 = 2': "'never'" },
      otherValues: ['keep', 'redact'][pick(2)],
    };
  }
  return {
    path:
      pick(15) === 0
        ? `${types[pick(types.length)]!}.${['descendants()', 'children()', 'id'][pick(3)]!}.where($this.exists())`
        : path(pick),
    method,
    ...(method === 'perturb' ? { span: 4, rangeType: 'fixed', roundTo: 1 } : {}),
    ...(method === 'substitute' ? { replaceWith: ['replaced', {}, null, { id: 'new' }][pick(4)] } : {}),
  };
}

const pickOf = (numbers: readonly number[]): ((n: number) => number) => {
  let at = 0;
  return n => numbers[at++ % numbers.length]! % n;
};

const numbers = (most: number) => fc.array(fc.nat(1_000_000), { minLength: 60, maxLength: most });
export const resources = numbers(400).map(list => {
  const pick = pickOf(list);
  const made = resource(pick, 0);
  return pick(2) === 0 ? made : (disordered(made, pick) as AnyResource);
});
export const ruleLists = fc.array(
  numbers(80).map(list => rule(pickOf(list))),
  { minLength: 1, maxLength: 12 },
);
