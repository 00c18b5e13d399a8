/**
 * All that the page shows of one patient, asked for together. The core (Patient, Consent, Communication) is plain FHIR; holdings and releases are asked for by
 * operations that a server may not have: then they are undefined, and the page says so.
 * R4: https://hl7.org/fhir/R4/patient.html, https://hl7.org/fhir/R4/consent.html, https://hl7.org/fhir/R4/communication.html
 * @module
 */
import { isFailure } from '../smart/failure.ts';
import { type Fhir, ifOffered, type Json, listIn, type Resource } from '../smart/fhir.ts';
import type { Count } from './bars.ts';
import { asObjection, type Objection, objectionCategory } from './consent.ts';

export interface Named {
  /** `Organization/1`, or '' where it is named by its name alone. */
  readonly reference: string;
  readonly name: string;
}

export interface Holding {
  readonly institution: Named;
  readonly counts: readonly Count[];
}

export interface Release {
  readonly title: string;
  readonly description?: string;
  readonly time: string;
  readonly kind: 'bundle' | 'summary';
}

export interface Notice {
  readonly id: string;
  readonly sent: string;
  readonly institution: Named;
  /** `url|version` of its text. */
  readonly text?: string;
}

export interface PatientRecord {
  /** Undefined: nothing of the patient is here (any more). */
  readonly patient: Resource | undefined;
  readonly objections: readonly Objection[];
  readonly holdings: readonly Holding[] | undefined;
  readonly releases: { readonly list: readonly Release[]; readonly statement: { readonly ja?: string; readonly en?: string } } | undefined;
  readonly notices: readonly Notice[] | undefined;
}

const noticeCategory = 'https://noren.example/fhir/CodeSystem/communication-category|notice';

/** Values of the parameters of this name: `value[x]`, or the parts. */
const given = (parameters: unknown, name: string): readonly unknown[] =>
  listIn(parameters)
    .filter(one => one['name'] === name)
    .map(one => one['part'] ?? one[Object.keys(one).find(key => key.startsWith('value')) ?? '']);

const named = (reference: unknown): Named => {
  const { reference: to, display } = (reference ?? {}) as Json;
  return { reference: typeof to === 'string' ? to : '', name: typeof display === 'string' ? display : '' };
};

/** A token may be good for one patient only, and the server then knows whom a search is about; another wants to be told. */
async function searchOwn(fhir: Fhir, type: string, query: Readonly<Record<string, string>>): Promise<readonly Resource[]> {
  try {
    return await fhir.search(type, query);
  } catch (error) {
    if (!isFailure(error, 'refused', 'absent')) throw error;
    return fhir.search(type, { ...query, patient: `Patient/${fhir.session().patient}` });
  }
}

/** About the law, not about health: they have places of their own on the page. */
const aside: ReadonlySet<string> = new Set(['Communication', 'Consent']);

export function holdingsIn(answer: Resource): readonly Holding[] {
  const holdings = given(answer['parameter'], 'holding').map(parts => ({
    institution: named(given(parts, 'institution')[0]),
    counts: given(parts, 'count').map(count => {
      const [year] = given(count, 'year');
      return {
        type: String(given(count, 'type')[0] ?? ''),
        number: Number(given(count, 'number')[0] ?? 0),
        ...(Number.isInteger(Number(year)) && year !== undefined ? { year: Number(year) } : {}),
      };
    }),
  }));
  return holdings
    .map(one => ({ ...one, counts: one.counts.filter(({ type, number }) => number > 0 && !aside.has(type)) }))
    .filter(one => one.counts.length > 0);
}

export function releasesIn(answer: Resource): NonNullable<PatientRecord['releases']> {
  const list = given(answer['parameter'], 'release').map((parts): Release => {
    const [description] = given(parts, 'description');
    return {
      title: named(given(parts, 'study')[0]).name,
      ...(typeof description === 'string' ? { description } : {}),
      time: String(given(parts, 'time')[0] ?? ''),
      kind: given(parts, 'kind')[0] === 'summary' ? 'summary' : 'bundle',
    };
  });
  const [statement] = given(answer['parameter'], 'statement');
  const [ja, en] = [given(statement, 'ja')[0], given(statement, 'en')[0]];
  return { list, statement: { ...(typeof ja === 'string' ? { ja } : {}), ...(typeof en === 'string' ? { en } : {}) } };
}

function noticeIn(resource: Resource): Notice {
  const text = [resource['instantiatesCanonical']].flat()[0];
  return {
    id: resource.id ?? '',
    sent: String(resource['sent'] ?? ''),
    institution: named(resource['sender']),
    ...(typeof text === 'string' ? { text } : {}),
  };
}

const newestFirst = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);

/** @throws Failure for what makes the page useless: no session, no server */
export async function loadRecord(fhir: Fhir): Promise<PatientRecord> {
  const [patient, consents, holdings, releases, communications] = await Promise.all([
    ifOffered(fhir.read(`Patient/${fhir.session().patient}`)),
    searchOwn(fhir, 'Consent', { category: `${objectionCategory.system}|${objectionCategory.code}` }),
    ifOffered(fhir.operation('holdings', [])),
    ifOffered(fhir.operation('releases', [])),
    ifOffered(searchOwn(fhir, 'Communication', { category: noticeCategory })),
  ]);
  return {
    patient,
    objections: consents.flatMap(one => asObjection(one) ?? []).sort((a, b) => newestFirst(a.made, b.made)),
    holdings: holdings === undefined ? undefined : holdingsIn(holdings),
    releases: releases === undefined ? undefined : releasesIn(releases),
    notices: communications
      ?.filter(one => one['status'] !== 'entered-in-error')
      .map(noticeIn)
      .sort((a, b) => newestFirst(a.sent, b.sent)),
  };
}

/** Institutions that gave a notice, hold something, or were objected to, each once. */
export function institutionsIn({
  holdings,
  notices,
  objections,
}: Pick<PatientRecord, 'holdings' | 'notices' | 'objections'>): readonly Named[] {
  const found = new Map<string, Named>();
  const objected = objections.map(one => ({ institution: { reference: one.institution ?? '', name: one.institutionName ?? '' } }));
  for (const { institution } of [...(holdings ?? []), ...(notices ?? []), ...objected]) {
    const { reference } = institution;
    if (reference !== '' && (found.get(reference)?.name ?? '') === '') found.set(reference, institution);
  }
  return [...found.values()];
}

/** Name of a person as his institution wrote it; kanji first. */
export function nameOf(patient: Resource | undefined): string {
  const names = listIn(patient?.['name']);
  const written = names.find(one => JSON.stringify(one['extension'] ?? '').includes('"IDE"')) ?? names[0];
  if (written === undefined) return '';
  if (typeof written['text'] === 'string') return written['text'];
  return [written['family'], ...([written['given']].flat() as unknown[])].filter(part => typeof part === 'string').join(' ');
}

export const isDeceased = (patient: Resource | undefined): boolean =>
  patient?.['deceasedBoolean'] === true || typeof patient?.['deceasedDateTime'] === 'string';
