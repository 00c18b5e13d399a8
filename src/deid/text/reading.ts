/**
 * Readings that stand behind the kanji they are of: 山(やま)田(だ), 山田《やまだ》太郎《たろう》. What is looked for is looked for without them too.
 * @module
 */
import type { Folded } from './fold.ts';

type Key = Pick<Folded, 'key' | 'keyLength' | 'at'>;

const reading = /(?<=[\u3400-\u9fff々〆])[(《〈<[〔][\u3041-\u30ff ]{1,12}[)》〉>\]〕]/g;

/** The key of a text, and where readings stand in it also the one without them. */
export function withoutReadings(folded: Folded): readonly Key[] {
  const { plain, key, keyLength, at } = folded;
  if (!/[(《〈<[〔]/.test(plain)) return [folded];
  const inside = new Uint8Array(plain.length);
  let any = false;
  for (const { 0: text, index } of plain.matchAll(reading)) {
    any = true;
    inside.fill(1, index, index + text.length);
  }
  if (!any) return [folded];
  const kept: number[] = [];
  for (let i = 0; i < keyLength; i++) if (inside[at[i]!] === 0) kept.push(i);
  return [folded, { key: Uint16Array.from(kept, i => key[i]!), keyLength: kept.length, at: Int32Array.from(kept, i => at[i]!) }];
}

const behind = /^[(《〈<[〔][\u3041-\u30ff ]{1,12}[)》〉>\]〕]/;

/** Where a name ends with its reading. */
export const readingEnd = (plain: string, end: number): number => end + (behind.exec(plain.slice(end, end + 14))?.[0].length ?? 0);
