/**
 * Numbers that people in Japan carry: insurer numbers with their check digit, member ids, hospital numbers. All invented, all well formed.
 * 保険者番号: weights 2,1,2,1… from the right, digit sums of the products, check = (10 − Σ mod 10) mod 10.
 * @module
 */
import type { Random } from './random.ts';

/** The check digit of an insurer number without its last digit: 3312001 → 5. */
export function insurerCheckDigit(digits: string): number {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const product = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + Math.floor(product / 10) + (product % 10);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

export interface Insurance {
  /** 保険者番号, 8 digits; 6-digit ones (national health insurance) are filled up with zeros from the left. */
  readonly insurer: string;
  readonly insurerName: string;
  /** 記号 */
  readonly symbol: string;
  /** 番号 */
  readonly number: string;
  /** 枝番 */
  readonly branch: string;
}

type Kind = readonly [law: string, name: string];

const kinds: readonly Kind[] = [
  ['01', '全国健康保険協会'],
  ['06', '若葉健康保険組合'],
  ['31', '公務員共済組合'],
];

/**
 * Insurance of one family, told apart by `serial` (unique): employees' insurance, national health insurance below 75, or that of the old.
 * @param prefecture two digits
 */
export function insurance(random: Random, serial: number, age: number, prefecture: string): Insurance {
  const filled = (digits: number) => String(random.whole(1, 10 ** digits - 1)).padStart(digits, '0');
  // A dozen insurers of a kind in each prefecture: many people have the same one.
  const insurerPlace = () => String(random.whole(1, 12) * 37).padStart(3, '0');
  const number = String(serial * 7 + 1_000_003).slice(-9);
  if (age >= 75) {
    const body = `39${prefecture}010`;
    return {
      insurer: body + insurerCheckDigit(body),
      insurerName: '後期高齢者医療広域連合',
      symbol: '後期',
      number: number.padStart(8, '0'),
      branch: '01',
    };
  }
  if (random.chance(0.45)) {
    const body = prefecture + insurerPlace();
    return { insurer: `00${body}${insurerCheckDigit(body)}`, insurerName: '国民健康保険', symbol: `国${filled(3)}`, number, branch: '01' };
  }
  const [law, insurerName] = random.pick(kinds);
  const body = law + prefecture + insurerPlace();
  return { insurer: body + insurerCheckDigit(body), insurerName, symbol: filled(4), number, branch: '01' };
}

/** JP_Insurance_memberID: 8 digits of the insurer, symbol, number, branch. A missing branch leaves its colon. */
export const memberId = ({ insurer, symbol, number, branch }: Insurance): string => `${insurer}:${symbol}:${number}:${branch}`;
