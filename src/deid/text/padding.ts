/**
 * Whether a date that moves has its months and days in two digits. A number of two digits without a leading zero does not tell it (10/10): were its zero dropped
 * where it becomes 7, everybody would see that it had been 10 or more. So the whole date tells it, else the others of its form in the text, else a custom.
 * @module
 */
import type { FoundDate, Piece } from './date.ts';

const numbers = ({ pieces }: FoundDate): Piece[] =>
  pieces.filter(({ role, text }) => (role === 'month' || role === 'day') && /^\d/.test(text));

/** 20241015, 15JUL2024: no number ends where another sign stands. */
const isCompact = ({ pieces }: FoundDate): boolean =>
  pieces.some(({ role }, i) => {
    const next = pieces[i + 1]?.role;
    return (role === 'year' && next === 'month') || (role === 'month' && next === 'day') || (role === 'day' && next === 'month-name');
  });

/** What its own numbers tell: of one digit, with a zero, or undefined: nothing. */
function shown(date: FoundDate): boolean | undefined {
  const found = numbers(date);
  if (found.length === 0) return undefined;
  if (found.some(({ text }) => text.startsWith('0'))) return true;
  if (found.some(({ text }) => text.length === 1)) return false;
  if (isCompact(date)) return true;
  // R06.10.10; R6 tells nothing, nor does 02 for 2002.
  const { pieces } = date;
  return pieces.some(({ role }) => role === 'era') && pieces.some(({ role, text }) => role === 'year' && /^0\d$/.test(text))
    ? true
    : undefined;
}

/** Dates of one form are written by one habit; undefined: that of the date before (3/5~10). */
function formOf({ pieces }: FoundDate): string | undefined {
  const signs = pieces.filter(({ role }) => role === 'between').map(({ text }) => text);
  if (pieces.some(({ role }) => role === 'month-name')) return signs.some(text => /[-/]/.test(text)) ? 'name-' : 'name';
  if (signs.some(text => /[年月日]/.test(text))) return '年月日';
  const sign = signs.map(text => text.trim()).find(text => /^[/.・-]$/.test(text));
  if (sign === undefined) return undefined;
  return sign + (pieces.find(({ role }) => role === 'year')?.text.length ?? 0);
}

/** Where nothing tells: 2024/06/27, 15-Mar-2024, but 6/27, 24/6/27, 2024年6月27日, June 7. */
function custom({ pieces, end }: FoundDate, form: string | undefined, plain: string): boolean {
  if (form === undefined || form === '年月日' || form === 'name') return false;
  if (form === 'name-') return pieces.some(({ role, text }) => role === 'year' && text.length === 4);
  return form.endsWith('4') || /^T\d/.test(plain.slice(end, end + 2));
}

/** @returns of each of the dates of a text, in their order */
export function paddings(dates: readonly FoundDate[], plain: string): boolean[] {
  const habits = new Map<string, Set<boolean>>();
  const all = dates.map(date => {
    const [form, tells] = [formOf(date), shown(date)];
    if (form !== undefined && tells !== undefined) habits.set(form, (habits.get(form) ?? new Set()).add(tells));
    return { date, form, tells };
  });
  let before = false;
  return all.map(({ date, form, tells }) => {
    const habit = habits.get(form ?? '');
    const others = habit?.size === 1 ? [...habit][0] : undefined;
    const own = tells ?? others ?? (form === undefined ? before : custom(date, form, plain));
    if (numbers(date).length > 0) before = own;
    return own;
  });
}
