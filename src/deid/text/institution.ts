/**
 * The forms of an institution's name: as written, without its legal form, and without what stands before a space (a ward behind its hospital).
 * @module
 */
import { keyString } from './fold.ts';
import type { Form } from './form.ts';
import { namesNobody } from './role.ts';

export const legalForms =
  /医療法人(?:社団|財団)?|社会医療法人|社会福祉法人|学校法人|独立行政法人|国立研究開発法人|国立大学法人|地方独立行政法人|公益財団法人|公益社団法人|一般財団法人|一般社団法人|財団法人|社団法人|宗教法人|特定非営利活動法人|NPO法人|株式会社|有限会社|合同会社|合名会社|合資会社|\((?:株|有|医|社|財|学|独)\)|\b(?:inc|ltd|llc|corp|co|gmbh)\b\.?/gi;

/** Kinds of institution and of ward, which name none. */
const kinds =
  /^(?:(?:総合|大学|救急|市民|県立|市立|国立|中央|一般|専門|精神科|当|他|内|外|小児|整形|脳神経|心臓血管|消化器|循環器|呼吸器|腎臓|神経|皮膚|泌尿器|産婦人|耳鼻咽喉|眼|放射線|麻酔|集中治療|リハビリテーション|検査|薬剤|看護|栄養|地域連携|医事)*(?:病院|医院|診療所|クリニック|センター|薬局|病棟|外来|内科|外科|科|部|課|室|手術室|病室|集中治療室|ICU|CCU|NICU|HCU|ER))$|^(?:hospital|clinic|pharmacy|ward|icu|ccu|nicu|hcu|er|emergency(?: room| department)?|operating room|laboratory|radiology|pharmacy|surgery|internal medicine|outpatient|inpatient|\d+)$/i;

/** Longest name that is read, UTF-16 units. */
const longest = 200;

/** What a hospital's name ends with, and its short forms do without. */
const kindBehind = /(?:病院|クリニック|医院|診療所|薬局)$|\s(?:hospital|clinic|medical cent(?:er|re))$/i;
/** Words that many names of hospitals have, and that texts have for themselves. */
const general =
  /人工|透析|在宅|医療|[も物]の?忘れ|睡眠|無呼吸|リハビリ(?:テーション)?|[健検]診|健康|管理|救[命急]|総合|大学|[附付]属|記念|国際|中央|市民|[都道府県市町村国]立|地域|がん|癌|[内外整形皮眼歯]科|整形|形成|小児|循環器|消化器|呼吸器|腎臓|糖尿|内分泌|代謝|耳鼻|咽喉|東洋|漢方|心療|精神|神経|心臓|血管|乳腺|肛門|胃腸|産?婦人|泌尿器|放射線|麻酔|緩和|ケア|ペイン|老年|高齢者?|療養|回復期|急性期|訪問|看護|介護|家庭|ファミリー|レディース|女性|周産期|母子|こども|子ども|メディカル|[科病産時脳]/g;
/** Of departments (関節リウマチ, Heart Failure), and so of diagnoses too. */
const clinical =
  /[病症炎腫瘤術癌節肢脊椎髄血透析腺腸鏡梗塞染煙胃膚骨筋痛眼腎肝肺脳喉鼻]|心房|心臓|医学|外来|第[一二三四]|アトピー|リウマチ|カメラ|アレルギー|リハビリ/;
const namesSaint = /(?<![a-z])(?:st\.? |saint |mt\.? |mount )|'s?(?![a-z])/i;
const leastCore = 4;

/** みなみ内科 of みなみ内科クリニック; undefined: what remains is a word of its own, or too short. */
function core(name: string): Form[] {
  const text = name.replace(kindBehind, '').trim();
  if (text === name || keyString(text).length < leastCore || namesNobody(text) || kinds.test(text)) return [];
  const form = (text: string, sureness: Form['sureness']): Form => ({ text, entity: 'institution', sureness });
  // Of one word only Latin letters do not tell a name from a place and a wish: Boston, Mercy.
  if (/^[\x00-\x7f]+$/.test(text)) return namesSaint.test(text) ? [form(text, 'capital')] : [];
  if (clinical.test(text) || text.replace(general, '').length < 2) return [];
  // すこやかに is no hospital.
  return /[\u3400-\u9fff]/.test(text) ? [form(text, 'whole')] : ['CL', 'クリ', 'HP', 'hosp'].map(kind => form(text + kind, 'whole'));
}

/** 訪看ひまわり, ひまわりST, of 三軒茶屋訪問看護ステーションひまわり. */
function nursing(name: string): Form[] {
  const [, before = '', behind = ''] = /^(.*)訪問看護ステーション(.*)$/.exec(name) ?? [];
  const own = (behind === '' ? before : behind).trim();
  return keyString(own).length < 2
    ? []
    : [`訪看${own}`, `訪問看護${own}`, `${own}訪看`, `${own}訪問看護`, `${own}ST`].map(text => ({
        text,
        entity: 'institution',
        sureness: 'whole',
      }));
}

export function institutionForms(name: string): Form[] {
  const plain = name.slice(0, longest).normalize('NFKC').trim();
  const without = plain.replace(legalForms, ' ').trim();
  const ways = new Set([plain, without, ...without.split(/\s+/).filter(word => /[^\x00-\x7f]/.test(word))]);
  const named = [...ways].filter(way => !kinds.test(way) && !namesNobody(way) && keyString(way).length >= 3);
  return [
    ...named.map(text => ({
      text,
      entity: 'institution' as const,
      sureness: /^[a-z]{1,4}$/.test(keyString(text)) ? ('cued' as const) : ('whole' as const),
    })),
    ...named.flatMap(way => [...core(way), ...nursing(way)]),
  ];
}
