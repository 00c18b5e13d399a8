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

export function institutionForms(name: string): Form[] {
  const plain = name.slice(0, longest).normalize('NFKC').trim();
  const without = plain.replace(legalForms, ' ').trim();
  const ways = new Set([plain, without, ...without.split(/\s+/).filter(word => /[^\x00-\x7f]/.test(word))]);
  return [...ways]
    .filter(way => !kinds.test(way) && !namesNobody(way) && keyString(way).length >= 3)
    .map(text => ({
      text,
      entity: 'institution' as const,
      sureness: /^[a-z]{1,4}$/.test(keyString(text)) ? ('cued' as const) : ('whole' as const),
    }));
}
