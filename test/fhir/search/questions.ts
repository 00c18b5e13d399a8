/**
 * Searches made at random out of what resources hold: every parameter of their types, values that are there and values that nobody has.
 * @module
 */
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { searchParameters } from '../../../src/fhir/search/parameters.ts';
import type { CompositeValue, Value } from '../../../src/fhir/search/values.ts';

export interface QuestionParts {
  readonly base: string;
  readonly timeZone: string;
  readonly types: readonly string[];
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly resources: () => readonly AnyResource[];
}

/** A search of a type as pairs of name and value. */
export function questions({ base, timeZone, types, random, resources }: QuestionParts): { question: (type: string) => [string, string][] } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const extract = createExtractor({ base, timeZone });
  const escaped = (text: string): string => text.replace(/[\\$|,]/g, mark => `\\${mark}`);
  const day = (ms: number): string => new Date(Math.max(-6e13, Math.min(2e14, ms))).toISOString();

  /** A value as a client would write it, or one that nobody has. */
  function written(type: string, value: Value): string {
    const v = value as readonly (string | number | null)[];
    const prefix = pick(['', '', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb']);
    switch (type) {
      case 'token':
        return pick([
          `${escaped(String(v[1] ?? ''))}`,
          `${escaped(String(v[0] ?? ''))}|${escaped(String(v[1] ?? ''))}`,
          `|${escaped(String(v[1] ?? ''))}`,
          `${escaped(String(v[0] ?? 'urn:none'))}|`,
        ]);
      case 'string':
        return escaped(String(value).slice(0, 1 + Math.floor(random() * 6)));
      case 'date':
        return prefix + day(v[0] as number).slice(0, pick([4, 7, 10, 10]));
      case 'number':
        return prefix + String(v[0]);
      case 'quantity':
        return (
          prefix +
          pick([
            String(v[0]),
            `${v[0]}|${escaped(String(v[2] ?? ''))}|${escaped(String(v[3] ?? ''))}`,
            `${v[0]}||${escaped(String(v[3] ?? v[4] ?? ''))}`,
          ])
        );
      default:
        return escaped(String(value));
    }
  }

  function ask(type: string): [string, string] {
    const parameters = [...searchParameters(type).values()].filter(one => one.type !== 'special' && !one.code.startsWith('_'));
    const parameter = pick(parameters);
    const holders = resources().filter(one => one.resourceType === type);
    const values = holders.flatMap(one => extract(one)[parameter.code] ?? []);
    const asWritten = (value: Value): string =>
      parameter.components
        ? parameter.components.map((part, i) => written(part.type, pick((value as CompositeValue)[i] ?? ['x']))).join('$')
        : written(parameter.type, value);
    const value = values.length > 0 ? asWritten(pick(values)) : pick(['x', '2020', '1', 'x$1']);
    const name =
      parameter.code +
      (random() < 0.1
        ? ':missing'
        : parameter.type === 'token' && random() < 0.15
          ? ':not'
          : parameter.type === 'string'
            ? pick(['', '', ':exact', ':contains'])
            : '');
    if (name.endsWith(':missing')) return [name, pick(['true', 'false'])];
    return [name, random() < 0.2 && values.length > 0 ? `${value},${asWritten(pick(values))}` : value];
  }

  function question(type: string): [string, string][] {
    const asked: [string, string][] = [];
    for (let n = 1 + Math.floor(random() * 2); n > 0; n--) {
      const kind = random();
      const references = [...searchParameters(type).values()].filter(
        one => one.type === 'reference' && one.targets.some(target => types.includes(target)),
      );
      if (kind < 0.15 && references.length > 0) {
        const reference = pick(references);
        const target = pick(reference.targets.filter(one => types.includes(one)));
        const [name, value] = ask(target);
        asked.push([`${reference.code}:${target}.${name}`, value]);
      } else if (kind < 0.3) {
        const source = pick(types);
        const back = [...searchParameters(source).values()].filter(one => one.type === 'reference' && one.targets.includes(type));
        if (back.length === 0) continue;
        const [name, value] = ask(source);
        asked.push([`_has:${source}:${pick(back).code}:${name}`, value]);
      } else asked.push(ask(type));
    }
    if (random() < 0.3)
      asked.push([
        '_sort',
        pick(['', '-']) +
          pick(
            [...searchParameters(type).values()]
              .filter(one => one.type === 'date' || one.type === 'string' || one.type === 'quantity')
              .map(one => one.code)
              .concat('_id', '_lastUpdated'),
          ),
      ]);
    return asked;
  }

  return { question };
}
