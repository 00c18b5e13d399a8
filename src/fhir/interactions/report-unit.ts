/**
 * A report unit (報告単位): what a Bundle of type collection in the manner of FAST-HDJ says, and the tags by which what it made is found again.
 * A tag holds no value of the identifier, which names an insured person, but a hash of it.
 * JP_Bundle_FASTHDJ (draft), CLINS: both spellings of the systems are live; R4: https://hl7.org/fhir/R4/resource.html#Meta
 * @module
 */
import { createHash } from 'node:crypto';
import { type Finding, Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import type { Context } from './interaction.ts';
import { receiptKey } from './receipt.ts';

/** System of the tag that says from which unit a resource is; with `-content`: from which sending of it. */
export const unitSystem = 'https://noren.example/fhir/CodeSystem/report-unit';

/** Types of a unit's resources. */
export const unitTypes: readonly string[] = ['AllergyIntolerance', 'Condition', 'MedicationRequest', 'Observation'];

/** Lower case: FASTHDJ and CLINS are written in both. */
const systems = {
  transactionType: [
    'http://jpfhir.jp/fhir/fasthdj/codesystem/bundletransactiontype_cs',
    'http://jpfhir.jp/fhir/clins/codesystem/bundletransactiontype_cs',
  ],
  resourceType: [
    'http://jpfhir.jp/fhir/clins/codesystem/bundleresourcetype_cs',
    'http://jpfhir.jp/fhir/fasthdj/codesystem/bundleresourcetype_cs',
  ],
  identifier: ['http://jpfhir.jp/fhir/clins/bundle-identifier', 'http://jpfhir.jp/fhir/fasthdj/bundle-identifier'],
} as const;
const instanceIdentifier = 'http://jpfhir.jp/fhir/core/idsystem/resourceinstance-identifier';

export interface UnitEntry {
  readonly fullUrl?: string;
  readonly resource: AnyResource;
  /** `Bundle.entry[3]` */
  readonly place: string;
}

export interface Unit {
  /** DEL: the unit is to go. */
  readonly isWithdrawn: boolean;
  readonly type: string;
  /** Sender and identifier, hashed. */
  readonly code: string;
  /** 10 digits of the institution. */
  readonly institution: string;
  readonly patient: UnitEntry;
  readonly resources: readonly UnitEntry[];
}

const tagsOf = (resource: AnyResource): Json[] => [((resource.meta ?? {}) as Json)['tag'] ?? []].flat() as Json[];

/** Whether a tag's system is one of ours. */
export const unitOf = (system: unknown): string | undefined =>
  typeof system === 'string' && (system === unitSystem || system === `${unitSystem}-content`) ? system : undefined;

/** The sending that a stored resource is from. */
export const unitContent = (resource: AnyResource): unknown =>
  tagsOf(resource).find(one => one['system'] === `${unitSystem}-content`)?.['code'];

/** What was sent, without what changes from one sending to the next: fullUrls, the order of members, versions. */
export function contentOf({ patient, resources }: Unit): string {
  const entries = [patient, ...resources];
  let text = JSON.stringify(entries.map(({ resource }) => ordered(withoutVersion(resource))));
  for (const [i, { fullUrl }] of entries.entries()) if (fullUrl !== undefined) text = text.replaceAll(`"${fullUrl}"`, `"entry ${i}"`);
  return createHash('sha256').update(text).digest('base64url');
}

function withoutVersion(resource: AnyResource): AnyResource {
  const { versionId: _, lastUpdated: __, ...meta } = (resource.meta ?? {}) as Json;
  return { ...resource, meta } as AnyResource;
}

const ordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(ordered)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, one]) => [name, ordered(one)]),
        )
      : value;

/** Throws 400 for a Bundle that R4 does not know, 413 for one that is too large, 422 with all that is missing or wrong in a unit. */
export function readUnit(bundle: AnyResource, { access, settings, validate, institutionCode }: Context): Unit {
  const list = (bundle['entry'] ?? []) as Json[];
  if (!Array.isArray(list)) throw new Problem('invalid-structure', 'Bundle.entry must be a list.', { expression: 'Bundle.entry' });
  if (list.length > settings.maxBundleEntries)
    throw new Problem('too-long', `A Bundle may have ${settings.maxBundleEntries} entries.`, { expression: 'Bundle.entry' });
  // fullUrls are compared below, where it does not take the square of their number.
  const bare = list.map(entry => {
    const { fullUrl: _, ...rest } = (entry ?? {}) as Json;
    return rest;
  });
  const invalid = validate({ ...bundle, ...(bundle['entry'] === undefined ? {} : { entry: bare }) } as AnyResource);
  if (invalid.length > 0) throw Problem.of(invalid);

  const findings: Finding[] = [];
  const wrong = (expression: string, text: string) => findings.push({ kind: 'business-rule', text, expression });
  const coded = (name: 'transactionType' | 'resourceType', codes: readonly string[]): string | undefined => {
    const found = tagsOf(bundle).filter(one => (systems[name] as readonly string[]).includes(String(one['system']).toLowerCase()));
    const code = found.length === 1 ? codes.find(one => one === found[0]!['code']) : undefined;
    if (code === undefined) wrong('Bundle.meta.tag', `A collection has one tag ${name}: ${codes.join(', ')}.`);
    return code;
  };
  const transactionType = coded('transactionType', ['INS', 'DEL']);
  const type = coded('resourceType', unitTypes);
  const institution = institutionCode?.(access.agent.sender);
  const { system, value } = (bundle['identifier'] ?? {}) as Json;
  if (typeof system !== 'string' || !(systems.identifier as readonly string[]).includes(system.toLowerCase()))
    wrong('Bundle.identifier.system', 'The identifier of a collection has the system of bundle identifiers.');
  const parts = /^(\d{10})\^[^^]+\^[A-Z0-9-]{1,128}$/.exec(typeof value === 'string' ? value : '');
  if (!parts) wrong('Bundle.identifier.value', 'The identifier of a collection has three parts: institution, insured person, report unit.');
  else if (parts[1] !== institution) wrong('Bundle.identifier.value', 'The report unit is not this institution’s.');

  const entries = list.map((entry, i): UnitEntry => {
    const place = `Bundle.entry[${i}]`;
    const { fullUrl, resource } = entry;
    const expected = i === 0 ? 'Patient' : type;
    if ((resource as AnyResource | undefined)?.resourceType !== (expected ?? (resource as AnyResource | undefined)?.resourceType))
      wrong(`${place}.resource`, 'A collection holds one Patient, then resources of the type that its tag names, and nothing else.');
    for (const name of ['search', 'request', 'response'])
      if (entry[name] !== undefined) wrong(`${place}.${name}`, `An entry has no ${name}.`);
    return { ...(typeof fullUrl === 'string' ? { fullUrl } : {}), resource: resource as AnyResource, place };
  });
  const [patient, ...resources] = entries;
  if (patient === undefined) wrong('Bundle.entry', 'A collection begins with the Patient.');
  if (resources.length === 0 && transactionType === 'INS') wrong('Bundle.entry', 'A report unit that is sent has resources.');
  twice(
    entries,
    ({ fullUrl }) => (fullUrl === undefined ? [] : [fullUrl]),
    ({ place }) => wrong(`${place}.fullUrl`, 'Two entries have the same fullUrl.'),
  );
  twice(resources, instanceKeys, ({ place }) => wrong(`${place}.resource.identifier`, 'Two resources have the same instance identifier.'));
  if (findings.length > 0) throw Problem.of(findings);
  return {
    isWithdrawn: transactionType === 'DEL',
    type: type!,
    code: codeOf(bundle, access),
    institution: institution!,
    patient: patient!,
    resources,
  };
}

/** Both spellings of the system name the same unit. */
function codeOf(bundle: AnyResource, access: Context['access']): string {
  const { value } = bundle['identifier'] as Json;
  const key = receiptKey({ ...bundle, identifier: { system: systems.identifier[0], value } } as AnyResource, access)!;
  return createHash('sha256').update(key).digest('base64url');
}

const instanceKeys = ({ resource }: UnitEntry): string[] =>
  ([resource['identifier'] ?? []].flat() as Json[])
    .filter(one => String(one['system']).toLowerCase() === instanceIdentifier)
    .map(one => String(one['value']));

function twice(entries: readonly UnitEntry[], keys: (entry: UnitEntry) => readonly string[], told: (entry: UnitEntry) => void): void {
  const seen = new Set<string>();
  for (const entry of entries)
    for (const key of keys(entry)) {
      if (seen.has(key)) told(entry);
      seen.add(key);
    }
}
