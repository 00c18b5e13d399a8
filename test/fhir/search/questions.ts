/**
 * Searches made at random out of what resources hold: every parameter of their types, values that are there and values that nobody has.
 * @module
 */
import type { AnyResource } from '../../../src/fhir/model/r4.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { searchParameters } from '../../../src/fhir/search/parameters.ts';
import type { CompositeValue, Value, Values } from '../../../src/fhir/search/values.ts';

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
  const extractor = createExtractor({ base, timeZone });
  const extracted = new WeakMap<AnyResource, Values>();
  const extract = (resource: AnyResource): Values => {
    const values = extracted.get(resource) ?? extractor(resource);
    extracted.set(resource, values);
    return values;
  };
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

  const valuesOf = (type: string, code: string): readonly Value[] =>
    resources().flatMap(one => (one.resourceType === type ? (extract(one)[code] ?? []) : []));

  /** What only some types of parameter have: a modifier with a value that fits it. */
  function special(type: string): [string, string] | undefined {
    const kind = type === 'Location' && random() < 0.4 ? 'near' : pick(['text', 'of-type', 'along', 'words']);
    const all = [...searchParameters(type).values()];
    if (kind === 'words') {
      const texts = resources().flatMap(one => (one.resourceType === type ? JSON.stringify(one).match(/[a-z]{3,}/g)! : []));
      const word = (): string => pick(texts).slice(0, 2 + Math.floor(random() * 5));
      return [
        pick(['_text', '_content', '_content']),
        pick([word, () => `${word()} ${word()}`, () => `${word()} OR NOT (${word()} ${word()})`])(),
      ];
    }
    const some = all.filter(one =>
      kind === 'near'
        ? one.type === 'special'
        : kind === 'along'
          ? one.type === 'reference'
          : one.type === 'token' && !one.code.startsWith('_'),
    );
    if (some.length === 0) return undefined;
    const { code } = pick(some);
    const values = valuesOf(type, kind === 'near' || kind === 'along' ? code : `${code}:${kind}`);
    if (values.length === 0) return undefined;
    const value = pick(values);
    switch (kind) {
      case 'text': {
        const text = value as string;
        const from = Math.floor(random() * text.length);
        return [`${code}:text`, escaped(text.slice(from, from + 1 + Math.floor(random() * 8)))];
      }
      case 'of-type': {
        const [of, number] = value as readonly [string, string];
        return [`${code}:of-type`, `${of.split(' ').map(escaped).join('|')}|${escaped(pick([number, 'x']))}`];
      }
      case 'along':
        return [
          `${code}:${pick(['above', 'below', 'contains'])}`,
          (value as string)
            .split('/')
            .slice(random() < 0.3 ? 1 : 0)
            .join('/'),
        ];
      default: {
        const [north, east] = value as readonly number[];
        return ['near', `${north!.toFixed(3)}|${east!.toFixed(3)}|${pick(['5', '500', '4000'])}|${pick(['km', '[mi_us]'])}`];
      }
    }
  }

  const operators: Readonly<Record<string, readonly string[]>> = {
    token: ['eq', 'ne'],
    string: ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le'],
    date: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap', 'po', 'co'],
    number: ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'co'],
    quantity: ['eq', 'ne', 'gt', 'lt', 'ge', 'le'],
    reference: ['re', 'eq'],
    uri: ['eq'],
  };

  /** One test of a `_filter`, at the end of a path now and then. */
  function test(type: string, depth = 0): string {
    const references = [...searchParameters(type).values()].filter(
      one => one.type === 'reference' && one.targets.some(to => types.includes(to)),
    );
    if (depth < 2 && random() < 0.25 && references.length > 0) {
      const { code, targets } = pick(references);
      const target = pick(targets.filter(one => types.includes(one)));
      return `${code}${random() < 0.5 ? `[${test(target, 2)}]` : ''}.${test(target, depth + 1)}`;
    }
    const { code, type: kind } = pick([...searchParameters(type).values()].filter(one => Object.hasOwn(operators, one.type)));
    if (random() < 0.15) return `${code} pr ${pick(['true', 'false'])}`;
    const values = valuesOf(type, code);
    const value = values.length > 0 ? pick(values) : undefined;
    const text =
      kind === 'string'
        ? String(value ?? 'x').slice(Math.floor(random() * 4))
        : written(kind, value ?? (kind === 'reference' || kind === 'uri' ? 'x' : [1, 1])).replace(/^(eq|ne|gt|lt|ge|le|sa|eb)/, '');
    return `${code} ${pick(operators[kind]!)} ${JSON.stringify(text)}`;
  }

  function filter(type: string, depth = 0): string {
    const kind = random();
    if (depth > 2 || kind < 0.5) return test(type);
    if (kind < 0.65) return `not(${filter(type, depth + 1)})`;
    return `(${filter(type, depth + 1)}) ${pick(['and', 'or'])} ${filter(type, depth + 1)}`;
  }

  /** A parameter at the end of up to three steps there and back. */
  function far(type: string, steps: number): [string, string] {
    if (steps === 0) return ask(type);
    const references = [...searchParameters(type).values()].filter(
      one => one.type === 'reference' && one.targets.some(to => types.includes(to)),
    );
    if (random() < 0.5 && references.length > 0) {
      const { code, targets } = pick(references);
      const target = pick(targets.filter(one => types.includes(one)));
      const [name, value] = far(target, steps - 1);
      return [`${code}${random() < 0.7 ? `:${target}` : ''}.${name}`, value];
    }
    const source = pick(types);
    const back = [...searchParameters(source).values()].filter(one => one.type === 'reference' && one.targets.includes(type));
    if (back.length === 0) return ask(type);
    const [name, value] = far(source, steps - 1);
    return [`_has:${source}:${pick(back).code}:${name}`, value];
  }

  function ask(type: string): [string, string] {
    const parameters = [...searchParameters(type).values()].filter(one => one.type !== 'special' && !one.code.startsWith('_'));
    const parameter = pick(parameters);
    const values = valuesOf(type, parameter.code);
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
      if (kind > 0.9) asked.push(special(type) ?? ask(type));
      else if (kind > 0.75) asked.push(['_filter', filter(type)]);
      else if (kind > 0.65) asked.push(far(type, 2 + Math.floor(random() * 2)));
      else if (kind < 0.15 && references.length > 0) {
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
