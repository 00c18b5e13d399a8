/**
 * What a date means: the stretch of time from its first to its last millisecond, by its precision; a date without a zone is that of the server's zone.
 * R4: https://hl7.org/fhir/R4/search.html#date
 * @module
 */

/** First and last instant meant, in milliseconds. */
type Span = readonly [low: number, high: number];

/** Reads dates in one zone. */
export type ReadDate = (text: string) => Span | undefined;

const defaultTimeZone = 'Asia/Tokyo';
export const noBeginning = -8.64e15;
export const noEnd = 8.64e15;

const form = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const day = 86_400_000;

/** Milliseconds of a wall clock as if it stood in Greenwich; years below 100 too. */
const utc = (year: number, month: number, date: number): number => {
  const ms = Date.UTC(2000, month, date);
  return year === 2000 ? ms : new Date(ms).setUTCFullYear(year, month, date);
};

const daysOf = (year: number, month: number): number => new Date(utc(year, month, 0)).getUTCDate();

const readers = new Map<string, ReadDate>();

/** A reader for an IANA zone, the same one for the same zone; throws RangeError when there is no such zone. */
export function dateReader(timeZone: string = defaultTimeZone): ReadDate {
  let reader = readers.get(timeZone);
  if (reader === undefined) readers.set(timeZone, (reader = makeReader(timeZone)));
  return reader;
}

function makeReader(timeZone: string): ReadDate {
  const instantOf = wallClock(timeZone);
  return text => {
    const m = form.exec(text);
    if (m === null) return undefined;
    const [, y, mo, d, h, mi, s, fraction, zone] = m;
    const year = Number(y);
    if (year === 0) return undefined;
    if (mo === undefined) return [instantOf(utc(year, 0, 1)), instantOf(utc(year + 1, 0, 1)) - 1];
    const month = Number(mo);
    if (month < 1 || month > 12) return undefined;
    if (d === undefined) return [instantOf(utc(year, month - 1, 1)), instantOf(utc(year, month, 1)) - 1];
    const date = Number(d);
    if (date < 1 || date > 31 || (date > 28 && date > daysOf(year, month))) return undefined;
    const midnight = utc(year, month - 1, date);
    if (h === undefined) return [instantOf(midnight), instantOf(midnight + day) - 1];
    const hours = Number(h);
    const minutes = Number(mi);
    const seconds = s === undefined ? 0 : Number(s);
    // 60 is a leap second, which POSIX time counts as the next one.
    if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
    const ms = fraction === undefined ? 0 : Number(fraction.padEnd(3, '0').slice(0, 3));
    const local = midnight + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
    const low = zone === undefined ? instantOf(local) : local - offset(zone);
    const length = s === undefined ? 60_000 : fraction === undefined ? 1000 : 1;
    return [low, low + length - 1];
  };
}

const offset = (zone: string): number => {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone[0] === '-' ? -minutes : minutes) * 60_000;
};

const mostRemembered = 50_000;
/** Before that, zones have local mean times of odd seconds, which no record means. */
const firstZoned = Date.UTC(1900, 0, 1);

/** From a wall clock of a zone (ms as if in Greenwich) to the instant. Asking Intl is slow, so days that came before are remembered. */
function wallClock(timeZone: string): (local: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (timeZone === 'UTC') return local => local;
  const ahead = (instant: number): number => {
    const at = Math.floor(Math.max(instant, firstZoned) / 1000) * 1000;
    const p: Record<string, number> = {};
    for (const part of format.formatToParts(at)) p[part.type] = Number(part.value);
    return utc(p['year']!, p['month']! - 1, p['day']!) + ((p['hour']! * 60 + p['minute']!) * 60 + p['second']!) * 1000 - at;
  };
  const remembered = new Map<number, number>();
  return local => {
    let instant = remembered.get(local);
    if (instant === undefined) {
      // Twice: the first guess may lie on the other side of a change of the clock.
      const guess = local - ahead(local);
      instant = local - ahead(guess);
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(local, instant);
    }
    return instant;
  };
}
