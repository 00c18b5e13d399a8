/**
 * place: of all addresses one (home before work, never an old one) leaves, cut to prefecture (state) and municipality (city). A text that holds more than that, a number or a block, is cut or goes.
 * `to` says how fine: `city` (default), `area` (a secondary medical area, 二次医療圏, or any other that the policy's table of municipalities knows, in `district`), `prefecture`.
 * JP Core addresses: state 都道府県, city 郡市区町村, line the rest.
 * R4: https://hl7.org/fhir/R4/datatypes.html#Address
 * @module
 */
import type { Json } from '../../fhir/model/r4.ts';
import { isObject } from '../context.ts';
import { type Method, oneOf, texts } from './method.ts';
import { areaTable, oneOfWords, textList } from './option.ts';

const longest = 40;
/** Numbers in any width, block and house words: the text goes on below the municipality. */
const below = /[\p{Nd}〒@]|丁目|番地|番[^町]|号$/u;
/** Cities that have wards; elsewhere 区 behind 市 is a quarter. */
const withWards = '札幌 仙台 さいたま 千葉 横浜 川崎 相模原 新潟 静岡 浜松 名古屋 京都 大阪 堺 神戸 岡山 広島 北九州 福岡 熊本'.split(' ');
/** Municipalities in whose name 市, 郡, 町 or 村 stands before its end. */
const peculiar =
  '余市町 上市町 下市町 四日市市 廿日市市 野々市市 大町市 大町町 十日町市 玉村町 田村市 大村市 羽村市 東村山市 武蔵村山市 蒲郡市 小郡市 上郡町 大和郡山市'.split(
    ' ',
  );
const municipality = new RegExp(
  `^(?:(?:.{1,4}郡)?(?:${peculiar.join('|')})|(?:${withWards.join('|')})市.{1,4}?区|.{1,4}?郡.{1,6}?[町村]|.{1,7}?[市区町村])`,
  'u',
);
const latin = /^\p{Script=Latin}[\p{Script=Latin} .'-]*$/u;
/** A prefecture in Latin letters: its municipalities end as in Japanese, and what follows is cut off as there. */
const romaji = new Set(
  'hokkaido aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba tokyo kanagawa niigata toyama ishikawa fukui yamanashi nagano gifu shizuoka aichi mie shiga kyoto osaka hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa ehime kochi fukuoka saga nagasaki kumamoto oita miyazaki kagoshima okinawa'.split(
    ' ',
  ),
);
const inJapan = (state: string): boolean =>
  romaji.has(
    state
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      .toLowerCase()
      .replace(/[ -](?:to|do|fu|ken|prefecture)$/u, ''),
  );
const romajiMunicipality =
  /^(?:\p{Script=Latin}[\p{Script=Latin}']*[ -](?:shi|city)[ ,]+)?\p{Script=Latin}[\p{Script=Latin}']*[ -](?:shi|ku|machi|cho|mura|son|city|ward|town|village)(?![\p{Script=Latin}])/iu;

export const place: Method = {
  types: ['Address'],
  options: { prefectures: textList, to: oneOfWords('city', 'area', 'prefecture'), areas: areaTable },
  mark: 'generalized',
  list: true,
  make: options => {
    const prefectures: ReadonlySet<string> = new Set(texts(options, 'prefectures'));
    const state = (text: unknown): string | undefined => {
      if (typeof text !== 'string') return undefined;
      if (prefectures.has(text)) return text;
      const longer = [...prefectures].find(name => text.startsWith(name));
      return longer ?? (latin.test(text) && text.length <= longest ? text : undefined);
    };
    const city = (given: unknown, prefecture: string): string | undefined => {
      if (typeof given !== 'string' || given.length > 2 * longest) return undefined;
      const text = given.startsWith(prefecture) ? given.slice(prefecture.length).trimStart() : given;
      if (inJapan(prefecture)) return romajiMunicipality.exec(text)?.[0];
      if (!prefectures.has(prefecture)) return latin.test(text) && text.length <= longest ? text : undefined;
      const cut = municipality.exec(text)?.[0];
      return cut !== undefined && !below.test(cut) ? cut : undefined;
    };
    const to = oneOf(options, 'to', ['city', 'area', 'prefecture']);
    const areas = options['areas'];
    if ((to === 'area') !== isObject(areas)) throw new Error('"areas" (prefecture and municipality → area) and "to": "area" go together');
    const cut = (value: unknown): Json | undefined => {
      if (!isObject(value)) return undefined;
      const prefecture = state(value['state']);
      if (prefecture === undefined) return undefined;
      const town = to === 'prefecture' ? undefined : city(value['city'], prefecture);
      if (town === undefined) return { state: prefecture };
      if (!isObject(areas)) return { city: town, state: prefecture };
      const area = areas[prefecture + town];
      return { ...(typeof area === 'string' ? { district: area } : {}), state: prefecture };
    };
    return value => {
      const addresses = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(isObject);
      for (const uses of [['home'], [undefined], ['work', 'billing']] as readonly (readonly unknown[])[]) {
        const one = addresses.filter(address => uses.includes(address['use'])).flatMap(address => cut(address) ?? [])[0];
        if (one !== undefined) return Array.isArray(value) ? [one] : one;
      }
      return undefined;
    };
  },
};
