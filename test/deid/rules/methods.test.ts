// The methods of the format, one by one, with the vectors of its own tool; each by walk and by tree. docs/deidentification/rules.md
import { createDecipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { replacementOf } from '../../../src/deid/rules/fhirpath.ts';
import { offsets } from '../../../src/deid/rules/offsets.ts';
import { Decimal, parseJson } from '../../../src/fhir/model/json.ts';
import { apply, bare, context } from './ground.ts';

const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const hmac = {
  abc: '8f16771f9f8851b26f4d460fa17de93e2711c7e51337cb8a608a0f81e1c1b6ae',
  example: '698d54f0494528a759f19c8e87a9f99e75a5881b9267ee3926bcf62c992d84ba',
  患者: '9407f37e56ee28a96bd003bce14e5aaeca1610b933f258272a025bc8bc1ec979',
};
const partial = { enablePartialAgesForRedact: true, enablePartialDatesForRedact: true, enablePartialZipCodesForRedact: true };

describe('cryptoHash', () => {
  test.each(Object.entries(hmac))('%s', (text, hash) => {
    expect(bare([{ path: 'Patient.name.family', method: 'cryptoHash' }], { resourceType: 'Patient', name: [{ family: text }] })).toEqual({
      resourceType: 'Patient',
      name: [{ family: hash }],
    });
  });

  test('an empty text stays, and is not counted', () => {
    const made = apply([{ path: 'Patient.name', method: 'cryptoHash' }], { resourceType: 'Patient', name: [{ family: '' }] });
    expect(made).toMatchObject({ resource: { resourceType: 'Patient', name: [{ family: '' }] }, operations: { cryptoHash: 0 } });
  });

  test('numbers are hashed in decimal notation, truth values as True and False', () => {
    const hashed = (value: object) =>
      bare([{ path: 'Observation.value', method: 'cryptoHash' }], { resourceType: 'Observation', ...value });
    const text = (valueString: string) => hashed({ valueString })['valueString'];
    expect(hashed({ valueBoolean: true })['valueBoolean']).toBe(text('True'));
    expect(hashed({ valueInteger: 100 })['valueInteger']).toBe(text('100'));
    expect(hashed({ valueQuantity: { value: new Decimal('1.50e2') } })['valueQuantity']).toEqual({ value: text('150') });
    expect(hashed({ valueQuantity: { value: new Decimal('7.20') } })['valueQuantity']).toEqual({ value: text('7.20') });
  });

  const X = hmac.abc;
  const whole = (text: string) =>
    (
      bare([{ path: 'Patient.name.family', method: 'cryptoHash' }], { resourceType: 'Patient', name: [{ family: text }] })['name'] as {
        family: string;
      }[]
    )[0]!.family;
  test.each([
    ['Patient/abc', `Patient/${X}`],
    ['Parameters/abc', `Parameters/${X}`],
    ['#abc', `#${X}`],
    ['#', '#'],
    ['http://example.org/fhir/Observation/abc/_history/2', `http://example.org/fhir/Observation/${X}/_history/2`],
    ['https://example.org:80/a%20b/$x/Patient/abc', `https://example.org:80/a%20b/$x/Patient/${X}`],
    ['ftp://h/Patient/abc', undefined],
    ['http://my-host.org/Patient/abc', undefined],
    ['Nothing/abc', undefined],
    ['Patient?identifier=abc', undefined],
    ['http://example.org/ValueSet/abc|1', undefined],
    ['urn:uuid:abc', undefined],
    [`Patient/${'a'.repeat(65)}`, undefined],
  ])('the reference %s', (reference, expected) => {
    expect(bare([{ path: 'Observation.subject', method: 'cryptoHash' }], { resourceType: 'Observation', subject: { reference } })).toEqual({
      resourceType: 'Observation',
      subject: { reference: expected ?? whole(reference) },
    });
  });

  test.each([
    ['urn:uuid:', '04121321-4af5-424c-a0e1-ed3aab1c349d'],
    ['urn:oid:', '1.2.36.146.595'],
  ])('a %s keeps its head', (head, id) => {
    expect(
      bare([{ path: "nodesByType('Reference').reference", method: 'cryptoHash' }], {
        resourceType: 'Observation',
        subject: { reference: head + id },
      }),
    ).toEqual({
      resourceType: 'Observation',
      subject: { reference: head + whole(id) },
    });
  });

  test('a url is hashed whole', () => {
    expect(
      bare([{ path: 'Bundle.entry.fullUrl', method: 'cryptoHash' }], { resourceType: 'Bundle', entry: [{ fullUrl: 'Patient/abc' }] }),
    ).toEqual({
      resourceType: 'Bundle',
      entry: [{ fullUrl: whole('Patient/abc') }],
    });
  });
});

describe('encrypt', () => {
  test.each(['0123456789abcdef', '0123456789abcdef01234567', '0123456789abcdef0123456789abcdef'])('by a key of %s', encryptKey => {
    const { family } = (
      bare([{ path: 'Patient.name', method: 'encrypt' }], { resourceType: 'Patient', name: [{ family: 'abc' }] }, { encryptKey })[
        'name'
      ] as { family: string }[]
    )[0]!;
    if (encryptKey.length === 16) expect(family).toBe('AAECAwQFBgcICQoLDA0OD5XUzc6MOixr5ykrWKtOQRo=');
    const bytes = Buffer.from(family, 'base64');
    const open = createDecipheriv(`aes-${encryptKey.length * 8}-cbc`, encryptKey, bytes.subarray(0, 16));
    expect(open.update(bytes.subarray(16)).toString() + open.final().toString()).toBe('abc');
  });
});

describe('dateShift', () => {
  test('the offset is the polynomial of prefix and key', () => {
    expect(offsets('123')('example')).toBe(41);
    expect(offsets('123')('filename')).toBe(4);
    expect(offsets('dummy')('')).toBe(-21);
    expect(offsets('123')(hmac.example)).toBe(-20);
  });

  const dates = [
    { path: "nodesByType('date')", method: 'dateShift' },
    { path: "nodesByType('dateTime')", method: 'dateShift' },
    { path: "nodesByType('instant')", method: 'dateShift' },
  ];
  const shifted = (given: object, parameters = {}) => bare(dates, { resourceType: 'Patient', id: 'example', ...given }, parameters);

  test.each([
    ['2001-01-01', '2001-02-11', 0],
    ['2015-02-07', '2015-03-20', 0],
    ['2002', undefined, 1],
    ['2002-05', undefined, 1],
    ['1925-02-07', undefined, 1],
    ['1930-06-16', '1930-07-27', 0],
    ['1930-06-15', undefined, 1],
  ])('the date %s', (birthDate, expected, redacted) => {
    const { resource, operations } = apply(dates, { resourceType: 'Patient', id: 'example', birthDate });
    expect(resource['birthDate']).toBe(expected);
    expect(operations).toMatchObject({ dateShift: 1 - redacted, redact: redacted });
  });

  test('with partial dates a date without day becomes its year', () => {
    expect(shifted({ birthDate: '2002-05' }, partial)['birthDate']).toBe('2002');
    expect(shifted({ birthDate: '1925-05' }, partial)['birthDate']).toBeUndefined();
  });

  test.each([
    ['2015-02-07T13:28:17.12345-05:00', '2015-03-20T00:00:00.00000-05:00'],
    ['2015-02-07T23:28:17Z', '2015-03-20T00:00:00Z'],
    ['2015-02-07T23:28:17+09:00', '2015-03-20T00:00:00+09:00'],
    ['2015-02-07T13:28-05:00', '2015-03-20'],
  ])('the time of %s is blanked, its zone stays', (deceasedDateTime, expected) => {
    expect(shifted({ deceasedDateTime })['deceasedDateTime']).toBe(expected);
  });

  test.each([
    ['2019-03-04T05:06:07Z', '2019-04-14T00:00:00+00:00'],
    ['2019-03-04T05:06:07.250Z', '2019-04-14T00:00:00.000+00:00'],
    ['2019-03-04T05:06:07.250-03:00', '2019-04-14T00:00:00.000-03:00'],
  ])('the instant %s is moved like a dateTime, its zone is written in digits', (issued, expected) => {
    expect(bare(dates, { resourceType: 'Observation', id: 'example', issued })['issued']).toBe(expected);
  });

  test('an age over 89 is asked before the time is read', () => {
    expect(shifted({ deceasedDateTime: '1900-02-07T13:28:60Z' })['deceasedDateTime']).toBeUndefined();
    expect(shifted({ deceasedDateTime: 'on 2015-02-07' })['deceasedDateTime']).toBe('2015-03-20');
    expect(shifted({ deceasedDateTime: '2016-02-29' }, { dateShiftFixedOffsetInDays: 366 })['deceasedDateTime']).toBe('2017-03-01');
  });

  test('the id that counts is that of the root, as it is at that moment', () => {
    const birthDate = '2001-02-11';
    const hash = { path: 'Patient.id', method: 'cryptoHash' };
    const move = { path: 'Patient.birthDate', method: 'dateShift' };
    const patient = { resourceType: 'Patient', birthDate, id: 'example' };
    expect(bare([hash, move], patient)).toEqual({ resourceType: 'Patient', id: hmac.example, birthDate: '2001-01-22' });
    expect(bare([move, hash], patient)).toEqual({ resourceType: 'Patient', id: hmac.example, birthDate: '2001-03-24' });
    const bundle = { resourceType: 'Bundle', id: 'example', entry: [{ resource: { ...patient, id: 'other' } }] };
    expect(bare([move], bundle)).toMatchObject({ entry: [{ resource: { id: 'other', birthDate: '2001-03-24' } }] });
    expect(bare([{ path: 'Resource.id', method: 'cryptoHash' }, move], bundle)).toMatchObject({
      entry: [{ resource: { birthDate: '2001-01-22' } }],
    });
    expect(bare([{ path: 'Resource.id', method: 'redact' }, move], bundle, { dateShiftKey: 'dummy' })).toMatchObject({
      entry: [{ resource: { birthDate: '2001-01-21' } }],
    });
  });

  test('the scopes file and folder take their names, the fixed offset takes neither', () => {
    const patient = { resourceType: 'Patient', id: 'example', birthDate: '2001-01-01' };
    const given = { ...context, fileName: 'filename', folderName: 'example' };
    const day = (parameters: object, from = given) => apply(dates, patient, parameters, from).resource['birthDate'];
    expect(day({ dateShiftScope: 'file' })).toBe('2001-01-05');
    expect(day({ dateShiftScope: 'folder' })).toBe('2001-02-11');
    expect(day({ dateShiftScope: 'file' }, { ...context, fileName: '', folderName: '' })).toBe('2001-02-11');
    expect(day({ dateShiftFixedOffsetInDays: -1, dateShiftScope: 'file' })).toBe('2000-12-31');
  });

  test.each([['2015-02-30'], ['2015-02-07T13:28:60Z']])('%s stops the run, and is not in the message', deceasedDateTime => {
    expect(() => shifted({ deceasedDateTime })).toThrow(
      expect.objectContaining({ name: 'ValueError', message: expect.not.stringContaining('2015') }),
    );
  });

  test('what is no date stays, and is settled', () => {
    const name = [{ family: 'F', period: { start: '2001-01-01' } }];
    expect(
      bare(
        [
          { path: 'Patient.name', method: 'dateShift' },
          { path: 'Patient.name', method: 'redact' },
        ],
        { resourceType: 'Patient', id: 'example', name },
      ),
    ).toEqual({ resourceType: 'Patient', id: 'example', name: [{ family: 'F', period: { start: '2001-02-11' } }] });
  });
});

describe('redact', () => {
  const all = [{ path: 'Resource', method: 'redact' }];
  test.each([
    ['2015-02-07', '2015'],
    ['1925-02-07', undefined],
    ['2015', '2015'],
    ['1930-06-15', undefined],
    ['1930-06-16', '1930'],
  ])('a date %s in part', (birthDate, expected) => {
    const { resource, operations } = apply(all, { resourceType: 'Patient', birthDate }, partial);
    expect([resource['birthDate'], operations.redact]).toEqual([expected, 1]);
  });

  test.each([
    ['98028-1830', '98000-0000'],
    ['20301-1830', '00000-0000'],
    ['12', '12'],
    ['123', '123'],
    ['203', '000'],
  ])('the postal code %s in part', (postalCode, expected) => {
    const made = apply(
      all,
      { resourceType: 'Patient', address: [{ postalCode, city: 'c' }] },
      { ...partial, restrictedZipCodeTabulationAreas: ['203'] },
    );
    expect(made.resource['address']).toEqual([{ postalCode: expected }]);
    expect(made.operations).toMatchObject({ abstract: 1, redact: 1 });
  });

  test.each([
    [89, 89],
    [90, undefined],
    [95, undefined],
  ])('an age of %j in part', (value, expected) => {
    const made = bare(all, { resourceType: 'Condition', onsetAge: { value, unit: 'a', code: 'a' } }, partial);
    expect(made).toEqual({ resourceType: 'Condition', ...(expected === undefined ? {} : { onsetAge: { value: expected } }) });
  });

  test('an age with a fraction stops the run', () => {
    expect(() => bare(all, { resourceType: 'Condition', onsetAge: { value: 45.5 } }, partial)).toThrow(
      expect.objectContaining({ name: 'ValueError' }),
    );
  });

  test('without flags everything goes, the resource stays', () => {
    const made = apply(all, {
      resourceType: 'Patient',
      id: 'a',
      birthDate: '2015',
      address: [{ postalCode: '12345' }],
      _gender: { extension: [{ url: 'u', valueAge: { value: 3 } }] },
    });
    expect(made.resource).toEqual({ resourceType: 'Patient', meta: { security: [{ system, code: 'REDACTED', display: 'redacted' }] } });
  });
});

describe('perturb', () => {
  const rule = { path: 'Observation.value', method: 'perturb', span: 4 };
  const given = (bytes: number) => ({ ...context, random: (n: number) => new Uint8Array(n).fill(bytes) });
  const value = (more: object, options: object, bytes: number) => {
    const { meta: _, ...rest } = apply([{ ...rule, ...options }], { resourceType: 'Observation', ...more }, {}, given(bytes)).resource;
    return JSON.stringify(rest).slice('{"resourceType":"Observation",'.length, -1);
  };

  test.each<[object, object, number, string]>([
    [{ valueQuantity: { value: 7.2, unit: 'g' } }, {}, 0, '"valueQuantity":{"value":5.20,"unit":"g"}'],
    [{ valueQuantity: { value: 7.2 } }, {}, 255, '"valueQuantity":{"value":9.20}'],
    [{ valueQuantity: { value: 7.2 } }, { roundTo: 0 }, 255, '"valueQuantity":{"value":9}'],
    [{ valueQuantity: { value: 7.2 } }, { span: '0.5' }, 255, '"valueQuantity":{"value":7.45}'],
    [{ valueQuantity: { value: new Decimal('7.20') } }, { span: 0 }, 0, '"valueQuantity":{"value":7.20}'],
    [{ valueQuantity: { value: 10 } }, { rangeType: 'proportional', span: 0.5 }, 0, '"valueQuantity":{"value":7.50}'],
    [{ valueQuantity: { value: 12345678901234567890n } }, {}, 0, ''],
    [{ valueInteger: 1 }, {}, 0, '"valueInteger":-1'],
    [{ valueInteger: 1 }, { span: 1, roundTo: 2 }, 0, '"valueInteger":0'],
    [{ valueInteger: 2 }, { span: 1, roundTo: 2 }, 255, '"valueInteger":2'],
    [{ valueString: 'x' }, {}, 0, '"valueString":"x"'],
  ])('%j by %j', (more, options, bytes, expected) => {
    if (expected === '') {
      const big = parseJson('{"valueQuantity":{"value":12345678901234567890.123456789}}') as object;
      expect(value(big, { roundTo: 9 }, 0)).toBe('"valueQuantity":{"value":12345678901234567888.123456789}');
    } else expect(value(more, options, bytes)).toBe(expected);
  });

  test('positiveInt stays above 0, unsignedInt does not go below it', () => {
    const counts = bare([{ path: "nodesByName('repeat')", method: 'perturb', span: 100 }], {
      resourceType: 'MedicationRequest',
      dosageInstruction: [{ timing: { repeat: { count: 3, offset: 3 } } }],
    });
    expect(counts['dosageInstruction']).toEqual([{ timing: { repeat: { count: 1, offset: 0 } } }]);
  });

  test('with the noise of a primitive all below it is settled; without a value the rule goes on', () => {
    const extension = [{ url: 'u', valueDecimal: 7 }];
    const noisy = (more: object) =>
      bare(
        [
          { ...rule, roundTo: 0 },
          { path: "nodesByType('decimal')", method: 'redact' },
        ],
        { resourceType: 'Observation', ...more },
      );
    expect(noisy({ valueInteger: 5, _valueInteger: { extension } })).toMatchObject({ _valueInteger: { extension } });
    expect(noisy({ _valueInteger: { extension } })['_valueInteger']).not.toEqual({ extension });
  });

  test('a negative value with a proportional span stops the run', () => {
    expect(() => value({ valueInteger: -5 }, { rangeType: 'proportional' }, 0)).toThrow(expect.objectContaining({ name: 'ValueError' }));
  });

  test('with the noise of a value all that stands beside it is settled, and all below', () => {
    const rules = [
      { path: 'Observation.value', method: 'perturb', span: 0 },
      { path: "nodesByName('unit')", method: 'redact' },
      { path: "nodesByName('valueDate')", method: 'redact' },
      { path: "nodesByType('date')", method: 'redact' },
    ];
    expect(
      bare(rules, {
        resourceType: 'Observation',
        valueQuantity: { value: 1, unit: 'g', extension: [{ url: 'u', valueDate: '2001-01-01' }] },
      }),
    ).toEqual({
      resourceType: 'Observation',
      valueQuantity: { value: 1, unit: 'g', extension: [{ url: 'u', valueDate: '2001-01-01' }] },
    });
    // Without a value there is nothing to stand beside: the rule goes on below.
    expect(
      bare(rules, { resourceType: 'Observation', valueQuantity: { unit: 'g', extension: [{ url: 'u', valueDate: '2001-01-01' }] } }),
    ).toEqual({
      resourceType: 'Observation',
      valueQuantity: { unit: 'g', extension: [{ url: 'u', valueDate: '2001-01-01' }] },
    });
  });
});

describe('generalize', () => {
  const rule = (cases: unknown, more: object = {}) => ({ path: 'Patient.birthDate', method: 'generalize', cases, ...more });
  const nineties = { '$this >= @1990-01-01 and $this < @2000-01-01': '@1990' };
  test.each<[string, unknown, object, string | undefined]>([
    ['1995-05-05', nineties, {}, '1990'],
    ['1995-05-05', JSON.stringify(nineties), {}, '1990'],
    // A comparison that cannot be decided counts as true.
    ['2000', nineties, {}, '1990'],
    ['2001-01-01', nineties, {}, undefined],
    ['2001-01-01', nineties, { otherValues: 'keep' }, '2001-01-01'],
    ['2001-01-01', { true: '{}' }, {}, undefined],
    ['2001-01-01', { false: "'a'", "'x'": "'b'" }, {}, 'b'],
    // So does more than one value.
    ['2001-01-01', { '(false | 1)': "'b'" }, {}, 'b'],
    ['2001-01-01', { '$this < today()': '@2001' }, {}, '2001'],
    ['9999-01-01', { '$this < now()': '@2001' }, {}, undefined],
    ['2001-01-01', { true: '$this.toString().substring(0, 4)' }, {}, '2001'],
  ])('%s by %j', (birthDate, cases, more, expected) => {
    const made = apply([rule(cases, more)], { resourceType: 'Patient', birthDate });
    expect(made.resource['birthDate']).toBe(expected);
    expect(made.operations.generalize).toBe(1);
  });

  test.each<[string, string, unknown, Record<string, string>, unknown]>([
    ['dateTime', 'valueDateTime', '2012-03-04T23:30:00-01:00', { '$this = @2012-03-05T00:30:00Z': '@2012' }, '2012'],
    ['dateTime', 'valueDateTime', '2012-03-04T23:30:00+09:00', { '$this >= @2012-03-04T23:30:00Z': '@2012' }, undefined],
    ['time', 'valueTime', '09:30:00', { '$this < @T12:00:00': '@T06:00:00' }, '06:00:00'],
    ['string', 'valueString', 'ja-JP', { "('ja' | 'ja-JP') contains $this": "$this.substring(0, 2) + '-*'" }, 'ja-*'],
    ['integer', 'valueInteger', 57, { '$this in (57 | 58)': '($this div 10) * 10' }, 50],
    ['integer', 'valueInteger', 3, { '$this < 3.5': '$this / 2' }, 1.5],
  ])('a %s by its own rules: %s %j by %j', (_type, name, value, cases, expected) => {
    const made = bare([{ path: 'Observation.value', method: 'generalize', cases }], { resourceType: 'Observation', [name]: value });
    expect(made[name]).toBe(expected);
  });

  test('numbers and truth values are compared as such', () => {
    const cases = { '$this > 5': '$this + 1', true: '0' };
    expect(
      bare([{ path: 'Observation.value', method: 'generalize', cases }], { resourceType: 'Observation', valueInteger: 7 })['valueInteger'],
    ).toBe(8);
    expect(
      bare([{ path: 'Patient.active', method: 'generalize', cases: { $this: 'false' } }], { resourceType: 'Patient', active: true })[
        'active'
      ],
    ).toBe(false);
  });

  test('decimals are reckoned as such, and keep their digits', () => {
    const made = (value: string, expression: string) => {
      const rule = { path: "nodesByType('decimal')", method: 'generalize', cases: { true: expression } };
      return JSON.stringify(bare([rule], { resourceType: 'Observation', valueQuantity: { value: new Decimal(value) } })['valueQuantity']);
    };
    expect(made('7.20', '$this')).toBe('{"value":7.20}');
    expect(made('0.1', '$this + 0.2')).toBe('{"value":0.3}');
  });

  test('an element that is no primitive is refused, also with skip', () => {
    for (const path of ['Patient.name', 'Patient.birthDate']) {
      const patient = {
        resourceType: 'Patient',
        name: [{ family: 'f' }],
        birthDate: '1995-01-01',
        _birthDate: { extension: [{ url: 'u' }] },
      };
      const refused = () => apply([{ ...rule(nineties), path }], patient, {}, context, { processingErrors: 'skip' });
      expect(refused).toThrow(expect.objectContaining({ name: 'RuleNotApplicable' }));
    }
    const first = { path: "nodesByType('Extension')", method: 'redact' };
    expect(
      bare([first, rule(nineties)], { resourceType: 'Patient', birthDate: '1995-01-01', _birthDate: { extension: [{ url: 'u' }] } }),
    ).toEqual({
      resourceType: 'Patient',
      birthDate: '1990',
    });
  });

  test.each([
    ['an expression that fails', { '$this + 1 = 2': "'x'" }],
    ['more than one value', { true: "'a' | 'b'" }],
  ])('%s is a processing error: raised, or the whole root is emptied', (_name, cases) => {
    const bundle = { resourceType: 'Bundle', id: 'b', entry: [{ resource: { resourceType: 'Patient', gender: 'other' } }] };
    const rules = [{ path: 'Patient.gender', method: 'generalize', cases }];
    expect(() => apply(rules, bundle)).toThrow(
      expect.objectContaining({ name: 'ProcessingError', message: expect.not.stringContaining('other') }),
    );
    const skipped = apply(rules, bundle, {}, context, { processingErrors: 'skip' });
    expect(skipped).toMatchObject({ skipped: true });
    expect(skipped.resource).toEqual({ resourceType: 'Bundle', meta: { security: [{ system, code: 'REDACTED', display: 'redacted' }] } });
  });

  test('replaceMatches has the syntax of .NET', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of .NET
    expect(['${y}-x', '$0', '$1', '$$', '${1}'].map(replacementOf)).toEqual(['$<y>-x', '$&', '$1', '$$', '$1']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of .NET
    const cases = { true: "$this.replaceMatches('(?<y>[0-9]{4})-(?<m>[0-9]+)-[0-9]+', '${y}-${m}')" };
    expect(bare([rule(cases)], { resourceType: 'Patient', birthDate: '1995-05-05' })['birthDate']).toBe('1995-05');
  });
});

describe('substitute', () => {
  test.each<[unknown, unknown]>([
    ['x', 'x'],
    [5, '5'],
    [true, 'True'],
    [null, undefined],
  ])('a primitive by %j', (replaceWith, expected) => {
    const made = apply([{ path: 'Patient.name.family', method: 'substitute', replaceWith }], {
      resourceType: 'Patient',
      name: [{ family: 'f', use: 'old' }],
    });
    expect(made.resource['name']).toEqual([{ use: 'old', ...(expected === undefined ? {} : { family: expected }) }]);
    expect(made.operations.substitute).toBe(1);
  });

  const name = [{ use: 'old', family: 'f', given: ['a', 'b', 'c'], period: { start: '2001', end: '2002' } }];
  const replaced = (replaceWith: unknown, ...first: object[]) =>
    bare([...first, { path: 'Patient.name', method: 'substitute', replaceWith }], { resourceType: 'Patient', name })['name'];

  test('an element takes the children of the replacement, and loses the others', () => {
    expect(replaced({ family: 'x', given: ['1'] })).toEqual([{ family: 'x', given: ['1'] }]);
    expect(replaced('{"family": "x"}')).toEqual([{ family: 'x' }]);
    expect(replaced({ text: 't', given: ['1', '2', '3', '4'] })).toEqual([{ text: 't', given: ['1', '2', '3', '4'] }]);
  });

  test('in a replacement an empty text is no value', () => {
    expect(replaced({ family: 'x', period: { start: '2020', end: '' } })).toEqual([{ family: 'x', period: { start: '2020' } }]);
  });

  test('a nested resource goes with what is replaced around it, or takes what replaces it', () => {
    const bundle = {
      resourceType: 'Bundle',
      entry: [{ fullUrl: 'urn:x', resource: { resourceType: 'Patient', id: 'p', gender: 'male' } }],
    };
    const entry = (replaceWith: object, ...first: object[]) =>
      bare([...first, { path: 'Bundle.entry', method: 'substitute', replaceWith }], bundle)['entry'];
    expect(entry({ fullUrl: 'urn:y' })).toEqual([{ fullUrl: 'urn:y' }]);
    expect(entry({ resource: { resourceType: 'Patient', id: 'q' } })).toEqual([{ resource: { resourceType: 'Patient', id: 'q' } }]);
    // What stands in it is settled too.
    expect(entry({ resource: { resourceType: 'Patient', id: 'q' } }, { path: 'Bundle.entry.resource.gender', method: 'keep' })).toEqual([
      { resource: { resourceType: 'Patient', id: 'q', gender: 'male' } },
    ]);
  });

  test('what is gone is found no more by a path, but counts for nodesBy in its short form', () => {
    const rules = [{ path: 'Patient.name', method: 'substitute', replaceWith: {} }];
    const labels = (path: string) => {
      const { meta } = apply([...rules, { path, method: 'redact' }], { resourceType: 'Patient', name }).resource;
      return (meta as { security: { code: string }[] }).security.map(({ code }) => code);
    };
    expect(labels("Patient.nodesByType('string')")).toEqual(['SUBSTITUTED']);
    expect(labels("nodesByType('string')")).toEqual(['REDACTED', 'SUBSTITUTED']);
  });

  test('null empties it', () => {
    expect(replaced(null)).toBeUndefined();
    expect(replaced({})).toBeUndefined();
  });

  test('what an earlier rule settled stays, and uses up its place', () => {
    const given = { path: 'Patient.name.given[1]', method: 'keep' };
    expect(replaced({ given: ['1', '2', '3'] }, given)).toEqual([{ given: ['1', 'b', '3'] }]);
    expect(replaced({ given: ['1'] }, given)).toEqual([{ given: ['1', 'b'] }]);
    expect(replaced({ family: 'x' }, { path: 'Patient.name.period.start', method: 'keep' })).toEqual([
      { family: 'x', period: { start: '2001' } },
    ]);
  });

  test('a replacement that is none of the type stops the run', () => {
    for (const replaceWith of ['text', { nonsense: 1 }, [1]])
      expect(() => replaced(replaceWith)).toThrow(expect.objectContaining({ name: 'ValueError' }));
  });
});
