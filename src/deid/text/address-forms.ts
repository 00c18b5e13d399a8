/**
 * The forms of an address: whole; up to its first number, with and without 都道府県, 郡 and 市 before (what follows is written in a dozen ways, and is taken with it: address.ts);
 * the building; the municipality.
 * @module
 */
import { keyString } from './fold.ts';
import type { Form, Sureness } from './form.ts';
import type { KnownAddress } from './known.ts';

/** Longest address that is read, UTF-16 units. */
const longest = 200;
/** Lines of one address before which its city and prefecture may stand. */
const mostLines = 10;
/** Units of a key from which the name of a town says which; 本町 and 梅田 need their city before, or a number behind. */
const leastTown = 3;

const postal = /〒?\s*[0-9０-９]{3}[-－ー‐−]?[0-9０-９]{4}\s*/;
const whole =
  /^(東京都|北海道|(?:京都|大阪)府|.{2,3}県)?\s*((?:[^0-9０-９\s]{1,6}?郡)?[^0-9０-９\s]{1,7}?[市区町村](?:[^0-9０-９\s市町村]{1,5}?区)?)(.*)$/;

/** House number and name of a street, without what kind of one it is. */
const english =
  /^(\d{1,6}[A-Za-z]?)\s+([A-Za-z][A-Za-z'. -]{2,40}?)(?:,?\s+(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|blvd|boulevard|ct|court|pl|place|way|ter|terrace|cir|circle|hwy|pkwy)\.?)?$/i;

/** A building of flats by its name without its kind, and the flat. */
const flat =
  /^(?:ハイツ|コーポ|メゾン|ハイム|レジデンス|パレス|ヴィラ|シャトー|マンション)?(.{2,}?)(?:ハイツ|コーポ|ハイム|マンション|アパート|団地|荘)?([0-9０-９]{2,5})号?室?$/;

interface Parts {
  readonly state: string;
  readonly city: string;
  readonly rest: string;
}

const cut = (text: string): string => text.slice(0, longest);

/** Of an address that is given in one piece only, the parts that it says. */
function partsOf({ line, text = '', ...given }: KnownAddress): Parts {
  const [state, city, district] = [cut(given.state ?? ''), cut(given.city ?? ''), cut(given.district ?? '')];
  if (city !== '' || line.length > 0) return { state, city, rest: district + line.join('') };
  const found = whole.exec(cut(text).replace(postal, '').trim());
  return found === null ? { state, city, rest: '' } : { state: found[1] ?? state, city: found[2]!, rest: found[3]! };
}

export function addressForms(address: KnownAddress): Form[] {
  const forms: Form[] = [];
  const add = (text: string, sureness: Sureness = 'whole'): void => {
    const key = keyString(text);
    if (key.length > 1)
      for (const way of kePlaces(text)) forms.push({ text: way, entity: 'address', sureness: key.length < leastTown ? 'cued' : sureness });
  };
  const { state, city, rest } = partsOf(address);
  // 大阪市北区: 北区; 西多摩郡奥多摩町: 奥多摩町.
  const short = /^(?:.+?[市郡])(.+[区町村])$/.exec(city)?.[1] ?? '';
  const lines = [rest, ...address.line].map(one => cut(one).replace(postal, '').trim()).filter(one => one !== '');
  for (const [nth, one] of lines.entries()) {
    const town = /^[^0-9０-９]*?(?=[0-9０-９]|[一二三四五六七八九十]{1,3}(?:丁目|番|条)|$)/.exec(one)?.[0] ?? '';
    for (const before of nth < mostLines ? new Set([state + city, city, short, '']) : ['']) {
      add(before + one);
      if (town !== '') add(before + town);
    }
    // 南区茶山台, where the line begins with the ward.
    const inWard = /^[^区]{1,5}区(.{2,})$/.exec(town)?.[1];
    if (inWard !== undefined) add(inWard);
    // 1482 Maple Hollow Rd: by its number in any case, by its name alone where that has two words.
    const [, house, street] = english.exec(one) ?? [];
    if (street !== undefined) {
      add(`${house} ${street}`);
      if (/[a-z]\s+[a-z]/i.test(street) && keyString(street).length >= 8) add(street);
    }
    const building = /[0-9０-９丁目番地号\-－]\s*([^0-9０-９丁目番地号\-－\s].*)$/.exec(one)?.[1];
    if (building !== undefined && keyString(building).length >= 4) {
      add(building);
      const name = building.replace(/[0-9０-９]{1,5}\s*(?:号室?|階|F|f)?\s*$/, '');
      if (keyString(name).length >= 4) add(name);
      // 青葉201, of コーポ青葉201.
      const [, stem, room] = flat.exec(building) ?? [];
      if (stem !== undefined && stem.length > 1) for (const behind of ['', '号', '号室']) add(stem + room! + behind);
    }
  }
  if (address.text !== undefined) add(cut(address.text).replace(postal, ''));
  // The municipality of a patient; prefectures stay, as in structured data.
  if (address.role !== 'institution' && city !== '') {
    if (/[都道府県]$/.test(state)) add(state + city);
    if (keyString(city).length >= leastTown) add(city);
    // 安城の自宅
    const stem = (short === '' ? city : short).replace(/[市区町村]$/, '');
    if (stem.length > 1) add(stem, 'cued');
  }
  if (address.postalCode !== undefined && keyString(address.postalCode).length >= 5)
    forms.push({ text: address.postalCode, entity: 'postal-code', sureness: 'whole' });
  return forms;
}

/** 緑ケ丘 and 緑が丘 are one place, as are 霞ヶ関 and 霞が関. */
function kePlaces(text: string): string[] {
  const ke = /(?<=[\u4e00-\u9fff])[ケヶがガ](?=[\u4e00-\u9fff])/g;
  return /[ケヶがガ]/.test(text) ? [...new Set([text, text.replace(ke, 'ケ'), text.replace(ke, 'が')])] : [text];
}
