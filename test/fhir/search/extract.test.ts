// https://hl7.org/fhir/R4/search.html#ptypes, https://hl7.org/fhir/R4/searchparameter-registry.html
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fhirpath from 'fhirpath';
import model from 'fhirpath/fhir-context/r4';
import { Decimal } from '../../../src/fhir/model/json.ts';
import { type AnyResource, isResourceType, type Json, resourceTypes } from '../../../src/fhir/model/r4.ts';
import { compile, select } from '../../../src/fhir/search/compile.ts';
import { parseExpression } from '../../../src/fhir/search/expression.ts';
import { createExtractor, extract } from '../../../src/fhir/search/extract.ts';
import { searchParameters, withoutExpression } from '../../../src/fhir/search/parameters.ts';
import { slowTest } from '../../slow.ts';
import { randomResource, seeded } from './resources.ts';

const base = 'http://127.0.0.1:8080/fhir';
const of = (resource: Json & { resourceType: string }) => extract(resource as AnyResource, base);
const tokyo = (text: string) => Date.parse(`${text}+09:00`);

/** The generator makes no extensions. */
const onExtensions = /assessed-condition|amino-acid-change|dna-?variant|gene-identifier|\.jp-/;

/** `resolve() is T` in the engine would ask a server; here it is where a reference says it leads. */
const leadsTo = {
  arity: { 0: [], 1: ['String'] },
  fn: (focus: unknown[], type: string, resource?: AnyResource): boolean[] => {
    void resource;
    return focus.map(one => {
      const reference = ((one as { data?: Json }).data ?? (one as Json)) as Json;
      return typeOf(reference) === type;
    });
  },
};
let current: AnyResource;
const typeOf = (reference: Json): string | undefined => {
  const text = reference['reference'];
  if (typeof text !== 'string') return reference['type'] as string | undefined;
  if (text.startsWith('#')) return (current['contained'] as AnyResource[] | undefined)?.find(one => `#${one.id}` === text)?.resourceType;
  const segments = text.replace(/\?.*$/, '').split('/_history/')[0]!.split('/');
  const type = text.includes('?') ? segments.at(-1) : segments.at(-2);
  return type !== undefined && isResourceType(type) ? type : (reference['type'] as string | undefined);
};

type Evaluate = (resource: AnyResource) => unknown[];
const engines = new Map<string, Evaluate>();
const engine = (expression: string): Evaluate => {
  let made = engines.get(expression);
  if (made === undefined) {
    const asked = expression.replace(/resolve\(\) is (\w+)/g, "leadsTo('$1')");
    made = fhirpath.compile(asked, model, { userInvocationTable: { leadsTo } } as never) as unknown as Evaluate;
    engines.set(expression, made);
  }
  return made;
};

/** Every expression of the type on the resource, by the engine and by ours → the number of elements that both select; throws on a difference. */
function compared(resource: AnyResource): number {
  current = resource;
  let selected = 0;
  for (const parameter of searchParameters(resource.resourceType).values()) {
    // One alternative at a time: the engine's own union takes 1e-22 and 1e-245 for the same.
    const theirs = parameter.expression.split(' | ').flatMap(alternative => engine(alternative)(resource));
    // A logical reference that names no type leads nowhere for the engine; we keep it, for :identifier.
    const nowhere = (one: unknown): boolean =>
      parameter.expression.includes('resolve()') && (one as Json)['reference'] === undefined && (one as Json)['type'] === undefined;
    const ours = compile(parseExpression(parameter.expression), resource.resourceType)
      .flatMap(selector => select(selector, resource, resource))
      .filter(one => !nowhere(one));
    const normal = (list: readonly unknown[]): string[] => [...new Set(list.map(one => JSON.stringify(one)))].sort();
    if (normal(theirs).join('\n') !== normal(ours).join('\n')) {
      throw new Error(
        `${resource.resourceType}.${parameter.code}: ${parameter.expression}\nengine ${normal(theirs).join()}\nours   ${normal(ours).join()}`,
      );
    }
    selected += ours.length;
  }
  return selected;
}

describe('the elements that are selected are those that a FHIRPath engine selects', () => {
  test('extract: for every expression of every type, on generated resources', () => {
    const random = seeded(20260131);
    const never: string[] = [];
    for (const type of resourceTypes) {
      const parameters = [...searchParameters(type).values()];
      const missing = new Set(parameters.map(parameter => parameter.code));
      for (let i = 0; i < 200 && (i < 2 || missing.size > 0); i++) {
        const resource = randomResource(type, random, i % 2 === 0 ? 0.9 : 0.5);
        if (i < 2) compared(resource);
        for (const parameter of parameters) {
          if (!missing.has(parameter.code) || engine(parameter.expression)(resource).length === 0) continue;
          missing.delete(parameter.code);
          compared(resource);
        }
      }
      never.push(...[...missing].map(code => `${type}.${code}`));
    }
    // Guards the generator: an expression that never selects anything would not have been compared at all.
    expect(never.filter(one => !onExtensions.test(one))).toEqual([]);
  }, 120_000);

  const shared = path.resolve(import.meta.dirname, '../../../../shared/data');
  const examples = path.join(shared, 'hl7-r4-examples.tar.gz');
  const has = existsSync(examples);
  if (!has)
    console.warn('SKIPPED: ../shared/data/hl7-r4-examples.tar.gz is not there; expressions are compared on generated resources alone.');
  (has ? slowTest : test.skip)(
    'extract: for every expression, on the examples of the specification',
    () => {
      const types = new Set<string>();
      let selected = 0;
      for (const text of tar(gunzipSync(readFileSync(examples)), /^json.*\.json$/)) {
        const type = /"resourceType"\s*:\s*"(\w+)"/.exec(text.slice(0, 2000))?.[1] ?? '';
        if (!isResourceType(type) || text.length > 200_000) continue;
        const resource = JSON.parse(text) as AnyResource;
        if (resource.resourceType !== type) continue;
        types.add(type);
        selected += compared(resource);
        expect(() => of(resource)).not.toThrow();
      }
      expect(types.size).toBeGreaterThan(85);
      expect(selected).toBeGreaterThan(3000);
    },
    600_000,
  );

  const synthea = path.join(shared, 'synthea/synthea-2.4.0-smart');
  const there = existsSync(synthea);
  if (!there) console.warn('SKIPPED: ../shared/data/synthea is not there.');
  (there ? slowTest : test.skip)(
    'extract: for every expression, on a Synthea record',
    () => {
      const [first] = readdirSync(synthea)
        .filter(name => name.endsWith('.json.gz'))
        .sort();
      const bundle = JSON.parse(gunzipSync(readFileSync(path.join(synthea, first!))).toString()) as { entry: { resource: AnyResource }[] };
      let selected = 0;
      for (const { resource } of bundle.entry.slice(0, 400)) selected += compared(resource);
      expect(selected).toBeGreaterThan(bundle.entry.length);
    },
    120_000,
  );
});

/** Texts of the files of a tar whose names match. */
function* tar(archive: Buffer, wanted: RegExp): Generator<string> {
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = archive.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8) || 0;
    if (wanted.test(name)) yield archive.toString('utf8', at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

describe('tokens', () => {
  test('extract: a CodeableConcept gives each of its codings, a Coding itself, an Identifier its system and value', () => {
    const values = of({
      resourceType: 'Observation',
      identifier: [{ system: 'urn:s', value: 'v' }, { value: 'w' }],
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '1' }, { code: '2' }, { system: 'http://loinc.org', code: '1' }], text: 'x' },
    });
    expect(values['code']).toEqual([
      ['http://loinc.org', '1'],
      [null, '2'],
    ]);
    expect(values['identifier']).toEqual([
      ['urn:s', 'v'],
      [null, 'w'],
    ]);
    expect(values['status']).toEqual([[null, 'final']]);
  });

  test('extract: what a ContactPoint is (phone, email) is no namespace of its value', () => {
    const values = of({
      resourceType: 'Patient',
      telecom: [
        { system: 'phone', value: '03' },
        { system: 'email', value: 'a@b' },
      ],
    });
    expect(values).toMatchObject({
      telecom: [
        [null, '03'],
        [null, 'a@b'],
      ],
      phone: [[null, '03']],
      email: [[null, 'a@b']],
    });
  });

  test('extract: booleans are true and false; a patient of whom nothing is said is not deceased, one with a time of death is', () => {
    expect(of({ resourceType: 'Patient', active: false })).toMatchObject({ active: [[null, 'false']], deceased: [[null, 'false']] });
    expect(of({ resourceType: 'Patient', deceasedDateTime: '2020' })['deceased']).toEqual([[null, 'true']]);
    expect(of({ resourceType: 'Patient', deceasedBoolean: false })['deceased']).toEqual([[null, 'false']]);
  });

  test('extract: Observation.code does not hold the codes of components, combo-code does', () => {
    const values = of({
      resourceType: 'Observation',
      code: { coding: [{ code: 'panel' }] },
      component: [{ code: { coding: [{ code: 'part' }] } }],
    });
    expect(values['code']).toEqual([[null, 'panel']]);
    expect(values['combo-code']).toEqual([
      [null, 'panel'],
      [null, 'part'],
    ]);
    expect(values['component-code']).toEqual([[null, 'part']]);
  });
});

describe('strings', () => {
  test('extract: a HumanName gives each of its parts and its text, an Address too', () => {
    const values = of({
      resourceType: 'Patient',
      name: [{ use: 'official', text: '山田 太郎', family: '山田', given: ['太郎', null], _given: [null, { extension: [] }] }],
      address: [{ use: 'home', state: '東京都', line: ['1-1', '2号'] }],
    });
    expect(values['name']).toEqual(['山田 太郎', '山田', '太郎']);
    expect(values['given']).toEqual(['太郎']);
    expect(values['address']).toEqual(['1-1', '2号', '東京都']);
  });
});

describe('dates', () => {
  test('extract: a date is the stretch that its precision means, in Tokyo where it names no zone', () => {
    expect(of({ resourceType: 'Patient', birthDate: '1970-06-15' })['birthdate']).toEqual([
      [tokyo('1970-06-15T00:00:00'), tokyo('1970-06-16T00:00:00') - 1],
    ]);
    expect(of({ resourceType: 'Patient', birthDate: '1970-02' })['birthdate']).toEqual([
      [tokyo('1970-02-01T00:00:00'), tokyo('1970-03-01T00:00:00') - 1],
    ]);
    expect(of({ resourceType: 'Patient', birthDate: '1970' })['birthdate']).toEqual([
      [tokyo('1970-01-01T00:00:00'), tokyo('1971-01-01T00:00:00') - 1],
    ]);
  });

  test('extract: another zone is that of the setting, with its summer time', () => {
    const there = createExtractor({ base, timeZone: 'America/New_York' });
    const day = there({ resourceType: 'Patient', birthDate: '2021-03-14' })['birthdate']![0];
    expect(day).toEqual([Date.parse('2021-03-14T00:00:00-05:00'), Date.parse('2021-03-15T00:00:00-04:00') - 1]);
  });

  test('extract: an instant to the second is that second, to the millisecond that millisecond', () => {
    const at = (effectiveDateTime: string) => of({ resourceType: 'Observation', effectiveDateTime })['date'];
    expect(at('2021-01-01T00:00:00Z')).toEqual([[Date.UTC(2021, 0, 1), Date.UTC(2021, 0, 1) + 999]]);
    expect(at('2021-01-01T00:00:00.25Z')).toEqual([[Date.UTC(2021, 0, 1) + 250, Date.UTC(2021, 0, 1) + 250]]);
  });

  test('extract: a Period may be open at either end; a Timing counts by its outer limits', () => {
    expect(of({ resourceType: 'Encounter', period: { start: '2021-01-01T00:00:00Z' } })['date']).toEqual([[Date.UTC(2021, 0, 1), 8.64e15]]);
    expect(of({ resourceType: 'Encounter', period: { end: '2021-01-01T00:00:00Z' } })['date']).toEqual([
      [-8.64e15, Date.UTC(2021, 0, 1) + 999],
    ]);
    const timing = {
      event: ['2021-05-01T00:00:00Z', '2021-03-01T00:00:00Z'],
      repeat: { boundsPeriod: { start: '2021-04-01T00:00:00Z', end: '2021-06-01T00:00:00Z' } },
    };
    expect(of({ resourceType: 'Observation', effectiveTiming: timing })['date']).toEqual([
      [Date.UTC(2021, 2, 1), Date.UTC(2021, 5, 1) + 999],
    ]);
  });

  test('extract: what is no date gives no value', () => {
    expect(of({ resourceType: 'Patient', birthDate: '2021-02-30' })['birthdate']).toBeUndefined();
    expect(of({ resourceType: 'Procedure', performedString: '昨日' })['date']).toBeUndefined();
  });
});

describe('numbers and quantities', () => {
  test('extract: a quantity with its units; a decimal kept to the digit counts as its number', () => {
    const values = of({
      resourceType: 'Observation',
      valueQuantity: { value: new Decimal('7.20'), unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' },
    });
    expect(values['value-quantity']).toEqual([[7.2, 7.2, 'http://unitsofmeasure.org', 'mg', 'mg']]);
  });

  test('extract: "less than 5" reaches from below up to 5; a Range from end to end; Money has its currency as code', () => {
    expect(of({ resourceType: 'Observation', valueQuantity: { value: 5, comparator: '<' } })['value-quantity']).toEqual([
      [-Number.MAX_VALUE, 5, null, null, null],
    ]);
    expect(of({ resourceType: 'Condition', onsetRange: { low: { value: 30, code: 'a' } } })['onset-age']).toEqual([
      [30, Number.MAX_VALUE, null, 'a', null],
    ]);
    expect(of({ resourceType: 'Invoice', totalNet: { value: 100, currency: 'JPY' } })['totalnet']).toEqual([
      [100, 100, 'urn:iso:std:iso:4217', 'JPY', null],
    ]);
    expect(of({ resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: 0.5 }] })['probability']).toEqual([[0.5, 0.5]]);
  });
});

describe('references and URIs', () => {
  test('extract: relative, absolute under the own base and versioned forms are the same target; a foreign one stays as written', () => {
    const to = (reference: string) => of({ resourceType: 'Observation', subject: { reference } })['subject'];
    for (const written of ['Patient/1', `${base}/Patient/1`, 'Patient/1/_history/3', `${base}/Patient/1/_history/3`])
      expect(to(written)).toEqual(['Patient/1']);
    expect(to('http://elsewhere.example/fhir/Patient/1')).toEqual(['http://elsewhere.example/fhir/Patient/1']);
    expect(to('urn:uuid:0')).toEqual(['urn:uuid:0']);
    expect(to('#p')).toBeUndefined();
  });

  test('extract: patient= takes only what is a Patient, by the reference, by its type, or contained', () => {
    const patient = (subject: Json, more: Json = {}) => of({ resourceType: 'Observation', subject, ...more })['patient'];
    expect(patient({ reference: 'Patient/1' })).toEqual(['Patient/1']);
    expect(patient({ reference: 'Group/1' })).toBeUndefined();
    expect(patient({ reference: 'urn:uuid:0', type: 'Patient' })).toEqual(['urn:uuid:0']);
    expect(patient({ reference: '#p' }, { contained: [{ resourceType: 'Patient', id: 'p' }] })).toBeUndefined();
  });

  test('extract: what is contained gives its values beside each reference that leads to it, and nothing where none does', () => {
    const contained = [
      {
        resourceType: 'Patient',
        id: 'p',
        name: [{ family: 'X' }],
        generalPractitioner: [{ reference: '#d' }, { reference: 'Practitioner/1' }],
      },
      { resourceType: 'Practitioner', id: 'd', name: [{ family: 'D' }] },
      null,
    ] as unknown as Json[];
    const values = of({ resourceType: 'Observation', subject: { reference: '#p' }, performer: [{ reference: '#gone' }], contained });
    expect(values).toMatchObject({
      'subject#Patient': [[null, 'p']],
      'subject#Patient.family': ['X'],
      'subject#Patient.general-practitioner': ['Practitioner/1'],
      'patient#Patient.family': ['X'],
    });
    expect(Object.keys(values).filter(code => code.includes('Practitioner'))).toEqual([]);
    const twice = of({ resourceType: 'Observation', performer: [{ reference: '#p' }, { reference: '#p' }], contained });
    expect(twice['performer#Patient.family']).toEqual(['X']);
  });

  test('extract: what is contained may have more values than a call has room for arguments', () => {
    const identifier = Array.from({ length: 300_000 }, (_, i) => ({ value: `${i}` }));
    const contained = ['p', 'q'].map(id => ({ resourceType: 'Patient', id, identifier }));
    const performer = [{ reference: '#p' }, { reference: '#q' }];
    const values = of({ resourceType: 'Observation', subject: { reference: '#p' }, performer, contained });
    expect(values['subject#Patient.identifier']).toHaveLength(300_000);
    expect(values['performer#Patient.identifier']).toHaveLength(300_000);
  });

  test('extract: a logical reference is found by its identifier, under patient too unless it says that it is no patient', () => {
    const identifier = { system: 'urn:s', value: 'v' };
    const values = of({ resourceType: 'Condition', subject: { identifier } });
    expect(values).toMatchObject({ 'subject:identifier': [['urn:s', 'v']], 'patient:identifier': [['urn:s', 'v']] });
    expect(values['subject']).toBeUndefined();
    expect(of({ resourceType: 'Condition', subject: { type: 'Group', identifier } })['patient:identifier']).toBeUndefined();
    // A contained patient's own identifier is no value of the reference.
    expect(of({ resourceType: 'Condition', subject: { reference: '#p', identifier } })['subject:identifier']).toEqual([['urn:s', 'v']]);
  });

  test('extract: a canonical with a version is found without it too', () => {
    expect(of({ resourceType: 'QuestionnaireResponse', questionnaire: 'http://e.org/q|2' })['questionnaire']).toEqual([
      'http://e.org/q|2',
      'http://e.org/q',
    ]);
    expect(of({ resourceType: 'Patient', meta: { profile: ['http://e.org/p|1'] } })['_profile']).toEqual([
      'http://e.org/p|1',
      'http://e.org/p',
    ]);
  });

  test('extract: Bundle.composition is the Composition that stands first', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'document',
      entry: [{ resource: { resourceType: 'Composition', id: 'c' } }, { resource: { resourceType: 'Patient', id: 'p' } }],
    };
    expect(of(bundle)['composition']).toEqual(['Composition/c']);
  });
});

describe('composites', () => {
  test('extract: the parts come from one and the same component', () => {
    const part = (code: string, value: number) => ({ code: { coding: [{ code }] }, valueQuantity: { value } });
    const values = of({ resourceType: 'Observation', code: { coding: [{ code: 'bp' }] }, component: [part('sys', 120), part('dia', 80)] });
    expect(values['component-code-value-quantity']).toEqual([
      [[[null, 'sys']], [[120, 120, null, null, null]]],
      [[[null, 'dia']], [[80, 80, null, null, null]]],
    ]);
    expect(values['code-value-quantity']).toBeUndefined();
  });

  test('extract: %resource reaches out of the element; a relationship is a document and a code', () => {
    const values = of({
      resourceType: 'MolecularSequence',
      referenceSeq: { chromosome: { coding: [{ code: '1' }] } },
      variant: [{ start: 10, end: 20 }],
    });
    expect(values['chromosome-variant-coordinate']).toEqual([[[[null, '1']], [[10, 10]], [[20, 20]]]]);
    const document = of({
      resourceType: 'DocumentReference',
      relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }],
    });
    expect(document['relationship']).toEqual([[['DocumentReference/1'], [[null, 'replaces']]]]);
  });
});

describe('parameters of JP Core', () => {
  const extension = 'http://jpfhir.jp/fhir/core/Extension/StructureDefinition/';
  const representation = (valueCode: string) => [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode }];

  test('extract: jp-kana-sort is the reading of the usual name and nothing else', () => {
    const name = [
      { use: 'usual', text: '山田 太郎', extension: representation('IDE') },
      { use: 'usual', text: 'ヤマダ タロウ', extension: representation('SYL') },
      { use: 'old', text: 'スズキ タロウ', extension: representation('SYL') },
      { text: 'ナカムラ' },
    ];
    expect(of({ resourceType: 'Patient', name })['jp-kana-sort']).toEqual(['ヤマダ タロウ']);
  });

  test('extract: what an insurance card says, the first day of a drug, the numbers of an institution', () => {
    const coverage = of({
      resourceType: 'Coverage',
      extension: [
        { url: `${extension}JP_Coverage_InsuredPersonSymbol`, valueString: '１２－３' },
        { url: `${extension}JP_Coverage_InsuredPersonNumber`, valueString: '456' },
        { url: `${extension}JP_Coverage_InsuredPersonSubNumber`, valueString: '01' },
      ],
    });
    expect(coverage).toMatchObject({
      'jp-insured-personsymbol': ['１２－３'],
      'jp-insured-personnumber': ['456'],
      'jp-insured-personsubnumber': ['01'],
    });
    const dosage = {
      extension: [{ url: `${extension}JP_MedicationDosage_PeriodOfUse`, valuePeriod: { start: '2025-04-01', end: '2025-04-08' } }],
    };
    expect(of({ resourceType: 'MedicationRequest', dosageInstruction: [dosage] })['jp-medication-start']).toEqual([
      [tokyo('2025-04-01T00:00:00'), tokyo('2025-04-02T00:00:00') - 1],
    ]);
    const organization = of({
      resourceType: 'Organization',
      extension: [
        { url: `${extension}JP_Organization_PrefectureNo`, valueCoding: { system: 'urn:prefecture', code: '13' } },
        { url: `${extension}JP_Organization_InsuranceOrganizationCategory`, valueCoding: { system: 'urn:fee', code: '1' } },
        { url: `${extension}JP_Organization_InsuranceOrganizationNo`, valueIdentifier: { system: 'urn:institution', value: '1234567' } },
      ],
    });
    expect(organization).toMatchObject({
      'jp-prefectureno': [['urn:prefecture', '13']],
      'jp-insurance-organizationcategory': [['urn:fee', '1']],
      'jp-insurance-organizationno': [['urn:institution', '1234567']],
    });
  });
});

describe('beside the values', () => {
  test('extract: texts of codes and of types of identifiers, identifiers by their type, a position', () => {
    const values = of({
      resourceType: 'Condition',
      code: { text: '頭痛', coding: [{ code: '1', display: 'Headache' }, { code: '2' }] },
      identifier: [{ value: 'v', type: { text: 'Chart', coding: [{ system: 'urn:t', code: 'MR' }, { code: 'x' }] } }],
    });
    expect(values['code:text']).toEqual(['頭痛', 'Headache']);
    expect(values['identifier:text']).toEqual(['Chart']);
    expect(values['identifier:of-type']).toEqual([['urn:t MR', 'v']]);
    expect(of({ resourceType: 'Location', position: { latitude: 35.5, longitude: 139 } })['near']).toEqual([[35.5, 139]]);
    expect(of({ resourceType: 'Location', position: { latitude: 35.5 } })['near']).toBeUndefined();
  });
});

describe('the registry', () => {
  test('parameters: those of R4, nothing that the package adds, and those on extensions', () => {
    const known = (type: string, code: string): boolean => searchParameters(type).has(code);
    expect(known('DetectedIssue', 'status') || known('DeviceDefinition', 'classification') || known('ServiceRequest', 'order-detail')).toBe(
      false,
    );
    const url = 'http://hl7.org/fhir/StructureDefinition/observation-geneticsGene';
    const values = of({
      resourceType: 'Observation',
      extension: [
        { url, valueCodeableConcept: { coding: [{ system: 'urn:hgnc', code: '1' }] } },
        { url: 'urn:x', valueString: 'y' },
      ],
    });
    expect(values['gene-identifier']).toEqual([['urn:hgnc', '1']]);
    const variant = 'http://hl7.org/fhir/StructureDefinition/observation-geneticsDnaVariant';
    expect(of({ resourceType: 'Observation', extension: [{ url: variant, valueString: 'c.1' }] })['dna-variant']).toEqual(['c.1']);
  });

  test('parameters: those of all resources are known, those without a meaning here are not', () => {
    for (const code of ['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag'])
      expect(searchParameters('Observation').has(code)).toBe(true);
    for (const code of withoutExpression) expect(resourceTypes.some(type => searchParameters(type).has(code))).toBe(false);
    expect(searchParameters('Nonsense').size).toBe(0);
  });

  test('parameters: patient leads to a Patient only, though the shared definition names a Group as well', () => {
    expect(searchParameters('Observation').get('patient')).toMatchObject({
      type: 'reference',
      targets: ['Patient'],
      expression: 'Observation.subject.where(resolve() is Patient)',
    });
  });

  test('extract: _id and _lastUpdated are not in the values; no type and no generated resource makes it throw', () => {
    const random = seeded(7);
    for (const type of resourceTypes) {
      for (let i = 0; i < 3; i++) {
        const values = extract(randomResource(type, random), base);
        expect(values['_id'] ?? values['_lastUpdated']).toBeUndefined();
        for (const list of Object.values(values)) {
          expect(list.length).toBeGreaterThan(0);
          expect(new Set(list.map(one => JSON.stringify(one))).size).toBe(list.length);
        }
      }
    }
  });

  test('extract: half-broken shapes give nothing and do not throw', () => {
    const broken = {
      resourceType: 'Patient',
      name: [null, 'x', { given: 'y' }],
      telecom: {},
      birthDate: 5,
      identifier: ['a', { value: 1 }],
      address: [[]],
      link: [{ other: 'Patient/1' }],
    };
    expect(() => of(broken)).not.toThrow();
  });
});
