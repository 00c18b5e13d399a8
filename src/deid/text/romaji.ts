/**
 * Katakana in Latin letters, in the ways in which names are written: ヘボン式 and 訓令式, long vowels left out (Ono, Sato), written (Ohno, Satou) or marked by h.
 * @module
 */

const rows: readonly (readonly [kana: string, hepburn: string, kunrei?: string])[] = [
  ['アイウエオ', 'a i u e o'],
  ['カキクケコ', 'ka ki ku ke ko'],
  ['サシスセソ', 'sa shi su se so', 'sa si su se so'],
  ['タチツテト', 'ta chi tsu te to', 'ta ti tu te to'],
  ['ナニヌネノ', 'na ni nu ne no'],
  ['ハヒフヘホ', 'ha hi fu he ho', 'ha hi hu he ho'],
  ['マミムメモ', 'ma mi mu me mo'],
  ['ヤユヨ', 'ya yu yo'],
  ['ラリルレロ', 'ra ri ru re ro'],
  ['ワヲン', 'wa o n'],
  ['ガギグゲゴ', 'ga gi gu ge go'],
  ['ザジズゼゾ', 'za ji zu ze zo', 'za zi zu ze zo'],
  ['ダヂヅデド', 'da ji zu de do', 'da zi zu de do'],
  ['バビブベボ', 'ba bi bu be bo'],
  ['パピプペポ', 'pa pi pu pe po'],
  ['ヴ', 'vu', 'bu'],
];

const tables = ([1, 2] as const).map(
  system => new Map(rows.flatMap(row => [...row[0]].map((kana, i) => [kana, (row[system] ?? row[1]).split(' ')[i]!] as const))),
);
const small: Readonly<Record<string, string>> = { ャ: 'a', ュ: 'u', ョ: 'o', ァ: 'a', ィ: 'i', ゥ: 'u', ェ: 'e', ォ: 'o' };

function spell(kana: string, table: ReadonlyMap<string, string>): string | undefined {
  let out = '';
  let doubled = false;
  for (const c of kana) {
    if (c === 'ッ') doubled = true;
    else if (c === 'ー') out += out.slice(-1);
    else if (small[c] !== undefined && out !== '') {
      // シャ sha, キャ kya, フェ fe.
      const palatal = 'ャュョ'.includes(c);
      const stem = out.slice(0, -1);
      out = stem + (palatal && !/(?:sh|ch|j)$/.test(stem) ? 'y' : '') + small[c]!;
    } else {
      const syllable = table.get(c);
      if (syllable === undefined) return undefined;
      out += (doubled ? (syllable.startsWith('ch') ? 't' : syllable[0]!) : '') + syllable;
      doubled = false;
    }
  }
  return out;
}

/** The ways of one name in lower case, most usual first; none where it is not katakana. */
export function romaji(kana: string): string[] {
  const ways = tables.flatMap(table => {
    const whole = spell(kana, table);
    if (whole === undefined || whole === '') return [];
    const short = whole.replace(/o[uo](?!$)|o[uo]$/g, 'o').replace(/uu/g, 'u');
    // オオノ: Ohno; サトウ: Satoh.
    const marked = whole.replace(/o[uo]/g, 'oh');
    const labial = (text: string): string => text.replace(/n(?=[bmp])/g, 'm');
    return [short, whole, marked, labial(short)];
  });
  return [...new Set(ways)];
}
