/**
 * Which of two dateTimes comes first, as far as they say: to the precision they have, and with or without a zone.
 * R4: https://hl7.org/fhir/R4/datatypes.html#dateTime, http://hl7.org/fhirpath/N1/#comparison
 * @module
 */

/** Milliseconds that a dateTime begins and ends with, given to the precision it has; without a zone, the instant is not sure by 14 hours. */
function span(text: string): readonly [number, number] | undefined {
  const [date, clock] = text.split('T');
  const [year, month, day] = date!.split('-').map(Number);
  if (clock !== undefined) {
    const at = Date.parse(text.replace(/:60/, ':59').replace(/(\.\d{3})\d+/, '$1'));
    return Number.isNaN(at) ? undefined : [at, at];
  }
  const from = Date.UTC(year!, (month ?? 1) - 1, day ?? 1);
  const to = day !== undefined ? from + 86_399_999 : Date.UTC(month === undefined ? year! + 1 : year!, month ?? 0, 1) - 1;
  return [from, to];
}

const zoneSlack = 14 * 3_600_000;

/**
 * Whether start may be before or at end. Of the same precision and zone, they are compared as they stand; where the precision differs FHIRPath's answer
 * is empty, which refuses nothing.
 */
export function inOrder(start: unknown, end: unknown): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true;
  if (start === end || (start.length === end.length && start.length <= 10)) return start <= end;
  const a = span(start);
  const b = span(end);
  if (a === undefined || b === undefined) return true;
  return a[0] <= b[1] + (start.includes('T') === end.includes('T') ? 0 : zoneSlack);
}
