/**
 * Relatives on no record who bear a family name that one knows: 弟 髙橋健二, 高橋花子（妻）, Takahashi Kenji (brother).
 * Beside a relation or the label of one whatever stands behind the family name is a given name, unless it is a word of people or of care; elsewhere what ends as given names do is.
 * @module
 */
import type { Span } from './entity.ts';
import type { Told } from './form.ts';
import { ahead, isHiragana, isKanji, isKatakana } from './letters.ts';
import { noNames, roles } from './role.ts';

const relation =
  '(?:[父母兄弟姉妹夫妻孫嫁婿娘甥姪]|[長次二三四五]男|[長次二三四五]女|息子|いとこ|従[兄弟姉妹]|[叔伯祖]父|[叔伯祖]母|内縁|パートナー)';
const before = new RegExp(
  `(?:${relation}|保護者|緊急連絡先|連絡先|連絡者|キーパーソン|(?<![A-Za-z])KP|身元(?:引受|保証)人|引受人|保証人|後見人|代理人|同居者?|面会者?|付き?添い?[人者]?|家族|世帯主|契約者)(?:\\d|[)」])?[ :は/・]{0,3}$`,
);
const behind = new RegExp(`^(?:さん|さま)?[ :]?[(「/,、・:] ?(?:患者の|本人の|同居の?|別居の?|[義実養])?${relation}`);
/** 髙橋転倒、妻が発見: behind a comma the relation may begin a clause. */
const comma = /^ ?[,、]/;

const kin =
  '(?:wife|husband|spouse|partner|fianc[eé]e?|(?:grand|step)?(?:son|daughter|mother|father)|mom|dad|brother|sister|niece|nephew|aunt|uncle|cousin)';
const kinBefore = new RegExp(`(?<![A-Za-z])(?:${kin}(?:-in-law)?|next of kin|nok|emergency contact|guardian|caregiver)[:,]? ?$`, 'i');
const kinBehind = new RegExp(
  `^ ?(?:[(/-]|,(?=[^.;)]{0,30}?${kin} ?(?:$|[.,;:)(\\d]))) ?(?:(?:his|her|the|pt's|patient's) )?(?:older |younger |elder )?${kin}(?![a-z])`,
  'i',
);
const wordBehind =
  /^,? (?!(?:Is|Was|Has|Had|Will|At|In|On|And|With|Denies|Reports|States|Phone|Tel|Cell|Fell|Stable)\b)[A-Z][a-z'-]{1,20}(?![A-Za-z])/;
const wordBefore = /(?<![A-Za-z])(?!(?:Patient|Pt|Mr|Mrs|Ms|Reports|States|Denies|Says|Notes|That) )[A-Z][a-z'-]{1,20} $/;

/** Ends of given names, hardly ones of words; and given names of one kanji. */
const given =
  /.[子美江代恵香奈菜郎男夫雄一二三介輔也樹哉人斗太司志之彦希花織里紀枝咲衣那乃穂翔孝宏浩昭弘博蔵吉幸悟]$|^[誠実健翔隆剛茂勇清進稔守聡浩修豊薫光優愛恵蓮涼凛葵仁徹亮豪拓駿渉昇正功武勝弘博淳純潤舞遥楓梓碧翼]$/;
/** Ends of what is done, felt and told. */
const noGiven =
  /[承解諾意得宅会添話絡着在否迎参席院談認示告護療病症癌熱痛亡去後中前時科室棟員師士者様氏殿家方側等他宛記察診術薬訴助]$|^(?:[様氏殿君]|説明|希望|入浴|退室|拒絶|介入|協力|対応|要介)/;
const words: ReadonlySet<string> = new Set(
  `紹介 媒介 仲介 交代 世代 年代 時代 女子 男子 母子 父子 双子 調子 様子 帽子 椅子 因子 本人 夫人 婦人 成人 老人 他人 大人 病人 故人 個人 一人 二人 三人 証人 保証人 代理人 後見人 管理人 同居人
付添人 大丈夫 統一 唯一 第一 再三 意志 組織 世紀 側枝 分枝 野菜 男児 女児`.split(/\s+/),
);
/** What hiragana behind a name mostly is. */
const particles =
  /^(?:から|より|まで|など|です|でし|だっ|には|とは|では|にて|にも|でも|として|のみ|のため|との|への|であ|さん|さま|ちゃん|くん|という|とい|いる|いた|きた|おり|[がをへやに]|は(?![るなつす])|[とものでか]$)/;
const title = /(?:様|氏|殿|君|さん|さま|ちゃん|くん)$/;

/** The name of the relative whose family name, known, stands here; undefined: it is the family name alone. */
export function relativeAt({ script, entity }: Told, plain: string, start: number, end: number): Span | undefined {
  if (script === 'latin') return inLatin(plain, start, end);
  const from = plain[end] === ' ' ? end + 1 : end;
  const c = plain.charCodeAt(from);
  const test = isKanji(c) ? isKanji : isHiragana(c) ? isHiragana : isKatakana;
  const all = ahead(plain, from, test, 9);
  const run = plain.slice(from, all).replace(title, '');
  const stop = from + run.length;
  const inKanji = test === isKanji;
  if (run === '' || run.length > (inKanji ? 3 : test === isHiragana ? 5 : 8) || (!inKanji && run.length === 1)) return undefined;
  if (inKanji && (noGiven.test(run) || words.has(run))) return undefined;
  if (noNames.has(run) || (roles.exec(run)?.[0].length ?? 0) > 1) return undefined;
  const isLabelled = ' :(「/,、・さ'.includes(plain[all] ?? '。') && behind.test(plain.slice(all, all + 12));
  if (test === isHiragana && !isLabelled && (particles.test(run) || isKanji(plain.charCodeAt(all)))) return undefined;
  // 妻 高橋涙ぐむ
  const isBehind = before.test(plain.slice(Math.max(0, start - 10), start)) && (!inKanji || !isHiragana(plain.charCodeAt(all)));
  // 小林一郎（弟） is not of the family 林.
  if (end - start === 1 && !isBehind && isKanji(plain.charCodeAt(start - 1))) return undefined;
  const isKin = isLabelled || isBehind;
  // 林一: of a family name of one kanji the two are a word as well.
  const isGiven = inKanji && given.test(run) && (isKin || end - start > 1);
  const isSure = isBehind || (isLabelled && !comma.test(plain.slice(all, all + 2)));
  // 父 高血圧, 母 関節リウマチ
  return isGiven || (isSure && end - start > 1 && (from === end || !inKanji))
    ? { start, end: stop, entity: isKin ? 'relative' : entity }
    : undefined;
}

function inLatin(plain: string, start: number, end: number): Span | undefined {
  const last = end + (wordBehind.exec(plain.slice(end, end + 24))?.[0].length ?? 0);
  const first = start - (wordBefore.exec(plain.slice(Math.max(0, start - 22), start))?.[0].length ?? 0);
  const is = (from: number, to: number): boolean =>
    kinBefore.test(plain.slice(Math.max(0, from - 24), from)) || kinBehind.test(plain.slice(to, to + 32));
  if (last > end && is(start, last)) return { start, end: last, entity: 'relative' };
  return first < start && is(first, end) ? { start: first, end, entity: 'relative' } : undefined;
}
