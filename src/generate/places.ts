/**
 * Where people live: prefectures, cities and the first three digits of their postal codes from common knowledge; towns and house numbers invented.
 * @module
 */
import type { Random } from './random.ts';

export interface Place {
  /** 都道府県 */
  readonly state: string;
  /** 郡市区町村 */
  readonly city: string;
  readonly postalCode: string;
  readonly town: string;
  /** 丁目, 番, 号 */
  readonly numbers: readonly [number, number, number];
  /** Building and room, for some. */
  readonly building?: string;
}

type Row = readonly [state: string, city: string, postal: string];

const rows = (text: string): readonly Row[] =>
  text
    .trim()
    .split(/\s+/)
    .map(one => one.split('/') as [string, string, string]);

/** Around a hospital in Tokyo. */
const east = rows(`
東京都/千代田区/100 東京都/港区/105 東京都/新宿区/160 東京都/文京区/112 東京都/台東区/110 東京都/江東区/135 東京都/品川区/140 東京都/世田谷区/154
東京都/杉並区/166 東京都/練馬区/176 東京都/足立区/120 東京都/八王子市/192 東京都/立川市/190 神奈川県/横浜市中区/231 神奈川県/川崎市川崎区/210
神奈川県/相模原市中央区/252 神奈川県/藤沢市/251 埼玉県/さいたま市浦和区/330 埼玉県/川口市/332 埼玉県/所沢市/359 千葉県/千葉市中央区/260 千葉県/船橋市/273
千葉県/柏市/277 茨城県/水戸市/310 栃木県/宇都宮市/320 群馬県/前橋市/371 山梨県/甲府市/400 静岡県/静岡市葵区/420 宮城県/仙台市青葉区/980 北海道/札幌市中央区/060
`);

/** Around a hospital in Osaka. */
const west = rows(`
大阪府/大阪市北区/530 大阪府/大阪市中央区/540 大阪府/大阪市天王寺区/543 大阪府/大阪市住吉区/558 大阪府/堺市堺区/590 大阪府/豊中市/560 大阪府/吹田市/564
大阪府/高槻市/569 大阪府/枚方市/573 大阪府/東大阪市/577 兵庫県/神戸市中央区/650 兵庫県/西宮市/662 兵庫県/尼崎市/660 兵庫県/姫路市/670 京都府/京都市中京区/604
京都府/京都市伏見区/612 京都府/宇治市/611 奈良県/奈良市/630 滋賀県/大津市/520 和歌山県/和歌山市/640 三重県/津市/514 愛知県/名古屋市中区/460 岡山県/岡山市北区/700
広島県/広島市中区/730 徳島県/徳島市/770 香川県/高松市/760 愛媛県/松山市/790 福岡県/福岡市博多区/812 石川県/金沢市/920 鳥取県/鳥取市/680
`);

const towns =
  '青葉台 緑ケ丘 若草町 桜木町 本町 栄町 旭町 泉町 松が枝町 梅園 大手町通 川端町 西山台 東雲町 南風台 北浦町 みどり野 光が原 花園通 月見台'.split(
    ' ',
  );
const buildings = 'コーポ若葉 メゾン桜 グリーンハイツ サンライズ青葉 パークサイド泉 ハイム松風 第二みどり荘'.split(' ');

/** Most live near their hospital, some in the other half of the country. */
export function place(random: Random, side: 'east' | 'west'): Place {
  const near = side === 'east' ? east : west;
  const [state, city, postal] = random.pick(random.chance(0.95) ? near : near === east ? west : east);
  const town = random.whole(1, 9999);
  return {
    state,
    city,
    postalCode: `${postal}-${String(town).padStart(4, '0')}`,
    town: random.pick(towns),
    numbers: [random.whole(1, 9), random.whole(1, 30), random.whole(1, 25)],
    ...(random.chance(0.3) ? { building: `${random.pick(buildings)}${random.whole(1, 9)}0${random.whole(1, 9)}号` } : {}),
  };
}

const kanjiDigits = '〇一二三四五六七八九';

/** The rest of an address as hospitals write it: 三丁目5番7号, 3-5-7, ３－５－７. */
export function line({ town, numbers: [chome, block, house], building = '' }: Place, style: 'kanji' | 'hyphen' | 'full-width'): string {
  if (style === 'kanji') return `${town}${kanjiDigits[chome]}丁目${block}番${house}号${building}`;
  const text = `${chome}-${block}-${house}`;
  return `${town}${style === 'hyphen' ? text : text.replace(/[0-9]/g, d => String.fromCharCode(d.charCodeAt(0) + 0xfee0)).replaceAll('-', '－')}${building}`;
}
