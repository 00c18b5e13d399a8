/**
 * Which Patient records are one person's: those that share an identifier, a name or a Patient.link.
 * R4: https://hl7.org/fhir/R4/patient.html#links
 * @module
 */
import { isObject } from '../deid/context.ts';
import { personKeys } from '../fhir/model/person.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { literal } from '../fhir/model/reference.ts';

/** Everything that two records of one person may have in common: `name`, identifiers that mean one person, `Patient/<id>` of every Patient.link. */
export const tiesOf = (name: string, patient: AnyResource, base: string): string[] => [
  name,
  ...personKeys(patient),
  ...linksOf(patient, base),
];

const linksOf = (patient: AnyResource, base: string): string[] =>
  (Array.isArray(patient['link']) ? (patient['link'] as unknown[]) : []).flatMap(link => {
    const text = isObject(link) && isObject(link['other']) ? link['other']['reference'] : undefined;
    const own = typeof text === 'string' ? literal(text, base) : undefined;
    return own?.type === 'Patient' ? [`Patient/${own.id}`] : [];
  });

/**
 * Records that have a tie in common, directly or by way of others, together; persons by their first record, each person's records in their order.
 * @param first by tie, the first record that has it: filled here
 */
export function persons<T, Tie = string>(
  records: readonly T[],
  ties: (record: T) => Iterable<Tie>,
  first: Pick<Map<Tie, number>, 'get'> & { set(tie: Tie, record: number): unknown } = new Map<Tie, number>(),
): T[][] {
  // Union-find: each record leads to an earlier one of the same person, the first to itself.
  const leader = records.map((_, i) => i);
  const lead = (i: number): number => {
    let at = i;
    while (leader[at] !== at) at = leader[at] = leader[leader[at]!]!;
    return at;
  };
  records.forEach((record, i) => {
    for (const tie of ties(record)) {
      const met = first.get(tie);
      if (met === undefined) first.set(tie, i);
      else {
        const [a, b] = [lead(met), lead(i)];
        leader[Math.max(a, b)] = Math.min(a, b);
      }
    }
  });
  const groups = new Map<number, T[]>();
  records.forEach((record, i) => {
    const group = groups.get(lead(i));
    if (group === undefined) groups.set(lead(i), [record]);
    else group.push(record);
  });
  return [...groups.values()];
}
