/**
 * References are settled: what points into the request gets the ids that are stored, conditional references become literal ones.
 * R4: https://hl7.org/fhir/R4/http.html#trules, https://hl7.org/fhir/R4/bundle.html#references
 * @module
 */
import { Problem } from '../model/outcome.ts';
import type { AnyResource, Json } from '../model/r4.ts';
import { conditional } from '../model/reference.ts';
import { matchesToken } from '../search/compare.ts';
import type { Predicate, SearchQuery } from '../search/query.ts';
import type { TokenValue, Values } from '../search/values.ts';
import type { Criteria } from '../store/store.ts';
import { pairsOf, parseCriteria } from './criteria.ts';
import type { Context } from './interaction.ts';
import { type Change, mapLinks } from './links.ts';
import type { Plan } from './plan.ts';

/** A plan, and the fullUrl of its entry. */
export interface Placed {
  readonly plan: Plan;
  readonly fullUrl?: string;
}

export interface Settled {
  /** The resources of the plans with their links settled; nothing for a plan without one. */
  readonly resources: ReadonlyMap<Plan, AnyResource>;
  /** What the conditional references were decided on. */
  readonly criteria: readonly Criteria[];
}

interface Target {
  readonly reference: string;
  /** Number of the version that this request stores or found. */
  readonly versionId: number;
  /** A canonical resource: its fullUrl in a uri element is its name. */
  readonly named: boolean;
}

const restful = /^(https?:\/\/.*)\/[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;
const relative = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(?:[/#]|$)/;

export async function settleReferences(placed: readonly Placed[], context: Context): Promise<Settled> {
  const targets = new Map<string, Target>();
  for (const { plan, fullUrl } of placed) {
    if (fullUrl === undefined || plan.method === 'delete') continue;
    const versionId = (plan.current?.versionId ?? 0) + (plan.writes ? 1 : 0);
    targets.set(fullUrl, { reference: `${plan.type}/${plan.id}`, versionId, named: typeof plan.sent?.['url'] === 'string' });
  }
  const { found, criteria } = await settleConditional(placed, context);
  const resources = new Map<Plan, AnyResource>();
  if (targets.size === 0 && found.size === 0) {
    for (const { plan } of placed) if (plan.sent) resources.set(plan, plan.sent);
    return { resources, criteria };
  }
  for (const { plan, fullUrl } of placed) {
    if (!plan.sent) continue;
    const base = fullUrl === undefined ? undefined : restful.exec(fullUrl)?.[1];
    const change: Change = (link, kind) => {
      const known = kind === 'reference' ? found.get(link) : undefined;
      if (known !== undefined) return known;
      return (
        inside(link, targets, kind === 'uri') ??
        (base !== undefined && relative.test(link) ? inside(`${base}/${link}`, targets, kind === 'uri') : undefined) ??
        link
      );
    };
    resources.set(plan, mapLinks(plan.sent, change));
  }
  return { resources, criteria };
}

/** What a link into the request becomes: `Patient/<id>`, with its version or fragment if it named one. */
function inside(link: string, targets: ReadonlyMap<string, Target>, isUri: boolean): string | undefined {
  const whole = targets.get(link);
  if (whole) return isUri && whole.named && !link.startsWith('urn:') ? undefined : whole.reference;
  // Most links are neither of a version nor of a part: nothing more to look up.
  if (!link.includes('#') && !link.includes('/_history/')) return undefined;
  const [, url, version, fragment = ''] = /^([^#]*?)(\/_history\/[^/#]+)?(#.*)?$/.exec(link) ?? [];
  const target = url === undefined ? undefined : targets.get(url);
  if (!target || (isUri && target.named && !link.startsWith('urn:'))) return undefined;
  return target.reference + (version === undefined ? '' : `/_history/${target.versionId}`) + fragment;
}

/** Whether any reference in a resource is a conditional one: a quick look, since few have any. */
function hasCriteria(node: object): boolean {
  for (const key in node) {
    const child = (node as Json)[key];
    if (typeof child === 'string') {
      if (key === 'reference' && child.includes('?')) return true;
    } else if (typeof child === 'object' && child !== null && hasCriteria(child)) return true;
  }
  return false;
}

/** Each conditional reference → the reference of its one match. */
async function settleConditional(
  placed: readonly Placed[],
  context: Context,
): Promise<{ found: ReadonlyMap<string, string>; criteria: readonly Criteria[] }> {
  const asked = new Map<string, string>();
  for (const { plan } of placed) {
    if (!plan.sent || !hasCriteria(plan.sent)) continue;
    mapLinks(plan.sent, (link, kind, path) => {
      if (kind === 'reference' && link.includes('?') && !asked.has(link) && conditional(link)) {
        asked.set(link, plan.place + path().slice(plan.type.length));
      }
      return link;
    });
  }
  const found = new Map<string, string>();
  const criteria: Criteria[] = [];
  for (const [link, expression] of asked) {
    const { type, query: text } = conditional(link)!;
    try {
      const query = parseCriteria(type, pairsOf(text), context);
      const ids = [...(await context.store.match(context.access, query, placed.length + 1))].sort();
      if (ids.length <= 1) criteria.push({ access: context.access, query, ids });
      const matches = asItWillBe(type, ids, query, placed, context);
      if (matches.length === 0) throw new Problem('precondition-failed', 'A conditional reference matches nothing.');
      if (matches.length > 1) throw new Problem('multiple-matches', 'A conditional reference matches more than one resource.');
      found.set(link, `${type}/${matches[0]}`);
    } catch (thrown) {
      throw thrown instanceof Problem ? new Problem(thrown.kind, thrown.message, { expression }) : thrown;
    }
  }
  return { found, criteria };
}

/**
 * The ids that match once the request is done: conditional references are resolved last.
 * Criteria made of tokens (identifiers) are tried on the resources of the request too; others see what is stored alone.
 */
function asItWillBe(
  type: string,
  ids: readonly string[],
  query: SearchQuery,
  placed: readonly Placed[],
  context: Context,
): readonly string[] {
  const mine = placed.filter(({ plan }) => plan.type === type && plan.writes).map(({ plan }) => plan);
  if (mine.length === 0) return ids;
  const deleted = new Set(mine.filter(plan => plan.method === 'delete').map(plan => plan.id));
  const left = ids.filter(id => !deleted.has(id));
  if (!query.where.every(isToken)) return left;
  const written = mine.filter(plan => plan.sent !== undefined);
  const touched = new Set(written.map(plan => plan.id));
  const matching = written.filter(plan => fits(context.extract(plan.sent!), query.where)).map(plan => plan.id);
  return [...left.filter(id => !touched.has(id)), ...matching];
}

type TokenPredicate = Predicate & { kind: 'token' };
const isToken = (predicate: Predicate): predicate is TokenPredicate => predicate.kind === 'token' && !predicate.not;

const fits = (values: Values, where: readonly Predicate[]): boolean =>
  where.every(p => isToken(p) && (values[p.code] ?? []).some(value => p.values.some(test => matchesToken(value as TokenValue, test))));
