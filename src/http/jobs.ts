/**
 * Where requests that are answered later are remembered: in the memory of one process, or by all processes together.
 * Together, one that is worked on is there as long as its process says so again and again: of a process that is gone nobody waits for ever.
 * @module
 */
import type { BundleEntry } from '../fhir/interactions/bundle.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Request } from '../fhir/model/exchange.ts';
import { parseJson } from '../fhir/model/json.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import type { SharedKept } from '../fhir/store/kept.ts';

/** Who asks, and for whom: what is made for one owner no other gets. */
export const ownerOf = ({ agent: { client, role, sender, patient, user } }: Access): string =>
  JSON.stringify([client, role, sender, patient ?? null, user ?? null]);

export interface Job {
  readonly owner: string;
  readonly rights: string;
  readonly request: Request;
  readonly isRead: boolean;
  readonly done?: Done;
}

export interface Done {
  readonly entry: BundleEntry;
  readonly patients: readonly string[];
  /** What was on record about the patients; undefined: it changed while it was worked on. */
  readonly lines: string | undefined;
  /** Where the log of what is on record stood; undefined: the result shows nobody. */
  readonly moment: number | undefined;
  /** Milliseconds. */
  readonly until: number;
}

export interface Jobs {
  /** One that is worked on. False: its owner has so many already. */
  begin(id: string, job: Job, most: number): Promise<boolean>;
  /** Its result takes its place until `done.until`, unless it was dropped meanwhile. False: it was. */
  finish(id: string, job: Job & { readonly done: Done }): Promise<boolean>;
  get(id: string): Promise<Job | undefined>;
  /** For good: what is finished later is dropped too. */
  drop(id: string): Promise<void>;
}

/** @param now milliseconds since 1970 */
export function jobsOfOne(now: () => number): Jobs {
  const jobs = new Map<string, Job>();
  const expire = (): void => {
    for (const [id, { done }] of jobs) if (done !== undefined && done.until <= now()) jobs.delete(id);
  };
  return {
    async begin(id, job, most) {
      expire();
      if ([...jobs.values()].filter(({ owner }) => owner === job.owner).length >= most) return false;
      jobs.set(id, job);
      return true;
    },
    async finish(id, job) {
      if (!jobs.has(id)) return false;
      jobs.set(id, job);
      setTimeout(expire, job.done.until - now() + 1000).unref();
      return true;
    },
    async get(id) {
      expire();
      return jobs.get(id);
    },
    async drop(id) {
      jobs.delete(id);
    },
  };
}

const kind = 'Async';
/** One that is worked on is there for so long without a word of its process. */
const silenceSeconds = 60;
const wordMs = 20_000;
/** How long it is remembered that one was dropped: longer than anything is worked on. */
const droppedSeconds = 86_400;

/** @param failed told when the word of a process did not come through */
export function jobsOfAll(kept: SharedKept, now: () => number, failed: (error: unknown) => void): Jobs {
  const words = new Map<string, { readonly timer: NodeJS.Timeout; last: Promise<void> }>();
  /** No word any more: one that is on its way must not arrive after the result. */
  const quiet = async (id: string): Promise<void> => {
    const word = words.get(id);
    if (word === undefined) return;
    words.delete(id);
    clearInterval(word.timer);
    await word.last;
  };
  /** Whoever drops it marks it first: put before the mark or after it, it is gone in the end. */
  async function put(id: string, job: Job, lifeSeconds: number): Promise<boolean> {
    await kept.put(kind, id, { ...flat(job) }, lifeSeconds, job.owner);
    if (!(await kept.isUsed(kind, id))) return true;
    await kept.drop(kind, id);
    return false;
  }
  return {
    async begin(id, job, most) {
      await put(id, job, silenceSeconds);
      if ((await kept.count(kind, job.owner)) > most) {
        await kept.drop(kind, id);
        return false;
      }
      const timer = setInterval(() => {
        const word = words.get(id)!;
        word.last = word.last
          .then(async () => {
            if (words.get(id) === word && !(await put(id, job, silenceSeconds))) clearInterval(timer);
          })
          .catch(failed);
      }, wordMs);
      words.set(id, { timer: timer.unref(), last: Promise.resolve() });
      return true;
    },
    async finish(id, job) {
      await quiet(id);
      return put(id, job, (job.done.until - now()) / 1000);
    },
    async get(id) {
      const found = await kept.find(kind, id);
      return found === undefined || found['consumed'] ? undefined : whole(found as unknown as Flat);
    },
    async drop(id) {
      await quiet(id);
      await kept.use(kind, id, droppedSeconds);
      await kept.drop(kind, id);
    },
  };
}

/** As JSON: resources stay as they are, as texts; what was asked is kept with its body where it may be done again. */
interface Flat extends Omit<Job, 'request' | 'done'> {
  readonly request: Omit<Request, 'body' | 'content'>;
  readonly body?: string;
  readonly done?: Omit<Done, 'entry'> & { readonly entry: Omit<BundleEntry, 'resource'> & { readonly resource?: string } };
}

function flat({ request, done, ...job }: Job): Flat {
  const { body, content: _, ...line } = request;
  const asked = { ...job, request: line, ...(job.isRead && body !== undefined ? { body: JSON.stringify(body) } : {}) };
  if (done === undefined) return asked;
  const { resource, ...entry } = done.entry;
  return { ...asked, done: { ...done, entry: resource === undefined ? entry : { ...entry, resource: textOf(resource) } } };
}

function textOf(resource: NonNullable<BundleEntry['resource']>): string {
  if (Buffer.isBuffer(resource)) return resource.toString();
  return Array.isArray(resource) ? Buffer.concat(resource as Buffer[]).toString() : JSON.stringify(resource);
}

function whole({ request, body, done, ...job }: Flat): Job {
  const asked = {
    ...job,
    request: body === undefined ? request : { ...request, body: parseJson(body, { maxDepth: 1000 }) as AnyResource },
  };
  if (done === undefined) return asked;
  const { resource, ...entry } = done.entry;
  return { ...asked, done: { ...done, entry: resource === undefined ? entry : { ...entry, resource: Buffer.from(resource) } } };
}
