/**
 * The User-access Brands of this server: who runs it, which institutions' records it holds, where its endpoint is. So that an app can show names, not URLs.
 * SMART: https://hl7.org/fhir/smart-app-launch/brands.html
 * @module
 */
import { hash } from 'node:crypto';
import type { Bundle, Endpoint, Organization } from '@medplum/fhirtypes';

const uri = 'urn:ietf:rfc:3986';

/** Of the one brand that stands for this server: `user_access_brand_identifier`. */
export const brandIdentifier = (baseUrl: string) => ({ system: uri, value: baseUrl });

/** @param organizations of the registered institutions, as they are stored now */
export function brandsBundle(baseUrl: string, organizations: readonly Organization[]): { bundle: Bundle; etag: string } {
  const { origin } = new URL(baseUrl);
  const urlOf = (reference: string) => `${baseUrl}/${reference}`;
  const telecom = [{ system: 'url' as const, value: `${origin}/` }];
  const endpoint: Endpoint = {
    resourceType: 'Endpoint',
    id: 'fhir',
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version', valueCode: '4.0.1' }],
    status: 'active',
    connectionType: { system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'hl7-fhir-rest' },
    name: 'FHIR R4',
    contact: telecom,
    payloadType: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type', code: 'none' }] }],
    address: baseUrl,
  };
  const primary: Organization = {
    resourceType: 'Organization',
    id: 'this-server',
    identifier: [brandIdentifier(baseUrl)],
    active: true,
    name: 'Noren',
    telecom,
    endpoint: [{ reference: urlOf('Endpoint/fhir') }],
  };
  const brands = organizations.map(
    ({ id, identifier, name, alias, address, meta }): Organization => ({
      resourceType: 'Organization',
      ...(id === undefined ? {} : { id }),
      ...(meta?.lastUpdated === undefined ? {} : { meta: { lastUpdated: meta.lastUpdated } }),
      ...(identifier === undefined ? {} : { identifier }),
      active: true,
      ...(name === undefined ? {} : { name }),
      ...(alias === undefined ? {} : { alias }),
      ...(address === undefined ? {} : { address }),
      telecom,
      partOf: { reference: urlOf('Organization/this-server') },
      endpoint: [{ reference: urlOf('Endpoint/fhir') }],
    }),
  );
  const resources = [primary, ...brands, endpoint];
  const changed = brands.flatMap(({ meta }) => meta?.lastUpdated ?? []).sort();
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: changed.at(-1) ?? '1970-01-01T00:00:00Z',
    entry: resources.map(resource => ({ fullUrl: urlOf(`${resource.resourceType}/${resource.id}`), resource })),
  };
  return { bundle, etag: `W/"${hash('sha256', JSON.stringify(bundle), 'base64url')}"` };
}
