/**
 * Names that no record knows, by the words beside them: 先生 医師 様 さん 氏 殿 Dr. before or behind a person, labels with a colon, 病院 クリニック 医院 behind an institution,
 * 株式会社 beside a workplace, 都道府県 before an address. Most words before 様 and さん are no names (患者様, 水様, 皆さん): a name must look like one.
 * Each look to either side is bounded.
 * @module
 */
import type { Emit, Entity } from './entity.ts';
import { ahead, back, isCapital, isDigit, isHiragana, isJapanese, isKanji, isKatakana, isLetter, isSpace } from './letters.ts';
import { surnameAt, surnameBefore, surnameLike, surnames } from './surnames.ts';

/** Words of persons, places and times that stand before 先生, 医師, さん and are no name; a run that ends with one names nobody, one that begins with one begins behind it. */
const roles =
  /^(?:担当|主治|当直|日直|当番|紹介|紹介元|前|元|現|旧|新|研修|専攻|指導|上級|専門|非常勤|常勤|女性|男性|外科|内科|小児科|整形外科|脳神経外科|心臓血管外科|循環器内科|循環器科|循環器|消化器内科|消化器外科|消化器|呼吸器内科|呼吸器外科|呼吸器|神経内科|脳神経内科|腎臓内科|腎内科|血液内科|糖尿病内科|内分泌内科|代謝内科|膠原病内科|リウマチ科|精神科|心療内科|皮膚科|眼科|耳鼻科|耳鼻咽喉科|泌尿器科|産婦人科|婦人科|産科|放射線科|放射線|麻酔科|麻酔|救急科|救急|救命|病理|病理診断科|歯科|口腔外科|形成外科|総合診療科|総合|緩和ケア|リハビリテーション科|リハビリ科|リハ科|リハビリ|産業|学校|嘱託|協力|連携|往診|訪問|在宅|家庭|近医|前医|他院|当院|他科|当科|自科|同科|同院|病棟|外来|院長|副院長|部長|医長|科長|教授|准教授|講師|助教|校長|担任|園長|主治医|担当医|執刀医|執刀|術者|助手|麻酔科医|麻酔医|執刀担当|紹介医|読影|診断|読影医|診断医|指導医|研修医|専攻医|専門医|看護師|看護師長|師長|主任|薬剤師|技師|理学療法士|作業療法士|言語聴覚士|管理栄養士|栄養士|社会福祉士|相談員|助産師|保健師|介護士|介護職員|事務|受付|本日|昨日|前日|翌日|今回|前回|同日|以前|当日|午前|午後|夜間|再度|直接|電話|家族|本人|患者|長男|次男|三男|長女|次女|三女|夫|妻|父|母|父親|母親|両親|息子|娘|兄|弟|姉|妹|祖父|祖母|孫|嫁|叔父|叔母|伯父|伯母|親戚|友人|知人|同僚|上司|隣人|連名|各|全|両|同|当|他|本|次|別|某|複数|数名|多数|病院|医院|診療所|施設|薬局|大学|研究|治験|責任|分担|代診|当直医|常駐|駐在|署名|記載|記録|報告|確認|説明|同席|指示|連絡|相談|依頼|対診|主|副|正)/;
const noNames: ReadonlySet<string> = new Set(
  `患者 奥 旦那 子 皆 神 仏 王 殿 客 家族 両親 利用者 入居者 入所者 各位 何 左 右 斯 母 父 姉 兄 妹 弟 娘 息子 嫁 婿 孫 叔父 叔母 伯父 伯母 爺 婆 祖父 祖母 主人 本人 友人 業者 職員 大家 隣人 親戚 職場
看護師 看護婦 先輩 後輩 同僚 上司 医者 患 児 赤 坊 姑 舅 義母 義父 義兄 義姉 義弟 義妹 長男 次男 長女 次女 夫 妻 保護者 付添 世話役 店員 運転手 警察 消防 救急隊 民生委員 介護士 薬剤師 栄養士 技師 事務 受付 巡査
ヘルパー ケアマネ ケアマネージャー ケアマネジャー ナース スタッフ ママ パパ ドクター ソーシャルワーカー ワーカー ボランティア マスター オーナー パートナー キーパーソン デイ リハビリ ドナー レシピエント クライアント
同 多 一 二 三 各 両 仕 模 異 有 無 水 膿 様 同様 多様 仕様 模様 一様 異様 有様 諸 摂 華 彼 某 当 貴 前 後 全 別 主 次 別紙 別記 上記 下記 前述 後述 泥状 粘液 索状 腫瘤 湿疹 喘息 狭心症 痙攣 苔癬 顆粒 結節 網状`.split(
    /\s+/,
  ),
);

/** Prefixes of a run cut off while what remains may still be a name. */
function withoutRoles(text: string, start: number, end: number): number {
  let at = start;
  for (;;) {
    const found = roles.exec(text.slice(at, end))?.[0];
    if (found === undefined || found.length === 0) return at;
    // 本田, 前田, 両角: a surname is no role.
    const surname = surnameAt(text.slice(at, end));
    if (surname !== undefined && surname.length >= found.length) return at;
    at += found.length;
  }
}

/** Honorific and title words behind a name. `sure`: only people have it. */
const behind =
  /先生|医師|Dr\.?|Ｄｒ|ドクター|看護師|看護婦|薬剤師|助産師|保健師|技師|理学療法士|作業療法士|言語聴覚士|師長|院長|教授|医長|様|さま|さん|ちゃん|くん|君|氏|殿/g;
const sureTitle = /^(?:先生|医師|Dr|ドクター|看護|薬剤師|助産師|保健師|技師|理学|作業|言語|師長|院長|教授|医長)/;
const notBehind: Readonly<Record<string, RegExp>> = {
  氏: /^氏(?:名|族|神|家)/,
  殿: /^殿(?:部|筋|裂|溝|方|堂)/,
  様: /^様(?:子|相|式|々|変|に見|の陰|の所|の症|の痛|の便|の発)/,
  医師: /^医師(?:会|国家|免許|法|事務|不足)/,
  先生: /^先生(?:方$)/,
  君: /^君(?:主|臨)/,
};

/** The span of a person's name that ends before `end`, where the title begins; or undefined. タール様 is no name, タール さん may be. */
function nameBefore(plain: string, end: number, title: string, sure: boolean): { start: number; end: number } | undefined {
  let stop = end;
  while (stop > 0 && end - stop < 2 && isSpace(plain.charCodeAt(stop - 1))) stop--;
  const c = plain.charCodeAt(stop - 1);
  if (isKanji(c) || c === 0x25cf) {
    const from = back(plain, stop, one => isKanji(one) || one === 0x25cf, 12);
    const start = withoutRoles(plain, from, stop);
    const run = plain.slice(start, stop);
    if (run === '' || noNames.has(run) || endsWithNoName(run)) return undefined;
    // 山田 太郎 様: a surname before the space.
    const gap = start === from ? start : -1;
    if (gap > 1 && isSpace(plain.charCodeAt(gap - 1))) {
      const before = back(plain, gap - 1, isKanji, 8);
      const family = withoutRoles(plain, before, gap - 1);
      const text = plain.slice(family, gap - 1);
      const at = surnameBefore(text, text.length);
      if (at !== undefined && run.length <= 4) return { start: family + (text.length > 4 ? at : 0), end: stop };
      if (text.length >= 1 && text.length <= 3 && run.length <= 3 && (sure || givenLike(run))) return { start: family, end: stop };
    }
    const surname = surnameAt(run);
    if (surname !== undefined && run.length - surname.length <= 3) return { start, end: stop };
    const last = surnameBefore(run, run.length);
    // 当院整形佐久間先生.
    if (last !== undefined && run.length - last >= 2) return { start: start + last, end: stop };
    if (sure ? run.length >= 2 && run.length <= 5 : surnameLike(run)) return { start, end: stop };
    return undefined;
  }
  if (isKatakana(c)) {
    const start = back(plain, stop, isKatakana, 14);
    const run = plain.slice(start, stop);
    return title !== '様' &&
      run.length >= 2 &&
      run.length <= 10 &&
      !noNames.has(run) &&
      !/(?:ー|マン|スタッフ|チーム|メンバー|ワーカー|マネ)$/.test(run)
      ? { start, end: stop }
      : undefined;
  }
  if (isLetter(c)) {
    const start = back(plain, stop, one => isLetter(one), 20);
    const run = plain.slice(start, stop);
    return run.length >= 2 &&
      isCapital(run.charCodeAt(0)) &&
      !/^(?:Dr|DR|Ns|NS|Pt|PT|OT|ST|MSW|ICU|ER|OP|MR|CT|DM|HT|OPE|[A-Z]{2,3})$/.test(run)
      ? { start, end: stop }
      : undefined;
  }
  return undefined;
}

function endsWithNoName(run: string): boolean {
  for (let n = 1; n < run.length && n <= 6; n++) if (n > 1 && noNames.has(run.slice(-n)) && !surnames.has(run.slice(-n))) return true;
  return false;
}

const givenLike = (text: string): boolean => /[子美江代恵香奈菜郎男夫雄一二三介輔也樹哉人斗太司志之彦治希花織里紀枝]$/.test(text);

const labels =
  /(?:主治医|担当医|執刀医|執刀|術者|第[一二]助手|助手|麻酔医|麻酔科医|麻酔|記載者|記載|記録者|報告者|紹介医|読影医|読影|診断医|指導医|確認者|承認者|署名|サイン|説明者|同席者|指示医|指示者|担当者|担当看護師|受け持ち(?:看護師)?|プライマリー(?:Ns)?|看護師|薬剤師|検査技師|技師|担当薬剤師|キーパーソン|保護者|緊急連絡先|連絡先|続柄|氏名|患者名|患者氏名|お名前|フリガナ|ふりがな|カナ氏名|旧姓)\s?[:/|]\s?/g;
const personLabels = /^(?:キーパーソン|保護者|緊急|連絡先|続柄|氏名|患者|お名前|フリガナ|ふりがな|カナ|旧姓)/;
const noValue =
  /^(?:なし|無し|無|不明|未定|未|同上|上記|本人|患者|家族|長男|次男|三男|長女|次女|三女|夫|妻|父|母|息子|娘|兄|弟|姉|妹|祖父|祖母|孫|当院|他院|近医|前医|当科|当直|有|あり|別紙|以下|下記|交代|変更|要|済|予定|確認|全身|局所|腰椎|硬膜外|静脈|脊椎|吸入|笑気|なく|鎮静|\d|[【[])/;

const doctor = /(?<![A-Za-z])(?:Drs?|Prof|Mrs?|Ms|Miss|Doctor|Professor|Nurse)(?:\.\s?|\s)(?=[A-Z\u3041-\u30ff\u4e00-\u9fff])/g;
const noDoctor =
  /^(?:報告|指示|上申|連絡|確認|診察|説明|回診|到着|来棟|コール|対応|処方|依頼|相談|不在|来室|訪室|許可|サイン|オーダー|カー|ヘリ|へ|に|が|は|と|より|から|の|も|を|コ)/;
const englishName = /^[A-Z][A-Za-z'’-]{1,24}(?:\s(?:[A-Z]\.\s?)?(?:de |van |von |der |la |di |da |bin |al-)?[A-Z][A-Za-z'’-]{1,24}){0,2}/;
const credentials =
  /(?<![A-Za-z])([A-Z][A-Za-z'-]{1,24}(?:\s[A-Z]\.?)?(?:\s[A-Z][A-Za-z'-]{1,24}){0,2}),?\s(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|N\.?P\.?|P\.?A\.?-?C?|MBBS|FRCS|FACC)(?![A-Za-z])/g;
const englishLabels =
  /(?<![A-Za-z])(?:patient(?: name)?|name|attending|surgeon|assistant|anesthesiologist|anaesthetist|physician|provider|nurse|signed(?: by)?|seen by|dictated by|reviewed by|reported by|referred by|requested by|author|contact|next of kin|pcp|cc|performed by|discussed with|spoke with|accompanied by)\s?[:]\s?|(?<![A-Za-z])(?:signed|seen|dictated|reviewed|reported|referred|requested|examined|performed|assessed)\sby\s(?=[A-Z])/gi;
const englishNone =
  /^(?:The|This|He|She|Patient|Patients|Unknown|None|No|Not|Yes|N\/A|See|Same|Self|Mother|Father|Wife|Husband|Daughter|Son|Sister|Brother|Family|Dr|Mr|Mrs|Ms|Doctor|Nurse|Cardiology|Surgery|Medicine|Neurology|Oncology|Radiology|Pediatrics|Psychiatry|Emergency|General|Internal|Department|Hospital|Clinic|Physical|Social|Home|Alert|Stable|Normal)\b/;

/** Names by titles and labels. */
export function findNames(plain: string, emit: Emit): void {
  each(behind, plain, match => {
    const word = match[0];
    const at = match.index;
    if (notBehind[word]?.test(plain.slice(at, at + 4))) return;
    const sure = sureTitle.test(word);
    const span = nameBefore(plain, at, word, sure);
    if (span !== undefined) emit(span.start, span.end, sure ? 'staff' : 'name');
  });
  each(labels, plain, match => {
    const at = match.index + match[0].length;
    const rest = plain.slice(at, at + 24);
    if (noValue.test(rest)) return;
    const end = valueEnd(plain, at);
    if (end > at) emit(at, end, personLabels.test(match[0]) ? 'relative' : 'staff');
  });
  if (!/[A-Za-z]/.test(plain)) return;
  each(doctor, plain, match => {
    const at = match.index + match[0].length;
    const rest = plain.slice(at, at + 80);
    if (isCapital(rest.charCodeAt(0))) {
      const found = englishName.exec(rest)?.[0];
      if (found !== undefined && !englishNone.test(found))
        emit(at, at + found.length, /^(?:M|P(?!rof))/.test(match[0]) ? 'relative' : 'staff');
    } else if (!noDoctor.test(rest)) {
      const end = japaneseName(plain, at);
      if (end > at) emit(at, end, 'staff');
    }
  });
  each(credentials, plain, match => {
    if (!englishNone.test(match[1]!)) emit(match.index, match.index + match[1]!.length, 'staff');
  });
  each(englishLabels, plain, match => {
    const at = match.index + match[0].length;
    const found = englishName.exec(plain.slice(at, at + 80))?.[0];
    if (found !== undefined && !englishNone.test(found))
      emit(at, at + found.length, /^(?:patient|name|contact|next|accomp)/i.test(match[0]) ? 'relative' : 'staff');
  });
}

/** End of a name that begins here: a surname of the list and a given name, else one short run. */
function japaneseName(plain: string, start: number): number {
  const end = ahead(plain, start, isKanji, 8);
  const run = plain.slice(start, end);
  const surname = surnameAt(run);
  if (surname !== undefined) {
    const rest = run.slice(surname.length);
    return rest !== '' && rest.length <= 3 && givenLike(rest) ? end : start + surname.length;
  }
  if (surnameLike(run.slice(0, 2))) return start + 2;
  if (run === '') {
    const kana = ahead(plain, start, isKatakana, 10);
    return kana - start >= 2 ? kana : start;
  }
  return run.length <= 3 ? end : start;
}

/** What a label is followed by: two words at most, up to a mark. */
function valueEnd(plain: string, start: number): number {
  const test = (c: number): boolean =>
    isKanji(c) || isKatakana(c) || isHiragana(c) || isLetter(c) || c === 0x25cf || c === 0x30fb || c === 0x2e;
  const first = ahead(plain, start, test, 12);
  // A sentence is no name.
  if (first - start > 11 || /[ぁ-ん](?:る|た|す|い|ない|ます|です)$/.test(plain.slice(start, first))) return start;
  const one = trimmed(plain, start, first);
  if (one < first || plain.charCodeAt(first) !== 0x20) return one;
  const second = ahead(plain, first + 1, test, 9);
  const word = plain.slice(first + 1, second);
  return second > first + 1 &&
    word.length <= 8 &&
    isJapanese(word.charCodeAt(0)) === isJapanese(plain.charCodeAt(start)) &&
    !noValue.test(word) &&
    !roles.test(word)
    ? trimmed(plain, first + 1, second)
    : one;
}

/** Without the title at the end. */
function trimmed(plain: string, start: number, end: number): number {
  const title = /(?:先生|医師|様|さま|さん|氏|殿|看護師|薬剤師|技師|Dr\.?|Ns\.?)$/.exec(plain.slice(start, end))?.[0] ?? '';
  return end - title.length;
}

const places = /病院|クリニック|医院|診療所|医療センター|療養所|薬局|訪問看護ステーション|老人ホーム|ホスピス|保健所|保健センター|記念館/g;
const schools =
  /小学校|中学校|高等学校|高校|大学院|大学|専門学校|幼稚園|保育園|保育所|こども園|特別支援学校|製作所|工業|商事|建設|運輸|銀行|工務店/g;
const placeWords =
  /^(?:当|他|同|本|前|元|近|近隣|近く|近所|別|各|某|総合|大学|救急|専門|市民|県立|市立|国立|公立|私立|中央|地域|精神科|小児|小児科|歯科|眼科|皮膚科|整形外科|内科|外科|耳鼻科|産婦人科|産科|婦人科|泌尿器科|透析|紹介|紹介元|紹介先|転院|転院先|搬送|搬送先|入院|入院先|通院|通院中|受診|提携|連携|協力|基幹|急性期|慢性期|療養型|療養|回復期|リハビリテーション|リハビリ|がん|癌|高度|特定機能|三次|二次|一次|かかりつけ|調剤|院内|院外|門前|複数|数|新|旧|以前|昨日|本日|今回|前回|先日|同日|翌日|後日|特別養護|有料|介護|介護付|軽費|動物|現|次|今|夜間|休日|一般|民間|個人|地元|遠方|県外|市内|県内|海外|有名|同じ|市|県|区|町|村|立|附属|付属|分|先|中|後|時|より|から|退院|初診|再診|当時|昭和|小|中|高|地区|実家|自宅|両|母|父|妻|夫|患者|本人|家族|職場|学校|長男|長女|息子|娘|医療機関|訪問|在宅)+$/;
const particles = /[のはがをにでとへもや]|より|から|まで/g;

/** Institutions by their kind: 若葉クリニック, さくら病院. */
export function findInstitutions(plain: string, emit: Emit): void {
  const take = (match: RegExpExecArray, entity: Entity): void => {
    const end = match.index + match[0].length;
    const start = placeStart(plain, match.index);
    if (start === match.index || placeWords.test(plain.slice(start, match.index))) return;
    const tail = /^(?:医学部)?(?:附属|付属)(?:[一-龠ァ-ヶー]{0,6}?)病院/.exec(plain.slice(end, end + 14))?.[0] ?? '';
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
        /^(?:(?:The|At|From|To|In|General|University|Community|Local|Regional|Outside|Our|Referring|Memorial|Children'?s|District|County|State|City|Medical|Primary|Outpatient|Eye|Heart|Dental|Pain|High|Middle|Elementary|Patient|Admitted|Transferred)\s)+/,
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
  /(?<![A-Za-z])((?:[A-Z][A-Za-z'.&-]{1,24}\s){1,5})(?:Hospital|Clinic|Medical Cent(?:er|re)|Health Cent(?:er|re)|University|Elementary School|Middle School|High School|School|Pharmacy|Nursing Home|Hospice|Inc\.?|Ltd\.?|LLC|Corporation|Company)(?![A-Za-z])/g;

/** Where the name of a place begins that ends here: kanji, katakana and letters; hiragana (さくら病院) from the last particle on. */
function placeStart(plain: string, end: number): number {
  const name = (c: number): boolean => isKanji(c) || isKatakana(c) || isLetter(c) || c === 0x30fb;
  // 山手通りクリニック
  const street = /通り$/.test(plain.slice(Math.max(0, end - 2), end)) ? end - 1 : end;
  let at = back(plain, street, name, 18);
  if (at === street) return hiraganaStart(plain, end);
  // 光が原, 虹の橋.
  if (/^[がの][丘原里森杜風木宮橋台花海星空泉郷園浜岬]/.test(plain.slice(at - 1, at + 1))) at = back(plain, at - 1, name, 8);
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
  /^(?:内科|外科|小児科|眼科|皮膚科|歯科|整形外科|耳鼻咽喉科|耳鼻科|産婦人科|婦人科|産科|泌尿器科|脳神経外科|精神科|心療内科|循環器|消化器|胃腸科|リハビリテーション|中央|総合|記念|訪問看護|調剤)+$/;
const leading =
  /^(?:昨日|本日|今回|今朝|今日|今夕|前回|先日|同日|翌日|翌朝|以前|当時|現在|今後|近医|前医|他院|紹介元|紹介先|転院先|搬送先|通院先|実家近隣|自宅近隣|午前|午後|夜間|再度|一旦|以降|月末|月初|頃|後|中|前|退院後|入院中|受診後|発症後)+/;

/** In a run of hiragana a name begins behind the last particle. */
function hiraganaStart(plain: string, end: number): number {
  const at = back(plain, end, isHiragana, 10);
  const run = plain.slice(at, end);
  let begin = 0;
  for (const found of run.matchAll(particles)) begin = found.index + found[0].length;
  const name = run.slice(begin);
  return name.length >= 2 && !noPlace.test(name) ? at + begin : end;
}

const noPlace =
  /^(?:かかりつけ|いつも|ちかく|べつ|おなじ|ほか|この|その|あの|どこ|ここ|こちら|する|した|いる|いた|なった|ある|という|いう|って|っている|ている|まま|たい|ない|れた|せた|った)|[るたいくてだ]$/;

const prefectures =
  '北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都|神奈川県|新潟県|富山県|石川県|福井県|山梨県|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県|和歌山県|鳥取県|島根県|岡山県|広島県|山口県|徳島県|香川県|愛媛県|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県|鹿児島県|沖縄県';
const municipality = '[一-龠々ヶケァ-ンーぁ-ん]{1,7}?[市区町村郡]';
const addressed = new RegExp(
  `(?:${prefectures})\\s?(?:${municipality}\\s?){1,3}(?:[一-龠々ヶケァ-ンーが]{1,10}(?=\\s?[\\d一二三四五六七八九十]+\\s?(?:丁目|番|-|条|号)))?`,
  'g',
);
/** Where the numbers of an address begin. */
const house = /(?<![\d一二三四五六七八九十./-])(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s?(?:(丁目|番地)|番\d|-\d{1,3}-\d)/g;
/** Municipalities that begin in hiragana. */
const inHiragana =
  /(?:さいたま|つくば|いわき|ひたちなか|かすみがうら|みどり|さくら|あきる|つがる|むつ|にかほ|ふじみ|いすみ|かほく|あわら|みよし|いなべ|えびの|うるま|うきは|みやま|あま|たつの|まんのう|みなかみ)$/;
const label = /(?:住所|居住地|本籍|現住所|実家|自宅)\s?[:]\s?/g;
const street =
  /(?<![A-Za-z0-9])\d{1,5}\s(?:[NSEW]\.?\s)?(?:[A-Z][A-Za-z'.-]{1,20}\s){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Square)\b\.?(?:,?\s(?:Apt|Suite|Unit|#)\.?\s?[A-Za-z0-9-]{1,6})?(?:,\s[A-Z][A-Za-z .'-]{1,30})?(?:,\s[A-Z]{2}\s\d{5}(?:-\d{4})?)?/g;

/** Numbers of an address behind its name, a building and a room with them. */
const numbers =
  /^(?:\s?第?(?:\d{1,4}|[〇一二三四五六七八九十]{1,4})\s?(?:丁目|番地の?|番|号室|号棟|号|条|階|F(?![A-Za-z])|の(?=\d)|-(?=\s?\d)|線))*(?:\s?\d{1,4}(?![\d.]|\s?(?:年|月|日|歳|才|時|分|回|名|人|例|件|cm|mm|kg|%|\/)))?/;
const building =
  /^\s?[一-龠々ァ-ヶーA-Za-z]{0,14}(?:ハイツ|コーポ|マンション|アパート|メゾン|ハイム|荘|団地|ビル|タワー|レジデンス|コート|パレス|パーク[一-龠ァ-ヶー]{0,8}|サンライズ[一-龠ァ-ヶー]{0,8}|寮)[一-龠ァ-ヶーA-Za-z]{0,8}\s?\d{0,4}(?:号室?|階)?/;

/** End of an address whose place names end here. */
export function addressEnd(plain: string, end: number): number {
  const first = numbers.exec(plain.slice(end, end + 60))?.[0].length ?? 0;
  if (first === 0) return end;
  const house = building.exec(plain.slice(end + first, end + first + 60))?.[0].length ?? 0;
  return end + first + house;
}

const placeLetter = (c: number): boolean => isKanji(c) || isKatakana(c) || c === 0x304c;

export function findAddresses(plain: string, emit: Emit): void {
  if (/[県都道府市区町村丁番]/.test(plain)) {
    each(addressed, plain, match => {
      const end = match.index + match[0].length;
      emit(match.index, addressEnd(plain, end), 'address');
    });
    each(house, plain, match => {
      const run = back(plain, match.index, placeLetter, 24);
      const text = plain.slice(run, match.index);
      if (text.length < 2 || (match[1] === undefined && !/[市区町村郡]/.test(text))) return;
      const hiragana = inHiragana.exec(plain.slice(Math.max(0, run - 6), run))?.[0].length ?? 0;
      emit(run - hiragana, addressEnd(plain, match.index), 'address');
    });
  }
  each(label, plain, match => {
    const at = match.index + match[0].length;
    const end = ahead(plain, at, c => isJapanese(c) || isLetter(c) || (c >= 0x30 && c <= 0x39) || c === 0x2d, 60);
    if (end - at > 3 && !noValue.test(plain.slice(at, end).replace(/^\d+/, ''))) emit(at, end, 'address');
  });
  if (/\d\s[A-Z]/.test(plain)) each(street, plain, match => emit(match.index, match.index + match[0].length, 'address'));
}

const age =
  /(?<![\d.])(\d{2,3})\s?(?:歳|才|y\/?o\b|yo\b|[- ]?years?[- ]old|-year-old)|(?:年齢|享年|age[d:]?|aged)\s?[:は]?\s?(\d{2,3})(?!\d|\.\d|\s?(?:mg|%))|([九百][一二三四五六七八九十]{1,3})\s?歳/gi;

/** Ages of people whom there are few of. @param from years */
export function findAges(plain: string, from: number, emit: Emit): void {
  each(age, plain, match => {
    const digits = match[1] ?? match[2];
    const years = digits === undefined ? 100 : Number(digits);
    if (digits === undefined ? !/^(?:九十|百)/.test(match[3]!) : years < from || years > 130) return;
    const text = digits ?? match[3]!;
    const start = match.index + match[0].indexOf(text);
    emit(start, start + text.length, 'age');
  });
}

function each(expression: RegExp, plain: string, found: (match: RegExpExecArray) => void): void {
  expression.lastIndex = 0;
  for (let match = expression.exec(plain); match !== null; match = expression.exec(plain)) {
    found(match);
    if (match[0] === '') expression.lastIndex++;
  }
}
