/**
 * What a receipt says, in words: plain ones, in Japanese and in English, one after the other as they stand on the paper.
 * @module
 */
import type { Acknowledgement, Relation } from '../acknowledgement.ts';

export interface Words {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
  readonly paragraphs: readonly { readonly heading: string; readonly text: string }[];
  readonly foot: string;
}

const ja: Readonly<Record<Relation, string>> = {
  self: 'ご本人',
  'not-stated': '記載なし',
  other: 'ご家族・代理の方',
  spouse: '配偶者',
  child: '子',
  grandchild: '孫',
  parent: '父母',
  grandparent: '祖父母',
  sibling: '兄弟姉妹',
  guardian: '親権者・後見人',
  representative: '代理人',
};
const en: Readonly<Record<Relation, string>> = {
  self: 'the patient',
  'not-stated': 'not stated',
  other: 'a relative or representative',
  spouse: 'spouse',
  child: 'child',
  grandchild: 'grandchild',
  parent: 'parent',
  grandparent: 'grandparent',
  sibling: 'brother or sister',
  guardian: 'parent or guardian',
  representative: 'representative',
};

/** 2026-06-15T03:00Z → 2026年6月15日 12:00 (日本時間), in the zone of the calendar that counts. */
function moment(ms: number, language: 'ja' | 'en', timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });
  const [date = '', time = ''] = format.format(ms).split(', ');
  return `${day(date, language)} ${time} (${timeZone})`;
}

/** The day of a dateTime, as it was written. */
function day(dateTime: string, language: 'ja' | 'en'): string {
  const [year, month, date] = dateTime.slice(0, 10).split('-').map(Number);
  return language === 'ja' ? `${year}年${month}月${date}日` : dateTime.slice(0, 10);
}

export function wordsOf(one: Acknowledgement, sha256: string, timeZone: string): Words {
  return one.language === 'ja' ? japanese(one, sha256, timeZone) : english(one, sha256, timeZone);
}

function japanese(one: Acknowledgement, sha256: string, timeZone: string): Words {
  const isObjection = one.of === 'objection';
  return {
    title: isObjection ? '提供停止の求め 受付書' : '提供停止の求めの取り下げ 受付書',
    rows: [
      ['受付番号', one.number],
      ['お申し出の日', day(one.asked, 'ja')],
      [isObjection ? '受け付けた日時' : '取り下げを受け付けた日時', moment(one.received, 'ja', timeZone)],
      ['受け付けた窓口', one.receivedBy ?? '認定作成事業者の窓口またはアプリ'],
      ['お申し出になった方', ja[one.relation]],
      ['対象の範囲', one.institution === undefined ? 'すべての医療機関からの医療情報' : `${one.institution} からの医療情報`],
      ...(one.patientNumber === undefined ? [] : ([['患者番号（末尾のみ）', one.patientNumber]] as const)),
      ['お渡しの方法', one.delivery === 'paper' ? '書面' : '電子（ご承諾による）'],
    ],
    paragraphs: isObjection
      ? [
          {
            heading: 'これからのこと',
            text: '受け付けた時から、対象の医療機関からの医療情報は新たに受け取られず、研究のための提供にも使われません。すでに受け取った、あなたとわかる情報は、遅滞なく、できる限り消去します。',
          },
          {
            heading: '取り戻せないもの',
            text: 'すでに、誰の情報かわからないように加工して研究者に渡した情報は、あなたの分だけを見つけることができないため、取り戻せません。',
          },
          {
            heading: '不利益はありません',
            text: 'このお申し出によって、診療やそのほかのことで不利益を受けることはありません。お申し出はいつでも取り下げることができます。',
          },
        ]
      : [
          {
            heading: 'これからのこと',
            text: '提供停止の求めは取り下げられました。ふたたび医療情報が提供されるのは、医療機関から改めて通知を受け、決められた期間がすぎた後です。取り下げの前に受け取られた情報は使われないままです。',
          },
          {
            heading: '不利益はありません',
            text: '取り下げによって不利益を受けることはありません。いつでも、もう一度提供の停止を求めることができます。',
          },
        ],
    foot: `お問い合わせ先: ${one.contact}\nこの受付書の内容のハッシュ値 (SHA-256): ${sha256}`,
  };
}

function english(one: Acknowledgement, sha256: string, timeZone: string): Words {
  const isObjection = one.of === 'objection';
  return {
    title: isObjection ? 'Receipt of an objection' : 'Receipt of the withdrawal of an objection',
    rows: [
      ['Receipt number', one.number],
      ['Asked on', day(one.asked, 'en')],
      [isObjection ? 'Received' : 'Withdrawal received', moment(one.received, 'en', timeZone)],
      ['Received at', one.receivedBy ?? 'the operator’s desk or by app'],
      ['Asked by', en[one.relation]],
      ['Covers', one.institution === undefined ? 'records from all institutions' : `records from ${one.institution}`],
      ...(one.patientNumber === undefined ? [] : ([['Patient number (end only)', one.patientNumber]] as const)),
      ['Handed over', one.delivery === 'paper' ? 'on paper' : 'electronically, as agreed'],
    ],
    paragraphs: isObjection
      ? [
          {
            heading: 'What happens next',
            text: 'From the moment of receipt no more records are taken in from the institutions covered, and none are used for research. Records already received that show who you are will be erased without delay, as far as possible.',
          },
          {
            heading: 'What cannot be called back',
            text: 'Data that were already made anonymous and handed to researchers cannot be recalled, because nobody can find yours among them.',
          },
          {
            heading: 'No disadvantage',
            text: 'This objection brings you no disadvantage in your treatment or in anything else. You may withdraw it at any time.',
          },
        ]
      : [
          {
            heading: 'What happens next',
            text: 'The objection is withdrawn. Records will be provided again only after an institution has given you a new notice and the waiting period has passed. What was received before the withdrawal stays unused.',
          },
          { heading: 'No disadvantage', text: 'The withdrawal brings you no disadvantage. You may object again at any time.' },
        ],
    foot: `Contact: ${one.contact}\nHash of what this receipt says (SHA-256): ${sha256}`,
  };
}
