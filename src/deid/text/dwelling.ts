/**
 * Where somebody lives, works and is cared for, by what is said of it: 横浜市在住, 蒲田駅前, パークハイム南町405, トヨタ自動車に勤務,
 * グループホームやすらぎ, coordinates.
 * A kind alone (工場に勤務, 賃貸マンション, 最寄り駅) names none. Prefectures stay, as in structured data.
 * @module
 */
import { addressEnd } from './address.ts';
import { each } from './each.ts';
import type { Emit } from './entity.ts';
import { noValue } from './role.ts';

const kanji = '一-龠々ヶケ';
const inHiragana =
  'さいたま|つくば|いわき|ひたちなか|かすみがうら|つがる|むつ|にかほ|いすみ|かほく|あわら|みよし|いなべ|えびの|うるま|うきは|みやま|たつの|みどり|さくら|あきる野|ふじみ野|つくばみらい|南さつま|いちき串木野';
/** Of Tokyo: what stands behind them is a town. */
const wards = '千代田|中央|港|新宿|文京|台東|墨田|江東|品川|目黒|大田|世田谷|渋谷|中野|杉並|豊島|北|荒川|板橋|練馬|足立|葛飾|江戸川';
const municipality = new RegExp(
  `(?:[${kanji}]{1,5}|${inHiragana})(?:市(?![民場販立営街況価]|井(?![上口田出])|中(?:肺炎|感染|病院|獲得|型|株|薬|[でにのをへか、。]|$))|` +
    `(?<=[${kanji}]{1,5})区(?![分域画別間切民立営])(?=[在にのへで内出から、。)\\s]|より|$))|` +
    `(?:(?<=市)[${kanji}]{1,4}|(?<![${kanji}])(?:${wards}))区(?![分域画別間切民立営])|` +
    `[${kanji}]{1,4}郡[${kanji}]{1,5}[町村]|[${kanji}]{2,5}[町村](?=在住|出身|役場|に(?:住|在住|居住|転居|帰)|の(?:自宅|実家|出身)|から(?:来|通|搬))`,
  'g',
);
const noMunicipality =
  /都市$|^(?:同|当|他|本|各|両)[市区]$|(?:地|学|校|教|管|特|行政|選挙|対照|試験|処[理置])区$|^(?:隣|同|当|下|城下|港|田舎)町$|^(?:漁|農|山)村$/;
/** A town behind 市 or 区, up to a number of its streets or the end of the word: 足立区綾瀬, 中区本町1-1, 中央区北1条西2丁目. */
const town = new RegExp(
  `^(?:[${kanji}ァ-ンー]{1,8}(?=\\d{1,3} ?(?:丁目|番|条|-\\d))|[${kanji}]{1,6}?町(?![内会立民長医工])|[${kanji}ァ-ンー]{2,5}(?=[にのへでかは、。)\\s]|在住|$))`,
);
const noTown =
  /^(?:役|内|外|全|民|立|営|長|議|会|医|歯|薬|保|福|在|出|居|転|住|生|介|地|包|健|検|職|訪|病|消|警|施|方|近|周|付|図|小|中学|高校|学校|公|体|税|条|担|主|相|支|在宅|障|高齢)/;
const station = new RegExp(`[${kanji}ァ-ヺー]{1,8}駅(?![伝員弁長])`, 'g');
const noStation = /^(?:最寄り?|当|同|各|無人|終着|始発|乗換|乗り換え|地下鉄|新幹線|電車|近隣|隣|次|前|途中|某)+駅$/;
const coordinates =
  /(?<!\d)(?<!\d\.)-?\d{1,3}\.\d{3,10}°? ?[NS]?[,、/ ]{1,2}-?\d{1,3}\.\d{3,10}(?![\d.])|[北南東西][緯経] ?\d{1,3}(?:\.\d{1,8})? ?(?:度|°) ?(?:\d{1,2} ?[分'′] ?)?(?:\d{1,2}(?:\.\d{1,4})? ?[秒"″]?)?|\d{1,3}°\d{1,2}['′](?:\d{1,2}(?:\.\d{1,4})?["″])? ?[NSEW]/g;
const houses = 'ハイツ|コーポ|メゾン|ハイム|レジデンス|パレス|ヴィラ|シャトー|マンション|アパート|団地|荘';
const house = new RegExp(
  `((?:[一-龠々ァ-ヺー]{0,10}?|[ぁ-ん]{2,5}))(${houses})([一-龠々ァ-ヺー]{0,8}) ?(?:\\d{1,4}(?:号室?)?(?![\\d.年月日歳階人世]))?`,
  'g',
);
const anyHouse = new RegExp(houses);
const commonHouse = /^(?:マンション|アパート|団地|荘)$/;
const noHouse =
  /^(?:賃貸|分譲|高層|低層|市営|県営|都営|町営|公営|公団|木造|鉄筋|自宅|実家|近所|同じ|ワンルーム|古い|新築|別|山|住宅|現在|独居|居住|一人暮らし|の|は|で)*$/;
/** 田園調布在住, whose 区 nobody says; 近隣在住. */
const resident = /[一-龠々ヶケ]{2,5}(?=在住)/g;
const noResident =
  /[都道府県国市区町村]$|^(?:.*[市県都国][内外]|近隣|遠方|海外|地元|近所|単身|独居|施設|現在|当地|[近隣]県|関東|関西|東北|九州|四国|北陸|中部|近畿|同居|本人|家族|[長次三]男|[長次三]女|息子|娘|両親|父|母|妻|夫|兄|弟|姉|妹)+$/;
/** ひかりデイサービス */
const careBehind =
  /(?:^|[^ぁ-んァ-ヺー]|(?<=[一-龠、。 ])[はがをにのともで])((?:[ぁ-ん]{2,6}|[ァ-ヺー]{2,10}))(?=デイサービス|デイケア|グループホーム|ケアセンター)/g;
const noCareBehind = /^(?:から|より|では|には|いつも|この|その|また|なお|ただし|まで|など)|[るたいくてだへにをはがのでと]$/;
const care =
  /(?:特別養護老人ホーム|特養|有料老人ホーム|老人ホーム|グループホーム|ケアハウス|サ高住|サービス付き高齢者向け住宅|老健|介護老人保健施設|デイサービス(?:センター)?|デイケア|ショートステイ|小規模多機能|訪問看護ステーション|地域包括支援センター|障害者支援施設|就労支援施設|保育園|こども園)(?: ?[「『(]([^」』)\n]{2,20})[」』)]|[ :]?([ァ-ヺー一-龠々]{0,8}[苑荘園院館里丘郷森家](?![族庭内外])|[ァ-ヺー]{2,12}|[ぁ-ん]{2,8}?(?:の[一-龠]{1,3})?(?=に|へ|で|を|は|が|より|から|、|。|\(|\s|$)))/g;
const anyCare = /ホーム|ハウス|特養|老健|サ高住|サービス|デイケア|ショート|小規模|訪問看護|包括|支援施設|保育園|こども園/;
const noCare =
  /^(?:から|より|では|には|へは|とは|にて|での|への|まで|など|という|として|について|ですが|なし|のみ|あり|など|も|やる|する|へと|だが|です|スタッフ|サービス|入所中?|利用|.*の$|センター)|職員|スタッフ/;
const employer =
  /((?:[一-龠々ァ-ヺーA-Z&]|(?<=[A-Za-zァ-ヺー])[・a-z]){2,16})(?:(?:に|で|へ|にて)(?:長年|現在|\d{1,2}年間?|定年まで)?(?:勤務|勤め|就職|就労|在職|在籍|雇用)|(?:の(?:健診|検診|ドック|産業医|工場|社宅|社員寮|寮)|系の?(?:会社|企業))(?<=[ァ-ヺー][^ァ-ヺー]{1,6})|勤務(?!先|医|時間|形態|表|帯|態勢|体制|歴)|(?:の|を)(?:社員|会社員|技術者|社長|会長|役員|取締役|研究員|営業|定年退職|退職))/g;
const beforeEmployer = /^(?:元|現|旧|以前|現在|長年|職業|当時|定年後|退職後|卒業後|夫|妻|父|母|長男|長女|次男|次女|息子|娘|本人)+/;
const noEmployer =
  /^(?:(?:同じ|別|大手|中小|外資系|地元|近所|町|市|県|国|公立|私立|民間|派遣|運送|食品|建設|印刷|電機|自動車|金属|化学|繊維|製薬|製造|部品|警備|清掃|介護|事務|保険|不動産|出版|新聞|旅行|半導体|機械|IT|化粧品|アパレル|ホテル)*(?:会社|企業|工場|病院|施設|店|商店|飲食店|喫茶店|居酒屋|書店|薬局|美容[院室]|理髪店|スーパー(?:マーケット)?|コンビニ|デパート|百貨店|ホテル|旅館|レストラン|パチンコ店|ドラッグストア|ホームセンター|ガソリンスタンド|倉庫|鉄工所|造船所|製鉄所|製作所|研究所|印刷所|郵便局|消防署|警察署|農家|工務店|事務所?|役所|役場|市役所|区役所|県庁|官庁|学校|小学校|中学校|高校|大学|保育園|幼稚園|塾|現場|農協|漁協|自宅|在宅|関係|業|系|職|員|師|士)|夜間|深夜|交代|交替|交代制|シフト|シフト制|日勤|夜勤|当直|常勤|非常勤|変則|短時間|時短|フルタイム|パート|パートタイム|アルバイト|バイト|正社員|契約社員|派遣社員|自営|嘱託|当院|他院|近医|同院|外来|病棟|週|通常|リモート|テレワーク|ボランティア|オフィス|デスクワーク|複数|各地|海外|国内|県外|都内|県内|市内|地方|東京|大阪)+$|(?:員|師|士|職|業|勤|制|時間|後|前|中)$/;
const englishEmployer =
  /(?<![A-Za-z])(?:[Ww]ork(?:s|ed|ing)?|[Ee]mploy(?:ed|ee|ment)|[Rr]etired|[Jj]ob|[Pp]osition|[Cc]areer|engineer|manager|teacher|clerk|cashier|officer|driver|professor|director|president|mayor|foreman|executive|accountant|technician|worker)\s(?:at|for|from|by|with|of)\s(?:the\s)?((?:[A-Z][A-Za-z&'.-]{1,20}|[A-Z]{2,6})(?:\s(?:[A-Z][A-Za-z&'-]{1,20}|of|and|&))*)/g;
const englishTown =
  /(?<![A-Za-z])(?:[Ll]ives?|[Ll]iving|[Ll]ived|[Rr]esid(?:es|ing|ed)|[Bb]orn|[Gg]rew up|[Rr]aised)\s(?:alone\s|with (?:\w+\s){1,2})?(?:in|at|near)\s((?:[A-Z][A-Za-z'.-]{1,20}\s?){1,3}(?:,\s[A-Z]{2})?)|(?<![A-Za-z])(?:[Nn]ative of|[Hh]ometown(?: of| is)?|[Mm]oved (?:here )?from)\s((?:[A-Z][A-Za-z'.-]{1,20}\s?){1,3})/g;
const travels =
  /(?<![A-Za-z])(?:[Dd]rove|[Ff]lew|[Tt]rave(?:ls?|led|lled|ling|lling)|[Vv]isiting|[Tt]rip|[Cc]ame|[Rr]eturned|[Aa]rrived)\s(?:here\s|back\s)?(?:from|to|in)\s((?:[A-Z][a-z'-]{2,20})(?:\s[A-Z][a-z'-]{2,20})?(?:\sto\s[A-Z][a-z'-]{2,20})?)/g;
const noEnglish =
  /^(?:ICU|ER|ED|OR|Radiology|Cardiology|Surgery|Dialysis|Endoscopy|Emergency|Clinic|Baseline|Rehab|Floor|Unit|PT|PACU|NICU|SNF|ALF|The|A|An|My|His|Her|Assisted|Independent|Home|House|Apartment|Nursing|Group|Senior|Monday|January|February|March|April|May|June|July|August|September|October|November|December|Night|Day)\b/;

/** End of an address whose municipality ends here, with its town. */
function townEnd(plain: string, end: number): number {
  const found = /[市区]/.test(plain[end - 1]!) ? town.exec(plain.slice(end, end + 14))?.[0] : undefined;
  // Behind 市 a ward may follow, which is found by itself.
  if (found === undefined || /[区市]/.test(found)) return end;
  const last = addressEnd(plain, end + found.length);
  return last > end + found.length || found.endsWith('町') || (plain[end - 1] === '区' && !noTown.test(found)) ? last : end;
}

export function findDwellings(plain: string, emit: Emit): void {
  if (/[市区町村駅郡]/.test(plain)) {
    each(municipality, plain, ({ 0: text, index }) => {
      if (!noMunicipality.test(text)) emit(index, townEnd(plain, index + text.length), 'address');
    });
    each(station, plain, ({ 0: text, index }) => {
      if (!noStation.test(text)) emit(index, index + text.length, 'address');
    });
  }
  if (/\d/.test(plain)) each(coordinates, plain, ({ 0: text, index }) => emit(index, index + text.length, 'address'));
  if (anyHouse.test(plain)) {
    each(house, plain, ({ 0: text, 1: before, 2: kind, 3: behind, index }) => {
      const named = !noHouse.test(before!) || (!commonHouse.test(kind!) && behind !== '');
      if (named && !/^別荘|^山荘/.test(text)) emit(index, index + text.trimEnd().length, 'address');
    });
  }
  if (plain.includes('在住'))
    each(resident, plain, ({ 0: text, index }) => {
      if (!noResident.test(text)) emit(index, index + text.length, 'address');
    });
  if (anyCare.test(plain)) {
    each(careBehind, plain, ({ 0: text, 1: name, index }) => {
      if (!noCareBehind.test(name!)) emit(index + text.length - name!.length, index + text.length, 'institution');
    });
    each(care, plain, ({ 0: text, 1: quoted, 2: bare, index }) => {
      const name = quoted ?? bare!;
      if (name === '' || noCare.test(name) || noValue.test(name)) return;
      const end = index + text.length - (quoted === undefined ? 0 : 1);
      emit(end - name.length, end, 'institution');
    });
  }
  if (/勤|就|職|在籍|雇用|社|技術者|会長|役員|取締役|研究員|営業|健診|検診|ドック|産業医|工場|寮|企業/.test(plain))
    each(employer, plain, ({ 1: run, index }) => {
      const name = run!.replace(beforeEmployer, '');
      if (name.length > 1 && !noEmployer.test(name)) emit(index + run!.length - name.length, index + run!.length, 'workplace');
    });
  if (!/[a-z] [A-Z]/.test(plain)) return;
  for (const [expression, entity] of [
    [englishEmployer, 'workplace'],
    [englishTown, 'address'],
    [travels, 'address'],
  ] as const)
    each(expression, plain, ({ 0: text, 1: one, 2: other, index }) => {
      const name = (one ?? other!).trimEnd();
      const at = index + text.lastIndexOf(name);
      if (!noEnglish.test(name)) emit(at, at + name.replace(/(?: (?:of|and|&)|\.)$/, '').length, entity);
    });
}
