/**
 * $who-was-told: an institution's notices in numbers, how its patients stand today, and which of them have to be told again.
 * Definition: profiles/OperationDefinition-who-was-told.json; R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { type Report, type WhoWasToldParts as Rules, whoWasTold } from '../consent/who-was-told.ts';
import type { Access } from '../fhir/model/access.ts';
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { AnyResource, Json } from '../fhir/model/r4.ts';
import { type InstitutionParts, institutionIn, type TheInstitution } from './institution.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';

export interface WhoWasToldParts extends InstitutionParts {
  readonly store: Rules['store'];
  /** Milliseconds. */
  readonly now: () => number;
  /** What the gate goes by. */
  readonly noticeRules: Omit<Rules, 'store' | 'now'>;
}

/** Patient numbers of one answer: when nothing is said, and at most. */
const usual = 1000;
const most = 10_000;

const place = (name: string): { expression: string } => ({ expression: `Parameters.parameter.where(name='${name}')` });

/** One count: what it is about, and its parts. */
type Row = readonly [what: string, value: string, number: number];

export const whoTold = (parts: WhoWasToldParts): Operation => ({
  definition: definitionOf('who-was-told'),
  async run(given: Given, access: Access): Promise<Answer> {
    const institution = institutionIn(given, access, parts);
    const wantsList = given.get('list')?.[0] === true;
    if (wantsList && access.agent.role !== 'institution')
      throw new Problem('forbidden', 'The patients’ numbers are told to their institution alone.', place('list'));
    const format = given.get('format')?.[0];
    if (format !== undefined && format !== 'csv') throw new Problem('invalid-parameter', 'The parameter format is csv.', place('format'));
    const count = (given.get('count')?.[0] as number | undefined) ?? usual;
    const offset = (given.get('offset')?.[0] as number | undefined) ?? 0;
    if (count < 1 || count > most) throw new Problem('invalid-parameter', `The parameter count is from 1 to ${most}.`, place('count'));
    if (offset < 0) throw new Problem('invalid-parameter', 'The parameter offset is not negative.', place('offset'));
    for (const name of ['count', 'offset'])
      if (given.has(name) && !wantsList) throw new Problem('invalid-parameter', `The parameter ${name} goes with a list.`, place(name));
    const report = await whoWasTold(institution, { ...parts.noticeRules, store: parts.store, now: parts.now() });
    const listed = wantsList ? [...report.again].slice(offset, offset + count) : [];
    const rest = report.again.size - offset - listed.length;
    const numbers = listed.map(([key, reason]) => [key.slice(institution.ownNumbers.length), reason] as const);
    const rows = rowsOf(report);
    return {
      status: 200,
      resource: {
        resourceType: 'Parameters',
        parameter: [
          { name: 'institution', valueReference: { reference: institution.reference } },
          ...rows.map(inParts),
          ...numbers.map(([value, reason]) => ({
            name: 'patient',
            part: [
              { name: 'identifier', valueIdentifier: { system: institution.numberSystem, value } },
              { name: 'reason', valueCode: reason },
            ],
          })),
          ...(wantsList && rest > 0 ? [{ name: 'next', valueUnsignedInt: offset + listed.length }] : []),
          ...(format === undefined
            ? []
            : [file(wantsList ? [['number', 'reason'], ...numbers] : [['what', 'value', 'number'], ...rows], institution)]),
        ],
      } as unknown as AnyResource,
    };
  },
});

function rowsOf({ notices, total, clear, waiting, objected, again }: Report): readonly Row[] {
  const reasons = new Map<string, number>();
  for (const reason of again.values()) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const each = (what: string, counts: ReadonlyMap<string, number>): Row[] =>
    [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, number]) => [what, value, number]);
  return [
    ['notices', '', total],
    ...each('text', notices.text),
    ...each('channel', notices.channel),
    ...each('recipient', notices.recipient),
    ...each('month', notices.month),
    ['clear', '', clear],
    ['waiting', '', waiting],
    ['objected', '', objected],
    ['tell-again', '', again.size],
    ...each('reason', reasons),
  ];
}

/** Counts of what is there once have a value, the others say of what. */
const single: ReadonlySet<string> = new Set(['notices', 'clear', 'waiting', 'objected', 'tell-again']);

function inParts([name, value, number]: Row): Json {
  if (single.has(name)) return { name, valueUnsignedInt: number };
  const type = name === 'text' ? 'valueCanonical' : name === 'month' ? 'valueString' : 'valueCode';
  return {
    name,
    part: [...(value === '' ? [] : [{ name: 'value', [type]: value }]), { name: 'number', valueUnsignedInt: number }],
  };
}

/** RFC 4180, with a byte order mark, without which spreadsheets take it for Shift_JIS. */
function file(rows: readonly (readonly (string | number)[])[], { code }: TheInstitution): Json {
  const cell = (value: string | number) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const text = rows.map(row => `${row.map(cell).join(',')}\r\n`).join('');
  return {
    name: 'file',
    valueAttachment: {
      contentType: 'text/csv; charset=utf-8',
      title: `who-was-told-${code}.csv`,
      data: Buffer.from(`\ufeff${text}`).toString('base64'),
    },
  };
}
