/**
 * Sort keys and includes, as a request writes them.
 * R4: https://hl7.org/fhir/R4/search.html#sort, https://hl7.org/fhir/R4/search.html#revinclude
 * @module
 */
import { isResourceType, resourceTypes } from '../model/r4.ts';
import { type Parameter, searchParameters } from './parameters.ts';
import type { Include, Sort } from './query.ts';
import { refuse } from './refuse.ts';
import type { ParameterType } from './values.ts';

/** Search parameters of a type, by code. */
type Known = (type: string) => ReadonlyMap<string, Parameter>;

const unsortable: ReadonlySet<string> = new Set(['composite', 'special']);

/** Type of the parameter that all of these types have under this code; undefined: one has none, or of another type. */
function typeOf(code: string, types: readonly string[], known: Known): ParameterType | undefined {
  const [first, ...others] = new Set(types.map(type => known(type).get(code)?.type));
  return others.length > 0 || first === undefined || unsortable.has(first) ? undefined : first;
}

/** `-date`, `subject.name`, `subject:Patient.birthdate`. */
export function sortKey(key: string, name: string, types: readonly string[], known: Known = searchParameters): Sort {
  const descending = key.startsWith('-');
  const code = descending ? key.slice(1) : key;
  if (code === '_id') return { code, type: 'id', descending };
  if (code === '_lastUpdated') return { code, type: 'lastUpdated', descending };
  if (code === '_score') throw refuse(name, 'has the key _score: nothing here is found more or less well');
  const through = code.includes('.') ? chained(code, name, types, known) : undefined;
  if (through) return { ...through, descending };
  const type = typeOf(code, types, known);
  if (type === undefined) throw refuse(name, `names a key that ${types.length === 1 ? types[0] : 'these types'} cannot be sorted by`);
  return { code, type, descending };
}

/** One step: where several types are meant, those that have the parameter. */
function chained(key: string, name: string, types: readonly string[], known: Known): Omit<Sort, 'descending'> {
  const [link = '', code = '', ...more] = key.split('.');
  const [by = '', only, ...rest] = link.split(':');
  if (more.length > 0 || rest.length > 0) throw refuse(name, 'has a key of more than one step');
  const references = types.map(type => known(type).get(by));
  if (!references.every(one => one?.type === 'reference')) throw refuse(name, 'has a key that leads through no reference parameter');
  const targets = [...new Set(references.flatMap(one => one!.targets))];
  if (only !== undefined && !targets.includes(only)) throw refuse(name, 'names a type that its reference does not lead to');
  if (code === '_id' || code === '_lastUpdated')
    return { code, type: code === '_id' ? 'id' : 'lastUpdated', through: { code: by, types: only === undefined ? targets : [only] } };
  const having = (only === undefined ? targets : [only]).filter(type => known(type).has(code));
  const type = typeOf(code, having, known);
  if (type === undefined) throw refuse(name, 'has a key that what its reference leads to cannot be sorted by');
  return { code, type, through: { code: by, types: having } };
}

/** The reference parameter that an include names, or `*`. */
function link(source: string, code: string, name: string, known: Known): Parameter | '*' {
  if (code === '*') return '*';
  const parameter = known(source).get(code);
  if (parameter?.type !== 'reference') throw refuse(name, 'names no reference parameter');
  return parameter;
}

/**
 * `Observation:subject`, `Observation:subject:Patient`, `Observation:*`, `*`.
 * @param again with `:iterate`, which may start from what was brought along
 */
export function include(text: string, name: string, types: readonly string[], again: boolean, known: Known = searchParameters): Include[] {
  const iterate = again ? { iterate: true as const } : {};
  if (text === '*') {
    const sources = again || types.length > 1 ? ['*'] : types;
    return sources.map(source => ({ source, code: '*', ...iterate }));
  }
  const [source = '', code = '', target, ...rest] = text.split(':');
  const isUsable = again ? isResourceType(source) : types.includes(source);
  if (!isUsable || rest.length > 0)
    throw refuse(
      name,
      `has an unusable value: ${types.length === 1 && !again ? types[0] : 'Type'}:parameter, with :Type behind it or without; or *`,
    );
  const by = link(source, code, name, known);
  if (target !== undefined && (by === '*' ? !isResourceType(target) : !by.targets.includes(target)))
    throw refuse(name, 'names a type that its reference does not lead to');
  return [{ source, code, ...(target === undefined ? {} : { target }), ...iterate }];
}

const leadsTo = (source: string, types: readonly string[], known: Known): boolean =>
  known(source)
    .values()
    .some(p => p.type === 'reference' && p.targets.some(target => types.includes(target)));

/** As for `_include`, from the other end; `*` is every type that can refer to these. */
export function revinclude(
  text: string,
  name: string,
  types: readonly string[],
  again: boolean,
  known: Known = searchParameters,
): Include[] {
  const iterate = again ? { iterate: true as const } : {};
  const [only] = types.length === 1 && !again ? types : [];
  if (text === '*') {
    const sources = again ? resourceTypes : resourceTypes.filter(source => leadsTo(source, types, known));
    return sources.map(source => ({ source, code: '*', ...(only === undefined ? {} : { target: only }), ...iterate }));
  }
  const [source = '', code = '', target = only, ...rest] = text.split(':');
  const isUsable = target === undefined || (again ? isResourceType(target) : types.includes(target));
  if (!isResourceType(source) || !isUsable || rest.length > 0)
    throw refuse(name, `has an unusable value: Type:parameter, with :${only ?? 'Type'} behind it or without; or *`);
  const by = link(source, code, name, known);
  if (by !== '*' && !by.targets.some(one => (target === undefined ? again || types.includes(one) : one === target)))
    throw refuse(name, `names a reference that does not lead to ${only ?? 'them'}`);
  return [{ source, code, ...(target === undefined ? {} : { target }), ...iterate }];
}
