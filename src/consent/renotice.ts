/**
 * Who has to be told again: a new version of the text may ask for it, by its mark or because it names another representative. What was told under the versions before it
 * then counts as outdated. Whether intake waits for it is a setting.
 * @module
 */
import { asServer } from '../fhir/model/access.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import type { Store } from '../fhir/store/store.ts';
import { dayNumber } from './day.ts';
import { mayUse, type NoticeText, noticeTexts } from './notice-text.ts';
import { dateOf } from './waiting-period.ts';

export interface RenoticeRule {
  /** Another representative asks for it without a mark. */
  readonly onRepresentative: boolean;
}

/** What a notice on record says of itself, as far as these rules look at it. */
export interface Told {
  /** Milliseconds. */
  readonly sent: number;
  /** `url|version`; absent: none was named. */
  readonly text?: string;
}

/** The text that a notice names. */
export function textNamed(notice: AnyResource): string | undefined {
  const [one] = [notice['instantiatesCanonical'] ?? []].flat() as unknown[];
  return typeof one === 'string' ? one : undefined;
}

/** The versions of one text in the order of use. */
const inOrder = (texts: readonly NoticeText[]): NoticeText[] =>
  [...texts].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.version < b.version ? -1 : 1));

/** The last version in use that asks for a new notice; undefined: none does. The first version asks nobody. */
function lastAsking(versions: readonly NoticeText[], { onRepresentative }: RenoticeRule): number | undefined {
  for (let i = versions.length - 1; i > 0; i--) {
    const [before, version] = [versions[i - 1]!, versions[i]!];
    if (version.renotice || (onRepresentative && version.representative !== before.representative)) return i;
  }
  return undefined;
}

/**
 * Whether what was told does not hold any more for this institution's texts.
 * @param today `2026-06-15`: versions of days to come ask nobody yet
 */
export function isOutdated(told: Told, texts: readonly NoticeText[], rule: RenoticeRule, today: string, timeZone: string): boolean {
  const inUse = texts.filter(text => text.date <= today);
  const named = inUse.find(text => text.canonical === told.text);
  // Of the operator's texts nobody knows whose they are until a notice names one.
  const own = inUse.filter(text => text.sender.startsWith('Organization/'));
  const urls = named === undefined ? new Set(own.map(text => text.url)) : new Set([named.url]);
  for (const url of urls) {
    const versions = inOrder(inUse.filter(text => text.url === url));
    const asking = lastAsking(versions, rule);
    if (asking === undefined) continue;
    if (named !== undefined && versions.indexOf(named) < asking) return true;
    // Nobody knows what was said: then its day decides.
    if (named === undefined && dateOf(dayNumber(told.sent, timeZone)) < versions[asking]!.date) return true;
  }
  return false;
}

/** The texts that an institution may have used. */
export const textsFor = async (store: Store, institution: string): Promise<readonly NoticeText[]> =>
  (await noticeTexts(store)).filter(text => mayUse(text, institution));

/** Of these notices (`Communication/<id>`) those that are outdated. */
export async function outdatedAmong(
  sources: readonly { readonly source: string; readonly from: number }[],
  texts: readonly NoticeText[],
  at: { readonly store: Store; readonly rule: RenoticeRule; readonly now: number; readonly timeZone: string },
): Promise<ReadonlySet<string>> {
  const today = dateOf(dayNumber(at.now, at.timeZone));
  const outdated = new Set<string>();
  for (const { source, from } of sources) {
    const [type, id] = source.split('/') as [string, string];
    const version = await at.store.read(asServer('find the text of a notice'), type, id);
    const text =
      version === undefined || version.deleted ? undefined : textNamed(JSON.parse(version.bytes.toString()) as AnyResource & Json);
    if (isOutdated({ sent: from, ...(text === undefined ? {} : { text }) }, texts, at.rule, today, at.timeZone)) outdated.add(source);
  }
  return outdated;
}
