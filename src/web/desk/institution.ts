/**
 * Whose desk this is: the institution of who signed in, the system of its patient numbers, and the text of the notice that it hands out today.
 * R4: https://hl7.org/fhir/R4/practitionerrole.html; patient numbers: JP Core, urn:oid:1.2.392.100495.20.3.51.1 followed by the institution's ten digits
 * @module
 */
import { type Fhir, ifOffered, type Json, listIn, type Resource } from '../smart/fhir.ts';

const institutionNumber = 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no';
const patientNumbers = 'urn:oid:1.2.392.100495.20.3.51.1';

export interface Institution {
  /** `Organization/1` */
  readonly reference: string;
  readonly name: string;
  readonly numberSystem: string;
}

/** Undefined: an Organization without the ten digits has no patient numbers. */
export function institutionIn(resource: Resource): Institution | undefined {
  const code = listIn(resource['identifier']).find(one => one['system'] === institutionNumber)?.['value'];
  if (resource.resourceType !== 'Organization' || typeof code !== 'string' || !/^\d{10}$/.test(code)) return undefined;
  return { reference: `Organization/${resource.id}`, name: String(resource['name'] ?? ''), numberSystem: patientNumbers + code };
}

const organizationOf = (role: Resource | undefined): string | undefined => {
  const reference = (role?.['organization'] as Json | undefined)?.['reference'];
  return typeof reference === 'string' ? reference.split('/').slice(-2).join('/') : undefined;
};

/** One, when the server says where the user works; several to choose from, when it does not. */
export async function institutionsOf(fhir: Fhir): Promise<readonly Institution[]> {
  const user = fhir.session().user ?? '';
  let reference = user.startsWith('Organization/') ? user : undefined;
  if (user.startsWith('PractitionerRole/')) reference = organizationOf(await ifOffered(fhir.read(user)));
  if (user.startsWith('Practitioner/'))
    reference = organizationOf((await ifOffered(fhir.search('PractitionerRole', { practitioner: user })))?.[0]);
  if (reference !== undefined) {
    const found = await ifOffered(fhir.read(reference));
    const one = found === undefined ? undefined : institutionIn(found);
    if (one !== undefined) return [one];
  }
  const all = (await ifOffered(fhir.search('Organization', {}))) ?? [];
  return all.flatMap(one => institutionIn(one) ?? []);
}

/** `url|version` of the newest text in use, its own before one for everybody; undefined where there is none to be seen. */
export async function noticeTextOf(fhir: Fhir): Promise<string | undefined> {
  const texts = (await ifOffered(fhir.search('Questionnaire', { status: 'active' }))) ?? [];
  const [newest] = texts
    .filter(
      one =>
        typeof one['url'] === 'string' &&
        typeof one['version'] === 'string' &&
        profilesOf(one).some(profile => /\/notice-text$/.test(profile)),
    )
    .sort((a, b) => (String(a['date']) < String(b['date']) ? 1 : -1));
  return newest === undefined ? undefined : `${newest['url']}|${newest['version']}`;
}

const profilesOf = (resource: Resource): string[] => {
  const profiles = (resource['meta'] as Json | undefined)?.['profile'];
  return Array.isArray(profiles) ? profiles.map(String) : [];
};
