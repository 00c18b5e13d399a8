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
  const units: number[] = [];
  for (let i = 0; i < keyLength; i++) {
    if (inside[at[i]!] !== 0) continue;
    kept.push(at[i]!);
    // 佐(さ)々(さ)木(き): what is said again is the kanji, not its reading.
    units.push(plain[at[i]!] === '々' && units.length > 0 ? units.at(-1)! : key[i]!);
  }
  return [folded, { key: Uint16Array.from(units), keyLength: units.length, at: Int32Array.from(kept) }];
}

const behind = /^[(《〈<[〔][\u3041-\u30ff ]{1,12}[)》〉>\]〕]/;

/** Where a name ends with its reading. */
export const readingEnd = (plain: string, end: number): number => end + (behind.exec(plain.slice(end, end + 14))?.[0].length ?? 0);
