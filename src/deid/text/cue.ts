/**
 * Names that no record knows, by the words beside them: 先生 医師 様 さん 氏 殿 Dr. before or behind a person, labels with a colon.
 * Most words before 様 and さん are no names (患者様, 水様, 皆さん): a name must look like one. Each look to either side is bounded.
 * @module
 */

import { isDecoy } from './context.ts';
import { each } from './each.ts';
import type { Emit } from './entity.ts';
import { ahead, back, isCapital, isHiragana, isJapanese, isKanji, isKatakana, isLetter, isSpace } from './letters.ts';
import { endsWithNoName, noNames, noValue, roles, withoutRoles } from './role.ts';
import { surnameAt, surnameBefore, surnameLike } from './surnames.ts';

/** Honorific and title words behind a name. `sure`: only people have it. */
const behind =
  /先生|医師|Dr\.?|Ns(?![A-Za-z])\.?|ドクター|看護師|看護婦|薬剤師|助産師|保健師|技師|理学療法士|作業療法士|言語聴覚士|師長|院長|教授|医長|ケアマネ(?:ージャー|ジャー)?|様|さま|さん|ちゃん|くん|君|氏|殿/g;
const sureTitle = /^(?:先生|医師|Dr|ドクター|看護|薬剤師|助産師|保健師|技師|理学|作業|言語|師長|院長|教授|医長)/;
const notBehind: Readonly<Record<string, RegExp>> = {
  氏: /^氏(?:名|族|神|家)/,
  殿: /^殿(?:部|筋|裂|溝|方|堂)/,
  様: /^様(?:子|相|式|々|変|に見|の陰|の所|の症|の痛|の便|の発)/,
  医師: /^医師(?:会|国家|免許|法|事務|不足)/,
  先生: /^先生(?:方$)/,
  君: /^君(?:主|臨)/,
};

/** How much a title says of what stands before it. `sure`: a person (先生); `likely`: a person, or a word for one (さん); `doubtful`: seldom one (様). */
type Title = 'sure' | 'likely' | 'doubtful';

/** Behind 様: what a person does or is told; a likeness (粘液様の痰) is followed by a thing. */
const personal =
  /^(?:は|より|から|へ|宛|ご|本人|[^ぁ-ん]?同席|が(?:来|入|転|退|ご|受)|に(?:説明|連絡|電話|報告|同席|お|ご)|の(?:ご|お|件|容|家族|長|次|妻|夫)|と(?:面|ご|お)|\s*$|\s*[\n()。])/;
/** What likenesses end with, and words for people. */
const likeness = /[状性症炎感色質液便疹腫瘤痛変型形肉膜皮骨粒癬斑苔塞血全害患病沫渣汁攣泥]$/;
/** Kanji that end words of medicine and no family's name. */
const noFamily =
  /(?:[状性症炎感質液便疹腫瘤痛変肉膜皮粒癬斑塞血害患病渣汁攣癌熱圧吐倒止食浴妄薬剤尿術査検療診察死眠痢強続発温訴]|低下|上昇|増加|減少|[潤陰]影|検出|出現|改善|悪化|発見|開始|終了|[入退転通][院室棟]|[帰訪]室)$/;
const wordsForPeople = /[者員師士婦長屋生科部医官人客族]$/;

const titleOf = (plain: string, at: number, word: string): Title =>
  sureTitle.test(word)
    ? 'sure'
    : word.startsWith('Ns')
      ? 'doubtful'
      : word !== '様' || personal.test(plain.slice(at + 1, at + 7))
        ? 'likely'
        : 'doubtful';

interface Reach {
  readonly start: number;
  readonly end: number;
}

function kanjiBefore(plain: string, stop: number, title: Title): Reach | undefined {
  const from = back(plain, stop, one => isKanji(one) || one === 0x25cf, 12);
  const start = withoutRoles(plain, from, stop);
  const run = plain.slice(start, stop);
  if (run === '' || noNames.has(run) || endsWithNoName(run)) return undefined;
  const end = stop;
  // 山田 太郎 様: a surname before the space.
  if (start === from && start > 1 && isSpace(plain.charCodeAt(start - 1))) {
    const before = back(plain, start - 1, isKanji, 8);
    const family = withoutRoles(plain, before, start - 1);
    const text = plain.slice(family, start - 1);
    // 心停止 佐々木医師, 意識障害 森医師: a word that no family is called.
    const isSeparate = noFamily.test(text);
    const at = isSeparate ? undefined : surnameBefore(text, text.length);
    if (at !== undefined && run.length <= 4) return { start: family + (text.length > 4 ? at : 0), end };
    if (
      !isSeparate &&
      text.length >= 1 &&
      text.length <= 4 &&
      run.length <= 3 &&
      !noNames.has(text) &&
      (title !== 'doubtful' || givenLike(run))
    )
      return { start: family, end };
  }
  const surname = surnameAt(run);
  if (surname !== undefined && run.length - surname.length <= 3) return { start, end };
  const last = surnameBefore(run, run.length);
  // 当院整形佐久間先生; 上和田先生.
  if (last !== undefined && run.length - last >= 2) return { start: run.length <= 4 && title === 'sure' ? start : start + last, end };
  const most = title === 'sure' ? 6 : 5;
  // コーヒー残渣様
  if (title !== 'sure' && start > 0 && isKatakana(plain.charCodeAt(start - 1))) return undefined;
  if (
    title !== 'doubtful' &&
    run.length >= 2 &&
    run.length <= most &&
    (title === 'sure' || !(likeness.test(run) || wordsForPeople.test(run)))
  )
    return { start, end };
  return surnameLike(run) ? { start, end } : undefined;
}

/** The span of a person's name that ends before `end`, where the title begins; or undefined. タール様 is no name, タールさん may be. */
function nameBefore(plain: string, end: number, title: Title): Reach | undefined {
  let stop = end;
  while (stop > 0 && end - stop < 2 && isSpace(plain.charCodeAt(stop - 1))) stop--;
  const c = plain.charCodeAt(stop - 1);
  if (isKanji(c) || c === 0x25cf) return kanjiBefore(plain, stop, title);
  if (isKatakana(c)) {
    const start = back(plain, stop, isKatakana, 14);
    const run = plain.slice(start, stop);
    return title !== 'doubtful' &&
      run.length >= 2 &&
      run.length <= 10 &&
      !noNames.has(run) &&
      !/(?:ー|マン|スタッフ|チーム|メンバー|ワーカー|マネ)$/.test(run)
      ? { start, end: stop }
      : undefined;
  }
  if (isHiragana(c)) return petName(plain, stop, end);
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

/** さくらちゃん; おばあちゃん and たくさん are none. */
function petName(plain: string, stop: number, end: number): Reach | undefined {
  if (!/^(?:ちゃん|くん)/.test(plain.slice(end, end + 3))) return undefined;
  const name = /(?:^|[^ぁ-ん]|[はがをにのともで])([ぁ-ん]{2,4})$/.exec(plain.slice(Math.max(0, stop - 6), stop))?.[1];
  return name === undefined ||
    /^(?:お?(?:ばあ?|じい?|かあ?|とう?|にい?|ねえ?|よめ|じょう)|あか|ぼっ|ぼう|みな|わん|にゃん|おく|どくん?|き|ち)$/.test(name)
    ? undefined
    : { start: stop - name.length, end: stop };
}

const givenLike = (text: string): boolean => /[子美江代恵香奈菜郎男夫雄一二三介輔也樹哉人斗太司志之彦治希花織里紀枝]$/.test(text);

const labels =
  /(?:主治医|担当医|執刀医|執刀|術者|第[一二]助手|助手|麻酔医|麻酔科医?|麻酔|記載者|記載|記録者|報告者|紹介医|読影医|読影|診断医|指導医|確認者|承認者|署名|サイン|説明者|同席者|指示医|指示者|担当者|担当看護師|受け持ち(?:看護師)?|プライマリー(?:Ns)?|看護師|薬剤師|検査技師|技師|担当薬剤師|キーパーソン|保護者|緊急連絡先|連絡先|続柄|氏名|患者名|患者氏名|お名前|フリガナ|ふりがな|カナ氏名|旧姓)\s?[:/|]\s?/g;
const personLabels = /^(?:キーパーソン|保護者|緊急|連絡先|続柄|氏名|患者|お名前|フリガナ|ふりがな|カナ|旧姓)/;
const doctor =
  /(?<![A-Za-z])(?:Drs?|Prof|Mrs?|Ms|Miss|Doctor|Professor|Nurse|RN|LPN|CNA|NP|ARNP)(?:\.\s?|\s)(?=[A-Z\u3041-\u30ff\u4e00-\u9fff])/g;
const noDoctor =
  /^(?:報告|指示|上申|連絡|確認|診察|説明|回診|到着|来棟|コール|対応|処方|依頼|相談|不在|来室|訪室|許可|サイン|オーダー|カー|ヘリ|へ|に|が|は|と|より|から|の|も|を|コ)/;
const englishName =
  /^(?:[A-Z]\. ?){0,2}[A-Z][A-Za-z'’-]{1,24}(?:\s(?:[A-Z]\.\s?)?(?:de |van |von |der |la |di |da |bin |al-)?[A-Z][A-Za-z'’-]{1,24}){0,2}/;
const credentials =
  /(?<![A-Za-z])(?<![A-Z]\.)((?:[A-Z][a-z'-]{1,24}, )?(?:[A-Z]\. ?){0,2}[A-Z][A-Za-z'-]{1,24}(?:\s[A-Z]\.?)?(?:\s[A-Z][A-Za-z'-]{1,24}){0,2}),?\s(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|N\.?P\.?|P\.?A\.?-?C?|MBBS|FRCS|FACC)(?![A-Za-z])/g;
const englishLabels =
  /(?<![A-Za-z])(?:patient(?: name)?|name|attending|surgeon|assistant|anesthesiologist|anaesthetist|physician|provider|nurse|signed(?: by)?|seen by|dictated by|reviewed by|reported by|referred by|requested by|author|contact|next of kin|pcp|cc|performed by|discussed with|spoke with|accompanied by)\s?[:]\s?|(?<![A-Za-z])(?:signed|seen|dictated|reviewed|reported|referred|requested|examined|performed|assessed)\sby\s(?=[A-Z])/gi;
const englishNone =
  /^(?:The|This|He|She|Patient|Patients|Unknown|None|No|Not|Yes|N\/A|See|Same|Self|Mother|Father|Wife|Husband|Daughter|Son|Sister|Brother|Family|Dr|Mr|Mrs|Ms|Doctor|Nurse|Cardiology|Surgery|Medicine|Neurology|Oncology|Radiology|Pediatrics|Psychiatry|Emergency|General|Internal|Department|Hospital|Clinic|Physical|Social|Home|Alert|Stable|Normal|Assessment|Notes?|Staff|Manager|Case|Care|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|June|July|August|September|October|November|December|Has|Had|Is|Was|Will|Denies|Reports|States|At|In|On|With|And|Works|Lives)\b/;

const maidenName =
  /旧姓(?:は|が)?\s?([一-龠々ヶ]{1,4}?)(?=[\s、。)」』]|で|と|に|$)|(?<![A-Za-z])(?:n[eé]e|maiden name:?|formerly(?: known as)?|a\.?k\.?a\.?:?)\s([A-Z][A-Za-z'-]{1,24}(?:\s[A-Z][A-Za-z'-]{1,24})?)/g;
/** 主治医 佐々木, 看護師田中が: before a surname of the list. */
const beforeSurname =
  /(?:主治医|担当|医師?|[看薬技助保]護?[剤産健]?師|栄養士|相談員|ナース|ヘルパー|執刀|術者|助手|麻酔|記載者?|署名|サイン|リーダー|日勤|準夜|深夜|夜勤|当直|[科部]|事業所|(?<![A-Za-z])(?:Ns|PT|OT|ST|MSW|CM)\.?)[)\] :]?(?=[一-龠])/g;
/** daughter Anna Kowalski */
const englishRelative =
  /(?<=(?<![A-Za-z])(?:[Ww]ife|[Hh]usband|[Ss]on|[Dd]aughter|[Ss]ister|[Bb]rother|[Mm]other|[Ff]ather|[Mm]om|[Dd]ad|[Nn]iece|[Nn]ephew|[Ff]riend|[Nn]eighbou?r|[Cc]aregiver|[Pp]artner|[Ss]pouse|[Aa]unt|[Uu]ncle|[Cc]ousin|[Gg]rand(?:son|daughter|mother|father)|[Ff]ianc[eé]e?|[Gg]irlfriend|[Bb]oyfriend)(?:-in-law)?,? (?:named )?)[A-Z][a-z'-]{1,24}(?: [A-Z][a-z'-]{1,24})?/g;
/** 弟(次郎), 長女(美咲) */
const inBrackets =
  /(?:[長次三四五]男|[長次三四五]女|息子|娘|兄|弟|姉|妹|夫|妻|父|母|孫|嫁|叔[父母]|伯[父母]|祖[父母]|いとこ|甥|姪)[(「]([一-龠々]{2,5})[)」]/g;

/** Names by titles and labels. */
export function findNames(plain: string, emit: Emit): void {
  each(behind, plain, match => {
    const word = match[0];
    const at = match.index;
    if (notBehind[word]?.test(plain.slice(at, at + 4))) return;
    const title = titleOf(plain, at, word);
    const span = nameBefore(plain, at, title);
    if (span !== undefined) emit(span.start, span.end, title === 'sure' || word.startsWith('Ns') ? 'staff' : 'name');
  });
  each(labels, plain, match => {
    const at = match.index + match[0].length;
    const rest = plain.slice(at, at + 24);
    if (noValue.test(rest)) return;
    const end = valueEnd(plain, at);
    if (end > at) emit(at, end, personLabels.test(match[0]) ? 'relative' : 'staff');
  });
  if (plain.includes('旧姓') || /[A-Z]/.test(plain))
    each(maidenName, plain, ({ 0: text, 1: japanese, 2: english, index }) => {
      const at = index + text.lastIndexOf((japanese ?? english)!);
      emit(at, index + text.length, 'name');
    });
  each(beforeSurname, plain, match => {
    const at = match.index + match[0].length;
    const end = ahead(plain, at, isKanji, 8);
    const surname = surnameAt(plain.slice(at, end));
    const given = surname === undefined ? '' : plain.slice(at + surname.length, end);
    if (isDecoy(plain, at, at + (surname ?? '').length)) return;
    if (surname !== undefined && surname.length > 1 && (given === '' || (given.length <= 3 && givenLike(given)))) {
      emit(at, end, 'staff');
      others(plain, end, emit);
    }
  });
  if (/[(「]/.test(plain))
    each(inBrackets, plain, ({ 0: text, 1: name, index }) => {
      if (
        !noNames.has(name!) &&
        !noValue.test(name!) &&
        (surnameAt(name!) !== undefined || (name!.length <= 3 && givenLike(name!) && !/[人介者]$/.test(name!)))
      )
        emit(index + text.length - 1 - name!.length, index + text.length - 1, 'relative');
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
  each(englishRelative, plain, ({ 0: name, index }) => {
    if (!englishNone.test(name)) emit(index, index + name.length, 'relative');
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

/** 高橋、伊藤: surnames in a row. */
function others(plain: string, end: number, emit: Emit): void {
  for (let at = end; /[、,・/→]/.test(plain[at] ?? ''); ) {
    const start = at + (plain[at + 1] === ' ' ? 2 : 1);
    at = ahead(plain, start, isKanji, 8);
    const run = plain.slice(start, at);
    if (run.length < 2 || surnameAt(run) !== run || isDecoy(plain, start, at)) return;
    emit(start, at, 'staff');
  }
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
