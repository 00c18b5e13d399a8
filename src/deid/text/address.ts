/**
 * Addresses that no record knows: by 都道府県 and 市区町村, by 丁目 and 番地, by a label, in English by the number and kind of a street.
 * @module
 */
import { each } from './each.ts';
import type { Emit } from './entity.ts';
import { ahead, back, isJapanese, isKanji, isKatakana, isLetter } from './letters.ts';
import { noValue } from './role.ts';

const prefectures =
  '北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都|神奈川県|新潟県|富山県|石川県|福井県|山梨県|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県|和歌山県|鳥取県|島根県|岡山県|広島県|山口県|徳島県|香川県|愛媛県|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県|鹿児島県|沖縄県';
const municipality = '[一-龠々ヶケァ-ンーぁ-ん]{1,7}?[市区町村郡]';
const addressed = new RegExp(
  `(?:${prefectures})\\s?(?:${municipality}\\s?){1,3}(?:[一-龠々ヶケァ-ンーが]{1,10}(?=\\s?[\\d一二三四五六七八九十]+\\s?(?:丁目|番|-|条|号)))?`,
  'g',
);
/** Where the numbers of an address begin. */
const house =
  /(?<![\d一二三四五六七八九十./-])(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s?(?:(丁目|番地|丁(?=\d{1,3}(?:-\d|番)))|番\d|-\d{1,3}-\d)/g;
/** Municipalities that begin in hiragana. */
const inHiragana =
  /(?:さいたま|つくば|いわき|ひたちなか|かすみがうら|みどり|さくら|あきる|つがる|むつ|にかほ|ふじみ|いすみ|かほく|あわら|みよし|いなべ|えびの|うるま|うきは|みやま|あま|たつの|まんのう|みなかみ)$/;
/** Of Sapporo: 北1西2, which no other words look like. */
const blocks = /(?<![\d東西])[北南]\d{1,2}条?[東西]\d{1,2}(?:丁目)?(?![\d.])/g;
const label = /(?:住所|居住地|本籍|現住所|実家|自宅)\s?[:]\s?/g;
const street =
  /(?<![A-Za-z0-9])\d{1,5}\s(?:[NSEW]\.?\s)?(?:[A-Z][A-Za-z'.-]{1,20}\s){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Square)\b\.?(?:,?\s(?:Apt|Suite|Unit|#)\.?\s?[A-Za-z0-9-]{1,6})?(?:,\s[A-Z][A-Za-z .'-]{1,30})?(?:,\s[A-Z]{2}\s\d{5}(?:-\d{4})?)?/g;

/** Numbers of an address behind its name, a building and a room with them. */
const numbers =
  /^(?:\s?第?(?:\d{1,4}|[〇一二三四五六七八九十]{1,4})\s?(?:丁目?|番地の?|番|号室|号棟|号|条|階|F(?![A-Za-z])|[のノ](?=[\d〇一二三四五六七八九十])|-(?=\s?\d)|線))*(?:(?<=[のノ])[〇一二三四五六七八九十]{1,4}(?![\u3400-\u9fff])|\s?\d{1,4}(?![\d.]|\s?(?:年|月|日|歳|才|時|分|回|名|人|例|件|cm|mm|kg|%|\/)))?/;
const building =
  /^\s?[一-龠々ァ-ヶーA-Za-z]{0,14}(?:ハイツ|コーポ|マンション|アパート|メゾン|ハイム|荘|団地|ビル|タワー|レジデンス|コート|パレス|パーク[一-龠ァ-ヶー]{0,8}|サンライズ[一-龠ァ-ヶー]{0,8}|寮)[一-龠ァ-ヶーA-Za-z]{0,8}\s?\d{0,4}(?:号室?|階)?/;

/** End of an address whose place names end here. */
export function addressEnd(plain: string, end: number): number {
  const first = numbers.exec(plain.slice(end, end + 60))?.[0].length ?? 0;
  if (first === 0) return end;
  const house = building.exec(plain.slice(end + first, end + first + 60))?.[0].length ?? 0;
  return end + first + house;
}

const placeLetter = (c: number): boolean => isKanji(c) || isKatakana(c) || c === 0x304c;

export function findAddresses(plain: string, emit: Emit): void {
  if (/[県都道府市区町村丁番]/.test(plain)) {
    each(addressed, plain, match => {
      const end = match.index + match[0].length;
      emit(match.index, addressEnd(plain, end), 'address');
    });
    each(house, plain, match => {
      const close = back(plain, match.index, placeLetter, 24);
      // 北1条西2丁目
      const street = plain[close] === '条' ? (/[北南東西]\d{1,2}$/.exec(plain.slice(Math.max(0, close - 3), close))?.[0].length ?? 0) : 0;
      const run = street === 0 ? close : back(plain, close - street, placeLetter, 24);
      const text = plain.slice(run, match.index);
      if (text.length < 2 || (match[1] === undefined && !/[市区町村郡]/.test(text))) return;
      const hiragana = inHiragana.exec(plain.slice(Math.max(0, run - 6), run))?.[0].length ?? 0;
      emit(run - hiragana, addressEnd(plain, match.index), 'address');
    });
  }
  if (/[東西]\d/.test(plain)) each(blocks, plain, ({ 0: text, index }) => emit(index, addressEnd(plain, index + text.length), 'address'));
  each(label, plain, match => {
    const at = match.index + match[0].length;
    const end = ahead(plain, at, c => isJapanese(c) || isLetter(c) || (c >= 0x30 && c <= 0x39) || c === 0x2d, 60);
    if (end - at > 3 && !noValue.test(plain.slice(at, end).replace(/^\d+/, ''))) emit(at, end, 'address');
  });
  if (/\d\s[A-Z]/.test(plain)) each(street, plain, match => emit(match.index, match.index + match[0].length, 'address'));
}
