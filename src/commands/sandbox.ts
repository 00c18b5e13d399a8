/**
 * What stands in a sandbox after its first start: two hospitals with their front desks and the texts of their notices, and three studies; no patient.
 * R4: https://hl7.org/fhir/R4/organization.html, https://hl7.org/fhir/R4/researchstudy.html
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Organization, Practitioner, PractitionerRole, ResearchStudy } from '@medplum/fhirtypes';
import { fillText } from '../consent/notice-text.ts';
import { asServer } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';

const institutionNumber = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';

const hospital = (id: string, number: string, name: string): Organization => ({
  resourceType: 'Organization',
  id,
  identifier: [{ system: institutionNumber, value: number }],
  active: true,
  type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov' }] }],
  name,
});

const template = JSON.parse(
  readFileSync(new URL('../../profiles/Questionnaire-notice-text-template.json', import.meta.url), 'utf8'),
) as AnyResource;

/** The text of a sandbox hospital's notice, from the template; the same in every sandbox. */
const noticeText = (hospital: string, place: { ja: string; en: string }): AnyResource =>
  fillText(
    template,
    {
      'institution-name': { ja: `サンドボックス病院${hospital.slice(-1)}`, en: `Sandbox Hospital ${hospital.slice(-1)}` },
      'institution-address': place,
      'institution-representative': { ja: '院長', en: 'The director' },
      operator: { ja: 'サンドボックス認定事業者', en: 'Sandbox Certified Operator' },
    },
    {
      id: `notice-text-${hospital}`,
      url: `https://noren.example/fhir/Questionnaire/notice-text-${hospital}`,
      version: '1.0.0',
      date: '2020-04-01',
    },
  );

/** Where that is: an app of the desk learns its institution from it. */
const deskRole = (n: string): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: `desk-${n}`,
  active: true,
  practitioner: { reference: `Practitioner/desk-${n}` },
  organization: { reference: `Organization/hospital-${n}` },
});

/** Who signs in at a hospital's front desk. */
const desk = (n: string): Practitioner => ({ resourceType: 'Practitioner', id: `desk-${n}`, active: true, name: [{ text: `Desk ${n}` }] });

/** @param year in which the sandbox begins */
const study = (id: string, status: ResearchStudy['status'], title: string, year: number): ResearchStudy => ({
  resourceType: 'ResearchStudy',
  id,
  title,
  status,
  period: { start: `${year}-01-01`, end: `${year + 10}-12-31` },
});

/** @param now milliseconds: the studies' period begins with the year before */
function sandboxResources(now: number): readonly AnyResource[] {
  const year = new Date(now).getUTCFullYear() - 1;
  const stands: (Organization | Practitioner | PractitionerRole | ResearchStudy)[] = [
    hospital('hospital-1', '1319999991', 'Sandbox Hospital 1'),
    hospital('hospital-2', '2719999992', 'Sandbox Hospital 2'),
    desk('1'),
    desk('2'),
    deskRole('1'),
    deskRole('2'),
    study('sandbox-active', 'active', 'Sandbox study', year),
    study('sandbox-second', 'active', 'Second sandbox study', year),
    study('sandbox-withdrawn', 'withdrawn', 'Withdrawn sandbox study', year),
  ];
  return [
    ...(stands as unknown as AnyResource[]),
    noticeText('hospital-1', { ja: '東京都千代田区見本町1-1', en: '1-1 Mihon-cho, Chiyoda-ku, Tokyo' }),
    noticeText('hospital-2', { ja: '大阪府大阪市北区見本町2-2', en: '2-2 Mihon-cho, Kita-ku, Osaka' }),
  ];
}

/** A hospital's text is its own, as if it had written it. */
const senderOf = ({ resourceType, id }: AnyResource): string | undefined =>
  resourceType === 'Questionnaire' ? `Organization/${id!.replace('notice-text-', '')}` : undefined;

/** Writes those that never were; one that was changed or deleted since stays so. @returns references of what was written */
export async function fillSandbox(store: Store, now: number): Promise<readonly string[]> {
  const access = asServer('make what stands in a sandbox');
  const missing = [];
  for (const resource of sandboxResources(now)) {
    if ((await store.read(access, resource.resourceType, resource.id!)) === undefined) missing.push(resource);
  }
  if (missing.length === 0) return [];
  try {
    await store.commit({
      writes: missing.map(resource => ({
        type: resource.resourceType,
        id: resource.id!,
        resource,
        expect: 'absent',
        sender: senderOf(resource) ?? access.agent.sender,
      })),
    });
  } catch (error) {
    // Another server over the same database was first.
    if (error instanceof Problem && error.kind === 'precondition-failed') return [];
    throw error;
  }
  return missing.map(resource => `${resource.resourceType}/${resource.id}`);
}
