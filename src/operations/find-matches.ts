/**
 * $find-matches: concepts that have the properties that are given.
 * Definition: profiles/OperationDefinition-CodeSystem-find-matches.json; R4: https://hl7.org/fhir/R4/codesystem-operation-find-matches.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { type Matching, findMatches as matchesIn, type Wanted } from '../fhir/terminology/find-matches.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';
import { meant, one, parametersOf, type TerminologyParts, wrong } from './terminology.ts';

/** A property as it was given. */
interface Asked extends Wanted {
  readonly value: unknown;
}

function wantedIn(given: Given): readonly Asked[] {
  const properties = (given.get('property') ?? []) as readonly Given[];
  if (properties.length === 0) throw wrong('property', 'The parameter property is required.');
  return properties.map(property => {
    if (property.has('subproperty')) throw wrong('property', 'The part subproperty is not supported: no code here is composed.');
    const value = one<unknown>(property, 'value');
    const text = typeof value === 'object' && value !== null ? (value as Json)['code'] : value;
    return { code: one<string>(property, 'code')!, ...(text === undefined ? {} : { text: String(text) }), value };
  });
}

/** A value in the type that JSON tells. */
const told = (value: unknown): Json => {
  if (typeof value === 'object') return { valueCoding: value };
  return typeof value === 'boolean'
    ? { valueBoolean: value }
    : typeof value === 'number'
      ? { valueInteger: value }
      : { valueString: value };
};

const matchOf = (system: { readonly url: string; readonly version?: string }, { concept, unmatched, nearly }: Matching<Asked>): Json => ({
  name: 'match',
  part: [
    {
      name: 'code',
      valueCoding: {
        system: system.url,
        ...(system.version === undefined ? {} : { version: system.version }),
        code: concept.code,
        ...(concept.display === undefined ? {} : { display: concept.display }),
      },
    },
    ...unmatched.map(({ code, value }) => ({
      name: 'unmatched',
      part: [{ name: 'code', valueCode: code }, ...(value === undefined ? [] : [{ name: 'value', ...told(value) }])],
    })),
    ...(nearly.length > 0
      ? [{ name: 'comment', valueString: `A possible match: by text alone in ${nearly.map(({ code }) => code).join(', ')}.` }]
      : []),
  ],
});

export const findMatches = (parts: TerminologyParts): Operation => ({
  definition: definitionOf('CodeSystem-find-matches'),
  async run(given, access, at) {
    const found = await meant('CodeSystem', given, at, { url: 'system', version: 'version' }, access, parts);
    if (found === undefined) throw wrong('system', 'The parameter system is required.');
    const system = await parts.knowledge(access).compiled(found);
    const wanted = wantedIn(given);
    return parametersOf(matchesIn(system, wanted, one(given, 'exact') === true).map(match => matchOf(system, match)));
  },
});
