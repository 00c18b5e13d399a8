/**
 * Japanese numerals as dates have them: by place (二〇二四), by value (四十五), 元 for the first year of an era.
 * @module
 */

const kanjiDigits = '〇一二三四五六七八九';

/** 12, 〇, 元, 二〇二四, 四十五; NaN where it is no number. */
export function numeral(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === '元') return 1;
  const plain = text.replace(/零/g, '〇');
  if (/^[〇一二三四五六七八九]+$/.test(plain)) return Number([...plain].map(c => kanjiDigits.indexOf(c)).join(''));
  const parts = /^(?:([一二三四五六七八九])?千)?(?:([一二三四五六七八九])?百)?(?:([一二三四五六七八九])?十)?([一二三四五六七八九])?$/.exec(
    plain,
  );
  if (parts === null || plain === '') return Number.NaN;
  const of = (unit: string, one: string | undefined, worth: number): number =>
    plain.includes(unit) ? worth * (one === undefined ? 1 : kanjiDigits.indexOf(one)) : 0;
  return (
    of('千', parts[1], 1000) +
    of('百', parts[2], 100) +
    of('十', parts[3], 10) +
    (parts[4] === undefined ? 0 : kanjiDigits.indexOf(parts[4]))
  );
}
