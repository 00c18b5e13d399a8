/**
 * What each type of operation means over HTTP: its method and where it goes, when the script says no more than the type.
 * R4: https://hl7.org/fhir/R4/valueset-testscript-operation-codes.html, https://hl7.org/fhir/R4/http.html#summary
 * @module
 */

export interface Interaction {
  readonly method: string;
  /** The path below the base is of the type, the instance, the version, or nothing. */
  readonly place: 'system' | 'type' | 'search' | 'instance' | 'version' | 'history' | 'operation';
  /** Put behind the place. */
  readonly tail?: string;
  /** The body is the source fixture: a resource without id, one with id, or anything. */
  readonly body?: 'create' | 'update' | 'any';
}

const plain: Readonly<Record<string, Interaction>> = {
  read: { method: 'GET', place: 'instance' },
  vread: { method: 'GET', place: 'version' },
  search: { method: 'GET', place: 'search' },
  history: { method: 'GET', place: 'history' },
  capabilities: { method: 'GET', place: 'system', tail: 'metadata' },
  create: { method: 'POST', place: 'type', body: 'create' },
  update: { method: 'PUT', place: 'instance', body: 'update' },
  updateCreate: { method: 'PUT', place: 'instance', body: 'update' },
  patch: { method: 'PATCH', place: 'instance', body: 'any' },
  delete: { method: 'DELETE', place: 'instance' },
  deleteCondSingle: { method: 'DELETE', place: 'type' },
  deleteCondMultiple: { method: 'DELETE', place: 'type' },
  batch: { method: 'POST', place: 'system', body: 'any' },
  transaction: { method: 'POST', place: 'system', body: 'any' },
};

/** Operations of the specification by their codes without the `$`. */
const operations = new Set([
  'apply',
  'closure',
  'find-matches',
  'conforms',
  'data-requirements',
  'document',
  'evaluate',
  'evaluate-measure',
  'everything',
  'expand',
  'find',
  'graphql',
  'implements',
  'lastn',
  'lookup',
  'match',
  'meta',
  'meta-add',
  'meta-delete',
  'populate',
  'populatehtml',
  'populatelink',
  'process-message',
  'questionnaire',
  'stats',
  'subset',
  'subsumes',
  'transform',
  'translate',
  'validate',
  'validate-code',
]);

/** Undefined: no type of operation that is known. A type of an operation is its code, with `$` or without. */
export function interactionOf(type: string, withBody: boolean): Interaction | undefined {
  if (Object.hasOwn(plain, type)) return plain[type];
  const code = type.startsWith('$') ? type.slice(1) : operations.has(type) ? type : undefined;
  return code === undefined ? undefined : { method: withBody ? 'POST' : 'GET', place: 'operation', tail: `$${code}`, body: 'any' };
}
