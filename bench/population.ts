/**
 * A population as large as wanted, made patient by patient: what the workloads of searches ask for (LOINC, SNOMED CT and date families in the
 * proportions of a synthetic national population), always the same for the same number.
 * @module
 */

/** A patient has at least one resource of each type. */
export const fewestEach = 6;

const random = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const families = 'Smith Brown Schmidt Baker Anderson Silva Sato Suzuki 山田 佐藤 田中 高橋 Berg Ohnishi Johnson Clark'.split(' ');
const given = 'Anna Alan Berta Carl Dora Emil 太郎 花子 Akira John Maria Noa Oscar Paula'.split(' ');
const cities = 'Boston Springfield Worcester 大阪市 横浜市 Lowell Salem'.split(' ');

interface Measured {
  readonly code: string;
  readonly text: string;
  readonly category: 'vital-signs' | 'laboratory' | 'survey';
  /** Share of all Observations. */
  readonly share: number;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
}

const measured: readonly Measured[] = [
  { code: '72514-3', text: 'Pain severity', category: 'survey', share: 0.22, unit: '{score}', low: 0, high: 10 },
  { code: '8302-2', text: 'Body height', category: 'vital-signs', share: 0.12, unit: 'cm', low: 50, high: 200 },
  { code: '29463-7', text: 'Body weight', category: 'vital-signs', share: 0.12, unit: 'kg', low: 3, high: 190 },
  { code: '8867-4', text: 'Heart rate', category: 'vital-signs', share: 0.12, unit: '/min', low: 40, high: 180 },
  { code: '39156-5', text: 'Body mass index', category: 'vital-signs', share: 0.1, unit: 'kg/m2', low: 12, high: 50 },
  { code: '55758-7', text: 'Depression screening', category: 'survey', share: 0.08, unit: '{score}', low: 0, high: 6 },
  { code: '718-7', text: 'Hemoglobin in blood', category: 'laboratory', share: 0.07, unit: 'g/dL', low: 7, high: 18 },
  { code: '2947-0', text: 'Sodium in blood', category: 'laboratory', share: 0.04, unit: 'mmol/L', low: 130, high: 150 },
  { code: '8310-5', text: 'Body temperature', category: 'vital-signs', share: 0.01, unit: 'Cel', low: 35, high: 41 },
];
/** Laboratory values of which each is rare: their codes are `rareCode(0)` to `rareCode(9999)`. */
const rare = { share: 0.02, codes: 10_000 };
export const rareCode = (n: number): string => `rare-${n}`;
const conditions = ['38341003', '444814009', '195662009', '10509002', '72892002', '162864005', '73595000', '62718007', '234466008'];
const procedures = ['430193006', '180325003', '76601001', '117015009'];
const medicines = ['314231', '310798', '854252', '308136'];

type Made = Readonly<Record<string, unknown>>;

/** Id of Patient number `n`. */
export const idOf = (n: number): string => `bench-${n}`;

/** The resources of patient `n`. @param each how many, from `fewestEach` on */
function patient(n: number, each: number): Made[] {
  const next = random(n * 7919 + 1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const id = idOf(n);
  const subject = { reference: `Patient/${id}` };
  const made: Made[] = [];
  const put = (resourceType: string, own: string, rest: Made): string => {
    made.push({ resourceType, id: own, ...rest });
    return `${resourceType}/${own}`;
  };
  const day = (year: number) =>
    `${year}-${String(1 + Math.floor(next() * 12)).padStart(2, '0')}-${String(1 + Math.floor(next() * 28)).padStart(2, '0')}`;
  const at = () => `${day(2010 + Math.floor(next() * 14))}T${String(Math.floor(next() * 24)).padStart(2, '0')}:30:00+09:00`;
  const coded = (system: string, code: string, text: string) => ({ coding: [{ system, code, display: text }], text });

  put('Patient', id, {
    identifier: [{ system: 'http://example.org/bench', value: `B${n}` }],
    name: [{ family: pick(families), given: [pick(given)] }],
    gender: next() < 0.5 ? 'male' : 'female',
    birthDate: day(1930 + Math.floor(next() * 90)),
    address: [{ city: pick(cities), line: [`${Math.floor(next() * 900)} Main Street`] }],
  });
  const some = (share: number): number => Math.max(1, Math.round(share * each));
  const visits = Array.from({ length: some(0.1) }, (_, i) =>
    put('Encounter', `${id}-e${i}`, {
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: next() < 0.1 ? 'IMP' : 'AMB' },
      type: [coded('http://snomed.info/sct', '185345009', 'Encounter for symptom')],
      subject,
      participant: [{ individual: { reference: `Practitioner/bench-${n % 97}` } }],
      period: { start: at() },
      location: [{ location: { reference: `Location/bench-${n % 31}` } }],
    }),
  );
  for (let i = 0; i < some(0.04); i++) {
    put('Condition', `${id}-c${i}`, {
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
      code: coded('http://snomed.info/sct', pick(conditions), 'Essential hypertension'),
      subject,
      encounter: { reference: pick(visits) },
      onsetDateTime: at(),
    });
  }
  for (let i = 0; i < some(0.05); i++) {
    put('Procedure', `${id}-p${i}`, {
      status: 'completed',
      code: coded('http://snomed.info/sct', pick(procedures), 'Procedure'),
      subject,
      encounter: { reference: pick(visits) },
      performedDateTime: at(),
      reasonReference: [{ reference: `Condition/${id}-c${i % some(0.04)}` }],
    });
  }
  for (let i = 0; i < some(0.05); i++) {
    put('MedicationRequest', `${id}-m${i}`, {
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: coded('http://www.nlm.nih.gov/research/umls/rxnorm', pick(medicines), 'Medicine'),
      subject,
      encounter: { reference: pick(visits) },
      requester: { reference: `Practitioner/bench-${n % 97}` },
      authoredOn: at(),
    });
  }
  const category = (code: string) => [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] }];
  const ucum = 'http://unitsofmeasure.org';
  while (made.length < each) {
    const rest = { status: 'final', subject, encounter: { reference: pick(visits) }, effectiveDateTime: at() };
    let draw = next();
    const one = measured.find(({ share }) => (draw -= share) < 0);
    if (one === undefined && draw < rare.share) {
      put('Observation', `${id}-o${made.length}`, {
        ...rest,
        category: category('laboratory'),
        code: coded('http://example.org/bench', rareCode(Math.floor(next() * rare.codes)), 'Rare value'),
        valueQuantity: { value: Math.round(next() * 1000) / 10, unit: 'mg/L', system: ucum, code: 'mg/L' },
      });
    } else if (one === undefined) {
      const component = (code: string, low: number, span: number) => ({
        code: coded('http://loinc.org', code, 'Blood pressure'),
        valueQuantity: { value: Math.round(low + next() * span), unit: 'mm[Hg]', system: ucum, code: 'mm[Hg]' },
      });
      put('Observation', `${id}-o${made.length}`, {
        ...rest,
        category: category('vital-signs'),
        code: coded('http://loinc.org', '85354-9', 'Blood pressure panel'),
        component: [component('8480-6', 90, 90), component('8462-4', 50, 60)],
      });
    } else {
      put('Observation', `${id}-o${made.length}`, {
        ...rest,
        category: category(one.category),
        code: coded('http://loinc.org', one.code, one.text),
        valueQuantity: {
          value: Math.round((one.low + next() * (one.high - one.low)) * 10) / 10,
          unit: one.unit,
          system: ucum,
          code: one.unit,
        },
      });
    }
  }
  return made;
}

const transaction = (made: readonly Made[]): Buffer => {
  const entry = made.map(resource => ({ resource, request: { method: 'PUT', url: `${resource['resourceType']}/${resource['id']}` } }));
  return Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
};

/** The transaction bundle of the patients from `from` up to `to`, which is not among them. @param each resources of a patient */
export const bundle = (from: number, to: number, each: number): Buffer =>
  transaction(Array.from({ length: to - from }, (_, i) => patient(from + i, each)).flat());

/** Practitioners and Locations that the patients' bundles refer to. */
export function surroundings(): Buffer {
  const made: Made[] = [
    ...Array.from({ length: 97 }, (_, i) => ({
      resourceType: 'Practitioner',
      id: `bench-${i}`,
      name: [{ family: families[i % families.length] }],
    })),
    ...Array.from({ length: 31 }, (_, i) => ({ resourceType: 'Location', id: `bench-${i}`, name: `Ward ${i}` })),
  ];
  return transaction(made);
}
