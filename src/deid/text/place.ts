/**
 * Institutions and workplaces that no record knows, by their kind: 若葉クリニック, さくら病院, 株式会社 …; a kind alone (近くの病院, 大学病院) names none.
 * @module
 */
import { each } from './each.ts';
import type { Emit, Entity } from './entity.ts';
import { ahead, back, isDigit, isHiragana, isJapanese, isKanji, isKatakana, isLetter } from './letters.ts';
import { noValue } from './role.ts';

const places =
  /病院|医大(?!生)|クリニック|医院|診療所|医療センター|療養所|薬局|訪問看護ステーション|老人ホーム|ホスピス|保健所|保健センター|記念館|事業所|神社|教会|警察署|消防署|郵便局|空港/g;
const schools =
  /小学校|中学校|高等学校|高校|大学院|大学|専門学校|幼稚園|保育園|保育所|こども園|特別支援学校|製作所|工業|商事|建設|運輸|銀行|工務店/g;
const placeWords =
  /^(?:当|他|同|本|前|元|近|近隣|近く|近所|別|各|某|総合|大学|救急|専門|市民|県立|市立|国立|公立|私立|中央|地域|精神科|小児|小児科|歯科|眼科|皮膚科|整形外科|内科|外科|耳鼻科|産婦人科|産科|婦人科|泌尿器科|透析|紹介|紹介元|紹介先|転院|転院先|搬送|搬送先|入院|入院先|通院|通院中|受診|提携|連携|協力|基幹|急性期|慢性期|療養型|療養|回復期|リハビリテーション|リハビリ|がん|癌|高度|特定機能|三次|二次|一次|かかりつけ|調剤|院内|院外|門前|複数|数|新|旧|以前|昨日|本日|今回|前回|先日|同日|翌日|後日|特別養護|有料|介護|介護付|軽費|動物|現|次|今|夜間|休日|一般|民間|個人|地元|遠方|県外|市内|県内|海外|有名|同じ|市|県|区|町|村|立|附属|付属|分|先|中|後|時|より|から|退院|初診|再診|当時|昭和|小|中|高|地区|実家|自宅|両|母|父|妻|夫|患者|本人|家族|職場|学校|長男|長女|息子|娘|医療機関|訪問|在宅|居宅|居宅介護支援|介護支援|障害|福祉|国際|最寄り?)+$/;
const particles = /[のはがをにでとへもや]|より|から|まで/g;

/** Institutions by their kind: 若葉クリニック, さくら病院. */
export function findInstitutions(plain: string, emit: Emit): void {
  const take = (match: RegExpExecArray, entity: Entity): void => {
    const end = match.index + match[0].length;
    const start = placeStart(plain, match.index);
    if (start === match.index || placeWords.test(plain.slice(start, match.index))) return;
    const tail =
      /^(?:医学部)?(?:附属|付属)(?:[一-龠ァ-ヶー]{0,6}?)病院|^[一-龠ァ-ヶー]{1,6}支店/.exec(plain.slice(end, end + 14))?.[0] ?? '';
    emit(start, end + tail.length, entity);
  };
  each(places, plain, match => take(match, 'institution'));
  each(schools, plain, match => take(match, 'workplace'));
  each(companies, plain, match => {
    const at = match.index + match[0].length;
    const end = ahead(plain, at, c => isKanji(c) || isKatakana(c) || isLetter(c), 20);
    if (end > at) return emit(match.index, end, 'workplace');
    const start = placeStart(plain, match.index);
    if (start < match.index) emit(start, at, 'workplace');
  });
  each(work, plain, match => {
    const at = match.index + match[0].length;
    const end = ahead(plain, at, c => isJapanese(c) || isLetter(c) || c === 0x28 || c === 0x29 || c === 0x30fb, 24);
    if (end > at && !noValue.test(plain.slice(at, end))) emit(at, end, 'workplace');
  });
  if (/[A-Z]/.test(plain)) {
    each(english, plain, match => {
      const [whole, words] = match;
      const name = words!.replace(
        /^(?:(?:The|At|From|To|In|General|University|Community|Local|Regional|Outside|Our|Referring|Memorial|Children'?s|District|County|State|City|Medical|Primary|Outpatient|Eye|Heart|Dental|Pain|High|Middle|Elementary|Patient|Admitted|Transferred|Attended|Attends|Graduated|Visited)\s)+/,
        '',
      );
      if (name !== '')
        emit(
          match.index + words!.length - name.length,
          match.index + whole.length,
          /School|Inc|Ltd|LLC|Corp|Company/.test(whole) ? 'workplace' : 'institution',
        );
    });
  }
}

const companies = /株式会社|有限会社|合同会社|\(株\)|\(有\)/g;
const work = /(?:勤務先|勤務|職場|就労先|学校名|通学先|通園先|会社名|会社|所属)\s?[:は]\s?/g;
const english =
  /(?<![A-Za-z])((?:[A-Z][A-Za-z'.&-]{1,24}\s){1,5})(?:Hospital|Clinic|Medical Cent(?:er|re)|Health Cent(?:er|re)|University|Elementary School|Middle School|High School|School|Pharmacy|Nursing Home|Hospice|Church|Temple|Parish|Airport|Library|Inc\.?|Ltd\.?|LLC|Corporation|Company)(?![A-Za-z])/g;

/** Where the name of a place begins that ends here: kanji, katakana and letters; hiragana (さくら病院) from the last particle on. */
function placeStart(plain: string, end: number): number {
  const name = (c: number): boolean => isKanji(c) || isKatakana(c) || isLetter(c) || c === 0x30fb;
  // 山手通りクリニック
  const street = /通り$/.test(plain.slice(Math.max(0, end - 2), end)) ? end - 1 : end;
  let at = back(plain, street, name, 18);
  if (at === street) return hiraganaStart(plain, end);
  // 光が原, 虹の橋.
  if (/^[がの][丘原里森杜風木宮橋台花海星空泉郷園浜岬]/.test(plain.slice(at - 1, at + 1))) {
    const word = back(plain, at - 1, name, 8);
    // みどりの森
    at = word < at - 1 ? word : hiraganaStart(plain, at - 1);
  }
  // 国立がん研究センター
  if (/がん$/.test(plain.slice(at - 2, at))) at = back(plain, at - 2, name, 8);
  const run = plain.slice(at, end);
  // ひまわり内科クリニック
  if (generic.test(run)) {
    const word = hiraganaStart(plain, at);
    if (word < at) return word;
  }
  // 昨日若葉クリニック: times and roles are no part of a name; 東京都立 is.
  const word =
    leading.exec(run)?.[0] ?? (isDigit(plain.charCodeAt(at - 1)) ? (/^(?:年|月|日|時|分|週間?後|日後|年後)+/.exec(run)?.[0] ?? '') : '');
  return word.length < run.length ? at + word.length : end;
}

const generic =
  /^(?:内科|外科|小児科|眼科|皮膚科|歯科|整形外科|耳鼻咽喉科|耳鼻科|産婦人科|婦人科|産科|泌尿器科|脳神経外科|精神科|心療内科|循環器|消化器|胃腸科|リハビリテーション|中央|総合|記念|訪問看護|調剤|居宅介護支援|介護支援)+$/;
const leading =
  /^(?:昨日|本日|今回|今朝|今日|今夕|前回|先日|同日|翌日|翌朝|以前|当時|現在|今後|近医|前医|他院|紹介元|紹介先|転院先|搬送先|通院先|実家近隣|自宅近隣|午前|午後|夜間|再度|一旦|以降|月末|月初|頃|後|中|前|退院後|入院中|受診後|発症後)+/;

/** In a run of hiragana a name begins behind the last particle. */
function hiraganaStart(plain: string, end: number): number {
  const at = back(plain, end, isHiragana, 10);
  const run = plain.slice(at, end);
  let begin = 0;
  for (const found of run.matchAll(particles)) begin = found.index + found[0].length;
  // まつもとクリニック: what looks like a particle is none at the end, nor where nothing stands before.
  if (begin === run.length) begin = /^[はがのにでと]/.test(run) ? 1 : isKanji(plain.charCodeAt(at - 1)) ? run.length : 0;
  const name = run.slice(begin);
  return name.length >= 2 && !noPlace.test(name) ? at + begin : end;
}

const noPlace =
  /^(?:かかりつけ|いつも|ちかく|べつ|おなじ|ほか|この|その|あの|どこ|ここ|こちら|する|した|いる|いた|なった|ある|という|いう|って|っている|ている|まま|たい|ない|れた|せた|った)|[るたいくてだ]$/;
