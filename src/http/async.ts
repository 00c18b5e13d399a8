/**
 * Requests that are answered later: taken with 202 and a status URL, worked on, and their answer kept for a stated while (jobs.ts says where), for who asked and nobody else.
 * An answer that is kept is no leave to see it: whoever fetches it must have the same rights still, and what it shows must be as it was known then.
 * R4: https://hl7.org/fhir/R4/async.html, R5: https://hl7.org/fhir/R5/async-bundle.html (the form of the result)
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Audit } from '../audit/log.ts';
import { type BundleEntry, bundleBytes, failureEntry, responseEntry, sizeOf } from '../fhir/interactions/bundle.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer, Dispatch, Request } from '../fhir/model/exchange.ts';
import { information, Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { operationDefinitions } from '../operations/index.ts';
import { recordOf, type Trail } from './audit.ts';
import type { Held } from './held.ts';
import { type Done, type Job, type Jobs, ownerOf } from './jobs.ts';
import type { Limits } from './limits.ts';
import { type Log, traceOf } from './log.ts';

export interface LaterParts {
  readonly baseUrl: string;
  readonly limits: Pick<Limits, 'asyncLifeSeconds'>;
  /** What this process keeps. */
  readonly held: Held;
  readonly dispatch: Dispatch;
  readonly audit: Pick<Audit, 'record'>;
  readonly log: Log;
  readonly jobs: Jobs;
  /** What is on record about patients, and where the log of it stands. */
  readonly known: Pick<Store, 'lines' | 'moment'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of work that goes on after its 202 has left: a stop waits for it. */
  readonly underway: (work: Promise<void>) => void;
}

/** A request that is answered later, with what it was allowed by. */
export interface Asked {
  readonly request: Request;
  /** As it is worked with. */
  readonly access: Access;
  /** As the token gives it. */
  readonly granted: Access;
  readonly trail: Trail;
}

export interface Later {
  /** 202; `work` ends with the work. Throws 503 where this client has as many as it may have. */
  take(asked: Asked): Promise<{ readonly answer: Answer; readonly work: Promise<void> }>;
  /**
   * `GET` of a status URL: 202 while it is worked on, then 200 with the result. Throws 404, 403, 410.
   * @param access what the objections leave of what is granted: a read is done anew by it where more has come in about anybody
   */
  status(id: string, granted: Access, access: Access): Promise<Answer>;
  /** `DELETE` of a status URL: 202, and nothing of it is left; what is being stored is stored. Throws 404. */
  cancel(id: string, granted: Access): Promise<Answer>;
}

/** Requests of one client that are worked on or kept. */
const mostOfClient = 20;
/** A read is done again when notices or objections come in meanwhile, this often at most. */
const mostTries = 3;

const safe: ReadonlySet<string> = new Set(
  operationDefinitions().flatMap(({ code, affectsState }) => (affectsState === false ? [`$${code}`] : [])),
);
const lastOf = ({ path }: Request): string => path.slice(path.lastIndexOf('/') + 1);
/** Whether it may be done again at will. */
const isReading = (request: Request): boolean => request.method === 'GET' || lastOf(request) === '_search' || safe.has(lastOf(request));

/** All that a token allows, but for which token it is. */
const rightsOf = ({ agent: _, ...rights }: Access): string => JSON.stringify(rights);

/** What was done, without what it showed. */
function withoutResources(entry: BundleEntry): BundleEntry {
  const { resource, ...rest } = entry;
  const bytes = Buffer.isBuffer(resource) ? [resource] : (resource as readonly Buffer[] | undefined);
  if (!Array.isArray(bytes)) return rest;
  const bundle = JSON.parse(Buffer.concat(bytes).toString()) as Json;
  if (bundle['resourceType'] !== 'Bundle' || !/^(batch|transaction)-response$/.test(String(bundle['type']))) return rest;
  const entries = (bundle['entry'] ?? []) as Json[];
  return { ...rest, resource: { ...bundle, entry: entries.map(({ resource: _, ...one }) => one) } as Json as AnyResource };
}

export function createLater(parts: LaterParts): Later {
  const { baseUrl, limits, held, dispatch, audit, log, jobs, known, now, underway } = parts;

  const drop = async (id: string): Promise<void> => {
    held.release(id);
    await jobs.drop(id);
  };
  /** What the lines say, not by which names of a person each process knows them, nor in what order. */
  const linesOf = async (patients: readonly string[]): Promise<string> => {
    if (patients.length === 0) return '';
    const lines = await known.lines(patients);
    return JSON.stringify(lines.map(({ list, source, sender, from, until }) => JSON.stringify([list, source, sender, from, until])).sort());
  };

  /** The answer, and what was on record about those whom it shows, if that is sure. */
  async function answered(
    { request, access }: Pick<Asked, 'request' | 'access'>,
    isRead: boolean,
  ): Promise<{ answer: Answer; lines: string | undefined; moment: number }> {
    for (let tried = 1; ; tried++) {
      const moment = await known.moment();
      const answer = await dispatch(request, access);
      const lines = await linesOf(answer.patients ?? []);
      if ((await known.moment()) === moment) return { answer, lines, moment };
      if (!isRead || tried === mostTries) return { answer, lines: undefined, moment };
    }
  }

  type Made = Omit<Done, 'until'>;
  const failed = (thrown: unknown): Made => ({ entry: failureEntry(thrown), patients: [], lines: '', moment: undefined });
  const made = ({ method, headers }: Request, { answer, lines, moment }: Awaited<ReturnType<typeof answered>>): Made => ({
    entry: responseEntry(method, answer, baseUrl, headers['prefer'] ?? ''),
    patients: answer.patients ?? [],
    lines,
    moment,
  });

  /** Keeps a result in the place of one that was kept, as far as there is room for it. */
  async function keep(id: string, job: Job, result: Made, until: number): Promise<Done> {
    held.release(id);
    let { entry } = result;
    if (sizeOf(entry) > held.room()) {
      const problem = new Problem('too-costly', 'The result is larger than this server can keep: ask for less, or without respond-async.');
      entry = job.isRead ? failureEntry(problem) : withoutResources(entry);
    }
    const done: Done = { ...result, entry, until };
    held.hold(id, sizeOf(entry), until);
    if (!(await jobs.finish(id, { ...job, done }))) held.release(id);
    return done;
  }

  async function work(id: string, job: Job, asked: Asked): Promise<void> {
    const { request } = asked;
    const trail: Trail = { ...asked.trail };
    let result: Made;
    try {
      const done = await answered(asked, job.isRead);
      trail.answer = done.answer;
      result = made(request, done);
      await audit.record(recordOf(trail, { status: done.answer.status, headers: [], body: [] }));
    } catch (thrown) {
      if (!(thrown instanceof Problem))
        log('error', 'a request that is answered later failed', { requestId: trail.requestId, ...traceOf(thrown) });
      result = failed(thrown);
      const status = thrown instanceof Problem ? thrown.status : 500;
      await audit.record(recordOf(trail, { status, headers: [], body: [] }));
    }
    await keep(id, job, result, now() + limits.asyncLifeSeconds * 1000);
  }

  /** Somebody else's is not there. */
  async function own(id: string, granted: Access): Promise<Job> {
    const job = await jobs.get(id);
    if (job?.owner !== ownerOf(granted))
      throw new Problem('not-found', 'There is no such request, or its result was kept as long as it is.');
    return job;
  }

  return {
    async take(asked) {
      const { granted, request } = asked;
      const owner = ownerOf(granted);
      const id = randomBytes(18).toString('base64url');
      const job: Job = { owner, rights: rightsOf(granted), request, isRead: isReading(request) };
      if (!(await jobs.begin(id, job, mostOfClient)))
        throw new Problem('unavailable', 'This client has as many requests to be answered later as it may have: fetch or delete some.', {
          headers: { 'retry-after': '10' },
        });
      const done = work(id, job, asked).catch(async error => {
        // The log of the audit takes no record, or the result cannot be kept: nothing is told of what it would have been about.
        log('error', 'a request that is answered later left no record or no result', traceOf(error));
        await drop(id).catch(() => {});
      });
      underway(done);
      const headers = { 'content-location': `${baseUrl}/_async/${id}`, 'preference-applied': 'respond-async' };
      return {
        answer: { status: 202, headers, resource: information('The request was taken; its result will be at Content-Location.') as never },
        work: done,
      };
    },

    async status(id, granted, access) {
      const job = await own(id, granted);
      if (job.done === undefined) return { status: 202, headers: { 'x-progress': 'in progress', 'retry-after': '1' } };
      if (rightsOf(granted) !== job.rights)
        throw new Problem('forbidden', 'The result was made under other rights than this token gives: ask again.');
      const changed = async () => {
        await drop(id);
        return new Problem('deleted', 'What may be known of somebody in the result has changed since: ask again.');
      };
      const isAsKnown = async ({ lines, patients }: Done) => lines !== undefined && (await linesOf(patients)) === lines;
      let shown: Done = job.done;
      // Not everybody who is in a result stands there by a reference, and none in a number: where anything came in about anybody, who is shown is not sure.
      const isSure = shown.moment === undefined || (await known.moment()) === shown.moment;
      if (job.isRead) {
        if (!(await isAsKnown(shown))) throw await changed();
        if (!isSure) {
          const again = await answered({ request: job.request, access }, true).then(
            done => made(job.request, done),
            thrown => {
              // It can be asked for again, and what is kept stays for it.
              if (thrown instanceof Problem && thrown.kind === 'unavailable') throw thrown;
              if (!(thrown instanceof Problem)) log('error', 'a request that is answered later failed', traceOf(thrown));
              return failed(thrown);
            },
          );
          // Meanwhile it may have been deleted.
          shown = await keep(id, await own(id, granted), again, shown.until);
          if (shown.lines === undefined) throw await changed();
        }
      } else if (!(await isAsKnown(shown)) || (!isSure && !lastOf(job.request).startsWith('$'))) {
        shown = { ...shown, entry: withoutResources(shown.entry) };
      }
      return {
        status: 200,
        bytes: bundleBytes({ type: 'batch-response' }, [shown.entry]),
        headers: { expires: new Date(shown.until).toUTCString() },
        patients: shown.patients,
      };
    },

    async cancel(id, granted) {
      await own(id, granted);
      await drop(id);
      return { status: 202, resource: information('The request and its result are forgotten.') as never };
    },
  };
}
