/**
 * The operator's view of the audit log: search and read, nothing else. Links that go on are sealed: what was searched for is in nobody's history.
 * R4: https://hl7.org/fhir/R4/auditevent.html#search, https://hl7.org/fhir/R4/http.html#paging
 * @module
 */
import type { Audit } from '../audit/log.ts';
import { type Access, permits } from '../fhir/model/access.ts';
import type { Answer, Request } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { Sealer } from '../fhir/model/seal.ts';
import type { Pairs } from './url.ts';

export interface AuditReads {
  readonly audit: Pick<Audit, 'search' | 'read'>;
  readonly baseUrl: string;
  readonly sealer: Sealer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long a link can be followed. */
const pageLifeMs = 60 * 60 * 1000;

const bindingOf = ({ agent }: Access): string => JSON.stringify(['AuditEvent', agent.client, agent.role]);

/** What a page link holds, or the parameters themselves. `_position` is ours: from outside it comes sealed or not at all. */
function parametersOf(query: Pairs, access: Access, { sealer, now }: AuditReads): Pairs {
  const told = query.filter(([name]) => name !== '_format' && name !== '_pretty');
  if (told.some(([name]) => name === '_position')) throw new Problem('invalid-parameter', undefined, { expression: 'http._position' });
  const link = told.find(([name]) => name === '_page');
  if (link === undefined) return told;
  if (told.length > 1) throw new Problem('invalid-parameter', 'A page link takes no further parameter.', { expression: 'http._page' });
  return sealer.open(link[1], bindingOf(access), pageLifeMs, now()) as Pairs;
}

/** `AuditEvent`, `AuditEvent/_search`, `AuditEvent/<id>`. Throws Problem. */
export async function readAudit(request: Request, access: Access, reads: AuditReads): Promise<Answer> {
  const [, id, ...rest] = request.path.split('/');
  const search = id === undefined ? request.method === 'GET' : id === '_search' && request.method === 'POST';
  if (!search && request.method !== 'GET') throw new Problem('forbidden', 'Nobody writes or deletes the audit log.');
  if (!permits(access, search ? 's' : 'r', 'AuditEvent')) throw new Problem('forbidden');
  const { audit, baseUrl, sealer, now } = reads;
  if (!search) {
    const event = rest.length === 0 ? await audit.read(id!) : undefined;
    if (event === undefined) throw new Problem('not-found');
    return { status: 200, resource: event as unknown as AnyResource };
  }
  const parameters = parametersOf(request.query, access, reads);
  const sealed = (what: Pairs) => `${baseUrl}/AuditEvent?_page=${sealer.seal(what, bindingOf(access), now())}`;
  const asked = parameters.filter(([name]) => name !== '_position');
  const bundle = await audit.search(parameters, {
    base: baseUrl,
    link: position => sealed([...asked, ['_position', position]]),
    ...(request.method === 'POST' || asked.length < parameters.length ? { self: sealed(parameters) } : {}),
  });
  return { status: 200, resource: bundle as unknown as AnyResource };
}
