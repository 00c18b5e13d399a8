/**
 * Japanese names, written down from common knowledge: each as kanji and katakana; surnames from the most to the less common.
 * And the ways in which the same name is written differently at another hospital.
 * @module
 */
import type { Random } from './random.ts';

export interface Name {
  readonly family: string;
  readonly given: string;
  readonly familyKana: string;
  readonly givenKana: string;
}

type Written = readonly [kanji: string, kana: string];

const list = (text: string): readonly Written[] =>
  text
    .trim()
    .split(/\s+/)
    .map(one => one.split('/') as [string, string]);

const surnames = list(`
佐藤/サトウ 鈴木/スズキ 高橋/タカハシ 田中/タナカ 伊藤/イトウ 渡辺/ワタナベ 山本/ヤマモト 中村/ナカムラ 小林/コバヤシ 加藤/カトウ
吉田/ヨシダ 山田/ヤマダ 佐々木/ササキ 山口/ヤマグチ 松本/マツモト 井上/イノウエ 木村/キムラ 林/ハヤシ 斎藤/サイトウ 清水/シミズ
山崎/ヤマザキ 森/モリ 池田/イケダ 橋本/ハシモト 阿部/アベ 石川/イシカワ 山下/ヤマシタ 中島/ナカジマ 石井/イシイ 小川/オガワ
前田/マエダ 岡田/オカダ 長谷川/ハセガワ 藤田/フジタ 後藤/ゴトウ 近藤/コンドウ 村上/ムラカミ 遠藤/エンドウ 青木/アオキ 坂本/サカモト
斉藤/サイトウ 福田/フクダ 太田/オオタ 西村/ニシムラ 藤井/フジイ 金子/カネコ 岡本/オカモト 藤原/フジワラ 三浦/ミウラ 中野/ナカノ
中川/ナカガワ 原田/ハラダ 松田/マツダ 竹内/タケウチ 小野/オノ 田村/タムラ 中山/ナカヤマ 和田/ワダ 石田/イシダ 森田/モリタ
上田/ウエダ 原/ハラ 内田/ウチダ 柴田/シバタ 酒井/サカイ 宮崎/ミヤザキ 横山/ヨコヤマ 高木/タカギ 安藤/アンドウ 宮本/ミヤモト
大野/オオノ 小島/コジマ 谷口/タニグチ 今井/イマイ 工藤/クドウ 高田/タカダ 増田/マスダ 丸山/マルヤマ 杉山/スギヤマ 村田/ムラタ
大塚/オオツカ 新井/アライ 小山/コヤマ 平野/ヒラノ 藤本/フジモト 河野/コウノ 上野/ウエノ 野口/ノグチ 武田/タケダ 松井/マツイ
千葉/チバ 岩崎/イワサキ 菅原/スガワラ 木下/キノシタ 久保/クボ 佐野/サノ 野村/ノムラ 松尾/マツオ 市川/イチカワ 菊地/キクチ
杉本/スギモト 古川/フルカワ 大西/オオニシ 島田/シマダ 水野/ミズノ 桜井/サクライ 高野/タカノ 渡部/ワタベ 吉川/ヨシカワ 西田/ニシダ
飯田/イイダ 西川/ニシカワ 小松/コマツ 北村/キタムラ 安田/ヤスダ 五十嵐/イガラシ 川口/カワグチ 平田/ヒラタ 関/セキ 中田/ナカタ
久保田/クボタ 服部/ハットリ 川崎/カワサキ 東/ヒガシ 岩田/イワタ 土屋/ツチヤ 福島/フクシマ 辻/ツジ 樋口/ヒグチ 秋山/アキヤマ
田口/タグチ 永井/ナガイ 山内/ヤマウチ 中西/ナカニシ 荒木/アラキ 浜田/ハマダ 広瀬/ヒロセ 沢田/サワダ 国分/コクブ 真鍋/マナベ
`);

const women = list(`
陽子/ヨウコ 恵子/ケイコ 和子/カズコ 幸子/サチコ 洋子/ヨウコ 節子/セツコ 京子/キョウコ 美智子/ミチコ 由美子/ユミコ 久美子/クミコ
裕子/ユウコ 真由美/マユミ 明美/アケミ 直美/ナオミ 智子/トモコ 美穂/ミホ 香織/カオリ 恵美/エミ 優子/ユウコ 麻衣/マイ
愛/アイ 彩/アヤ 美咲/ミサキ 葵/アオイ 陽菜/ヒナ 結衣/ユイ さくら/サクラ 凛/リン 結菜/ユイナ 莉子/リコ
千代子/チヨコ 文子/フミコ 静江/シズエ 春子/ハルコ 秋子/アキコ 正子/マサコ 敏子/トシコ 清子/キヨコ 光子/ミツコ 信子/ノブコ
ハナ/ハナ キヨ/キヨ トミ/トミ ヨシ/ヨシ 八重/ヤエ 菊江/キクエ 絹代/キヌヨ 房子/フサコ 勝子/カツコ 悦子/エツコ
弘子/ヒロコ 典子/ノリコ 雅子/マサコ 順子/ジュンコ 淳子/ジュンコ 純子/ジュンコ 郁子/イクコ 紀子/ノリコ 玲子/レイコ 礼子/レイコ
早苗/サナエ 千春/チハル 千秋/チアキ 奈美/ナミ 奈緒/ナオ 友美/トモミ 綾子/アヤコ 亜希子/アキコ 美香/ミカ 里美/サトミ
真理子/マリコ 麻里/マリ 瞳/ヒトミ 舞/マイ 遥/ハルカ 楓/カエデ 紗希/サキ 美月/ミヅキ 琴音/コトネ 花音/カノン
七海/ナナミ 千尋/チヒロ 桃子/モモコ 梨花/リカ 菜摘/ナツミ 若菜/ワカナ 詩織/シオリ 百合子/ユリコ 冬美/フユミ 初江/ハツエ
`);

const men = list(`
隆/タカシ 誠/マコト 茂/シゲル 清/キヨシ 実/ミノル 進/ススム 勇/イサム 勝/マサル 弘/ヒロシ 博/ヒロシ
和夫/カズオ 正雄/マサオ 幸雄/ユキオ 義男/ヨシオ 昭/アキラ 三郎/サブロウ 一郎/イチロウ 二郎/ジロウ 太郎/タロウ 健一/ケンイチ
浩/ヒロシ 修/オサム 豊/ユタカ 明/アキラ 剛/ツヨシ 学/マナブ 徹/トオル 聡/サトシ 淳/ジュン 達也/タツヤ
哲也/テツヤ 直樹/ナオキ 英樹/ヒデキ 和也/カズヤ 大輔/ダイスケ 健太/ケンタ 翔太/ショウタ 拓也/タクヤ 翔/ショウ 蓮/レン
大翔/ヒロト 悠斗/ユウト 陽翔/ハルト 湊/ミナト 樹/イツキ 颯太/ソウタ 悠真/ユウマ 海斗/カイト 駿/シュン 陸/リク
辰夫/タツオ 武/タケシ 正/タダシ 忠/タダシ 栄一/エイイチ 喜一/キイチ 善吉/ゼンキチ 源太郎/ゲンタロウ 寅吉/トラキチ 亀次郎/カメジロウ
康夫/ヤスオ 靖/ヤスシ 秀明/ヒデアキ 秀樹/ヒデキ 雅之/マサユキ 雅人/マサト 伸一/シンイチ 慎一/シンイチ 真一/シンイチ 孝/タカシ
孝之/タカユキ 敏夫/トシオ 利夫/トシオ 俊介/シュンスケ 祐介/ユウスケ 裕太/ユウタ 雄大/ユウダイ 亮/リョウ 諒/リョウ 圭/ケイ
啓介/ケイスケ 智也/トモヤ 友和/トモカズ 光男/ミツオ 満/ミツル 稔/ミノル 登/ノボル 昇/ノボル 賢治/ケンジ 憲二/ケンジ
`);

/** Where the weights of all surnames up to each add up to: common ones far more often than others, as in life. */
let sum = 0;
const upTo = surnames.map((_, place) => {
  sum += 1 / (9 + place);
  return sum;
});

function surname(random: Random): Written {
  const at = random.next() * sum;
  return surnames[upTo.findIndex(upper => at < upper)]!;
}

/** A name of somebody of this gender; a given family name is kept. */
export function name(random: Random, gender: 'female' | 'male', family?: Pick<Name, 'family' | 'familyKana'>): Name {
  const [kanji, kana] = family === undefined ? surname(random) : [family.family, family.familyKana];
  const [given, givenKana] = random.pick(gender === 'female' ? women : men);
  return { family: kanji, familyKana: kana, given, givenKana };
}

/** Characters that hospitals write for each other; law and registers keep them apart, people do not. */
const variants: Readonly<Record<string, string>> = {
  高: '髙',
  崎: '﨑',
  辺: '邊',
  斎: '齋',
  斉: '齊',
  沢: '澤',
  浜: '濱',
  広: '廣',
  国: '國',
  真: '眞',
  島: '嶋',
  桜: '櫻',
  吉: '𠮷',
  恵: '惠',
  徳: '德',
};

/** The kanji with one variant character, or undefined when it has none. */
export function inVariant(kanji: string): string | undefined {
  const at = [...kanji].findIndex(c => variants[c] !== undefined && variants[c] !== c);
  return at < 0 ? undefined : [...kanji].map((c, i) => (i === at ? variants[c]! : c)).join('');
}

const halfWidth: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 0x3f }, (_, i) => String.fromCharCode(0xff61 + i)).map(half => [half.normalize('NFKC'), half]),
);

/** Katakana in half width: ガ becomes ｶﾞ, two characters. */
export const inHalfWidth = (kana: string): string =>
  [...kana.normalize('NFD')].map(c => (c === '\u3099' ? 'ﾞ' : c === '\u309a' ? 'ﾟ' : (halfWidth[c] ?? c))).join('');

/** Katakana as hiragana. */
export const inHiragana = (kana: string): string => kana.replace(/[ァ-ヶ]/g, c => String.fromCharCode(c.charCodeAt(0) - 0x60));
