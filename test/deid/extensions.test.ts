// Extensions that a policy lists, one by one. https://hl7.org/fhir/R4/extensibility.html, https://hl7.org/fhir/R4/json.html#primitive
import { describe, expect, test } from '@jest/globals';
import { deidentify } from '../../src/deid/deidentify.ts';
import type { AnyResource, Json } from '../../src/fhir/model/r4.ts';
import { compile, context, keys } from './ground.ts';

const absentReason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const race = 'http://example.org/fhir/StructureDefinition/race';
const born = 'http://hl7.org/fhir/StructureDefinition/patient-birthTime';
const sex = 'http://example.org/fhir/StructureDefinition/birth-sex';

const by = (extensions: object, rules: readonly object[] = [], elements: object = { Patient: ['gender', 'birthDate'] }) =>
  compile({
    groups: [
      {
        measure: 'kept',
        title: 'kept',
        rules: [
          { paths: ['code', 'boolean', 'integer'], method: 'keep' },
          { paths: ['Resource.id'], method: 'pseudonymize' },
          { paths: ['date', 'dateTime'], method: 'date-shift' },
          ...rules,
        ],
      },
    ],
    elements,
    extensions: { [absentReason]: 'valueCode', ...extensions },
  });

const left = (compiled: ReturnType<typeof by>, patient: object, more = {}): Json => {
  const out = deidentify(compiled, { resourceType: 'Patient', id: 'p', ...patient } as AnyResource, context({ keys, ...more }));
  const { resourceType: _, id: __, meta: ___, ...rest } = out as Json;
  return rest;
};

describe('an extension with a value', () => {
  test('leaves by the rules of its type, and no other one does', () => {
    const given = {
      extension: [
        { url: born, valueDateTime: '2020-01-01T10:00:00+09:00' },
        { url: 'urn:other', valueBoolean: true },
      ],
    };
    expect(left(by({ [born]: 'valueDateTime' }), given)).toEqual({
      extension: [{ url: born, valueDateTime: '2020-01-11T10:00:00+09:00' }],
    });
    expect(left(by({}), given)).toEqual({});
  });

  test('leaves by a rule of its own, wherever it stands', () => {
    const rule = { paths: [`extension('${born}')`], method: 'generalize-date', to: 'year' };
    const extension = [{ url: born, valueDateTime: '2020-01-01T10:00:00+09:00' }];
    expect(left(by({ [born]: 'valueDateTime' }, [rule]), { extension, birthDate: '2020-01-01', _birthDate: { extension } })).toEqual({
      extension: [{ url: born, valueDateTime: '2020' }],
      birthDate: '2020-01-11',
      _birthDate: { extension: [{ url: born, valueDateTime: '2020' }] },
    });
  });

  test('of another type than the listed one, or with extensions in place of the value, goes', () => {
    const compiled = by({ [born]: 'valueDateTime' });
    for (const one of [
      { url: born, valueString: 'Yamada' },
      { url: born, valueDateTime: 'Yamada' },
      { url: born, extension: [{ url: born, valueDateTime: '2020-01-01' }] },
      { url: born },
      'Yamada',
      null,
    ])
      expect(left(compiled, { extension: [one] })).toEqual({});
  });

  test('whose value is masked says so in its place', () => {
    const compiled = by({ [born]: 'valueDateTime' }, [{ paths: [`extension('${born}')`], method: 'mask' }]);
    expect(left(compiled, { extension: [{ url: born, valueDateTime: '2020-01-01' }] })).toEqual({
      extension: [{ url: born, _valueDateTime: { extension: [{ url: absentReason, valueCode: 'masked' }] } }],
    });
  });

  test('with a code leaves for the codes of its rule alone; without such a rule the policy does not load', () => {
    const rule = { paths: [`extension('${sex}')`], method: 'keep', codes: ['M', 'F'] };
    const compiled = by({ [sex]: 'valueCode' }, [rule]);
    const of = (valueCode: string) => left(compiled, { extension: [{ url: sex, valueCode }] });
    expect(of('F')).toEqual({ extension: [{ url: sex, valueCode: 'F' }] });
    expect(of('Yamada')).toEqual({});
    expect(() => by({ [sex]: 'valueCode' })).toThrow('a code needs a rule of its own');
    expect(() => by({ [sex]: 'valueCode' }, [{ paths: [`extension('${sex}')`], method: 'keep' }])).toThrow(
      'a code needs a rule of its own',
    );
    expect(() => by({ [sex]: 'valueInteger' }, [{ ...rule }])).toThrow('"codes" are of a code');
  });

  test.each(['valueId', 'valueOid'])('with a name in %s has no pseudonym of the resource', value => {
    const rule = (more: object) => ({ paths: [`extension('${sex}')`], method: 'pseudonymize', ...more });
    expect(() => by({ [sex]: value }, [rule({})])).toThrow('"domain": "uid"');
    expect(left(by({ [sex]: value }, [rule({ domain: 'uid' })]), { extension: [{ url: sex, [value]: '1.2.3' }] })).toEqual({
      extension: [{ url: sex, [value]: keys.uid('1.2.3') }],
    });
  });

  test('listed as a data type, whatever its URL, stops the load', () => {
    expect(() => by({}, [], { Patient: ['gender', 'extension'], Extension: ['valueCode'] })).toThrow('extensions are listed by their URL');
    expect(() => by({}, [], { Patient: ['contact.extension'], Extension: ['valueCode'] })).toThrow('extensions are listed by their URL');
  });
});

describe('an extension with extensions inside', () => {
  const listed = { [race]: { adopted: 'valueBoolean', since: 'valueDate', more: { deep: 'valueInteger' } } };
  const counted = { paths: [`extension('${race}').extension('more').extension('deep')`], method: 'keep' };
  const inside = [
    { url: 'adopted', valueBoolean: true },
    { url: 'since', valueDate: '2020-01-01' },
    { url: 'text', valueString: 'Yamada' },
    {
      url: 'more',
      extension: [
        { url: 'deep', valueInteger: 3 },
        { url: 'name', valueString: 'Yamada' },
      ],
    },
  ];

  test('leaves with those of them that are listed', () =>
    expect(left(by(listed, [counted]), { extension: [{ id: 'x', url: race, extension: inside }] })).toEqual({
      extension: [
        {
          url: race,
          extension: [
            { url: 'adopted', valueBoolean: true },
            { url: 'since', valueDate: '2020-01-11' },
            { url: 'more', extension: [{ url: 'deep', valueInteger: 3 }] },
          ],
        },
      ],
    }));

  test('does not leave with a value of its own, nor empty', () => {
    expect(left(by(listed, [counted]), { extension: [{ url: race, valueString: 'Yamada' }] })).toEqual({});
    expect(left(by(listed, [counted]), { extension: [{ url: race, extension: [{ url: 'text', valueString: 'Yamada' }] }] })).toEqual({});
    expect(left(by(listed, [counted]), { extension: inside })).toEqual({});
  });

  test('has rules of its own for those inside, each in its place', () => {
    const rule = { paths: [`extension('${race}').extension('since')`], method: 'generalize-date', to: 'year' };
    const compiled = by({ ...listed, since: 'valueDate' }, [rule, counted]);
    expect(
      left(compiled, {
        extension: [
          { url: race, extension: inside.slice(1, 2) },
          { url: 'since', valueDate: '2020-01-01' },
        ],
      }),
    ).toEqual({
      extension: [
        { url: race, extension: [{ url: 'since', valueDate: '2020' }] },
        { url: 'since', valueDate: '2020-01-11' },
      ],
    });
  });

  test.each([
    ['without any inside', { [race]: {} }, `extensions.${race}`],
    [
      'inside of which stands none that can be treated',
      { [race]: { text: 'valueString' } },
      `extensions.extension('${race}').extension('text')`,
    ],
    ['of a value that R4 does not have', { [race]: 'valueNothing' }, 'is no value that the policy can treat'],
    ['that is no text', { [race]: 5 }, 'must be a text'],
    ['of a number, which may be an age of somebody pooled,', { [race]: 'valueInteger' }, 'a number may be an age'],
  ])('%s stops the load', (_, extensions, text) => expect(() => by(extensions)).toThrow(text));

  test('that is not listed has no rule', () =>
    expect(() => by({}, [{ paths: [`extension('${race}')`], method: 'mask' }])).toThrow('has a rule, but is not listed'));

  test('is decided in what the policy explains', () => {
    const { decisions } = by(listed, [counted, { paths: [`extension('${race}').extension('since')`], method: 'mask' }]);
    expect(decisions.get(`extension('${race}').extension('since')`)).toEqual({ by: 'mask', measure: 'kept' });
    expect(decisions.get(`extension('${race}').extension('more').extension('deep')`)).toEqual({ by: 'keep', measure: 'kept' });
  });
});

describe('extensions beside a primitive', () => {
  const compiled = by({ [born]: 'valueDateTime' });
  const extension = [
    { url: born, valueDateTime: '2020-01-01' },
    { url: 'urn:other', valueString: 'Yamada' },
  ];
  const kept = { extension: [{ url: born, valueDateTime: '2020-01-11' }] };

  test('leave with its value, whatever the order of the properties', () => {
    expect(left(compiled, { birthDate: '2020-01-01', _birthDate: { id: 'x', extension } })).toEqual({
      birthDate: '2020-01-11',
      _birthDate: kept,
    });
    expect(left(compiled, { _birthDate: { extension }, birthDate: '2020-01-01' })).toEqual({ birthDate: '2020-01-11', _birthDate: kept });
  });
  test('leave where it has none, with the reason', () =>
    expect(left(compiled, { _birthDate: { extension: [...extension, { url: absentReason, valueCode: 'unknown' }] } })).toEqual({
      _birthDate: { extension: [{ url: absentReason, valueCode: 'unknown' }, ...kept.extension] },
    }));
  test('go with a value that goes, or that is not listed', () => {
    expect(left(compiled, { birthDate: 'Yamada', _birthDate: { extension } })).toEqual({});
    expect(left(compiled, { birthDate: '1900-01-01', _birthDate: { extension } }, { subject: undefined })).toEqual({});
    expect(left(compiled, { language: 'ja', _language: { extension } })).toEqual({});
  });
  test('a value is no reason for being absent', () =>
    expect(left(compiled, { gender: 'male', _gender: { extension: [{ url: absentReason, valueCode: 'unknown' }] } })).toEqual({
      gender: 'male',
    }));

  test('stand in line with the values of one that repeats', () => {
    const list = by({ [born]: 'valueDateTime' }, [], {
      ...{ Patient: ['gender'] },
      Timing: ['event'],
      ServiceRequest: ['occurrence[x]', 'status', 'intent'],
    });
    const of = (timing: object) => {
      const out = deidentify(
        list,
        {
          resourceType: 'ServiceRequest',
          id: 's',
          status: 'active',
          intent: 'order',
          subject: { reference: 'Patient/p' },
          occurrenceTiming: timing,
        } as AnyResource,
        context({ keys }),
      ) as Json;
      return out['occurrenceTiming'];
    };
    const [day, moved] = ['2020-01-01', '2020-01-11'];
    expect(of({ event: [day, day, 'Yamada', null], _event: [null, { extension }, { extension }, { extension }] })).toEqual({
      event: [moved, moved, null],
      _event: [null, kept, kept],
    });
    expect(of({ event: [day, null], _event: [null, { extension: [{ url: 'urn:other', valueString: 'Yamada' }] }] })).toEqual({
      event: [moved],
    });
    expect(of({ _event: [{ extension }] })).toEqual({ _event: [kept] });
    expect(of({ event: [day], _event: { extension } })).toEqual({ event: [moved] });
    expect(of({ event: [day], _event: [null, null, 'Yamada'] })).toEqual({ event: [moved] });
  });
});
