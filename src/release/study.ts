/**
 * Under whose approval data leave: a ResearchStudy that the caller is bound to, that is active, and whose period is open today.
 * What is wrong with it is not told: a caller learns of studies that are its own, and of no other.
 * The study says too under which policy its data leave; it is the operator who writes studies.
 * R4: https://hl7.org/fhir/R4/researchstudy.html
 * @module
 */
import { readDate } from '../deid/calendar.ts';
import { type Access, asServer } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';
import type { Store } from '../fhir/store/store.ts';
import { builtIn, type PolicyName, policyNamed } from './policies.ts';
import { policyUrl } from './provenance.ts';

export interface Study {
  readonly id: string;
  /** Its period as written. */
  readonly period: Json;
  /** Default: jp-anonymized. */
  readonly policy: PolicyName;
}

/** profiles/StructureDefinition-deidentification-policy.json */
const policyExtension = 'https://noren.example/fhir/StructureDefinition/deidentification-policy';

/** The policy that a study names; undefined for one that is none of ours, or is here in another version: its data were not approved to leave under this one. */
function policyNameOf(study: AnyResource): PolicyName | undefined {
  const list = Array.isArray(study['extension']) ? (study['extension'] as Json[]) : [];
  const [named, ...more] = list.filter(one => one?.['url'] === policyExtension);
  if (named === undefined) return 'jp-anonymized';
  const [url, ...version] = String(named['valueCanonical']).split('|');
  const name = builtIn.find(one => policyUrl(one) === url);
  if (name === undefined || more.length > 0) return undefined;
  return version.length === 0 || version.join('|') === policyNamed(name).policy.version ? name : undefined;
}

const expression = "Parameters.parameter.where(name='study')";

/**
 * @param reference of the parameter `study`
 * @param today day number
 * @throws Problem `invalid-parameter` for what is no reference to a ResearchStudy, `forbidden` for a study that does not allow it, `business-rule` for one under a policy that is not here
 */
export async function openStudy(store: Store, access: Access, reference: unknown, base: string, today: number): Promise<Study> {
  const text = (reference as Json | undefined)?.['reference'];
  const found = typeof text === 'string' ? literal(text, base) : undefined;
  // What was approved then may be withdrawn now.
  if (found?.type !== 'ResearchStudy' || found.versionId !== undefined)
    throw new Problem('invalid-parameter', 'The parameter study is a reference to a ResearchStudy, and to none of its versions.', {
      expression,
    });
  const closed = new Problem('forbidden', 'This client has no open study of that name.', { expression });
  if (!access.studies.includes(found.id)) throw closed;
  const version = await store.read(asServer('whether a study is open'), 'ResearchStudy', found.id);
  if (version === undefined || version.deleted) throw closed;
  const study = JSON.parse(version.bytes.toString()) as AnyResource;
  const period = (study['period'] ?? {}) as Json;
  if (study['status'] !== 'active' || !isOpen(period, today)) throw closed;
  const policy = policyNameOf(study);
  if (policy === undefined)
    throw new Problem('business-rule', 'The study names a policy, or a version of one, that this server does not have.', { expression });
  return { id: found.id, period, policy };
}

/** Both ends count; an end that is written but cannot be read closes it. */
function isOpen({ start, end }: Json, today: number): boolean {
  const from = start === undefined ? Number.NEGATIVE_INFINITY : (readDate(start)?.first ?? Number.POSITIVE_INFINITY);
  const until = end === undefined ? Number.POSITIVE_INFINITY : (readDate(end)?.last ?? Number.NEGATIVE_INFINITY);
  return from <= today && today <= until;
}
