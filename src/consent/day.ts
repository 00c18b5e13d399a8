/**
 * Calendar days of a time zone: the waiting period counts dates, not hours.
 * IANA time zones through Intl; R4: https://hl7.org/fhir/R4/datatypes.html#dateTime
 * @module
 */

const formats = new Map<string, Intl.DateTimeFormat>();
const dayMs = 86_400_000;

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Number of the calendar day (days since 1970-01-01) that an instant falls on in this zone. */
export function dayNumber(ms: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(part => [part.type, part.value]),
  );
  return Date.UTC(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day'])) / dayMs;
}

/** The first instant of a calendar day in a zone. */
export function startOfDay(day: number, timeZone: string): number {
  const noon = day * dayMs + dayMs / 2;
  // Zones are at most 14 hours away: the day begins in the 26 hours before this noon.
  let low = noon - 26 * 3_600_000;
  let high = noon + 12 * 3_600_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayNumber(middle, timeZone) >= day) high = middle;
    else low = middle;
  }
  return high;
}

/** A dateTime that is exact to the day at least → its first and last instant; undefined: less exact, or none. A date without a time is meant in the zone. */
export function instants(dateTime: unknown, timeZone: string): { first: number; last: number } | undefined {
  if (typeof dateTime !== 'string') return undefined;
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(dateTime);
  if (date) {
    const utc = Date.parse(`${dateTime}T00:00:00Z`);
    if (Number.isNaN(utc) || new Date(utc).getUTCDate() !== Number(date[3])) return undefined;
    const day = utc / dayMs;
    return { first: startOfDay(day, timeZone), last: startOfDay(day + 1, timeZone) - 1 };
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(dateTime)) return undefined;
  const at = Date.parse(dateTime);
  return Number.isNaN(at) ? undefined : { first: at, last: at };
}
