/**
 * What tests of the terminology operations stand on: a whole server with a small catalogue of fruit in it, its value sets, and a map from it.
 * @module
 */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/profile/validate.ts';
import { fruit } from '../fhir/terminology/resources.ts';
import { openWhole, type Told, type Whole } from '../http/whole.ts';

export const system = fruit.url!;
export const ref = (name: string): string => `http://example.org/${name}`;
const set = (name: string, include: object[]) => ({
  resourceType: 'ValueSet',
  id: name,
  url: ref(name),
  status: 'active',
  compose: { include },
});

const stored = [
  { ...fruit, id: 'fruit' },
  { ...fruit, id: 'fruit-1', version: '1', concept: [{ code: 'lemon', display: 'Old lemon' }] },
  set('citrus', [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'citrus' }] }]),
  set('all', [{ system }]),
  set('open', [{ system, concept: [{ code: 'lemon' }] }, { system: ref('not-here') }]),
  set('ring', [{ valueSet: [ref('ring')] }]),
  set('bomb', [{ system, filter: [{ property: 'display', op: 'regex', value: '(a+)+$' }] }]),
  {
    resourceType: 'ConceptMap',
    id: 'to-english',
    url: ref('to-english'),
    version: '1',
    status: 'active',
    sourceCanonical: ref('citrus'),
    targetCanonical: ref('words'),
    group: [
      {
        source: system,
        target: ref('english'),
        element: [
          { code: 'lemon', target: [{ code: 'LEMON', display: 'lemon', equivalence: 'equivalent' }] },
          {
            code: 'yuzu',
            target: [
              {
                code: 'YUZU',
                equivalence: 'wider',
                dependsOn: [{ property: ref('season'), value: 'winter' }],
                product: [{ property: ref('taste'), system: ref('tastes'), value: 'sour' }],
              },
            ],
          },
          { code: 'orange', target: [{ equivalence: 'unmatched' }] },
        ],
      },
    ],
  },
];

export interface Terms extends Whole {
  /** By GET; Parameters and a value set in the answer are valid R4. */
  get(path: string, client?: string): Promise<Told>;
  /** By POST with Parameters. */
  post(path: string, parameters: readonly object[], client?: string): Promise<Told>;
}

export async function openTerms(): Promise<Terms> {
  const whole = await openWhole();
  for (const resource of stored) {
    const { status, text } = await whole.ask('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
    if (status !== 201) throw new Error(text);
  }
  const judged = (told: Told): Told => {
    const findings = validate(JSON.parse(told.text));
    if (findings.length > 0) throw new Error(JSON.stringify(findings));
    return told;
  };
  return {
    ...whole,
    get: async (path, client = 'tester') => judged(await whole.ask('GET', path, { client })),
    post: async (path, parameter, client = 'tester') =>
      judged(await whole.ask('POST', path, { client, body: { resourceType: 'Parameters', parameter: [...parameter] } })),
  };
}

type Plain = string | number | boolean | { [part: string]: unknown };

const plain = ({ name: _, part, ...value }: ParametersParameter): Plain =>
  part === undefined ? (Object.values(value)[0] as Plain) : Object.fromEntries(part.map(one => [one.name!, plain(one)]));

/** The values of a parameter of the answer; parts as an object. */
export const values = ({ json }: Told, name: string): Plain[] =>
  ((json as unknown as Parameters).parameter ?? []).filter(one => one.name === name).map(plain);
