/**
 * Days of the calendar as text, `YYYY-MM-DD`, counted without a clock and without a time zone.
 * @module
 */

const dayMs = 86_400_000;

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

export const dayBefore = (of: string, days: number): string => day(Date.parse(of) - days * dayMs);
export const dayAfter = (of: string, days: number): string => dayBefore(of, -days);
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / dayMs);

/** The earlier of two days. */
export const earlier = (one: string, other: string): string => [one, other].sort()[0]!;

/** A day `years` and some `days` before another: somebody born then is `years` old on it. */
export function yearsBefore(of: string, years: number, days: number): string {
  const same = new Date(Date.parse(of));
  same.setUTCFullYear(same.getUTCFullYear() - years);
  return day(same.getTime() - days * dayMs);
}

/** A moment of that day in Japan. */
export const at = (of: string, time: string): string => `${of}T${time}:00+09:00`;
