/**
 * What the stand-in knows of one patient: made up, and of nobody.
 * @module
 */
import type { StandIn } from './stand-in.ts';

type Json = Record<string, unknown>;

const count = (type: string, year: number, number: number) => ({
  name: 'count',
  part: [
    { name: 'type', valueCode: type },
    { name: 'year', valueInteger: year },
    { name: 'number', valueUnsignedInt: number },
  ],
});

const holding = (id: string, display: string, counts: Json[]) => ({
  name: 'holding',
  part: [{ name: 'institution', valueReference: { reference: `Organization/${id}`, display } }, ...counts],
});

export const holdings = (): Json => ({
  resourceType: 'Parameters',
  parameter: [
    holding('h1', '見本中央病院', [
      ...[2019, 2020, 2021, 2022, 2023, 2024].flatMap((year, i) => [
        count('Observation', year, [12, 30, 18, 0, 44, 61][i]!),
        count('Encounter', year, [2, 5, 3, 0, 7, 9][i]!),
        count('MedicationRequest', year, [4, 9, 6, 0, 11, 14][i]!),
      ]),
      count('Condition', 2020, 3),
      count('Condition', 2024, 2),
      count('Immunization', 2023, 1),
    ]),
    holding('h2', '見本クリニック', [count('Observation', 2023, 3), count('Encounter', 2023, 1), count('Procedure', 2024, 1)]),
  ],
});

export const releases = (): Json => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'release',
      part: [
        { name: 'study', valueReference: { reference: 'ResearchStudy/s1', display: '糖尿病の薬の効き方の研究' } },
        { name: 'description', valueString: '血糖を下げる薬が長く飲んでも効くかを調べます。' },
        { name: 'time', valueInstant: '2026-05-14T02:00:00Z' },
        { name: 'kind', valueCode: 'bundle' },
      ],
    },
    {
      name: 'release',
      part: [
        { name: 'study', valueReference: { reference: 'ResearchStudy/s2', display: '高血圧の人数の研究' } },
        { name: 'time', valueInstant: '2026-08-02T02:00:00Z' },
        { name: 'kind', valueCode: 'summary' },
      ],
    },
    {
      name: 'statement',
      part: [
        { name: 'ja', valueString: 'すでに渡したものは、だれの分か分からないため、取りもどせません。' },
        { name: 'en', valueString: 'What was released cannot be called back: nobody can tell which part was yours.' },
      ],
    },
  ],
});

/** A PDF of one empty page. */
const pdf = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
);

export const receipt = (parameters: Json): Json => {
  const language = (parameters['parameter'] as Json[]).find(one => one['name'] === 'language')?.['valueCode'];
  return {
    resourceType: 'DocumentReference',
    id: 'r1',
    status: 'current',
    identifier: [{ system: 'urn:receipts', value: 'R-2026-000123' }],
    content: [{ attachment: { contentType: 'application/pdf', language, data: pdf.toString('base64') } }],
  };
};

const item = (linkId: string, ja: string, en: string) => ({
  linkId,
  type: 'display',
  text: ja,
  _text: {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/translation',
        extension: [
          { url: 'lang', valueCode: 'en' },
          { url: 'content', valueString: en },
        ],
      },
    ],
  },
});

/** A patient of two institutions, told by one; no objection. */
export function fill(server: StandIn): void {
  server.resources.clear();
  server.operations.clear();
  server.failing = undefined;
  server.tamper = undefined;
  server.denying = false;
  for (const resource of [
    { resourceType: 'Patient', id: 'p1', name: [{ text: '見本 花子' }] },
    {
      resourceType: 'Communication',
      id: 'n1',
      status: 'completed',
      sent: '2026-04-02',
      sender: { reference: 'Organization/h1', display: '見本中央病院' },
      subject: { reference: 'Patient/p1' },
      instantiatesCanonical: ['https://noren.example/fhir/Questionnaire/notice|2.0.0'],
    },
    {
      resourceType: 'Questionnaire',
      id: 'q1',
      url: 'https://noren.example/fhir/Questionnaire/notice',
      version: '2.0.0',
      title: '医療情報の提供についてのお知らせ',
      item: [
        item(
          'to',
          '当院は、あなたの医療情報を、国の認定を受けた事業者に提供します。',
          'This institution gives your medical data to a certified operator.',
        ),
        item('stop', 'ご本人のお申し出があれば、提供を止めます。', 'Provision stops when you ask for it.'),
      ],
    },
  ])
    server.resources.set(`${resource.resourceType}/${resource.id}`, resource);
}

/** With what Noren offers beside plain FHIR. */
export function offerAll(server: StandIn): void {
  server.operations.set('holdings', holdings);
  server.operations.set('releases', releases);
  server.operations.set('acknowledge', receipt);
}
