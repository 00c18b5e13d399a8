/**
 * Days of a month whose month stands elsewhere, if anywhere: 3/5入院、7日手術; 12(火); 12火; on the 5th. They are days of the month or so many days.
 * What is surely so many days stays, what is surely a day moves, and what may be both goes: one true day beside those that moved tells by how much.
 * @module
 */
import { after, before, forDays, type Pattern, rowSign, toDay, week } from './date-pattern.ts';

/** So many days, by what stands directly behind; but for the words that begin like it: 7日間質性肺炎, 7日前医受診, 6日分娩. */
const countedBehind = new RegExp(
  `^ ?(?:${[
    forDays,
    '後(?!頭|縦|腹膜|遺|方(?!針|法)|壁|期(?![待限])|発[医品白ジ薬]|輩|医(?![師療院])|鼻(?![汁血炎])|負荷|下壁|下小脳|側|天|[弯湾]|交|続|療法|出血|産|大脳|囊|嚢|陣|見人)',
    '前(?!半|医(?![師療院])|立腺|胸|壁|腕|額|頭(?!痛)|投薬|処置|[回日月週年夜述記屈歯庭房期縦駆値置方]|眼部|治療|下行|脛|十字|交|主治|担当|施設|負荷)',
    '目(?![眩標視薬的脂]|や[にニ]|ヤニ)',
    '分(?![娩割離枝泌析類化葉節裂岐院担布])',
    '毎(?![朝晩夕食日週月回年時])',
    '連続(?!血糖|モニ|心電|皮下)',
    '経過(?:[しす後時]|$|[。、)])',
    '程(?![調変確])',
    '熱(?!発)|麻疹|はしか|坊主|持続|欠食|未排便|排便なし|位(?!置)|余|弱|強(?![化制調])|超(?!音波)',
    'ごと|おき|以[上内下]|くらい|ぐらい|ほど|ぶり|がかり|未満|齢|を要|かけて|かかっ|続[いくけ]|コース|/\\d?[週月回日]|[にで] ?[1一] ?[回度]|に数回',
  ].join('|')})`,
);
/** And by what stands directly before; but for 予約, 心不全 and 今週. */
const countedAhead =
  /(?:[術日\d]後|生後|産後|(?<![予契])約|(?<![会時温設圧重数])計|(?<!次)第|病日|日齢|(?:日数|期間)[はが:]?|最[大低長短]|(?<![安完不])全|各|毎|生存|在院|連続|過去|わずか|ここ|たった|残り|ほぼ|平均|[\d一二三四五六七八九十数] ?週間?と?|(?:^|[^今先々来翌前次同第\d])週|(?:[かヶヵカケ]|\d箇)月と?|(?<![\d一二三四五六七八九十先今来同当翌毎])月に?|POD|(?<![A-Za-z])day) ?$/i;
/** Of what there may be so many days and what may be done on a day, before and behind: both are told. */
const eitherAhead = /(?:発症|入院|開始|手術|投与|内服|処方|絶食|安静|休薬|治療|病|入室|今後)$/;
const eitherBehind =
  /^ ?(?:量|処方(?!変更)|投与(?!開始)|常(?!食)|数(?!値)|内服(?!開始)|点滴|服用|継続|絶食|安静|休|様子|待|なし|で(?!す)|に?(?:短縮|延長|減|増)|の(?:入院|経過|予定|治療|投与|内服|点滴|絶食|安静|コース)|[×x*]|に? ?[一二三四五六]回)/;
/** 7日後頭部痛, 7日経過良好, 7日2錠, whatever stands before and near. */
const open = /^ ?(?:[間後前目分毎]|経過|に?\s?\d)/;
/** Behind a count of what was given (抗菌薬5日投与) or was not (排便3日なし). */
const courseBehind = /^(?:量|処方(?!変更)|投与(?!開始)|内服(?!開始)|分|なし)/;
/** A course has a name directly before it. */
const byItself = /(?:^|[、。,\s(~-])$/;
/** Of 発症3日 what follows; 手術7日 is a day as often. */
const ends = /^ ?(?:$|[、。)\n])/;
/** What is of one day: 1日3回, 1日の尿量 */
const ofOneDay =
  /^ ?(?:の(?!手術|入院|退院|受診|採血|検査|外来|診察|CT|MRI)|水(?!曜)|[量尿摂総最平塩飲も必カ]|目標|リハ|合計|推定|食塩|蛋白|中(?![止断心枢])|あた|当た|に?\s?(?:\d|[一二三四五六数]回)|タバコ|喫煙)/;
const hour = /^\s?\d{1,2}(?:時(?!間)|:)/;
/** A day and no number of days, though no month is near. */
const timely =
  /^\s?(?:に(?!\s?\d*[回度])|の|より|から|まで|以降|夜|朝|昼|夕|晩|深夜|未明|早朝|午前|午後|正午|\d{1,2}(?:時(?!間)|:)|予定|予約|受診|入院|退院|手術|施行|再診|来院|発症|転院|頃|ころ|ごろ|付|~|-|\()/;
/** 来週19日, 同7日, 金曜19日, 退院19日 */
const relative =
  /(?:(?:退院|転院|転棟|受診|再診|来院|外来|[次前]回|前医|予約|予定|検査)日?|採血|抜糸|永眠|死亡|計画|手術日|施行日|曜日?|[今先々来翌前次同]週末?の?|同|翌|前日|[先今来同当翌]月の?|(?:入院|退院|転院|手術|透析|面会|発症|診察|採血|訪問|検査|予約|受診|処置|開始|終了|施行|実施|来院|外泊|外出|抜糸|撮影)日[:は]?) ?$/;
/** A day that is told, within reach. */
const reach = 100;
const told =
  /月|\/ ?\d|\d ?[-.・] ?\d{1,2} ?[-.・] ?\d|\d{8}|\d日(?:[にのま]|より|から|入院|退院|手術|受診|発症)|\d ?[(（[]?[月火水木金土日][)）\]]|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/;
const isTold = (plain: string, start: number): boolean => told.test(before(plain, start, reach));

/** A date anywhere in the text, looked for once. */
const dated =
  /\d月\s?\d|(?<![\d/])\d{1,2}\/\d{1,2}(?![\d/])|\d{4}[-/.年]\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d/;
let last: readonly [text: string, isDated: boolean] = ['', false];
function isDated(plain: string): boolean {
  if (last[0] !== plain) last = [plain, dated.test(plain)];
  return last[1];
}

const kanji = '[一二三四五六七八九十]{1,3}';
/** Of 9-11日 and 3日~5日 what follows the first. */
const rowBehind = new RegExp(`^(?:(?:日(?=\\s?(?:[~-]|[、,・]\\s?\\d{1,2}\\s?日))|(?!日))${rowSign}\\d{1,2}){1,8}\\s?日`);
const listBehind = /^\s?[、,・]\s?\d{1,2}\s?日/;
/** And what stands before the last. */
const rowAhead = new RegExp(`(?:(?<!\\d|\\d[./])\\d{1,2}日?${rowSign}){1,8}$`);

/** 7日, of which no month is told beside it. */
function isDay(plain: string, start: number, end: number, [, day, mark, , weekday]: readonly string[]): boolean | 'unsure' {
  const row = rowBehind.exec(plain.slice(mark === '' ? end : end - 1, end + 60));
  if (mark === '' && row === null) return false;
  const behind = row === null ? after(plain, end) : after(plain, (mark === '' ? end : end - 1) + row[0].length);
  // CRP 3、7日に, 9、7日に: no row; 白血球 9、12日に: perhaps
  const isList = mark === '' && /[^~\d\s日-]/.test(row![0]);
  if (mark === '' && (!isRising(`${day}${row![0]}`) || (isList && /[A-Za-z:=] ?$/.test(before(plain, start, 2))))) return false;
  const ahead = before(plain, start, 60).replace(rowAhead, '');
  if (/\d\/$/.test(ahead)) return false;
  // 第5病日 7日手術: of two things
  if (countedAhead.test(ahead)) return /\s$/.test(ahead) && timely.test(behind) && isTold(plain, start) && 'unsure';
  if (weekday !== undefined) return true;
  if (countedBehind.test(behind)) return false;
  if (/^[1一]$/.test(day!) && ofOneDay.test(behind)) return false;
  // 一日 is as long as a day.
  if (day === '一' && !timely.test(behind)) return false;
  if (isList && !/(?:^|[。、\n(])$/.test(before(plain, start, 1))) return 'unsure';
  if (courseBehind.test(behind) && !byItself.test(ahead)) return false;
  if (ahead.endsWith('発症') && ends.test(behind)) return false;
  if (relative.test(ahead)) return true;
  if (open.test(behind) && !hour.test(behind)) return 'unsure';
  // 、7日CAG, but 便秘 3日、
  const isHead = byItself.test(ahead) && (!ends.test(behind) || (row !== null && mark !== ''));
  const isEither = eitherBehind.test(behind) || eitherAhead.test(ahead);
  if (!isTold(plain, start)) {
    if (timely.test(behind)) return day !== '一' && (isEither ? 'unsure' : true);
    // 7~9日 発熱, 7日CAG施行, but 2、3日, 3-4日で
    const mayBe = !isEither && (row === null ? isHead : !isAbout(`${day}${row[0]}`));
    return (mayBe || isDated(plain)) && 'unsure';
  }
  if (isEither) return 'unsure';
  return timely.test(behind) || isHead || 'unsure';
}

/** 2、3日: about so many */
const isAbout = (row: string): boolean => {
  const [first, last, more] = row.match(/\d+/g)!.map(Number);
  return more === undefined && last === first! + 1 && last <= 7;
};
const isRising = (row: string): boolean => {
  const numbers = row.match(/\d+/g)!.map(Number);
  return numbers.every((one, i) => one <= 31 && (i === 0 || one > numbers[i - 1]!));
};

/** What follows a weekday without a bracket, and no word that begins with it: 12火抜管, but 2水和物. */
const bareWeek =
  '火(?![傷災葬])|水(?![和溶分様平疱腫痘銀頭素酸剤泡晶薬性圧泳浴])|木(?![村下本田口戸原材製部場島])|金(?![属額沢子田井城銭])|土(?![屋井田地肥木台壌])';

/** What is done on a day. */
const did =
  "(?:d/c(?:'?d|ed)?|discharged?|admitted|adm|home|surgery|op(?:e|eration)?|seen|transfer(?:red)?|extubated|intubated|onset|f/u|follow[ -]?up|appt|appointment|scheduled|clinic|returns?|(?:next |return )?visit|died)";

/** Behind one of several: 4th and 5th ribs. */
const ofThings =
  /^(?:,? ?(?:,|and|or|to|-) ?(?:the )?\d{1,2}(?:st|nd|rd|th)){1,8} (?!(?:of|s?he|they|pt|and|at|for|with|after|in|to|on|was|were)(?![a-z]))[a-z]/i;

export const days: readonly Pattern[] = [
  // 5日に, 七日手術, 9-11日
  {
    expression: new RegExp(
      `(?<!\\d|\\d\\.|[初〇零一二三四五六七八九十百千])(\\d{1,2}|${kanji}(?=日(?![市町本常曜酔坊熱麻は関]|月(?!曜))))(日|${toDay})(?:${week})?`,
      'g',
    ),
    roles: ['day', 'between', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, end, text) => {
      const given = isDay(plain, start, end, text);
      // 点滴5日、8日退院: of such a row each may be so many days.
      return given === true && text[2] !== '' && listBehind.test(after(plain, end)) ? 'unsure' : given;
    },
  },
  // 3/5(火)、12(火); 12[日] is so many days
  {
    expression: new RegExp(`(?<![\\d./])(\\d{1,2})(?:${week})`, 'g'),
    roles: ['day', 'between', 'weekday', 'between'],
    loose: true,
    holds: (plain, start, _end, [, , bracket, weekday]) =>
      !countedAhead.test(before(plain, start)) &&
      // （7日） is no Sunday.
      (weekday !== '日' || /[(（<]/.test(bracket!) || (bracket!.includes('[') && isTold(plain, start))),
  },
  // 12火抜管, 12火曜, 7日曜
  {
    expression: new RegExp(`(?<![\\d./第月日])(\\d{1,2})(?: ?[月火水木金土日]曜日?|(${bareWeek}))`, 'g'),
    roles: [],
    loose: true,
    holds: (plain, start, end, [, bare]) =>
      !/第[\d・、,]{0,6}$/.test(before(plain, start)) &&
      (bare === undefined || isTold(plain, start) || /^[、。と]/.test(after(plain, end))) &&
      'unsure',
  },
  // on the 5th, d/c the 12th, Surgery 12th, 12th d/c; no 5th rib, 2nd dose, d/c 2nd to pain
  {
    expression: new RegExp(
      `(?=\\d{1,2}(?:st|nd|rd|th))(?:(?<=\\b(?:on|since|until|by|from|to|till|through|between) the |(?<![A-Za-z])${did}:? (?:on )?(?:the )?)(\\d{1,2})(st|nd|rd|th)(?=[.,;)]|\\s(?:of|he|she|and|at|for|with|after|in|or|through|to the)\\b|\\s[a-z]{3,}ed\\b|$)|` +
        `(?<=^|[.,;\\n] )(\\d{1,2})(st|nd|rd|th)(?=:? (?:d/c|discharged|admitted|home)(?![A-Za-z])))`,
      'gi',
    ),
    roles: ['day', 'ordinal', 'day', 'ordinal'],
    loose: true,
    // Of the 4th and 5th ribs
    holds: (plain, start, end, [, day, , head]) =>
      // Of the 4th and 5th ribs; Surgery 1st, then
      !ofThings.test(after(plain, end, 60)) &&
      // Pain radiates to the 4th, from the 3rd through the 5th: of fingers as often.
      ((!/(?<![a-z])(?:to|from|through|between) the $/i.test(before(plain, start)) &&
        (Number(day ?? head) > 3 || /the $/i.test(before(plain, start)))) ||
        'unsure'),
  },
  // the 12th., where a day is told
  {
    expression:
      /(?=\d{1,2}(?:st|nd|rd|th))(?<=\bthe |(?:^|[.;\n]) ?)(\d{1,2})(st|nd|rd|th)(?=[.,;:)]| - |$)(?!, (?:\d{1,2}(?:st|nd|rd|th)|and|or))/gi,
    roles: ['day', 'ordinal'],
    loose: true,
    holds: (plain, start) => isTold(plain, start) && 'unsure',
  },
];
