/**
 * Which room answers: paths are checked here before a body is read, and go to one dispatch, the same for HTTP and for the entries of a Bundle.
 * R4: https://hl7.org/fhir/R4/http.html#summary
 * @module
 */
import type { Dispatch } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { isResourceType } from '../fhir/model/r4.ts';
import { type AuditReads, readAudit } from './audit-reads.ts';

/** Methods of each kind of path. */
const allowed = {
  system: ['GET', 'POST'],
  read: ['GET'],
  search: ['POST'],
  type: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  instance: ['GET', 'PUT', 'PATCH', 'DELETE'],
  operation: ['GET', 'POST'],
  later: ['GET', 'DELETE'],
  history: ['GET', 'DELETE'],
} as const;

type Kind = keyof typeof allowed;

function kindOf(segments: readonly string[]): Kind {
  const [first, second, third] = segments;
  if (first === undefined) return 'system';
  const isOperation = segments[segments.length - 1]!.startsWith('$');
  if (segments.length > (isOperation ? 5 : 4)) throw new Problem('not-found', 'There is no such path.');
  if (isOperation) {
    if (segments.length > 1 && !isResourceType(first)) throw new Problem('unknown-type');
    return 'operation';
  }
  if (first === 'metadata' || first === '_history' || first === '_search') {
    if (second !== undefined) throw new Problem('not-found', 'There is no such path.');
    return first === '_search' ? 'search' : 'read';
  }
  if ((first === '_async' || first === '_file') && second !== undefined && third === undefined) return 'later';
  if (!isResourceType(first)) throw new Problem('unknown-type');
  if (second === undefined) return 'type';
  if (second === '_search' || third === '_search' || segments[3] === '_search') return 'search';
  if (third === '_history') return 'history';
  if (second === '_history' || third !== undefined) return 'read';
  return 'instance';
}

const listed = (methods: readonly string[]): string => [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');

/** For the header Allow: what may be asked of a path; of one that is not there, nothing but that. */
export function allowedAt(segments: readonly string[]): string {
  try {
    return listed(allowed[kindOf(segments)]);
  } catch {
    return listed([]);
  }
}

/**
 * @param method as it came; HEAD counts as GET
 * @throws Problem `unknown-type`, `not-found`, `method-not-allowed`
 */
export function checkRoute(method: string, segments: readonly string[]): void {
  const methods: readonly string[] = allowed[kindOf(segments)];
  if (!methods.includes(method === 'HEAD' ? 'GET' : method)) {
    throw new Problem('method-not-allowed', undefined, { headers: { allow: listed(methods) } });
  }
}

/** Rooms that answer requests. */
export interface Rooms extends AuditReads {
  readonly interactions: Dispatch;
  readonly operations: Dispatch;
}

/** `Patient/1/$everything`, but not `Patient?name=$x`: the last segment of the path says it. */
const isOperation = (path: string): boolean => path.charCodeAt(path.lastIndexOf('/') + 1) === 36;

/** The one dispatch: `$…` → operations, AuditEvents for the operator → audit log, the rest → interactions. */
export const createDispatch =
  ({ interactions, operations, ...reads }: Rooms): Dispatch =>
  (request, access) => {
    if (isOperation(request.path)) return operations(request, access);
    if (access.agent.role === 'operator' && /^AuditEvent(\/|$)/.test(request.path)) return readAudit(request, access, reads);
    return interactions(request, access);
  };
