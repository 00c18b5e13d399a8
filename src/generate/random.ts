/**
 * Random numbers that are the same for the same words: sfc32 (Chris Doty-Humphrey's small fast counter, 128 bits of state), its state
 * filled by FNV-1a over the words. Not for secrets.
 * @module
 */

export interface Random {
  /** From 0 up to, not including, 1; 32 bits. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of a list, more often where `weight` is larger; undefined when no weight is above 0. */
  weighted<T>(list: readonly T[], weight: (one: T) => number): T | undefined;
  /** About normal (sum of four), cut at ±2.5 deviations. */
  normal(mean: number, deviation: number): number;
  uuid(): string;
}

/** FNV-1a, 32 bits, over UTF-16 units. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A stream of its own for these words: what one person draws does not change what another does. */
export function random(...words: readonly (string | number)[]): Random {
  const text = words.join('\u0000');
  let a = fnv1a(text, 0x811c9dc5);
  let b = fnv1a(text, a ^ 0x9e3779b9);
  let c = fnv1a(text, b ^ 0x85ebca6b);
  let counter = 1;

  const bits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();

  const next = () => bits() / 4294967296;
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const hex = () => bits().toString(16).padStart(8, '0');
  return {
    next,
    whole,
    chance: probability => next() < probability,
    pick: list => list[whole(0, list.length - 1)]!,
    weighted: (list, weight) => {
      let left = next() * list.reduce((sum, one) => sum + weight(one), 0);
      return list.find(one => weight(one) > 0 && (left -= weight(one)) < 0);
    },
    normal: (mean, deviation) => mean + Math.max(-2.5, Math.min(2.5, (next() + next() + next() + next() - 2) * 1.732)) * deviation,
    uuid: () => {
      const text = hex() + hex() + hex() + hex();
      return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${'89ab'[whole(0, 3)]}${text.slice(17, 20)}-${text.slice(20)}`;
    },
  };
}
