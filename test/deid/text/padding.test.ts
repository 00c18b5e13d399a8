// A date that moves keeps its style, and its zeros do not tell what it was. https://hl7.org/fhir/R4/datatypes.html#date
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Civil, civilOf, dayOf } from '../../../src/deid/calendar.ts';
import { eras, findDates } from '../../../src/deid/text/date.ts';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';
import { isSlow } from '../../slow.ts';

const clean = textCleaner(dictionary(nothingKnown));
const by = (shiftDays: number, text: string): string => clean(text, { shiftDays })!.text;

type Write = (date: Civil, two: (n: number) => string) => string;
const padded = (n: number): string => String(n).padStart(2, '0');
const yy = (year: number): string => padded(year % 100);
const fullWidth = (text: string): string => text.replace(/[!-~]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
const english = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const inEra: (write: (letter: string, name: string, year: number, date: Civil) => string) => (date: Civil) => string = write => date => {
  const era = eras.find(({ from }) => dayOf(date.year, date.month, date.day) >= from)!;
  return write(era.letter, era.name, date.year - era.first + 1, date);
};

/** Forms whose width is always the same. */
const compact: Readonly<Record<string, Write>> = {
  '20240305': ({ year, month, day }) => `${year}${padded(month)}${padded(day)}に入院`,
  '20240305T1030': ({ year, month, day }) => `${year}${padded(month)}${padded(day)}T1030`,
  '20240305103000': ({ year, month, day }) => `${year}${padded(month)}${padded(day)}103000`,
  '05MAR2024': ({ year, month, day }) => `${padded(day)}${english[month - 1]!.toUpperCase()}${year}`,
  '05-Mar-2024': ({ year, month, day }) => `${padded(day)}-${english[month - 1]!}-${year}`,
};
/** Forms with four digits of the year: with two digits of the others where nothing tells. */
const wide: Readonly<Record<string, Write>> = {
  '2024-03-05': ({ year, month, day }, two) => `${year}-${two(month)}-${two(day)} seen`,
  '2024-03-05T10:00:00+09:00': ({ year, month, day }, two) => `${year}-${two(month)}-${two(day)}T10:00:00+09:00`,
  '2024/03/05': ({ year, month, day }, two) => `${year}/${two(month)}/${two(day)}`,
  '２０２４／０３／０５': ({ year, month, day }, two) => fullWidth(`${year}/${two(month)}/${two(day)}`),
  '2024.03.05': ({ year, month, day }, two) => `${year}.${two(month)}.${two(day)}`,
  '03/05/2024': ({ year, month, day }, two) => `${two(month)}/${two(day)}/${year}`,
  '05.03.2024': ({ year, month, day }, two) => `${two(day)}.${two(month)}.${year}`,
};
/** Forms whose months and days have as many digits as they need where nothing tells. */
const narrow: Readonly<Record<string, Write>> = {
  '24/03/05': ({ year, month, day }, two) => `${yy(year)}/${two(month)}/${two(day)}に`,
  '03/05/24': ({ year, month, day }, two) => `seen ${two(month)}/${two(day)}/${yy(year)}`,
  '2024年03月05日': ({ year, month, day }, two) => `${year}年${two(month)}月${two(day)}日`,
  'March 05, 2024': ({ year, month, day }, two) =>
    `${new Date(Date.UTC(2024, month - 1)).toLocaleString('en', { month: 'long', timeZone: 'UTC' })} ${two(day)}, ${year}`,
};
const ofEra: Readonly<Record<string, (two: (n: number) => string) => (date: Civil) => string>> = {
  'R6.03.05': two => inEra((letter, _, year, { month, day }) => `${letter}${year}.${two(month)}.${two(day)}に`),
  'R06/03/05': two => inEra((letter, _, year, { month, day }) => `${letter}${padded(year)}/${two(month)}/${two(day)}に`),
  令和6年03月05日: two => inEra((_, name, year, { month, day }) => `${name}${year}年${two(month)}月${two(day)}日`),
};

const days = fc.integer({ min: dayOf(2001, 6, 1), max: dayOf(2060, 1, 1) });
const shifts = fc.integer({ min: -365, max: 365 }).filter(shift => shift !== 0);

/** Reads a text that says one date, as what cleans it does. */
function read(text: string): Civil {
  const [date, ...more] = findDates(text.normalize('NFKC'));
  expect(more).toEqual([]);
  const { year, month, day } = date!;
  return { year: year!, month: month!, day: day! };
}

function each(write: Write, style: (n: number) => string, check: (date: Civil, moved: Civil, out: string) => void): void {
  fc.assert(
    fc.property(days, shifts, (at, shift) => {
      const [date, moved] = [civilOf(at), civilOf(at + shift)];
      const out = by(shift, write(date, style));
      expect(read(out)).toEqual(moved);
      check(date, moved, out);
    }),
    { numRuns: isSlow ? 2000 : 150 },
  );
}

describe('any day by any shift, read again, is that day moved', () => {
  test.each(Object.keys(compact))('%s: as wide as it was, whatever it was', form =>
    each(compact[form]!, padded, (_, moved, out) => expect(out).toBe(compact[form]!(moved, padded))),
  );
  test.each(Object.keys(wide))('%s: in two digits, whatever it was', form =>
    each(wide[form]!, padded, (_, moved, out) => expect(out).toBe(wide[form]!(moved, padded))),
  );
  test.each(Object.keys(wide))('%s without zeros: without, where one digit shows it', form =>
    each(wide[form]!, String, ({ month, day }, moved, out) =>
      expect(out).toBe(wide[form]!(moved, month < 10 || day < 10 ? String : padded)),
    ),
  );
  test.each(Object.keys(narrow))('%s: in two digits where a zero shows it', form =>
    each(narrow[form]!, padded, (date, moved, out) =>
      expect(out).toBe(narrow[form]!(moved, /(?<!\d)0\d(?!\d)/.test(narrow[form]!({ ...date, year: 2011 }, padded)) ? padded : String)),
    ),
  );
  test.each(Object.keys(narrow))('%s without zeros: without', form =>
    each(narrow[form]!, String, (_, moved, out) => expect(out).toBe(narrow[form]!(moved, String))),
  );
  test.each(Object.keys(ofEra))('%s and the same without zeros', form => {
    for (const style of [padded, String]) each(ofEra[form]!(style), style, () => undefined);
  });
});

describe('zeros by the whole date, then by the others of its form, then by custom', () => {
  test.each([
    ['20241015に入院', -105, '20240702に入院'],
    ['2024-10-10 seen', -105, '2024-06-27 seen'],
    ['2009-05-10T10:00:00+09:00', -8, '2009-05-02T10:00:00+09:00'],
    ['2024/10/10', -105, '2024/06/27'],
    ['2024-10', -105, '2024-07'],
    ['10/10に受診', -105, '6/27に受診'],
    ['2024年10月10日', -105, '2024年6月27日'],
    ['15JUL2024', -105, '01APR2024'],
    ['15-Jul-2024', -105, '01-Apr-2024'],
    ['R06.10.10', -105, 'R06.06.27'],
    ['H31/04/30', 10, 'R01/05/10'],
    ['R6.3.5', 10, 'R6.3.15'],
    ['2024/3/5入院、2024/10/10退院', -105, '2023/11/21入院、2024/6/27退院'],
    ['3/5に入院、10/10に退院', -100, '11/25に入院、7/2に退院'],
    ['03/05に入院、10/10に退院', -100, '11/25に入院、07/02に退院'],
    ['2024年03月05日入院、2024年10月10日退院', -105, '2023年11月21日入院、2024年06月27日退院'],
    ['2024/10/10〜12', -5, '2024/10/05〜07'],
    ['2024/3/5〜12', -4, '2024/3/1〜8'],
  ])('%s by %d days: %s', (text, shift, there) => expect(by(shift, text)).toBe(there));
});
