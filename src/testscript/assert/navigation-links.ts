/**
 * The criterion navigationLinks: a Bundle with links to the first, the next and the last page.
 * R4: https://hl7.org/fhir/R4/testscript-definitions.html#TestScript.setup.action.assert.navigationLinks
 * @module
 */
import { isJson } from '../pick.ts';
import type { Judge } from './criterion.ts';

export const navigationLinks: Judge = ({ says }, { resource }) => {
  if (says === 'false') return undefined;
  if (resource?.resourceType !== 'Bundle') return 'The body is no Bundle.';
  const links: unknown[] = Array.isArray(resource['link']) ? resource['link'] : [];
  const there = new Set(links.filter(isJson).map(link => link['relation']));
  const missing = ['first', 'next', 'last'].filter(relation => !there.has(relation));
  return missing.length === 0 ? undefined : `The Bundle has no link ${missing.join(', ')}.`;
};
