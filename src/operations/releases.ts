/**
 * $releases: in which studies anonymized data of a patient took part, told from the release ledger; also when the data themselves are erased.
 * Who may: a patient's app for its patient, the operator for a patient whom he names.
 * Definition: profiles/OperationDefinition-releases.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import { recordsOf } from '../consent/on-file.ts';
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { type LedgerParts, type Noted, releasesWith } from '../release/ledger.ts';
import { studiesTold, type Told } from '../release/told.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface ReleasesParts extends LedgerParts {
  readonly store: Store;
  readonly baseUrl: string;
}

/** What goes with every answer. */
const statement = {
  ja: 'だれのものか分からないように加工して渡したデータは、あとから取り戻すことができません。停止を求めたあとは、新しく渡されることはありません。',
  en: 'Data that were given out in anonymized form cannot be called back. After an objection no more are given out.',
};

const wrong = (text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: "Parameters.parameter.where(name='patient')" });

export function releases(parts: ReleasesParts): Operation {
  const { store, baseUrl } = parts;

  /** `Patient/<id>` whom the call is about. */
  function patientOf(given: Given, { agent }: Access): string {
    const named = given.get('patient')?.[0] as Json | undefined;
    if (agent.role === 'patient') {
      if (named !== undefined) throw wrong('The patient of an app is that of its token: the parameter patient is not for it.');
      if (agent.patient === undefined) throw new Problem('forbidden', 'The token names no patient.');
      return agent.patient;
    }
    if (named === undefined) throw wrong('The parameter patient is required.');
    const text = named['reference'];
    const found = typeof text === 'string' ? literal(text, baseUrl) : undefined;
    if (found?.type !== 'Patient') throw wrong('The parameter patient is a reference to a Patient.');
    return `Patient/${found.id}`;
  }

  /** All records of the person: those that are here, and those by which an objection remembers him. */
  async function known(patient: string): Promise<readonly string[]> {
    const records = await recordsOf(store, patient);
    const lines = await store.lines([...records]);
    const remembered = lines.flatMap(line => line.persons).filter(name => /^Patient\/[^/]+$/.test(name));
    return [...new Set([...records, ...remembered])];
  }

  async function run(given: Given, access: Access) {
    const patient = patientOf(given, access);
    const found = await releasesWith(await known(patient), parts);
    const studies = await studiesTold(
      store,
      found.map(one => one.study),
    );
    const parameter: ParametersParameter[] = [
      ...found.toReversed().map(one => ({ name: 'release', part: partsOf(one, studies.get(one.study)!) })),
      { name: 'statement', part: Object.entries(statement).map(([name, valueString]) => ({ name, valueString })) },
    ];
    return { status: 200, resource: { resourceType: 'Parameters', parameter } as unknown as AnyResource, patients: [patient] };
  }

  return { definition: definitionOf('releases'), run };
}

const partsOf = ({ time, kind }: Noted, { reference, description }: Told): ParametersParameter[] => [
  { name: 'study', valueReference: reference },
  ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
  { name: 'time', valueInstant: time },
  { name: 'kind', valueCode: kind },
];
