/**
 * history-instance: all versions of one resource, newest first, its deletion too.
 * R4: https://hl7.org/fhir/R4/http.html#history
 * @module
 */
import type { Version } from '../model/exchange.ts';
import { Problem } from '../model/outcome.ts';
import { bundleBytes, historyEntry } from './bundle.ts';
import type { Context, Interaction } from './interaction.ts';
import { openPage, sealPage } from './page.ts';
import { patientsOf } from './patients.ts';

interface Asked {
  readonly count: number;
  /** Milliseconds; only versions stored then or later. */
  readonly since?: number;
  /** Only versions older than this one: the place in the list. */
  readonly before?: number;
}

/** `GET [base]/[type]/[id]/_history?_count=&_since=`: a Bundle of type history, with the total. */
export const historyInstance: Interaction = async ({ type, id }, context) => {
  const { store, access, baseUrl, request } = context;
  const path = `${type}/${id}/_history`;
  const asked = openPage<Asked>(path, context) ?? ask(request.query, context);
  const page = await pageOf(type, id, asked, context);
  if (!page) throw new Problem('not-found');
  const { total, versions } = page;
  const last = versions.at(-1);
  const more = last !== undefined && (await store.history(access, type, id, 1, last.versionId))?.versions.some(v => isIn(v, asked));
  const query = request.query.map(pair => pair.map(encodeURIComponent).join('=')).join('&');
  const link = [
    { relation: 'self', url: `${baseUrl}/${path}${query === '' ? '' : `?${query}`}` },
    ...(more ? [{ relation: 'next', url: sealPage(path, { ...asked, before: last.versionId } satisfies Asked, context) }] : []),
  ];
  const bytes = bundleBytes(
    { type: 'history', total, link },
    versions.map(version => historyEntry(version, baseUrl)),
  );
  return { status: 200, bytes, patients: patientsOf(versions) };
};

const isIn = (version: Version, { since }: Asked): boolean => since === undefined || version.lastUpdated >= since;

async function pageOf(type: string, id: string, asked: Asked, { store, access }: Context) {
  const { count, before, since } = asked;
  const page = await store.history(access, type, id, Math.max(count, 1), before);
  if (!page) return undefined;
  const versions = count === 0 ? [] : page.versions.filter(version => isIn(version, asked));
  if (since === undefined) return { total: page.total, versions };
  // Versions are in order of time: those that count stand in front.
  let total = 0;
  for (let older: number | undefined; ; ) {
    const chunk = (await store.history(access, type, id, 100, older))?.versions ?? [];
    const inside = chunk.filter(version => isIn(version, asked));
    total += inside.length;
    if (inside.length < 100) return { total, versions };
    older = inside.at(-1)!.versionId;
  }
}

const instant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

function ask(query: readonly (readonly [string, string])[], { settings }: Context): Asked {
  let count = settings.defaultCount;
  let since: number | undefined;
  for (const [name, value] of query) {
    const wrong = () => new Problem('invalid-parameter', `${name} has an unusable value.`, { expression: `http.${name}` });
    if (name === '_count') {
      if (!/^\d{1,15}$/.test(value)) throw wrong();
      count = Math.min(Number(value), settings.maxCount);
    } else if (name === '_since') {
      // In a URL a plus sign is a blank unless it is escaped, which many forget.
      const written = value.replace(/ (?=\d\d:\d\d$)/, '+');
      since = instant.test(written) ? Date.parse(written) : Number.NaN;
      if (Number.isNaN(since)) throw wrong();
    } else if (name !== '_format' && name !== '_pretty') {
      throw new Problem('invalid-parameter', 'A history takes _count and _since only.');
    }
  }
  return { count, ...(since === undefined ? {} : { since }) };
}
