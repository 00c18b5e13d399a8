/**
 * What a composite says of one part alone: that parameter of the type holds too which has the values of the part, in whatever element. It is found by what is indexed already,
 * and few are left whose elements must be looked at.
 * R4: https://hl7.org/fhir/R4/search.html#composite
 * @module
 */
import { alternatives, type Parameter, searchParameters } from '../../search/parameters.ts';
import type { Component, Predicate, Ranged, TokenTest } from '../../search/query.ts';

type Composite = Extract<Predicate, { kind: 'composite' }>;

/** Of more alternatives nothing is implied: each would have to be looked up. */
const fewValues = 256;

const told = new WeakMap<Composite, { readonly type: string; readonly all: readonly Predicate[] }>();

/** Predicates, for each of which everything holds for which the composite does; the same ones each time. */
export function implied(type: string, composite: Composite): readonly Predicate[] {
  let found = told.get(composite);
  if (found?.type !== type) {
    found = { type, all: made(type, composite) };
    told.set(composite, found);
  }
  return found.all;
}

function made(type: string, { code, values }: Composite): Predicate[] {
  const composite = searchParameters(type).get(code);
  if (composite === undefined || values.length > fewValues) return [];
  return (composite.components ?? []).flatMap((_, i) => {
    const alone = aloneOf(type, composite)[i];
    return alone === undefined
      ? []
      : (predicate(
          alone,
          values.map(tests => tests[i]!),
        ) ?? []);
  });
}

/** A part has one type of value in all alternatives. */
function predicate(code: string, tests: readonly Component[]): Predicate | undefined {
  const kind = tests[0]?.kind;
  switch (kind) {
    case 'token':
      return { kind, code, values: tests.map(({ test }) => test as TokenTest), not: false };
    case 'quantity':
    case 'date':
    case 'number':
      return { kind, code, values: tests.map(({ test }) => test as Ranged) };
    default:
      return undefined;
  }
}

const known = new WeakMap<Parameter, readonly (string | undefined)[]>();

/** For each part of a composite the code of a parameter that selects, of the same elements, at least the same: told by the words of the expressions. */
function aloneOf(type: string, composite: Parameter): readonly (string | undefined)[] {
  let codes = known.get(composite);
  if (codes === undefined) {
    const elements = alternatives(composite.expression);
    const all = [...searchParameters(type).values()];
    codes = composite.components!.map(part => {
      const wanted = elements.flatMap(element => alternatives(part.expression).map(one => `${element}.${one}`));
      const fitting = all.filter(one => {
        const selected = new Set(alternatives(one.expression));
        return one.type === part.type && wanted.every(path => selected.has(path));
      });
      // The fewer paths it selects, the fewer it finds.
      return fitting.sort((a, b) => alternatives(a.expression).length - alternatives(b.expression).length)[0]?.code;
    });
    known.set(composite, codes);
  }
  return codes;
}
