/**
 * Two synthetic hospitals, one person after the other: what each hospital posts, the notices it gave, and the truth that only the generator knows.
 * Pure: seed, day and number of patients decide every byte.
 * @module
 */
import type { Bundle, Communication } from '@medplum/fhirtypes';
import { dayBefore } from './calendar.ts';
import { type Institution, type Person, personOf, type Request, writingOf } from './person.ts';
import { random } from './random.ts';
import { noticeOf, patientNumber, recordOf } from './record.ts';

export { institutions, type Request } from './person.ts';

/** What one hospital has of one person. */
export interface AtHospital {
  readonly institution: Institution;
  /** Patient number there. */
  readonly number: string;
  readonly bundle: Bundle;
  readonly notice?: Communication;
  /** Day of the notice. */
  readonly noticed?: string;
  /** Whether the notice is old enough on the reference day: only then may the hospital send the bundle. */
  readonly cleared: boolean;
  /** How the hospital's writing differs from the first one's. */
  readonly differs: readonly string[];
}

export interface Generated {
  readonly person: Person;
  readonly at: readonly AtHospital[];
}

/** The waiting period after a notice; the day itself does not count. */
const waitDays = 30;

function atHospital(request: Request, person: Person, institution: Institution): AtHospital {
  const r = random(request.seed, 'noticed', person.person, institution);
  const age = person.notice === 'young' ? r.whole(0, waitDays) : r.whole(waitDays + 10, 400);
  const noticed = person.notice === 'none' ? undefined : dayBefore(request.day, age);
  return {
    institution,
    number: patientNumber(request, person, institution),
    bundle: recordOf(request, person, institution),
    ...(noticed === undefined ? {} : { noticed, notice: noticeOf(request, person, institution, noticed) }),
    cleared: person.notice === 'given',
    differs: writingOf(request, person, institution).differs,
  };
}

/** All persons in order, each made when it is asked for. */
export function* hospitals(request: Request): Generator<Generated> {
  for (let number = 1; number <= request.patients; number++) {
    const person = personOf(request, number);
    yield { person, at: person.at.map(institution => atHospital(request, person, institution)) };
  }
}
