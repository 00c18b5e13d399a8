/**
 * One patient as the hospital sent him and as he left: the demo's side by side. The demo can find him again only because it holds the original: it
 * looks for the one released person with exactly his test results.
 * @module
 */
import type { Bundle, Encounter, Observation, Patient, Resource } from '@medplum/fhirtypes';

const resources = (bundle: Bundle): Resource[] => (bundle.entry ?? []).flatMap(e => e.resource ?? []);

/** Test results of each patient of a bundle, by reference, as one text that is the same for the same results in any order. */
function results(bundle: Bundle): Map<string, string> {
  const of = new Map<string, string[]>();
  for (const one of resources(bundle)) {
    if (one.resourceType !== 'Observation' || one.valueQuantity?.value === undefined) continue;
    const subject = one.subject?.reference ?? '';
    const code = one.code.coding?.find(c => c.system === 'http://loinc.org')?.code ?? '';
    of.set(subject, [...(of.get(subject) ?? []), `${code}=${one.valueQuantity.value}`]);
  }
  return new Map([...of].map(([subject, list]) => [subject, list.sort().join(' ')]));
}

export interface Pair {
  readonly before: readonly Resource[];
  readonly after: readonly Resource[];
}

/** The same person in a sent bundle and in a release; undefined when nobody, or more than one, has these results. */
export function pairOf(sent: Bundle, released: Bundle): Pair | undefined {
  const [wanted] = results(sent).values();
  const found = [...results(released)].filter(([, list]) => list === wanted);
  const [subject] = found[0] ?? [];
  if (wanted === undefined || subject === undefined || found.length !== 1) return undefined;
  const urls = new Map((released.entry ?? []).map(e => [e.resource, e.fullUrl]));
  const isPatient = (r: Resource) => r.resourceType === 'Patient' && (subject === `Patient/${r.id}` || subject === urls.get(r));
  const after = resources(released).filter(
    r => isPatient(r) || ('subject' in r && (r.subject as { reference?: string } | undefined)?.reference === subject),
  );
  return { before: resources(sent), after };
}

const none = '—';

function patientRows(p: Patient | undefined): Record<string, string> {
  const address = p?.address?.[0];
  return {
    'Patient.id': p?.id ?? '(given by the server)',
    'Patient.name': p?.name?.map(n => n.text ?? n.family ?? '').join(' / ') || none,
    'Patient.identifier': p?.identifier?.map(i => i.value).join(' / ') || none,
    'Patient.telecom': p?.telecom?.map(t => t.value).join(' / ') || none,
    'Patient.birthDate': p?.birthDate ?? none,
    'Patient.gender': p?.gender ?? none,
    'Patient.address': address?.text ?? ([address?.state, address?.city].filter(Boolean).join(' ') || none),
    'Patient.text':
      p?.text?.div
        ?.replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim() || none,
    'Patient.managingOrganization': p?.managingOrganization?.reference ?? none,
  };
}

const isTest =
  (loinc: string) =>
  (r: Resource): r is Observation =>
    r.resourceType === 'Observation' && r.code.coding?.some(c => c.code === loinc) === true && r.valueQuantity !== undefined;

function clinicalRows(list: readonly Resource[], loinc: string): Record<string, string> {
  const when = (o: Observation) => (o.effectiveDateTime ?? '').slice(0, 10);
  const tests = list.filter(isTest(loinc)).sort((a, b) => when(a).localeCompare(when(b)));
  const first = list
    .filter((r): r is Encounter => r.resourceType === 'Encounter')
    .map(e => e.period?.start?.slice(0, 10) ?? '')
    .sort()[0];
  const conditions = list.flatMap(r =>
    r.resourceType === 'Condition' ? [r.code?.coding?.find(c => c.code !== undefined && /^[A-Z]\d/.test(c.code))?.code ?? ''] : [],
  );
  const note = list.flatMap(r => (r.resourceType === 'Condition' ? (r.note?.map(n => n.text) ?? []) : [])).join(' ');
  const letter = list
    .flatMap(r => (r.resourceType === 'DocumentReference' ? (r.content ?? []).map(c => c.attachment?.title ?? '') : []))
    .filter(Boolean)
    .join(' ');
  return {
    'Condition.code': conditions.sort().join(' ') || none,
    'Condition.note': note || none,
    DocumentReference: letter || none,
    'first Encounter.period': first || none,
    HbA1c:
      tests
        .slice(0, 2)
        .map(o => `${o.valueQuantity?.value} % on ${when(o)}`)
        .join(', ') || none,
  };
}

/** Rows of the comparison: element, before, after (undefined: removed). What the hospital did not send has no row. */
export function compare({ before, after }: Pair): readonly (readonly [element: string, before: string, after: string | undefined])[] {
  const rows = (list: readonly Resource[]) => ({
    ...patientRows(list.find((r): r is Patient => r.resourceType === 'Patient')),
    ...clinicalRows(list, '4548-4'),
  });
  const [left, right] = [rows(before), rows(after)];
  return Object.entries(left).flatMap(([element, sent]) => {
    const received = right[element as keyof typeof right];
    return sent === none ? [] : [[element, sent, received === none ? undefined : received] as const];
  });
}
