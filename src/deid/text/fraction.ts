/**
 * 3/5: a day of a month, or a fraction, a score, a ratio. Told by the words beside it and by those before it in the same clause; where nothing
 * tells, or both are told, it is neither, and goes: a true date must not stay, and a score must not become another one.
 * @module
 */

import { isBirthBeside } from './birth.ts';

export type Reading = 'day' | 'fraction' | 'unsure';

/** Units before it that may tell. */
const reach = 40;

type Measure = readonly [words: string, most?: readonly number[]];
/** Names of scores, each with the numbers with which it ends; ECOG and BTR with any. BP is none: 3/5 is no pressure. */
const names: readonly Measure[] = [
  ['MMT', [1, 2, 3, 4, 5]],
  ['CURB-?65', [5]],
  ['RASS|stage|grade', [2, 3, 4, 5]],
  ['NRS|VAS|Borg', [10]],
  ['Levine', [6]],
  ['NYHA(?: class)?', [4]],
  ['PS', [4, 5]],
  ['mRS', [6]],
  ['GCS', [15]],
  ['MMSE|HDS-?R|MoCA', [28, 29, 30]],
  ['FAB', [18]],
  ['PHQ-?9', [27]],
  ['GAD-?7', [21]],
  ['SOFA', [24]],
  ['TIMI', [7]],
  ['SIRS', [4]],
  ['Bishop', [13]],
  ['BPP', [8, 10]],
  ['(?-i:Ap)|Apgars?', [7, 8, 9, 10]],
  ['CONUT', [12]],
  ['IADL', [5, 8]],
  ['[TS]JC', [28]],
];
/** What is measured on a scale or counted, and so may be ill or be examined on a day, too. */
const measured: readonly Measure[] = [
  ['疼痛|痛み|倦怠感|かゆみ|呼吸苦|悪心', [10]],
  ['pain|headache|fatigue|itch(?:ing)?|nausea|dyspnea|severity|rated', [10]],
  ['[上下]肢', [2, 3, 4]],
  ['段階中', [5, 10]],
  ['筋力?|[上下]肢|伸展|屈曲|[外内]転|[背底]屈|水飲みテスト', [5]],
  ['strength|power|motor|grip|deltoids?|biceps|triceps|quad(?:riceps)?s?|hamstrings?|[RL][UL]E', [5]],
  ['雑音|心尖部|胸骨左縁|肋間|murmur|grade', [6]],
  ['反射|reflex(?:es)?|pulses?|DTRs?', [4]],
  ['[主副][食菜]|[朝昼夕毎]食|全粥|[常米粥]食?|食事|おかず|ate|breakfast|lunch|dinner|meals?', [2, 3, 4, 5, 8, 10]],
  ['郭清リンパ節 ?\\(?|リンパ節|転移|nodes?|LNs?|cores?', Array.from({ length: 19 }, (_, i) => i + 2)],
  ["JCS|BRS|BTR|ECOG|Geckler|Gleason|UPDRS|scores?|criteria|(?:LH|FSH|AST|ALT|BUN|TSH|E)/(?:FSH|LH|ALT|AST|Cre?|FT[34]|[Aae])'?"],
  ['アプガー|スコア|スケール|長谷川式|視力|眼圧|割合|確率|半月体|瞳孔'],
];
/** Words that tell of a score where they stand earlier in the clause, though not of this one. */
const elsewhere: readonly Measure[] = [
  ...names.map(([what]): Measure => [what]),
  ...measured,
  ['基準|ASA|FIM|BI|Child|acuity|vision|VA|O[DSU]|rate[sd]?|ratio'],
  ['[右左] ?$|[朝昼夕] ?$', [5, 6, 8, 10]],
  ['郭清|細胞診|本中|コア|標本|切片|検体', Array.from({ length: 19 }, (_, i) => i + 2)],
];
/** For each number with which a score may end, one expression of the words before it; the first for all greater ones. */
const wordsBefore = (measures: readonly Measure[], then: string): readonly RegExp[] =>
  Array.from({ length: 32 }, (_, last) => {
    const words = measures.filter(([, most]) => most === undefined || most.includes(last)).map(([what]) => what);
    return new RegExp(
      `(?:(?<![A-Za-z])(?=[A-Za-z])|(?=[^A-Za-z]))(?:${words.length === 0 ? '(?!)' : words.join('|')})(?![A-Za-z])${then}`,
      'i',
    );
  });
const label =
  '(?:(?:安静|体動|労作|運動|動作|咳嗽|歩行|夜間|日中|最大)時?|[右左両]側?|[右左両]?[上下]肢|[主副][食菜]?|[朝昼夕夜]食?|[\\u4e00-\\u9fff]{0,5}筋|(?:right|left|[RL](?:[UL]E)?)(?![A-Za-z]))';
/** Two things before two numbers: LH/FSH 5/12, of which only some surely are values (PT/OT 3/5 is a day). */
const ofTwo = /(?<![A-Za-z])(?!D\/C|F\/U|S\/P)[A-Z][A-Za-z0-9]*\/[A-Z][A-Za-z0-9]* ?(?:\([^)]{1,6}\))? ?[:=]? ?$/;
/** Of NRS 安静時は3/10, pain is 3/10 what stands between; in NRS(3/10) 4 it is the day of the score. */
const change = '(?:(?:is|was|at|now|still|about|only|(?:now )?(?:improved|decreased|increased|reduced|went|down|up) (?:from|to)) )';
const gap = ` ?(?:\\([^)\\d]{1,6}\\) ?|R/L ?)?(?:[:=はがも]|に(?=\\d|$))? ?(?:[右左両]?${label}[はがも:=]? ?)?${change}{0,2}$`;
const [named, ofMeasured, far] = [wordsBefore(names, gap), wordsBefore(measured, gap), wordsBefore(elsewhere, '')];
/** Other scores in a row with it: 3/10、体動時5/10, from 7/10 to 3/10. */
const link = `(?: ?(?:[、,・~-]|→|->|and|to) ?| )(?:${label}[はがも:=]? ?)?${change}?`;
const scoresBefore = new RegExp(`(?:(?<![\\d/])\\d{1,2}/\\d{1,2}(?:程度|摂取| [RL][UL]E)?${link})+$`, 'i');
const scoresAfter = new RegExp(`^(?:(?:程度|摂取| [RL][UL]E)?${link}\\d{1,2}/\\d{1,2}(?![\\d/]))+`, 'i');
/** 下肢3/3 of MMT 上肢4/4 下肢3/3 */
const nextInRow = new RegExp(`^ ?${label}[はがも:=]? ?\\d{1,2}/\\d`, 'i');
/** What stands behind a score where no name of one stands before it: no word that may tell what was done on a day. */
const afterScore =
  /^ ?(?:$|[\n。、,;:)」\]]|\.(?!\d)|程度|レベル|ほど|くらい|ぐらい|摂取(?![開不低])|残|量|で(?:左右|推移|自制|経過|あ[りっる])|と(?! ?\d)|(?:→|->|~) ?\d|を(?:聴取|認め)|(?:bilaterally|[RL][UL]E|throughout|currently|now|today|involved|severity|at rest|[io]n (?:the|both|right|left|all|back|chest|abdomen|[RL][UL]E)|at the|this (?:morning|afternoon|evening)|tonight|with (?:movement|activity|ambulation|exertion|rest|coughing|deep|inspiration|walking)|radiating|B?[UL]E)(?![A-Za-z]))/;
/** Rows of meals. */
const meals = /[朝昼夕]:? ?\d{1,2}\/(\d{1,2})[、, ]{0,2}[昼夕]:? ?\d{1,2}\/\1(?!\d)/;

/** Directly before an amount. */
const amountBefore =
  /(?:約|%|(?<![A-Za-z])x|(?<![A-Za-z])(?:D5|took|ate)|(?:(?<![A-Za-z])(?:day|cycle|course)s?|クール|コース)[:#]?) ?$|(?<![A-Za-z])(?:No|vol|Fig|pp?|ver|v)\.$/i;
/** Joined to an amount; as the beginning of a longer word (3/5点状出血, 3/5本人) they are none. */
const amountAfter =
  /^(?!割と|量[をがは]|例の|人[がを]|回[らりるれろしっ])(?:(?:[度量錠点本例名人回割群周杯盃枚袋匙皿缶瓶]|割合|検体|セット|項目|スライス|クール|コース|サイクル|パック)(?=$|[^\u4e00-\u9fff々ァ-ヺA-Za-z]|[中分](?![\u4e00-\u9fff])|目(?![標的視])|性|内服|投与|摂取|減|増|追加|前後|以|未満|程度|[陽陰]性|で)|程度|以上|の(?:確率|割合)|に希釈|を占|号液|生食|%|k?g(?![A-Za-z])|m?L(?![A-Za-z/\d-])|T(?=$|[\s、。,)])|[CAV](?=$|[\s、。,)])|\/(?!\d{1,2}月)|\d|\.\d)|^ (?:程度|を占)|^ ?(?:g\/|(?:m[gm]|mmHg|m[lL]|cm)(?![A-Za-z])|(?:cores (?:positive|involved|with)|days (?:this|per|a|each)|(?:SEM|PSM|EDM|(?:\w{0,4}(?:systolic|diastolic) )?murmur) (?:at|over|best|radiating)|(?:strength|power|pulses|reflexes) (?:in (?:all|both|the|upper|lower|right|left)|bilaterally|throughout))(?![A-Za-z])|^ ?(?:(?:収縮期|拡張期)?(?:駆出性)?雑音|(?:(?:holo)?(?:systolic|diastolic) )?murmur|severity|strength|power|pulses|reflexes)(?=$|[\n。、,;)]|\.(?!\d)))/;
/** Before an amount or a score in English. */
const said =
  /(?<![A-Za-z])(?:an?|the|with|without|ha[sd]|have|having|of|is|are|was|were|and|or|reports?|reported|rates?|rated|notes?|denies|grade|about|(?:need|take|give|drink|eat|smoke|use)s?|took|ate|drank|D5) $/i;
/** The same in English, where such a word or the name of a score stands before it (3/5 pack removed, RTC 3/5 strength improved). */
const amountInClause = /^ ?(?:tab(?:let)?s?|NS|saline|packs?|cups?|criteria|stars|meals?|at rest)(?![A-Za-z])|^ of (?!this|last|next|20)/i;
/** And in Japanese, not at the head of a clause. */
const doneAfter = /^(?:クール|コース|サイクル|項目)(?:終了|完遂|自立)/;
/** Behind one half, a quarter. */
const partAfter =
  /^ ?(?:tab(?:let)?s?|strength (?:feeds|formula|NS)|bottles?|(?:NS|saline) ?(?:$|[.,;)@+]|at|with|infus)|cups? of|packs? per)(?![A-Za-z])/i;
/** Behind an amount, and behind a day too (3/5切除術, 8/3陽性): an amount where the numbers say so. */
const perhapsAfter =
  /^ ?(?:切除|欠損|閉塞|狭窄|残|摂取|[陽陰]性|で[陽陰]性|まで減|に(?:縮小|分割)|の(?:雑音|量|範囲|力|濃度)|(?:dose|strength|bottles?|cultures?|blood|positive|negative|points?|nodes?)(?![A-Za-z]))/i;
/** Of these what may be said of a score beside which its name stands. */
const foundAfter = /^ ?(?:残|摂取(?![開不低])|で?[陽陰]性|(?:positive|negative|nodes?)(?![A-Za-z]))/i;
const scaleAfter: readonly (readonly [what: RegExp, most: number])[] = [
  [/^ ?の?(?:(?:収縮期|拡張期)?(?:駆出性)?雑音|(?:[SD]M|SEM|PSM|EDM|VI|levine|\w{0,4}(?:systolic|diastolic)|murmur)(?![A-Za-z]))/i, 6],
  [/^ ?(?:strength|power|motor)(?![A-Za-z])/i, 5],
  [/^ ?(?:pulses?|reflex(?:es)?)(?![A-Za-z])/i, 4],
  [/^ ?(?:(?:\w{1,12} )?pain(?! clinic)(?![A-Za-z]))/i, 10],
];
/** 2/6 SM at the apex: of six grades, and nothing that is done on a day. */
const murmur = /^ ?SM(?=$|[\n。、,;)]|\.(?!\d)| (?:at|over|best|radiating)(?![A-Za-z]))/;
/** What a finding is in, or a list of criteria is met with, beside which a day's particle tells nothing. */
const ofCount =
  /^ ?(?:に(?:癌|がん|腫瘍|悪性|[陽陰]性|合致|該当|相当|一致|[a-z]{5})|の(?:歯|疼痛|痛み|腹痛|頭痛))|^(?:投与|内服)|^ (?:[度量錠点本例名人回割群周杯盃枚袋匙皿缶瓶](?![\u4e00-\u9fff々ァ-ヺ])|以上|セット|項目|スライス|クール|コース|サイクル|パック)/;
const countBefore = /(?:[右左両]側?葉?|[本個枚例名人]中|コア|標本|切片|検体|基準|項目|隔日|週)[ :は]{0,2}$/;
/** Directly before values on such a scale, of any size. */
const anyScale = new RegExp(`(?:${[...names, ...measured].map(([what]) => what).join('|')})[ :=は]{0,2}$`, 'i');
/** What becomes of a score. */
const changes = /^ ?(?:に|へ|まで|と)(?:軽減|低下|改善|増|減|上昇|悪化|な[っりる]|変化|回復|向上|緩和)/;

const dayBefore =
  /(?<![A-Za-z])(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? $|(?:前回|次回|今回|最終[^\d\s。、]{0,4}|初診|再診|入院|退院|転院|手術|術|検査|採血|撮影|受診|来院|外来|発症|予約|予定|開始|終了|施行|記載|昨年|去年|今年|本年|来年|同年|翌年|年|(?<![隔毎連])日付?|日時|期[限間])日?[ :はが(]{0,2}$|(?<![A-Za-z])(?:on|since|until|till|before|after|through|thru|dated|started|admitted|discharged|seen|visit|last|next|adm|d\/c|labs?|due|scheduled|appt|appointment|surgery|ope|onset|sent|(?:planned|scheduled) for|last \w{2,12}|CT|MRI|CXR|s\/p \w{3,20}) ?:? ?$/i;
/** Before a day, and before the better or worse of two scores. */
const fromOrTo = /(?<![A-Za-z])(?:from|by|at|to) $/i;
const dayAfter =
  /^ ?(?:以降|付|頃|ころ|ごろ|[夜朝昼夕晩](?!食? ?:?\d{1,2}\/)|深夜|未明|早朝|午前|午後|[AP]M(?![A-Za-z])|(?:[01]?\d|2[0-3])[:時]|の?(?:来院|入院|退院|転院|転棟|手術|施行|受診|再診|初診|発症|発熱|転倒|再燃|予約|予定|開始|終了|実施|採血|検査|撮影|外来|時点|診察|処置|回診|点滴|抜糸|外泊|月曜|火曜|水曜|木曜|金曜|土曜|日曜|CT|MRI|Xp?(?![A-Za-z])|エコー|胃カメラ)|(?:onset|visit|appt|labs?|CT|MRI|CXR|admission|clinic|surgery|colonoscopy|[ap]\.?m\.?)(?![A-Za-z])|,? at \d|で(?:終了|中止|完了|退院))/i;
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
  const next = plain.slice(end, end + reach);
  const behind = next.replace(rowAfter, '');
  const atHead = clauseStart.test(beside);

  if (last === 6 && murmur.test(next)) return dayBefore.test(beside) ? 'unsure' : 'fraction';
  const inScale = scaleAfter.some(([what, most]) => most === last && what.test(next));
  if (amountAfter.test(next)) return dayBefore.test(beside) && !/^[/\d]/.test(next) ? 'unsure' : 'fraction';
  if (simple.test(text) && partAfter.test(next) && !dayBefore.test(beside)) return 'fraction';
  // A score by the word beside it, or by that of the row in which it stands.
  const isSame = (row: string): boolean => (row.match(/\/\d+/g) ?? []).every(one => Number(one.slice(1)) === last);
  const peel = (row: string): string => (isSame(row) ? '' : row);
  const own = clause.replace(scoresBefore, peel);
  const then = next.replace(scoresAfter, peel);
  const size = last > 31 ? 0 : last;
  const isNamed = named[size]!.test(clause);
  const isMeal = meals.exec(plain.slice(Math.max(0, start - 12), end + 12))?.[1] === String(last);
  const isMeasured = isNamed || isMeal || named[size]!.test(own) || ofMeasured[size]!.test(own);
  if (inScale || amountInClause.test(next) || doneAfter.test(next)) {
    const isOf = isMeasured || said.test(beside) || amountBefore.test(clause) || (!atHead && !/^ ?[A-Za-z]/.test(next));
    return isOf && !dayBefore.test(beside) ? 'fraction' : 'unsure';
  }
  if (perhapsAfter.test(next))
    return (isMeasured && foundAfter.test(next)) || (simple.test(text) && !atHead && !/^(?: |切除術)/.test(next)) ? 'fraction' : 'unsure';
  const day = dayBefore.test(beside) || dayAfter.test(behind);
  if (isMeasured || far[size]!.test(clause) || ofTwo.test(beside)) {
    // NRS 3/10 4点: of a day.
    if (day || /^ ?:? \d/.test(behind)) return 'unsure';
    const goesOn =
      isMeal ||
      afterScore.test(then) ||
      changes.test(then) ||
      (isNamed && (!word.test(next) || nextInRow.test(next) || particle.test(next)));
    if (!isMeasured || !goesOn) return 'unsure';
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
    if (day || word.test(next)) return 'unsure';
    // SpO2 97%6/11, 5 mg x6/11
    return /[%x] ?$/.test(clause) && !simple.test(text) ? 'unsure' : 'fraction';
  }
  if (countBefore.test(clause) || ofCount.test(next)) return 'unsure';
  if (day) return 'day';
  if (changes.test(behind)) return 'unsure';
  if (particle.test(behind) || fromOrTo.test(beside)) return simple.test(text) && !/^ ?(?:より|から)/.test(behind) ? 'unsure' : 'day';
  if (simple.test(text)) return partOf.test(beside) && !/^ \S/.test(next) ? 'fraction' : 'unsure';
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
  /(?:血糖|血圧|脈拍?|体温|尿量|SpO2|(?<![A-Za-z])(?:(?:LV)?EF|Hb|Hct|Ht|WBC|RBC|Plt|CRP|Na|K|Cl|BS|BG|glu(?:cose)?|AST|ALT|Cr|BUN|BNP|HR|RR|Alb|TP|INR|BP|OGTT|LDH?|CK|CPK|PSA|CEA|FBS|HDL|LDL|TG|UA|ALP|AMY|eGFR|FDP)|フェリチン)[値 :=(]{0,3}$/i;
const thriceAfter =
  /^ ?(?:単位|時間|分(?:後|値|毎|おき|ごと)|倍|[かヶヵカケ]月|週|年(?:生存|後)|割(?!愛)|錠|点(?![滴眼検鼻])|%|(?:units?|u|iu|[mµ]?g|m?L|mmHg|mm|cm|hours?|hrs?|h|days?|weeks?|months?|years?)(?![A-Za-z]))/i;
/** From one such to another. */
const threeAfter = /^ ?(?:[~-]|から|to) ?'?\d{1,4}[/.]\d{1,2}[/.]\d{1,4}(?!\d)/;
const threeBefore = /(?<![\d/.])\d{1,4}[/.]\d{1,2}[/.]\d{1,4} ?(?:[~-]|から|to) ?$/;
/** 4/4/4、6/6/6 */
const threesBefore = /(?:(?<![\d/])\d{1,2}\/\d{1,2}\/\d{1,2}[、, ]{1,2})+$/;
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
  const given = thrice.test(clause.replace(threesBefore, '')) || (anyScale.test(clause) && numbers.every(one => one <= 10));
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
