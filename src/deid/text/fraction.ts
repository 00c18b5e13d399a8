/**
 * 3/5: a day of a month, or a fraction, a score, a ratio. Told by the words beside it and by those before it in the same clause; where nothing
 * tells, or both are told, it is neither, and goes: a true date must not stay, and a score must not become another one.
 * @module
 */

import { isBirthBeside } from './birth.ts';

export type Reading = 'day' | 'fraction' | 'unsure';

/** Units before it that may tell. */
const reach = 40;

/** Scores and ratios of any size. BP is none: 3/5 is no pressure. */
const score =
  /(?<![A-Za-z])(?:MMT|Levine|Geckler|GCS|JCS|VAS|NRS|RASS|NYHA|PS|ASA|ECOG|Apgar|TIMI|Gleason|MMSE|HDS-?R|MoCA|FAB|FIM|BI|BRS|mRS|UPDRS|PHQ-?\d?|GAD-?\d?|Child|scores?|grade|stage|acuity|vision|VA|O[DSU]|E\/[Aae]'?|criteria|rate[sd]?|ratio)(?![A-Za-z])|アプガー|スコア|スケール|長谷川式|視力|眼圧|割合|確率/i;
/** LH/FSH 5/12; D/C 3/9 is a day. */
const ofTwo = /(?<![A-Za-z])(?!D\/C|F\/U|S\/P)[A-Z][A-Za-z0-9]*\/[A-Z][A-Za-z0-9]* ?(?:\([^)]{1,6}\))? ?[:=]? ?$/;
/** What is measured on a scale, and what the scale ends with. */
const scales: readonly (readonly [what: RegExp, most: readonly number[]])[] = [
  [/疼痛|痛み|倦怠感|かゆみ|呼吸苦|悪心|(?<![A-Za-z])(?:pain|headache|fatigue|itch(?:ing)?|nausea|dyspnea|severity)(?![A-Za-z])/i, [10]],
  [
    /筋|上肢|下肢|伸展|屈曲|外転|内転|背屈|底屈|[右左] ?$|(?<![A-Za-z])(?:strength|power|motor|grip|deltoids?|biceps|triceps|quad(?:riceps)?s?|hamstrings?|[RL][UL]E)(?![A-Za-z])/i,
    [5],
  ],
  [/雑音|心尖部|胸骨|(?<![A-Za-z])murmur/i, [6]],
  [/反射|(?<![A-Za-z])(?:reflex(?:es)?|pulses?|DTRs?)(?![A-Za-z])/i, [4]],
  [/主食|副食|[朝昼夕]食|全粥|[常米粥]食?|食事|おかず|(?<![A-Za-z])(?:ate|breakfast|lunch|dinner|meals?)(?![A-Za-z])/i, [2, 3, 4, 5, 10]],
  [
    /リンパ節|郭清|細胞診|転移|(?<![A-Za-z])(?:nodes?|LNs?|cores?)(?![A-Za-z])/i,
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
  ],
];
/** Directly before an amount. */
const amountBefore =
  /(?:約|%|(?<![A-Za-z])x|(?<![A-Za-z])(?:D5|about|approximately|took|ate)|(?:(?<![A-Za-z])(?:day|cycle|course)s?|クール|コース)[:#]?) ?$|(?<![A-Za-z])(?:No|vol|Fig|pp?|ver|v)\.$/i;
const amountAfter =
  /^ ?(?:度(?![目々])|程度|量(?!測)|まで減|に(?:希釈|縮小|分割)|を占|以上|点(?![滴眼検鼻])|錠|本(?![人日院例症剤患件])|例(?![会年])|名(?!古屋|前)|人(?!工)|回(?![診復収答転腸])|割(?!愛)|号液|生食|セット|群|項目|スライス|クール|コース|サイクル|[杯盃枚袋匙皿缶瓶]|パック|%|の(?:雑音|量|確率|割合|範囲|力|濃度)|g\/|mg|mm|m?L(?![A-Za-z])|cm|(?:tab(?:let)?s?|NS|saline|pack|cups?|criteria|stars|meals?|at rest|of (?!this|last|next|20))(?![A-Za-z]))|^(?:[TCAV](?=$|[\s、。,)])|\/(?!\d{1,2}月)|\d|\.\d)/i;
/** Behind an amount, and behind a day too (3/5切除術, 8/3陽性): an amount where the numbers say so. */
const perhapsAfter =
  /^ ?(?:周|切除|欠損|閉塞|狭窄|残|摂取|[陽陰]性|で[陽陰]性|(?:dose|strength|bottles?|cultures?|blood|positive|negative|points?|nodes?)(?![A-Za-z]))/i;
const scaleAfter: readonly (readonly [what: RegExp, most: number])[] = [
  [/^ ?(?:(?:収縮期|拡張期)?(?:駆出性)?雑音|(?:[SD]M|SEM|PSM|EDM|VI|levine|systolic|diastolic|murmur)(?![A-Za-z]))/i, 6],
  [/^ ?(?:strength|power|motor)(?![A-Za-z])/i, 5],
  [/^ ?(?:pulses?|reflex(?:es)?)(?![A-Za-z])/i, 4],
  [/^ ?(?:(?:\w{1,12} )?pain|severity)(?![A-Za-z])/i, 10],
];
/** What becomes of a score. */
const changes = /^ ?(?:に|へ|まで|と)(?:軽減|低下|改善|増|減|上昇|悪化|な[っりる]|変化|回復|向上|緩和)/;

const dayBefore =
  /(?<![A-Za-z])(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? $|(?:前回|次回|今回|最終[^\d\s。、]{0,4}|初診|再診|入院|退院|転院|手術|術|検査|採血|撮影|受診|来院|外来|発症|予約|予定|開始|終了|施行|記載|昨年|去年|今年|本年|来年|同年|翌年|年|日付?|日時|期[限間])日?[ :はが(]{0,2}$|(?<![A-Za-z])(?:on|since|until|till|before|after|through|thru|dated|started|admitted|discharged|seen|visit|last|next|adm|d\/c|labs?|due|scheduled|appt|appointment|surgery|ope|onset|sent|(?:planned|scheduled) for|last \w{2,12}|CT|MRI|CXR|s\/p \w{3,20}) ?:? ?$/i;
/** Before a day, and before the better or worse of two scores. */
const fromOrTo = /(?<![A-Za-z])(?:from|by|at|to) $/i;
const dayAfter =
  /^ ?(?:以降|付|頃|ころ|ごろ|夜|朝|昼|夕|晩|深夜|未明|早朝|午前|午後|[AP]M(?![A-Za-z])|(?:[01]?\d|2[0-3])[:時]|の?(?:来院|入院|退院|転院|転棟|手術|施行|受診|再診|初診|発症|発熱|転倒|再燃|予約|予定|開始|終了|実施|採血|検査|撮影|外来|時点|診察|処置|回診|点滴|抜糸|外泊|月曜|火曜|水曜|木曜|金曜|土曜|日曜|CT|MRI|Xp?(?![A-Za-z])|エコー|胃カメラ)|(?:onset|visit|appt|labs?|CT|MRI|CXR|admission|clinic|surgery|colonoscopy|[ap]\.?m\.?)(?![A-Za-z])|,? at \d|で(?:終了|中止|完了|退院))/i;
/** Particles of a time, which a score may have too. */
const particle = /^ ?(?:に|より|から|まで|以前|の|が初|は(?!ず))/;
const clauseStart = /(?:^|[\n。、,;:(「①-⑳→★☆●■◆◎○※#*]|^\d{1,2}\.) ?$/;
const lineStart = /(?:^|[\n。]) ?\(?$/;
/** What stands behind a day that heads a line: 3/5、 3/5: 3/5 CRP */
const heads = /^(?: ?[、:]|\) ?[\u3041-\u30ff\u4e00-\u9fff]| [A-Z]{2})/;
const word = /^ ?[\u3041-\u30ff\u4e00-\u9fff]/;
/** One half, two thirds: as often amounts as days. */
const simple = /^(?:1\/[2-5]|2\/[35]|3\/4)$/;
/** Other days or scores in a row with it. */
const between = ' ?(?:[、,・~-]|→|->|and) ?';
const rowAfter = new RegExp(`^(?:${between}(?:\\d{1,2}/)?\\d{1,2}(?![\\d/]|回|日間))+`);
const rowBefore = new RegExp(`(?:(?<![\\d/])\\d{1,2}/\\d{1,2}${between})+$`);
/** From a day to another one, of which the month is no earlier and the day another. */
const rangeAfter = /^ ?(?:[~-]|→|->|to) ?(\d{1,2})\/(\d{1,2})(?![\d/])/;
const rangeBefore = /(?<![\d/])(\d{1,2})\/(\d{1,2}) ?(?:[~-]|→|->|to) ?$/;
const partOf = /(?<![年回月週日時院])の ?$/;

/** Behind the last full stop: 。, ．, ..., a point and a space. */
const clauseOf = (near: string): string => near.replace(/^[\s\S]*(?:[。\n]|\.(?= )|[^\x00-\x7f]\.|\.\.)/, '');

/** Whether a word behind it, or on either side, tells of a day. */
export const isDayBehind = (plain: string, end: number): boolean => {
  const next = plain.slice(end, end + 24);
  return dayAfter.test(next) || particle.test(next);
};
const isDayAhead = (plain: string, start: number): boolean => dayBefore.test(clauseOf(plain.slice(Math.max(0, start - reach), start)));
export const isDayBeside = (plain: string, start: number, end: number): boolean => isDayAhead(plain, start) || isDayBehind(plain, end);

const joins = /(?<![A-Za-z])(?:in|from|to|by|and|or|of) $/i;
/** K 3.5, WBC 2022.9, LOINC 2093-3: of what stands before it in Latin letters, and of no day (CT 3.5, DOB 1950.9). */
export const isValue = (plain: string, start: number, end: number): boolean =>
  /[A-Za-z] ?[:=]? ?$/.test(plain.slice(Math.max(0, start - 4), start)) &&
  !isDayAhead(plain, start) &&
  !joins.test(plain.slice(Math.max(0, start - 6), start)) &&
  !isBirthBeside(plain, start, end);

/** @param start of two numbers with a slash between them in a plain text, of which the first may be a month and the second a day */
export function readFraction(plain: string, start: number, end: number): Reading {
  const text = plain.slice(start, end).replaceAll(' ', '');
  const [first, last] = text.split('/').map(Number) as [number, number];
  const near = plain.slice(Math.max(0, start - reach), start);
  const clause = clauseOf(near);
  const beside = clause.replace(rowBefore, '');
  const next = plain.slice(end, end + 24);
  const behind = next.replace(rowAfter, '');

  if (amountAfter.test(next) || scaleAfter.some(([what, most]) => most === last && what.test(next)))
    return dayBefore.test(beside) && !/^[/\d]/.test(next) ? 'unsure' : 'fraction';
  const scale = score.test(clause) || ofTwo.test(beside) || scales.some(([what, most]) => most.includes(last) && what.test(clause));
  if (perhapsAfter.test(next)) return scale || simple.test(text) ? 'fraction' : 'unsure';
  const day = dayBefore.test(beside) || dayAfter.test(behind);
  if (scale) {
    // NRS 3/10 4点: of a day.
    if (day || /^ ?:? \d/.test(behind)) return 'unsure';
    return !particle.test(behind) ||
      changes.test(behind) ||
      behind !== next ||
      beside !== clause ||
      fromOrTo.test(beside) ||
      behind.startsWith('から') ||
      behind.startsWith('の')
      ? 'fraction'
      : 'unsure';
  }
  if (amountBefore.test(clause)) {
    if (/^\s?\d{1,2}\.$/.test(clause)) return 'day';
    // SpO2 97%6/11, 5 mg x6/11
    return /[%x] ?$/.test(clause) && !simple.test(text) ? 'unsure' : 'fraction';
  }
  if (day) return 'day';
  if (changes.test(behind)) return 'unsure';
  if (particle.test(behind) || fromOrTo.test(beside)) return simple.test(text) && !/^ ?(?:より|から)/.test(behind) ? 'unsure' : 'day';
  if (simple.test(text)) return partOf.test(beside) ? 'fraction' : 'unsure';
  const [to, from] = [rangeAfter.exec(next), rangeBefore.exec(clause)];
  if (
    (to !== null && Number(to[1]) >= first && Number(to[2]) !== last) ||
    (from !== null && Number(from[1]) <= first && Number(from[2]) !== last)
  )
    return 'day';
  return clauseStart.test(beside) && (word.test(behind) || (lineStart.test(beside) && heads.test(behind))) ? 'day' : 'unsure';
}

/** What is given or eaten three times a day, or measured. */
const thrice =
  /(?:インスリン|ヒューマ(?:ログ|リン)|ノボ(?:ラピッド|リン)|アピドラ|フィアスプ|ルムジェブ|リスプロ|アスパルト|スライディング|朝\/?昼\/?夕|毎食|食事|[主副朝昼夕]食|摂取|(?<![A-Za-z])(?:insulin|lispro|aspart|humalog|novo(?:rapid|log)|apidra|fiasp|regular|NPH|meals?))[^\d。\n]{0,8}$/i;
const value =
  /(?:血糖|血圧|脈拍?|体温|尿量|SpO2|(?<![A-Za-z])(?:Hb|Hct|Ht|WBC|RBC|Plt|CRP|Na|K|Cl|BS|BG|glu(?:cose)?|AST|ALT|Cr|BUN|BNP|HR|RR|Alb|TP|INR|BP|OGTT|LDH?|CK|CPK|PSA|CEA|FBS|HDL|LDL|TG|UA|ALP|AMY|eGFR|FDP)|フェリチン)[値 :=(]{0,3}$/i;
const thriceAfter =
  /^ ?(?:単位|時間|分(?:後|値|毎|おき|ごと)|倍|[かヶヵカケ]月|週|年(?:生存|後)|割(?!愛)|錠|点(?![滴眼検鼻])|%|(?:units?|u|iu|[mµ]?g|m?L|mmHg|mm|cm|hours?|hrs?|h|days?|weeks?|months?|years?)(?![A-Za-z]))/i;
/** From one such to another. */
const threeAfter = /^ ?(?:[~-]|から|to) ?'?\d{1,4}[/.]\d{1,2}[/.]\d{1,4}(?!\d)/;
const threeBefore = /(?<![\d/.])\d{1,4}[/.]\d{1,2}[/.]\d{1,4} ?(?:[~-]|から|to) ?$/;
/** 10/20/30, 5/10/25, 6/12/24 */
const isRow = ([a, b, c]: readonly number[]): boolean =>
  b! - a! === c! - b! || (a! % 5 === 0 && b! % 5 === 0 && c! % 5 === 0) || (b === 2 * a! && c === 2 * b);

/** @param start of three numbers of one or two digits, of which the first or the last may be a year: 24/3/5, 3/5/24, or doses and values (8/6/10 units) */
export function readThree(plain: string, start: number, end: number): Reading {
  const text = plain.slice(start, end);
  const numbers = text.split(/[^\d]+/).map(Number);
  const clause = clauseOf(plain.slice(Math.max(0, start - reach), start));
  const next = plain.slice(end, end + 24);
  const day = dayBefore.test(clause) || dayAfter.test(next);
  if (thriceAfter.test(next)) return day ? 'unsure' : 'fraction';
  // Of our years one is among them.
  const isRecent = [numbers[0]!, numbers[2]!].some(one => one >= 20 && one <= 39);
  const beside = clause.slice(-12);
  const given = thrice.test(clause) || ((score.test(beside) || scales.some(([what]) => what.test(beside))) && !/\d/.test(beside));
  if (given) return day || isRecent || (particle.test(next) && !changes.test(next)) ? 'unsure' : 'fraction';
  if (value.test(clause)) return 'unsure';
  if (
    day ||
    particle.test(next) ||
    fromOrTo.test(clause) ||
    threeAfter.test(next) ||
    threeBefore.test(clause) ||
    /(?:^|[/.])0\d/.test(text)
  )
    return 'day';
  if (isRecent) return isRow(numbers) ? 'unsure' : 'day';
  return clauseStart.test(clause) && (word.test(next) || (lineStart.test(clause) && heads.test(next))) ? 'day' : 'unsure';
}
