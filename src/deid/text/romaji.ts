/**
 * Katakana in Latin letters, in the ways in which names are written: ヘボン式, 訓令式 and what people mix of them; long vowels left out (Ono, Sato), written (Satou) or
 * marked by h (Ohno).
 * @module
 */

const rows =
  'アa イi ウu エe オo カka キki クku ケke コko サsa シshi スsu セse ソso タta チchi ツtsu テte トto ナna ニni ヌnu ネne ノno ハha ヒhi フfu ヘhe ホho マma ミmi ムmu メme モmo ヤya ユyu ヨyo ラra リri ルru レre ロro ワwa ヲo ンn ガga ギgi グgu ゲge ゴgo ザza ジji ズzu ゼze ゾzo ダda ヂji ヅzu デde ドdo バba ビbi ブbu ベbe ボbo パpa ピpi プpu ペpe ポpo ヴvu';
const syllables: ReadonlyMap<string, string> = new Map(rows.split(' ').map(row => [row[0]!, row.slice(1)]));
const small: Readonly<Record<string, string>> = { ャ: 'a', ュ: 'u', ョ: 'o', ァ: 'a', ィ: 'i', ゥ: 'u', ェ: 'e', ォ: 'o' };

function hepburn(kana: string): string | undefined {
  let out = '';
  let doubled = false;
  for (const c of kana) {
    if (c === 'ッ') doubled = true;
    else if (c === 'ー') out += out.slice(-1);
    else if (small[c] !== undefined && out !== '') {
      // シャ sha, キャ kya, フェ fe.
      const stem = out.slice(0, -1);
      out = stem + ('ャュョ'.includes(c) && !/(?:sh|ch|j)$/.test(stem) ? 'y' : '') + small[c]!;
    } else {
      const syllable = syllables.get(c);
      if (syllable === undefined) return undefined;
      out += (doubled ? (syllable.startsWith('ch') ? 't' : syllable[0]!) : '') + syllable;
      doubled = false;
    }
  }
  return out === '' ? undefined : out;
}

/** Each written so or otherwise, whatever the others do. */
const choices: readonly ((text: string) => string)[] = [
  text => text.replace(/shi/g, 'si').replace(/sh(?=[auo])/g, 'sy'),
  text => text.replace(/chi/g, 'ti').replace(/ch(?=[auo])/g, 'ty'),
  text => text.replace(/tsu/g, 'tu'),
  text => text.replace(/fu/g, 'hu'),
  text => text.replace(/ji/g, 'zi').replace(/j(?=[auo])/g, 'zy'),
  text => text.replace(/n(?=[bmp])/g, 'm'),
];
const most = 16;

/** The ways of one name in lower case, most usual first; none where it is not katakana. */
export function romaji(kana: string): string[] {
  const whole = hepburn(kana);
  if (whole === undefined) return [];
  let ways = [
    whole.replace(/o[uo]/g, 'o').replace(/uu/g, 'u'),
    whole,
    whole.replace(/o[uo]/g, 'oh'),
    whole.replace(/ou/g, 'oo'),
    whole.replace(/uu/g, 'uh'),
  ];
  for (const choice of choices) ways = [...new Set([...ways, ...ways.map(choice)])].slice(0, most);
  return ways;
}
