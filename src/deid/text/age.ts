/**
 * Ages: of people whom there are few of, and of somebody pooled every one, since a lower age beside its date tells by how much he is older today.
 * @module
 */
import { after, before } from './date-pattern.ts';
import { each } from './each.ts';
import type { Emit } from './entity.ts';
import { numeral } from './numeral.ts';

interface Form {
  /** The years are the group that is there. */
  readonly expression: RegExp;
  /** Years by which somebody may be older than the number says: of a decade nine. */
  readonly reach?: number;
  /** Read only of somebody pooled: seldom an age of somebody very old. */
  readonly isLoose?: true;
  /** So many of the unit are a year. */
  readonly perYear?: number;
  /** So many years, which are nearly a life from `longDuration` on only. */
  readonly isDuration?: true;
  readonly holds?: (plain: string, start: number, end: number) => boolean;
}

const relation = '[母父妻夫兄弟姉妹男女子孫人様氏]';
const family =
  '(?:(?:[Gg]rand)?(?:[Mm]other|[Ff]ather|[Ss]on|[Dd]aughter|[Pp]arents?)|[Mm]om|[Mm]um|[Dd]ad|[Hh]usband|[Ww]ife|[Bb]rother|[Ss]ister|[Aa]unt|[Uu]ncle|[Gg]randm[ao]m?|[Gg]randpa)';
/** What may stand between the number and the woman: 97 white female. */
const looks =
  '(?:[Ww]hite|[Bb]lack|[Cc]aucasian|(?:[Aa]frican[ -])?[Aa]merican|[Hh]ispanic|[Ll]atin[ao]|[Aa]sian|[Jj]apanese|[Cc]hinese|[Kk]orean|[Ee]lderly|[Oo]ld|[Ff]rail|[Ww]idowed|[Rr]etired)';
/** 97 male nurses are so many. */
const inPlural =
  '(?! (?:patient|subject|case|donor|control|nurse|doctor|resident|student|participant|volunteer|individual|adult|infant|children|neonate|birth|rat|mice|m[eo]use|staff|worker|recipient|twin|relative)s?(?![a-z])(?<=s|staff|mice|children))';
const person = '(?:[Mm]an|[Ww]oman|[Mm]ale|[Ff]emale|[Ll]ady|[Gg]entleman|[Pp]atient|[Pp]t|[Mm]other|[Ff]ather|[Hh]usband|[Ww]ife)';
const part = '(?:(?:early|mid|late|lower|upper|low|high)[ -])?';
/** Of 97F: a temperature; 24F: a catheter. */
const temperature = /(?:temp[a-z]{0,9}|fever|febrile|体温|(?<![A-Za-z])(?:BT|KT|T ?(?:max|curr?|c|m)?)(?![A-Za-z]))[^\n。;]{0,14}$/i;
const noTemperature = (plain: string, start: number): boolean => !temperature.test(before(plain, start, 28));
const noMeasure =
  '(?![A-Za-z0-9/°]|-\\d|\\s?(?:[Ff]oley|[Cc]ath|sheath|drain|tube|stent|pigtail|NG|[Tt]emp|oral|axill|tymp|rectal|cells|reads))';
/** Measured in tens, too. */
const measured =
  /(?:血圧|収縮期|拡張期|脈|心拍|血糖|体重|SpO2|サチュ|飽和度|スコア|濃度|尿量|(?<![A-Za-z])(?:BP|SBP|DBP|HR|PR|RR|BS|[Ss]ats?|EF|FBS|PSA|CRP|Hb|WBC|Plt|Cr|BUN|eGFR|CEA|BMI|IQ|FIQ|HDS-?R|MMSE|MoCA|FIM|VAS|APTT|fib|CA ?\d{2,3}(?:-\d)?|AFP|ALP|AST|ALT|LDH|CK|CPK|GTP|AMY|CD4|BNP|TG|HDL|LDL|UA|ESR|PaO2|PaCO2|KL-?6)(?![A-Za-z]))[^。\n]{0,8}$/i;
const notMeasured = (plain: string, start: number): boolean => !measured.test(before(plain, start, 20));

/** A head, a table or a probe is turned by degrees. */
const turning =
  /(?<![A-Za-z])(?:head|neck|trunk|torso|body|arm|leg|knee|hip|foot|wrist|hand|table|probe|transducer|camera|scope|needle|graft) (?:was |is |were |being )?[Tt]urn(?:ed|ing|s)\s$|(?<![A-Za-z])(?:was|were|is|being) turned\s$/;

const forms: readonly Form[] = [
  {
    expression:
      /(?<!\d)(?<!\d\.)(0{0,3}\d{1,3}(?:\.\d{1,2})?)\s?\+?\s?(?:[歳歲才岁]|サイ(?![ァ-ヺー])|さい(?![ぁ-ん])|-?\s?y(?:\/o|\.\s?o\.?|o(?:ld)?)?(?:\s?(?:w|b|h|c|l|a|aa)?[mf])?(?![A-Za-z])|[- ]?(?:years?|yrs?)\b)/gi,
  },
  // 1.97歳男性, in a list: nobody is 1.97 years old.
  { expression: /(?<=(?:^|[。\s])[1-9]\d?\.)(9\d|1[0-2]\d)(?=\s?[歳歲才]|[ -]?y(?:\/?o|ears?|rs?)(?![a-z])|代の?[男女])/g },
  // 80~83歳, 97、98歳, 97±2歳
  {
    expression:
      /(?<!\d|\d[/年月日時:-])(?<!\d\.)(\d{1,3})(?=\s?(?:[~±・、,/-]|to|and|or)\s?\d{1,3}\s?(?:[歳歲才代]|y\/?o\b|(?:years?|yrs?)[ -](?:old|of age)))|(?<![\d/:.-])(9\d|1[0-2]\d)(?=(?:\s?-\s?|\s(?:to|and|or)\s)\d{1,3}\s?(?:years?|yrs?)(?![a-z]))/gi,
    // SpO2 97、60歳
    holds: (plain, start, end) => /^\s?(?:[~-]|to)/.test(plain.slice(end, end + 3)) || notMeasured(plain, start),
  },
  {
    expression:
      /(?:年齢|ねんれい|享年|行年|(?<![\u4e00-\u9fff])[御お]年|おん年|当年|数え(?:年|で)?|(?<![高月週日胎加])齢|(?<![A-Za-z])(?:age[ds]?|aet(?:at)?\.?))(?:とって| ?[([](?:歳|years?|yrs?|y)[)\]]| in years|[・/]?性別| ?\/ ?(?:sex|gender))?(?: (?:of|is|was|at|over|above|about|around))?\s?[:は=([「|]?\s?(\d{1,3})(?!\d|\.\d|\s?(?:mg|%|[例名人点か箇ヶ]|cases|subjects|patients))(?:\s?(?:[~/-]|to)\s?(\d{1,3})(?!\d))?/gi,
  },
  // 満97で; 満2か月, 肥満 97 kg are none.
  { expression: /(?<![肥膨円不充未豊])満\s?(\d{1,3})(?=[でのにと、。,)]|\s(?![A-Za-z])|$)/g },
  {
    expression: new RegExp(
      `(?<!\\d)(?<!\\d\\.)(\\d{2,3})(?: ?[男女♂♀]|\\/ ?[MF](?![A-Za-z])|[ -]?(?:${looks} ){0,2}(?:[Mm]ale|[Ff]emale|MALE|FEMALE)(?![A-Za-z])${inPlural}|[ -](?:${looks} ){0,2}(?:(?:wo)?man|gentleman|lady)(?![a-z]))|(?<![A-Za-z0-9/])[MF]\\/ ?(\\d{2,3})(?![\\d/.%])`,
      'g',
    ),
  },
  // 97 WF; BM, AF and HF are other things, too.
  { expression: /(?<!\d)(?<!\d\.)(\d{2,3}) ?(?:W[MF]|BF|AA[MF])(?![A-Za-z])/g, holds: notMeasured },
  { expression: /(?<!\d)(?<!\d\.)([5-9]\d|1[0-2]\d) ?(?:[BHA][MF])(?![A-Za-z])/g, isLoose: true, holds: notMeasured },
  {
    expression:
      /(?<!\d)(?<!\d\.)(\d{2,3}) ?[WBAH]?[MF](?=,? (?:with|w\/|c\/o|who|present(?:s|ed|ing)?|admitted|seen|transferred|referred|brought|found|living|lives|from|came|has|had|hx|PMH|underwent|undergoing|s\/p|h\/o|here)(?![a-z]))/g,
    holds: noTemperature,
  },
  // 97、女性; (97・女); 97|F
  {
    expression:
      /(?<!\d)(?<!\d[.,])(\d{2,3}) ?(?:[、,・/;|:] ?[男女](?:性|児)?(?=[\s)、。,|はがで]|$)|[;|\t] ?[MF](?![A-Za-z0-9]))|(?<=(?:^|[\n(,;|。]) ?)[MF][ |\t](\d{2,3})(?=$|[\n),;|]|\.(?!\d))/g,
    holds: (plain, start) => notMeasured(plain, start) && noTemperature(plain, start),
  },
  // (97F), [97 M]
  { expression: /(?<=[([])(\d{2,3})[ -]?[FMfm](?=[)\],;、])/g, holds: noTemperature },
  // Of somebody pooled a number in brackets by itself, over 90, in the 90's
  {
    expression:
      /(?<=[([])(\d{2,3})(?=[)\]])|(?<=(?<![A-Za-z])(?:[Oo]ver|[Oo]lder than|[Pp]ast|[Aa]bove|[Ww]ill be|[Tt]o be) )(\d{2,3})(?=[.,;)](?!\d)|$|\n| (?:and|but|with|who|now|this|in)(?![a-z]))/g,
    isLoose: true,
    holds: notMeasured,
  },
  { expression: /(?<!\d)(?<!\d\.)(\d0)(?='s(?![a-z]))/g, reach: 9, isLoose: true, holds: notMeasured },
  // 83, male; 97 M. at the head of a sentence
  {
    expression:
      /(?<!\d)(?<!\d[.,])(\d{2,3}), ?(?:(?:[Ff]e)?[Mm]ale(?![a-z])|[MF](?=[,.;)]|$))|(?<=(?:^|\n|[。.;] ))(\d{2,3}) M(?=[,.;]|$)/g,
    holds: notMeasured,
  },
  // Male, 83; 女性 83、; 母:85
  {
    expression:
      /(?<![A-Za-z])(?:[Mm]ale|[Ff]emale|[Mm]an|[Ww]oman)(?:, ?| ?[/(]| )(\d{2,3})(?=[,.;)](?!\d)|$)|(?:[男女]性?|[♀♂]|(?<![分酵])祖?[父母]|[妻夫兄弟姉妹孫娘]|息子)[:は、,]?\s?(\d{2,3})(?=[、,。)](?!\d)|で?(?:死[去亡]|他界|逝去|没|存命|健在)|\s(?![A-Za-z\d例名人件])|$)/g,
  },
  // 祖父98老衰, 妻91要介護3, 夫は91で, 父92（存命）, 母90代; what is counted is none.
  {
    expression:
      /(?:(?<![分酵航])[父母]|(?<![工丈])夫|[姑舅妻兄弟姉妹孫娘]|息子|[長次三][男女])[:はがも、,]?\s?(?!11[09](?!\d))(\d{2,3})(?![\dA-Za-z.:/~%℃°-]|\s?(?:[%+×例名人件回日年月週時分秒点本枚錠個番号度円万千割位杯歩台階床キミグセパ]|(?:k?g|[cm]m|m[gLl]|cc|bpm|mmHg|I?U)(?![A-Za-z])))/g,
    holds: notMeasured,
  },
  // 父 胃癌(92)
  { expression: /(?:(?<![分酵航])[父母]|[姑舅妻夫兄弟姉妹])[ :は、]?[一-龠々ァ-ヶー]{1,10}\((\d{2,3})(?=[)、,])/g, holds: notMeasured },
  // died at 83, 83で死去, she is 83.
  {
    expression:
      /(?<![A-Za-z])(?:(?:[Dd]ied|[Dd]ead|[Dd]eceased|[Pp]assed(?: away)?) at|[Ll]ived to(?: be)?) (\d{2,3})(?![\d:%]|\.\d| ?(?:[ap]\.?m|days?|hours?|h|weeks?|months?|wks?)(?![a-z]))|(?<!\d)(?<!\d\.)(\d{2,3})(?=(?:で|にて)(?:死[去亡]|他界|逝去|亡くな|永眠|没)|まで(?:生き|存命)|を迎え)/gi,
  },
  {
    expression:
      /(?<![A-Za-z])(?:[Ss]?[Hh]e|[Pp]atient|[Pp]t)(?: is| was|['’]s| will be)(?: now)? (\d{2,3})(?=[.,;)](?!\d)|$| (?:and|but|when|now|then|this|last)(?![a-z]))/g,
  },
  // mother 97; father, alive at 97; mother (97)
  {
    expression: new RegExp(
      `(?<![A-Za-z])${family}(?:,? (?:is|was|now|alive|living|well|healthy|still|died|deceased|dead|d\\.|at|in)){0,4}[,:]? ?\\(?(?:d(?:ied|\\.)? )?(\\d{2,3})(?=[.,;)](?!\\d)|$|\\n| (?!BPM?|HR|RR|SAT|IQ|BS|BG|LBS?|KG)[A-Z]{2,5}(?![A-Za-z])| (?:and|but|with|who|when|now|from|of)(?![a-z]))`,
      'g',
    ),
  },
  // 今年97になる; 母は97になった
  {
    expression:
      /(?:(?<=(?:今年|来年|昨年|今月|来月|先月|今日|本日|昨日|先日|明日|まもなく|もうすぐ|誕生日)(?:で|に|、)? ?)|(?<=(?:[母父妻夫兄弟姉妹人者児様]|さん)(?:は|が|も)(?:、)?)|(?<=(?:^|[。\n(「]) ?))(\d{2,3})(?=に(?:な[るっりら]|達))/g,
    holds: notMeasured,
  },
  // 97の母
  { expression: /(?<!\d)(?<!\d[.,])(\d{2,3})(?=の(?:祖?(?:父|母)(?!母)|お(?:ばあ|じい)|女性|男性|高齢者|独居))/g, holds: notMeasured },
  { expression: /(?<!\d)(?<!\d\.)(\d{2,3})[mf](?= (?:with|w\/|c\/o|who|presents?|presented|admitted)(?![a-z]))/g, isLoose: true },
  // 97F
  {
    expression: new RegExp(
      `(?<=(?:^|\\n|[。.;] ?|(?<![A-Za-z])(?:[Aa]n?|[Tt]his|[Tt]he|[Pp]t|[Pp]atient|[Ii]s|HPI:|ID:|CC:|Pt:) ))(\\d{2,3})-?[MF]${noMeasure}`,
      'g',
    ),
    holds: noTemperature,
  },
  {
    expression:
      /(?<!\d)(?<!\d\.)(\d{2,3})代(?=の?(?:男|女|母|父|患者|夫|妻|独居|高齢)|後半|前半|半ば|で(?:死|他界|独|一人)|、)|(?<!\d)(?<!\d\.)(\d{2,3})台(?=の?(?:男|女|母|父|患者|夫|妻|独居|高齢))/g,
    reach: 9,
    holds: notMeasured,
  },
  {
    expression: /(?<!\d)(?<!\d\.)(\d0)代(?![目謝])/g,
    reach: 9,
    isLoose: true,
    holds: notMeasured,
  },
  {
    expression: /(?<=(?<![A-Za-z])(?:[Ee]arly|[Mm]id|[Ll]ate)[ -])(\d0)(?='?s(?![a-z]))/g,
    reach: 9,
    isLoose: true,
    holds: notMeasured,
  },
  { expression: /(?<![\d:時])(?<!\d\.)(\d{2,3})(?=過ぎ|ish(?![a-z])|[- ]?something)/g, reach: 9, isLoose: true, holds: notMeasured },
  {
    expression: new RegExp(`(?<=(?<![A-Za-z])(?:[Hh]is|[Hh]er|[Tt]heir|${person} in(?: the)?) ${part})(\\d{2,3})(?='?s(?![a-z]))`, 'g'),
    reach: 9,
  },
  { expression: new RegExp(`(?<=${relation} ?\\()(\\d{1,3})(?=代?[)、,])`, 'g') },
  {
    expression:
      /(?<![A-Za-z])[Tt]urn(?:ed|ing|s)\s(\d{1,3})(?!\d|\.\d|\s?(?:°|deg|%|m[gLl]|times|cc|(?:anti|counter)?-?clockwise|to the (?:left|right)))/g,
    holds: (plain, start) => !turning.test(before(plain, start, 32)),
  },
  // Of somebody pooled a head that was turned, too.
  { expression: /(?<![A-Za-z])turn(?:ed|ing|s)\s(\d{2,3})(?!\d|\.\d|\s?(?:°|deg|%))/gi, isLoose: true },
  {
    expression: /(?:初潮|初経|閉経|(?<![A-Za-z])(?:menarche|menopause)(?: at| age)?)\s?[:はが]?\s?(\d{2})(?!\d|\.\d|[年%])/gi,
    isLoose: true,
  },
  // 生まれてから95年, 95年の生涯
  {
    expression:
      /(?<=(?:生後|[生産]まれて(?:から)?)\s?)(\d{2,3})(?=\s?年)|(?<!\d)(?<!\d\.)(\d{2,3})(?=\s?年(?:の(?:生涯|人生|一生|天寿)|間?生き))/g,
  },
  // 75年前, 喫煙歴75年; 昭和60年 and 1960年 are years.
  {
    expression:
      /(?<![\d'’年A-Za-z])(?<!\d[.,])(?<!(?:[和成正治明大昭平令]|(?<![A-Za-z])[MTSHR]) ?)(\d{2,3})(?=\s?[ヶか箇]?年(?:間|前(?!半|後)|目|来|以上|余|近く|ほど|くらい|ぐらい|程|ぶり|超|弱|強|の(?:喫煙|飲酒|結婚|歴|付き|交|闘病|歳月)))|(?<=(?:歴|[×x*]|から|して|添って|て|を|後|約|結婚|喫煙|飲酒|勤続) ?)(\d{2,3})(?=\s?[ヶか箇]?年(?![度代製物式版生頃に春夏秋冬\d]|まで|から|より|ごろ|の[春夏秋冬]|\s\d))/g,
    isDuration: true,
  },
  {
    expression:
      /(?<!\d)(?<!\d\.)(\d{1,3})(?=(?:st|nd|rd|th)? birthdays?(?![a-z])|回目の誕生日|(?:st|nd|rd|th) year of (?:life|age)(?![a-z]))/gi,
  },
];

/** 1176 months old: so many of a unit of which so many are a year. */
const inUnits: readonly Form[] = [
  {
    expression: /(?<!\d)(?<!\d[.,])(\d{1,4})(?=[- ]?(?:months?|mos?)[- ](?:old|of age)(?![a-z]))/gi,
    isLoose: true,
    perYear: 12,
  },
  { expression: /(?<!\d)(?<!\d[.,])(\d{3,4})(?=[- ]?(?:months?|mos?)(?![a-z])|\s?[かヶケカヵ箇]月)/gi, isDuration: true, perYear: 12 },
  { expression: /(?<!\d)(?<!\d[.,])(\d{4})(?=[- ]?(?:weeks?|wks?)[- ](?:old|of age)(?![a-z])|\s?週齢)/gi, perYear: 52 },
  { expression: /(?<!\d)(?<!\d[.,])(\d{5})(?=[- ]?days?[- ](?:old|of age)(?![a-z])|\s?日齢)/gi, perYear: 365 },
];
const unitNear = /\d[- ]?(?:mo|weeks?|wks?|days?)|\d\s?(?:[かヶケカヵ箇]月|週齢|日齢)/i;

const kanji = '[〇一二三四五六七八九十百]';
const inKanji = [
  new RegExp(`(?<!${kanji})(${kanji}{1,5})\\s?(?:[歳歲才](?!体操)|(?<=十)[代路])`, 'g'),
  new RegExp(
    `(?:年齢|享年|行年|[御お]年|おん年|数え(?:年|で)?|(?<![肥膨円不充未豊])満|(?<![高月週日胎加])齢)[:は]?\\s?(${kanji}{1,5})(?=[でのにと、。,)\\s]|$)`,
    'g',
  ),
];

const durationInKanji = new RegExp(`(?<![${kanji.slice(1, -1)}和成正治])(${kanji}{2,5})(?=年(?:間|前(?!半|後)|目|来|以上|余))`, 'g');

const kanjiNear = new RegExp(`${kanji}\\s?[歳歲才代路年]|[齢年えで満][:は]?\\s?${kanji}`);

/** Ages that have a name; of a decade the first year. */
const named: Readonly<Record<string, number>> = {
  はたち: 20,
  還暦: 60,
  緑寿: 66,
  古希: 70,
  古稀: 70,
  喜寿: 77,
  傘寿: 80,
  盤寿: 81,
  半寿: 81,
  米寿: 88,
  卒寿: 90,
  卆寿: 90,
  白寿: 99,
  百寿: 100,
  紀寿: 100,
  茶寿: 108,
  珍寿: 110,
  皇寿: 111,
  大還暦: 120,
  センテナリアン: 100,
  スーパーセンテナリアン: 110,
};
const japaneseNames = new RegExp(
  Object.keys(named)
    .sort((a, b) => b.length - a.length)
    .join('|'),
  'g',
);

const ones = 'one two three four five six seven eight nine'.split(' ');
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const upToTwenty = [...ones, ...'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')];
const ordinals = 'first second third fourth fifth sixth seventh eighth ninth'.split(' ');
const stems = tens.map(word => word.slice(0, -1));
const inWords = new RegExp(
  `(?<![A-Za-z])(?:(${tens.join('|')})(?:[- ]?(${ones.join('|')}|${ordinals.join('|')}))?|((?:(?:a|one)[- ])?hundred(?:th)?)(?:(?:[- ]and)?[- ](?:${[...tens, ...upToTwenty].join('|')})(?:-(?:${ones.join('|')}))?)?|(${stems.join('|')})(?:ies|ieth))(?![A-Za-z])`,
  'gi',
);
const yearsBehind = /^[- ](?:years?|yrs?|y\/?o)\b/i;
const ageBefore = /(?<![A-Za-z])(?:age[ds]?(?: of| is| at)?:?|turn(?:ed|s|ing))\s$/i;
const herBefore = new RegExp(`(?<![A-Za-z])(?:his|her|their) ${part}$`, 'i');
const generation = /(?<![A-Za-z])(?:(quadra|quinqua|sexa|septua|octo|nona)gen[ae]rian|(super-?)?centen[ae]rian)s?(?![A-Za-z])/gi;
const decades: Readonly<Record<string, number>> = { quadra: 40, quinqua: 50, sexa: 60, septua: 70, octo: 80, nona: 90 };

/** Of as many years a duration is nearly a life, and goes as one. */
const longDuration = 60;
const durationBehind =
  /^[- ]?(?:years?|yrs?|y)\.?[- ](?:ago|earlier|later|prior|previous|before|after|history|hx|h\/o|duration|follow|f\/u|survival|course|risk|of (?!age|life))/i;
const durationBefore =
  /(?<![A-Za-z])(?:for|past|last|next|every|within|in|after|previous|another|x)(?: the)?(?: past| last)?(?: about)? $/i;
/** 97-year graft survival: a rate, of whatever number. */
const rate = /^[- ]?(?:years?|yrs?)[- ](?:[a-z-]{2,20} ){0,2}(?:survival|mortality|recurrence|incidence|risk)(?![a-z])/i;
const ofAge = /^[- ]?(?:years?|yrs?|y)\.?[- ](?:old|of age)/i;
const isDuration = (plain: string, start: number, end: number): boolean => {
  const behind = after(plain, end, 28);
  return (
    durationBehind.test(behind) ||
    (/^[- ]?(?:years?|yrs?|y)(?![A-Za-z/.])/i.test(behind) && !ofAge.test(behind) && durationBefore.test(before(plain, start, 28)))
  );
};

const most = 130;

/**
 * @param from years
 * @param isPooled whether the text is about somebody of whom no age leaves, however low, and of nobody beside him: who can say whose it is
 */
export function findAges(plain: string, from: number, isPooled: boolean, emit: Emit): void {
  const entity = isPooled ? 'any-age' : 'age';
  const take = (years: number, start: number, end: number, reach = 0): void => {
    if (years > most || (!isPooled && years + reach < from) || rate.test(after(plain, end, 60))) return;
    if (years < Math.min(from, longDuration) && isDuration(plain, start, end)) return;
    emit(start, end, entity);
  };
  // Most numbers of most texts can be no such age.
  const isNear = (digits: string): boolean => Number(digits) <= most && (isPooled || Number(digits) + 9 >= from);
  const look = ({ expression, reach, isLoose, isDuration: isSpan, perYear = 1, holds }: Form): void => {
    if (isLoose === true && !isPooled) return;
    each(expression, plain, ({ 0: text, 1: one, 2: other, index }) => {
      let at = index;
      for (const digits of [one, other]) {
        if (digits === undefined) continue;
        const start = index + text.indexOf(digits, at - index);
        at = start + digits.length;
        const years = Number(digits) / perYear;
        if (isSpan === true && years < Math.min(from, longDuration)) continue;
        if (holds === undefined || holds(plain, start, at)) take(years, start, at, reach);
      }
    });
  };
  if (plain.match(/\d+/g)?.some(isNear) === true) forms.forEach(look);
  if (unitNear.test(plain)) inUnits.forEach(look);
  for (const expression of kanjiNear.test(plain) ? inKanji : [])
    each(expression, plain, ({ 0: text, 1: number, index }) => {
      const start = index + text.lastIndexOf(number!);
      take(numeral(number!), start, start + number!.length, /[代路]$/.test(text) ? 9 : 0);
    });
  if (kanjiNear.test(plain))
    each(durationInKanji, plain, ({ 1: number, index }) => {
      const years = numeral(number!);
      if (years >= Math.min(from, longDuration)) take(years, index, index + number!.length);
    });
  if (/[寿還古]|センテナ|はたち/.test(plain))
    each(japaneseNames, plain, ({ 0: text, index }) => take(named[text]!, index, index + text.length));
  if (!/(?:t(?:y|ie)|hundred|en[ae]rian)/i.test(plain)) return;
  each(inWords, plain, ({ 0: text, 1: ten, 2: one, 3: hundred, 4: stem, index }) => {
    const end = index + text.length;
    const isAge =
      stem !== undefined && /ies$/i.test(text)
        ? herBefore.test(before(plain, index, 20)) || (isPooled && /(?:early|mid|late)[ -]$/i.test(before(plain, index, 6)))
        : /(?:th|st|nd|rd)$/i.test(text)
          ? /^ birthday/i.test(after(plain, end))
          : yearsBehind.test(after(plain, end)) || ageBefore.test(before(plain, index, 16));
    if (!isAge) return;
    const unit = 1 + Math.max(ones.indexOf(one?.toLowerCase() ?? ''), ordinals.indexOf(one?.toLowerCase() ?? ''));
    const years = hundred === undefined ? 20 + 10 * tens.indexOf((ten ?? `${stem!}y`).toLowerCase()) + unit : 100;
    take(years, index, end, stem === undefined ? 0 : 9);
  });
  each(generation, plain, ({ 0: text, 1: decade, 2: more, index }) =>
    take(decade === undefined ? (more === undefined ? 100 : 110) : decades[decade.toLowerCase()]!, index, index + text.length, 9),
  );
}
