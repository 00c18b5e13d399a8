/**
 * Whether a form of the dictionary is meant where it stands: words have boundaries in Latin letters and in kana, numbers in digits; a surname is part of a place (千葉県)
 * or of a disease (橋本病); what says little alone needs a title, a label or brackets beside it.
 * @module
 */
import type { Entity } from './entity.ts';
import type { Sureness, Told } from './form.ts';
import { ahead, back, isCapital, isDigit, isHiragana, isKanji, isKatakana, isLetter, isSpace } from './letters.ts';
import { noNames } from './role.ts';

/** Titles behind a name, and what only people do. */
const titleAfter =
  /^\s?(?:様(?!体|子|式|相|々|変|症|便)|さま|さん|サン|ちゃん|くん|君(?!主)|氏(?!名|族)|殿(?!部|筋)|先生|医師|Dr|DR|ドクター|看護師|Ns|NS|ナース|Ph(?![A-Za-z])|\((?:Ns|Dr|Ph)\)|印(?![象字刷])|回診|薬剤師|技師|助産師|保健師|理学療法士|作業療法士|言語聴覚士|師長|主任|部長|院長|教授|准教授|講師|医長|科長|研修医|M\.?D\b|,\s?M\.?D\b|(?:が|は|に|へ|より|から|と)?(?:記載|記(?=$|[\s、。)])|執刀|コンサル|相談|報告|依頼|診察|説明|指示|確認|対応|施行|担当|代行|サイン|上申|申し送|引き?継|情報|電話|連絡|紹介|返信|返書|オーダー|代筆|call|コール|拝(?!啓|見|読|聴)))/;
const titleBefore =
  /(?:(?:医|日勤|準夜|深夜|夜勤|当直|日直|宿直|リーダー|執刀医|執刀|術者|助手|麻酔医?|文責|受け?持ち?|[実出参][施席加]者|ドクター|ナース|Op|DR|記載者?|記録者?|報告者?|紹介医|読影医?|診断医|確認者?|指示医|署名|サイン|担当|医師|看護師|薬剤師|技師|氏名|患者名|名前|キーパーソン|科|長男|長女|次男|次女|夫|妻|父|母|兄|弟|姉|妹|Dr|Ns)\s?[:/は]?\s?|(?<![A-Za-z])(?:Drs?|Mr|Mrs|Ms|Miss|Prof|[Nn]urse|[Dd]octor)\.?\s)$/;
/** Consult: Long, /s/ E. Rose, Per Rose, …: not before a word, which says that Long is one too. */
const englishBefore =
  /(?<![A-Za-z])(?:(?:cc|consult(?:ant|ed|ing|s)?|referring|referred(?: by)?|attending|resident|fellow|surgeon|assistant|provider|signed|witness|scribe|CM|RN|SW|PCP|PT|OT|Op)\s?:\s?|per\s)$|\/s\/ ?(?:[A-Z]\. ?)?$/i;
const word = /^ [a-z]/;
const honorific = /^(?:san|sama|sensei|kun|chan)(?![a-z])/i;
/** 患者森: of the patient, behind whom staff are called too seldom. */
const patientBefore = /患者(?:さん|様)?\s?[:/]?\s?$/;
const inBrackets = /[([「/]\s?$/;
/** A surname of one kanji that stands by itself: 林より, 病状は森から. 森の中 does not name anybody. */
const alone = /(?:^|[^\u3400-\u9fff々\u30a1-\u30fa\u30fcA-Za-z0-9])$/;
const says = /^(?:より|から|が|は|に|へ|と|も|で|・|、|。|両|→|\n|\r|$|\([\u3041-\u30ff\u3400-\u9fff]{1,8}\))/;
const directions = '東西南北上中下前後左右今一二三';
const closes = /^\s?(?:[)\]」]|$)|^[\r\n]/;
/** Behind a surname: it is that of a place, a maker or a method. */
const placeAfter =
  /^(?:県|市|区|町|村|駅|医療圏|郡|地方|空港|城|海岸|半島|公園|大橋|街道|神社|海水浴|製薬|薬品|薬業|化工|化成|化学|産業|食品|銀行|生命|証券|式|分類|スケール|スコア|培地|鉗子)/;

/** What carries a name and is nobody: each as surname and what follows. */
const eponyms =
  /^(?:橋本(?:病|脳症|甲状腺)|川崎病|原田(?:病|氏病)|木村(?:病|氏病)|菊池病|菊地病|高安(?:病|動脈炎|氏)|長谷川式|田中ビネー|鈴木ビネー|内田クレペリン|森田療法|石原式|石原(?:色覚|表)|伊藤母斑|太田母斑|平山病|福山型|三好型|瀬川病|大田原症候群|遠城寺式|津守式|柳原法|中條|西村(?:症候群|法)|岡崎法|柴田法|小松菜|清水(?:を飲|で(?:洗|うがい|含嗽))|藤田スケール|石川(?:式|病)|加藤(?:法|式)|斎藤法|山本法|渡辺法|小野寺(?:法|指数|式)|小野寺の|上田(?:法|の12段階)|沢田(?:法|式)|今野法|武田病|久保田法|田原結節|村上病|井上法|井上バルーン|藤原法|本田法|岩田法|工藤法|田中式|三宅式|金子法|山下式|小川(?:培地|法)|浅野法|松本法|中山(?:式|法)|中野法|大島(?:分類|の分類)|桑原法)/;
/** The same of staff, whose names are many: a disease of any name. 田中病棟医長 is none. */
const eponymous = /^(?:病(?![棟院室状歴理名床変前後児者欠])|症候群|反応|徴候|菌|型|吸虫)/;
const numberCue = /(?:番号|記号|枝番号?|ID|No\.?|コード)[\s:=は・/]*$/i;
const particle = /^[はがのをにもとへや、]/;

/** @param start first unit of the plain text that the form covers; `end` the one behind it */
export function isMeant({ sureness, script, entity }: Told, plain: string, start: number, end: number): boolean {
  const before = plain.charCodeAt(start - 1);
  const behind = plain.charCodeAt(end);
  switch (script) {
    case 'number': {
      const [first, last] = [plain.charCodeAt(start), plain.charCodeAt(end - 1)];
      if (isDigit(first) ? isDigit(before) : isLetter(before)) return false;
      if (isDigit(last) ? isDigit(behind) : isLetter(behind)) return false;
      // 12.345 is no number 12345, nor is 0.12345.
      if (before === 0x2e && isDigit(plain.charCodeAt(start - 2))) return false;
      if (/^\d+\.\d+$/.test(plain.slice(start, end)) || (behind === 0x2e && isDigit(plain.charCodeAt(end + 1)))) return false;
      return sureness !== 'cued' || numberCue.test(plain.slice(Math.max(0, start - 12), start));
    }
    case 'latin':
      // Yamadasan
      if (
        isLetter(before) ||
        (isLetter(behind) && (entity === 'institution' || end - start < 4 || !honorific.test(plain.slice(end, end + 7))))
      )
        return false;
      if (sureness === 'called') return honoured(plain, end);
      if (sureness === 'whole') return true;
      // Mi Ki is no Miki; van der Berg and Smith-Jones are one.
      if (/\s/.test(plain.slice(start, end)) && end - start < 8 && entity !== 'institution') return false;
      return sureness === 'part' || (sureness === 'capital' && isCapitalized(plain, start, end)) || cuedInLatin(plain, start, end);
    case 'kana':
      if (sureness === 'called') return !isKatakana(before) && followsParticle(plain, start) && dear(plain, end);
      if (sureness === 'whole' && end - start >= 4) return true;
      if (sureness === 'cued')
        return (
          (isBounded(plain, start, end, before, behind) && (labelled(plain, start) || isAll(plain, start, end))) ||
          (honoured(plain, end) && !isKatakana(before) && followsParticle(plain, start))
        );
      return (
        isBounded(plain, start, end, before, behind) ||
        honoured(plain, end) ||
        (!isKatakana(before) && spoken.test(plain.slice(end, end + 5)))
      );
    default:
      if (entity === 'address' && sureness !== 'whole') return isTown(plain, start, end);
      if (sureness === 'called')
        return !isKanji(before) && !noNames.has(plain.slice(start, end)) && plain[end] !== '様' && dear(plain, end);
      return sureness === 'whole' || isMeantInKanji(sureness, entity, plain, start, end);
  }
}

function isMeantInKanji(sureness: Sureness, entity: Entity, plain: string, start: number, end: number): boolean {
  const text = plain.slice(start, end);
  const staff = entity === 'staff';
  if (isDecoy(plain, start, end) || (staff && eponymous.test(plain.slice(end, end + 4)))) return false;
  // 奥様, 神様.
  if (staff && noNames.has(text) && /^(?:様|さま|さん)/.test(plain.slice(end, end + 2))) return false;
  // 子宮内, 子宮下垂; a surname that falls together over a space or a comma.
  const split = /[\s,.・'=-]/.test(text);
  // 慎太 郎: three kanji and more do not fall together by chance.
  const broken =
    (text.startsWith('宮') && plain[start - 1] === '子') || (split && (staff || text.replace(/[^\u3400-\u9fff々]/g, '').length < 3));
  if (sureness === 'part' && (!broken || (!staff && standsApart(plain, start, end)))) return true;
  if (end - start > 1) return cued(plain, start, end);
  const isPatient = !staff && patientBefore.test(plain.slice(Math.max(0, start - 8), start));
  // A single kanji inside a word: 相談室に連絡, 心不全様.
  const inside = !isPatient && isKanji(plain.charCodeAt(start - 1)) && !titleBefore.test(plain.slice(Math.max(0, start - 12), start));
  return (
    !inside && (isPatient || cued(plain, start, end)) && !(isKanji(plain.charCodeAt(end)) && !titleAfter.test(plain.slice(end, end + 8)))
  );
}

/** 山 田 in a text whose letters do not stand apart: no word of its own around it. */
const standsApart = (plain: string, start: number, end: number): boolean =>
  /^[\u3400-\u9fff] [\u3400-\u9fff]$/.test(plain.slice(start, end)) &&
  !/[\u3400-\u9fff] ?$/.test(plain.slice(Math.max(0, start - 2), start)) &&
  !/^ ?[\u3400-\u9fff]/.test(plain.slice(end, end + 2));

/** All that a line says: a cell of a table, a display. Lines are what blocks of formatted text become, and each is as if it stood alone. */
function isAll(plain: string, start: number, end: number): boolean {
  const from = back(plain, start, isBlank, 8);
  const to = ahead(plain, end, isBlank, 8);
  return (from === 0 || isBreak(plain.charCodeAt(from - 1))) && (to === plain.length || isBreak(plain.charCodeAt(to)));
}
const isBreak = (c: number): boolean => c >= 0x0a && c <= 0x0d;
const isBlank = (c: number): boolean => isSpace(c) && !isBreak(c);

/** A short name of a town: behind a municipality, before a number, or where somebody lives. */
const isTown = (plain: string, start: number, end: number): boolean =>
  /[都道府県市区町村郡]$/.test(plain.slice(Math.max(0, start - 1), start)) ||
  /^ ?(?:\d{1,3}|[一二三四五六七八九十]{1,3}) ?(?:丁目|番|-|の|条|号)|^(?:在住|在宅|出身|生まれ|の(?:自宅|実家|家)|に(?:住|在住|居住|転居)|から(?:来|通)|近郊|方面)/.test(
    plain.slice(end, end + 8),
  );

const labelled = (plain: string, start: number): boolean =>
  /[:/]\s?$/.test(plain.slice(Math.max(0, start - 2), start)) && titleBefore.test(plain.slice(Math.max(0, start - 12), start));

function cued(plain: string, start: number, end: number): boolean {
  if (isAll(plain, start, end)) return true;
  const behind = plain.slice(end, end + 10);
  if (titleAfter.test(behind)) return true;
  const before = plain.slice(Math.max(0, start - 12), start);
  if (
    end - start === 1 &&
    !directions.includes(plain[start]!) &&
    isKanji(plain.charCodeAt(start)) &&
    alone.test(before) &&
    says.test(behind)
  )
    return true;
  return titleBefore.test(before) || (inBrackets.test(before) && closes.test(behind));
}

/** Dr. will review */
const verbs = /^(?:will|may)$/;

function cuedInLatin(plain: string, start: number, end: number): boolean {
  if (verbs.test(plain.slice(start, end))) return false;
  return (
    cued(plain, start, end) ||
    (isCapital(plain.charCodeAt(start)) &&
      !word.test(plain.slice(end, end + 2)) &&
      englishBefore.test(plain.slice(Math.max(0, start - 16), start)))
  );
}

/** ITO is an abbreviation too; Ito is none. */
const isCapitalized = (plain: string, start: number, end: number): boolean =>
  isCapital(plain.charCodeAt(start)) && (end - start > 3 || !isCapital(plain.charCodeAt(start + 1)));

/** In hiragana a name begins behind something else, or behind a particle. */
const followsParticle = (plain: string, start: number): boolean =>
  !isHiragana(plain.charCodeAt(start)) ||
  !isHiragana(plain.charCodeAt(start - 1)) ||
  /[はがをにのともで]$/.test(plain.slice(Math.max(0, start - 1), start));

const dear = (plain: string, end: number): boolean =>
  /^ ?(?:さん|サン|さま|様|ちゃん|チャン|くん|クン|君|氏(?!名)|坊|っち|じい|ばあ)/.test(plain.slice(end, end + 4));
const honoured = (plain: string, end: number): boolean =>
  /^\s?(?:様|さま|さん|ちゃん|くん|君|氏(?!名)|殿(?!部)|先生|医師|看護師|薬剤師|ナース|Dr|Ns|(?:じい|ばあ)(?:ち|さ))/.test(
    plain.slice(end, end + 4),
  );
/** ﾀﾅｶｻﾝ, in what is written in 片仮名 all through. */
const spoken = /^\s?(?:サン|サマ|チャン|クン|センセイ)(?![ァ-ヺー])/;

/** The surname is part of a place, a method or a disease. */
export const isDecoy = (plain: string, start: number, end: number): boolean => {
  const text = plain.slice(start, end + 12);
  return placeAfter.test(text.slice(end - start)) || eponyms.test(text);
};

/** カトウ inside of カトウキン is no name; in hiragana a particle may follow. */
function isBounded(plain: string, start: number, end: number, before: number, behind: number): boolean {
  const first = plain.charCodeAt(start);
  if (isKatakana(first)) return !isKatakana(before) && !isKatakana(behind);
  if (!isHiragana(first)) return true;
  return end - start >= 4 || (!isHiragana(before) && (!isHiragana(behind) || particle.test(plain.slice(end))));
}
