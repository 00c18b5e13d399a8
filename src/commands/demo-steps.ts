/**
 * The steps of the demo, each a few requests and what was answered. A step that does not do what it should throws.
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bundle, Consent, MeasureReport, OperationOutcome, Patient, Provenance, Reference } from '@medplum/fhirtypes';
import { compare, pairOf } from './before-after.ts';
import { Refusal } from './command.ts';
import type { Ask, Said } from './demo-client.ts';
import type { Truth } from './generate.ts';
import { load } from './load.ts';
import { reasonOf } from './submit.ts';
import { column, cut, type Style } from './terminal.ts';

export type Say = (text?: string) => void;

/** A step that did not go as it should. */
export class Unexpected extends Refusal {}

const hospitals = ['hospital-1', 'hospital-2'] as const;
const study = { name: 'study', valueReference: { reference: 'ResearchStudy/sandbox-active' } };
export const diabetes = 'Patient?_has:Condition:patient:code=E11.9';

/** The status that was expected, or the end of the demo. */
function expected<T>(said: Said<T>, status: number, step: string): T {
  if (said.status === status) return said.body;
  throw new Unexpected(
    `The demo ends here: ${step} was answered with ${reasonOf(said.status, said.body as OperationOutcome as never)}, not ${status}.`,
  );
}

export const count = (n: number): string => n.toLocaleString('en');
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const expression = (text: string) => ({ language: 'application/x-fhir-query', expression: text });
const initial = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: 'initial-population' }] };
const groups = [
  ['everyone', 'Patient?'],
  ['type 2 diabetes (E11.9)', diabetes],
  ['hypertension (I10)', 'Patient?_has:Condition:patient:code=I10'],
  ['Fabry disease (E75.2)', 'Patient?_has:Condition:patient:code=E75.2'],
] as const;
const measure = {
  resourceType: 'Measure',
  status: 'active',
  scoring: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/measure-scoring', code: 'cohort' }] },
  group: groups.map(([, criteria]) => ({ population: [{ code: initial, criteria: expression(criteria) }] })),
};

export const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter: [study, ...parameter] });
const released = (ask: Ask) => ask<Bundle>('researcher-1', 'POST', '$deidentify', parameters({ name: 'cohort', valueString: diabetes }));
const counted = (ask: Ask) =>
  ask<MeasureReport>(
    'researcher-1',
    'POST',
    '$deidentify',
    parameters(
      { name: 'cohort', valueString: 'Patient?' },
      { name: 'output', valueCode: 'summary' },
      { name: 'measure', resource: measure },
    ),
  );

/** Counts of a report; undefined: masked. */
const countsOf = (report: MeasureReport): (number | undefined)[] => (report.group ?? []).map(g => g.population?.[0]?.count);
const patientsIn = (bundle: Bundle): number => (bundle.entry ?? []).filter(e => e.resource?.resourceType === 'Patient').length;

const objection = (identifier: object, dateTime: string): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { identifier } as Reference<Patient>,
  dateTime,
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
  provision: { type: 'deny' },
});

const json = (file: string): Bundle => JSON.parse(readFileSync(file, 'utf8')) as Bundle;
const truthOf = (files: string) => JSON.parse(readFileSync(path.join(files, 'truth.json'), 'utf8')) as Truth;
const patientOf = (bundle: Bundle) => bundle.entry!.map(e => e.resource).find((r): r is Patient => r?.resourceType === 'Patient')!;

export interface Scene {
  readonly ask: Ask;
  readonly say: Say;
  readonly style: Style;
  readonly step: (title: string) => void;
  /** Generated files. */
  readonly files: string;
  readonly url: string;
  /** The server's data directory. */
  readonly data: string;
}

export async function loading({ say, style, files, url, data }: Scene): Promise<void> {
  for (const client of hospitals) {
    const notices = await load({ paths: [path.join(files, 'notices', `${client}.ndjson`)], client, url, data });
    const bundles = await load({ paths: [path.join(files, client)], client, url, data });
    const rejected = [...notices.rejected, ...bundles.rejected];
    if (rejected[0] !== undefined)
      throw new Unexpected(`The demo ends here: ${client} could not send ${rejected[0].name}: ${rejected[0].reason}.`);
    say(
      `     ${client}  ${count(notices.resources)} notices in ${notices.seconds.toFixed(1)} s, then ${count(bundles.bundles)} bundles, ${count(bundles.resources)} resources in ` +
        `${bundles.seconds.toFixed(1)} s ${style.quiet(`(${count(Math.round(bundles.resources / bundles.seconds))} a second)`)}, ${style.good('0 rejected')}`,
    );
  }
}

export async function refusing({ ask, say, style, files }: Scene): Promise<void> {
  const truth = truthOf(files);
  for (const [notice, what] of [
    ['none', 'was never told'],
    ['young', 'was told less than 31 days ago'],
  ] as const) {
    const record = truth.persons.find(p => p.notice === notice)?.records[0];
    if (record === undefined) continue;
    const bundle = json(path.join(files, record.file));
    const said = await ask<OperationOutcome>(record.institution, 'POST', '', bundle);
    expected(said, 422, `a bundle of a patient who ${what}`);
    const { value = '' } = patientOf(bundle).identifier![0]!;
    const stored = expected(
      await ask<Bundle>('tester', 'GET', `Patient?identifier=${encodeURIComponent(value)}&_summary=count`),
      200,
      'the search for it',
    ).total;
    const [issue] = said.body.issue ?? [];
    say(
      `     ${record.institution} sends ${bundle.entry!.length} resources of a patient who ${what}: ${style.bad(`${said.status} ${issue?.code}`)}`,
    );
    say(`       “${issue?.details?.text}” ${style.quiet(`at ${issue?.expression?.[0]}`)}, stored: ${stored}`);
  }
}

export async function searching({ ask, say }: Scene): Promise<void> {
  for (const query of [
    'Patient?name=佐藤',
    'Patient?name=サトウ',
    'Observation?code=http://loinc.org|4548-4&value-quantity=gt7.5',
    'Patient?_has:Condition:patient:code=I10&address-state=東京都',
    'Encounter?date=ge2020&_sort=-date',
  ]) {
    const said = await ask<Bundle>('tester', 'GET', `${encodeURI(query).replaceAll('|', '%7C')}&_total=accurate&_count=5`);
    const { total } = expected(said, 200, `the search ${query}`);
    say(`     ${column(query, 64)} ${String(total).padStart(6)} found ${said.ms.toFixed(0).padStart(5)} ms`);
  }
}

/** Somebody of the cohort who is at one hospital only, with enough tests to be found again, whose birth date leaves (those near 90 are pooled). */
function chosen(files: string, bundle: Bundle) {
  const truth = truthOf(files);
  const notes = (b: Bundle) => b.entry!.some(e => e.resource?.resourceType === 'Condition' && e.resource.note !== undefined);
  const candidates = truth.persons
    .filter(p => p.records.length === 1 && p.records[0]!.cleared)
    .map(p => p.records[0]!)
    .flatMap(record => {
      const sent = json(path.join(files, record.file));
      const pair = sent.entry!.length >= 20 ? pairOf(sent, bundle) : undefined;
      if (pair === undefined) return [];
      const rows = compare(pair);
      const isTold = rows.some(([element, before]) => element === 'HbA1c' && before.includes('%'));
      const isBorn = rows.some(([element, , after]) => element === 'Patient.birthDate' && after !== undefined);
      return isTold && isBorn ? [{ ...record, sent, pair }] : [];
    });
  return candidates.find(c => notes(c.sent)) ?? candidates[0];
}

export async function deidentifying({ ask, say, style, files }: Scene) {
  const said = await released(ask);
  const bundle = expected(said, 200, '$deidentify');
  const provenance = bundle.entry?.at(-1)?.resource as Provenance | undefined;
  say(
    `     researcher-1 asks for ${diabetes}: ${style.good(String(said.status))}, ${count(patientsIn(bundle))} persons, ${count(bundle.entry?.length ?? 0)} resources in ${seconds(said.ms)}`,
  );
  say(
    `     labelled ${bundle.meta?.security?.[0]?.code}; the last entry is a ${provenance?.resourceType} with the policy. One patient, before and after:`,
  );
  const one = chosen(files, bundle);
  if (one === undefined) throw new Unexpected('The demo ends here: no patient of the release could be shown beside the original.');
  const row = (element: string, before: string, after: string) => `       ${column(element, 30)}${column(before, 44)}  ${after}`;
  say(`\n${style.quiet(row('element', `${one.institution} sent`, 'researcher-1 received'))}`);
  for (const [element, before, after] of compare(one.pair))
    say(row(element, before, after === undefined ? style.quiet('— removed') : cut(after, 44)));
  say(
    `\n       ${one.pair.before.length} resources before, ${one.pair.after.length} after (staff and institutions are entries of their own). All dates of one person move by the same number of days.`,
  );
  return { ...one, persons: patientsIn(bundle) };
}

function tell({ say, style }: Scene, counts: readonly (number | undefined)[], before?: readonly (number | undefined)[]): void {
  for (const [i, [name]] of groups.entries()) {
    const shown = counts[i] === undefined ? style.quiet('masked (1 to 9)') : String(counts[i]);
    const changed = before === undefined ? '' : style.quiet(`   before: ${before[i] ?? 'masked'}`);
    say(`     ${column(name, 28)}${shown}${changed}`);
  }
}

/** The numbers, and why they are not quite those of the persons who were sent. */
export async function counting(scene: Scene): Promise<readonly (number | undefined)[]> {
  const counts = countsOf(expected(await counted(scene.ask), 200, 'the count'));
  tell(scene, counts);
  const sent = truthOf(scene.files).persons.filter(p => p.records.every(r => r.cleared));
  const twice = sent.filter(p => p.shared === 'nothing').length;
  if (twice > 0)
    scene.say(
      scene.style.quiet(
        `     (${sent.length} persons were sent; ${twice} of them stand there twice: their two hospitals have no number of theirs in common)`,
      ),
    );
  return counts;
}

export async function objecting(
  scene: Scene,
  patient: { institution: string; number: string; sent: Bundle; persons: number },
  before: readonly (number | undefined)[],
): Promise<void> {
  const { ask, say, style, step } = scene;
  const { system, value } = patientOf(patient.sent).identifier![0]!;
  step('One patient objects: the one shown above');
  const found = await ask<Bundle>(patient.institution, 'GET', `Patient?identifier=${encodeURIComponent(`${system}|${value}`)}`);
  const reference = `Patient/${expected(found, 200, 'the search for the patient').entry?.[0]?.resource?.id}`;
  const consent = await ask(patient.institution, 'POST', 'Consent', objection({ system, value }, new Date().toISOString()));
  expected(consent, 201, 'the objection');
  say(
    `     ${patient.institution} passes the objection on (Consent): ${style.good(String(consent.status))} in ${consent.ms.toFixed(0)} ms.`,
  );
  const gone = await ask<OperationOutcome>(patient.institution, 'GET', reference);
  expected(gone, 404, 'the read of the patient who objected');
  const report = expected(await counted(ask), 200, 'the second count');
  say(
    `     the keys of what was stored about the patient are destroyed; the hospital itself reads ${style.good(`${gone.status} ${gone.body.issue?.[0]?.code}`)}. The same count again:`,
  );
  tell(scene, countsOf(report), before);
  const again = expected(await released(ask), 200, 'the second release');
  say(
    `     the same release again: ${patientsIn(again)} persons ${style.quiet(`before: ${patient.persons}`)}, without that patient: ${pairOf(patient.sent, again) === undefined ? style.good('true') : style.bad('false')}`,
  );
  if (patientsIn(again) !== patient.persons - 1 || pairOf(patient.sent, again) !== undefined)
    throw new Unexpected('The demo ends here: the patient who objected is still in the release.');
  const { identifier: _, ...next } = patient.sent;
  const refused = await ask<OperationOutcome>(patient.institution, 'POST', '', next);
  expected(refused, 422, 'the next bundle of the patient who objected');
  say(
    `     the next bundle of that patient: ${style.bad(`${refused.status} ${refused.body.issue?.[0]?.code}`)} “${refused.body.issue?.[0]?.details?.text}”`,
  );
}
