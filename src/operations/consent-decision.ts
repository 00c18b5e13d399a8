/**
 * $consent-decision: may these actors use a patient's data for these purposes, by the consents on file; which data not; and whether named resources may be shown.
 * It answers and changes nothing; what this server gives out is settled by roles, scopes and objections.
 * Definition: profiles/OperationDefinition-consent-decision.json; IHE PCF: https://profiles.ihe.net/ITI/PCF/volume-1.html
 * @module
 */
import type { ParametersParameter } from '@medplum/fhirtypes';
import { decide } from '../consent/decide.ts';
import { belongs, consentsOf, current, recordsOf } from '../consent/on-file.ts';
import { allows } from '../consent/pcf/allows.ts';
import { actReason, type Coding, mayBeResearch } from '../consent/pcf/codes.ts';
import { type Decision, decideUse, groupsIn, type ResidualRule } from '../consent/pcf/decision.ts';
import type { ImplicitPolicy } from '../consent/pcf/implicit.ts';
import { referenceOf } from '../consent/pcf/read.ts';
import { restrict } from '../consent/pcf/restrict.ts';
import { type Access, permits, reachOf } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { dateReader } from '../fhir/search/dates.ts';
import type { Store } from '../fhir/store/store.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface ConsentDecisionParts {
  readonly store: Store;
  /** Milliseconds. */
  readonly now: () => number;
  readonly settings: {
    /** IANA zone of dates that name none. */
    readonly timeZone: string;
    /** What holds without a consent on file. */
    readonly implicitPolicy: ImplicitPolicy;
  };
  readonly baseUrl: string;
}

/** Resources that one call may ask about. */
const mostResources = 100;

const wrong = (name: string, text: string): Problem =>
  new Problem('invalid-parameter', text, { expression: `Parameters.parameter.where(name='${name}')` });

export function consentDecision({ store, now, settings, baseUrl }: ConsentDecisionParts): Operation {
  const { timeZone } = settings;
  const at = { timeZone, base: baseUrl };

  function referencesIn(given: Given, name: string): string[] {
    return (given.get(name) ?? []).map(one => {
      const reference = referenceOf(one, at);
      if (reference === undefined) throw wrong(name, `The parameter ${name} is a reference, of this server or with its full URL.`);
      return reference;
    });
  }

  function timeOf(given: Given): number {
    const text = given.get('at')?.[0] as string | undefined;
    const span = text === undefined ? undefined : dateReader(timeZone)(text);
    if (text !== undefined && span === undefined) throw wrong('at', 'The parameter at is a dateTime.');
    return span?.[0] ?? now();
  }

  /** An objection is known by the person, under every record and number of his; it counts from the moment it is made, whatever moment is asked about. */
  async function objected(records: readonly string[], purposes: readonly Coding[], asked: number): Promise<boolean> {
    if (!purposes.some(mayBeResearch)) return false;
    const lines = await store.lines([...records]);
    return [asked, now()].some(moment => decide({ purpose: 'research', lines, now: moment, waitDays: 0, timeZone }) === 'objection');
  }

  /** One of the person's own resources, as far as this caller may know of it, and what it refers to. */
  async function shown(reference: string, records: readonly string[], access: Access, decision: Decision): Promise<boolean> {
    if (!decision.permit || !/^\w+\/[^/]+$/.test(reference)) return false;
    for (const record of records) {
      const resource = await current(store, restrict(access, record, { ...decision, residual: [] }), reference);
      if (resource !== undefined) return allows(decision.residual, resource, { ...at, see: await around(resource, access) });
    }
    return false;
  }

  async function around(resource: AnyResource, access: Access): Promise<(reference: string) => AnyResource | undefined> {
    const texts = [...JSON.stringify(resource).matchAll(/"reference":"([^"]+)"/g)].map(([, text]) => referenceOf({ reference: text }, at));
    const seen = new Map<string, AnyResource>();
    for (const reference of new Set(texts.filter(one => one !== undefined && /^(Encounter|PractitionerRole)\//.test(one)))) {
      const found = await current(store, access, reference!);
      if (found !== undefined) seen.set(reference!, found);
    }
    return reference => seen.get(reference);
  }

  async function run(given: Given, access: Access) {
    // A decision over some of the consents would be none.
    if (!permits(access, 's', 'Consent') || !reachOf(access, 'Consent').some(clause => Object.keys(clause).length === 0))
      throw new Problem('forbidden', 'A decision needs access to all consents.');
    const [patient] = referencesIn(given, 'patient') as [string];
    if (!/^Patient\/[^/]+$/.test(patient)) throw wrong('patient', 'The parameter patient is a reference to a Patient.');
    const purposes = (given.get('purpose') as readonly Json[]).map(({ system, code }): Coding => {
      if (typeof code !== 'string' || code === '' || (system !== undefined && typeof system !== 'string'))
        throw wrong('purpose', 'The parameter purpose is a Coding with a code.');
      return { system: system ?? actReason, code };
    });
    const resources = referencesIn(given, 'resource');
    if (resources.length > mostResources) throw new Problem('too-costly', `One call asks about ${mostResources} resources at most.`);
    const actors = referencesIn(given, 'actor');
    const asked = timeOf(given);
    const records = await recordsOf(store, patient);
    const consents = await consentsOf(store, access, records);
    const who = await belongs(store, access, actors, groupsIn(consents, at), { ...at, now: asked });
    const decided = decideUse(consents, {
      ...at,
      ...who,
      // Nobody said who asks: then he may be anybody.
      actors: actors.length === 0 ? [] : who.actors,
      purposes,
      now: asked,
      mayBreakGlass: given.get('entitled')?.[0] === true,
      implicit: settings.implicitPolicy,
    });
    const decision: Decision =
      decided.permit && (await objected(records, purposes, asked))
        ? { permit: false, because: 'objection', considered: decided.considered, doc_id: [], acp: [] }
        : decided;
    const resource: ParametersParameter[] = [];
    for (const reference of resources) {
      const may = await shown(reference, records, access, decision);
      resource.push({
        name: 'resource',
        part: [{ name: 'reference', valueReference: { reference } }, code('decision', may ? 'permit' : 'deny')],
      });
    }
    return {
      status: 200,
      resource: { resourceType: 'Parameters', parameter: [...told(decision), ...resource] } as unknown as AnyResource,
      patients: [patient],
    };
  }

  return { definition: definitionOf('consent-decision'), run };
}

const code = (name: string, value: string): ParametersParameter => ({ name, valueCode: value });

const told = (decision: Decision): ParametersParameter[] => [
  code('decision', decision.permit ? 'permit' : 'deny'),
  ...(decision.permit ? [] : [code('because', decision.because)]),
  ...decision.doc_id.map((reference): ParametersParameter => ({ name: 'basis', valueReference: { reference } })),
  ...decision.acp.map((uri): ParametersParameter => ({ name: 'policy', valueUri: uri })),
  ...decision.considered.map(
    ({ consent, effect }): ParametersParameter => ({
      name: 'considered',
      part: [{ name: 'consent', valueReference: { reference: consent } }, code('effect', effect)],
    }),
  ),
  ...(decision.permit ? decision.residual.map(residual) : []),
];

const residual = ({ type, securityLabel, dataPeriod, data }: ResidualRule): ParametersParameter => ({
  name: 'residual',
  part: [
    code('type', type),
    ...securityLabel.map((valueCoding): ParametersParameter => ({ name: 'securityLabel', valueCoding })),
    ...dataPeriod.map((valuePeriod): ParametersParameter => ({ name: 'dataPeriod', valuePeriod })),
    ...data.map(
      ({ meaning, reference }): ParametersParameter => ({
        name: 'data',
        part: [code('meaning', meaning), { name: 'reference', valueReference: { reference } }],
      }),
    ),
  ],
});
