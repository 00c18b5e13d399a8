// https://dicom.nema.org/medical/dicom/current/output/chtml/part05/chapter_7.html
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deidentifyDicom } from '../../../src/deid/dicom/deidentify.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { readFile } from '../../../src/deid/dicom/read.ts';
import { chest, dataSet, encapsulated, entry, file, type Item, syntaxes } from './ground.ts';

const profile = readDicomProfile({ options: ['cleanDescriptors', 'cleanStructuredContent'], waveforms: true });
const context = { uid: (uid: string) => '2.25.' + uid.length, clean: (text: string) => text };
const run = (bytes: Uint8Array): object => deidentifyDicom(bytes, profile, context);

const pixels = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const object = (): Item =>
  chest(
    [entry(0x00280106, 'SS', 7), entry(0x00200032, 'DS', '1\\2\\3'), entry(0x00189301, 'SQ', [[entry(0x00180050, 'DS', '5')], []])],
    pixels,
  );

test('every transfer syntax, with known and with undefined lengths, gives one and the same output', () => {
  const outputs = [syntaxes.explicit, syntaxes.implicit, syntaxes.bigEndian, syntaxes.deflated].flatMap(syntax =>
    [false, true].map(lengths => {
      const result = run(
        file(
          object().map(e => (e.vr === 'SS' ? entry(e.tag, 'US', e.value) : e)),
          syntax,
          lengths,
        ),
      ) as { bytes: Uint8Array };
      return Buffer.from(result.bytes).toString('hex');
    }),
  );
  expect(new Set(outputs).size).toBe(1);
  expect(outputs[0]).toContain(pixels.toString('hex'));
});

test('implicit VR: numbers are signed where pixels are', () => {
  const signed = chest([entry(0x00280103, 'US', 1), entry(0x00280106, 'US', 7)]);
  expect(readFile(file(signed, syntaxes.implicit)).set.get(0x00280106)!.vr).toBe('SS');
});

test('without file meta information, or without a preamble, the data set tells what it is', () => {
  for (const [explicit, big] of [
    [true, false],
    [false, false],
    [true, true],
  ] as const) {
    const bare = dataSet(object(), { explicit, big, undefinedLengths: false });
    expect(readFile(bare).set.get(0x00180015)!.bytes).toEqual(Buffer.from('CHEST '));
    expect(run(bare)).toHaveProperty('bytes');
  }
  const whole = file(object(), syntaxes.explicit);
  expect(run(whole.subarray(132))).toEqual(run(whole));
});

test('UN: a standard attribute is read as what it is, a sequence of undefined length in implicit VR', () => {
  const inner = dataSet([entry(0x00180050, 'DS', '5')], { explicit: false, big: false, undefinedLengths: true });
  const items = Buffer.concat([Buffer.from('feff00e0ffffffff', 'hex'), inner, Buffer.from('feff0de000000000feffdde000000000', 'hex')]);
  const head = Buffer.from('18000193554e0000ffffffff', 'hex');
  const bytes = Buffer.concat([file(chest([entry(0x00180050, 'UN', Buffer.from('7 '))], null), syntaxes.explicit), head, items]);
  const { set } = readFile(bytes);
  expect(set.get(0x00180050)).toMatchObject({ vr: 'DS' });
  expect(set.get(0x00189301)!.items![0]!.get(0x00180050)!.vr).toBe('DS');
});

test('an object that ends within an attribute is withheld, wherever that is', () => {
  const entries = [...object()].sort((a, b) => a.tag - b.tag);
  for (const [syntax, lengths] of [
    [syntaxes.explicit, true],
    [syntaxes.implicit, false],
  ] as const) {
    const whole = file(entries, syntax, lengths);
    const boundaries = new Set(entries.map((_, n) => file(entries.slice(0, n), syntax, lengths).length));
    const start = file([], syntax).length;
    for (let end = start + 200; end < whole.length; end++)
      if (!boundaries.has(end)) expect(run(whole.subarray(0, end))).toHaveProperty('withheld');
  }
});

const refused: readonly (readonly [string, () => Uint8Array, string])[] = [
  ['nothing', () => new Uint8Array(0), 'is no DICOM object'],
  ['a text', () => Buffer.from('Yamada Taro, born 1940, and a lot more text to be no DICOM object'), 'is no DICOM object'],
  [
    'a VR that does not exist',
    () => file(chest([entry(0x00180050, 'ZZ', '5')]), syntaxes.explicit),
    'has a value representation that DICOM does not know',
  ],
  ['nesting without end', () => file(chest([nest(60)]), syntaxes.explicit), 'is nested too deeply'],
  [
    'an undefined length of a text',
    () => Buffer.concat([file(chest([], null), syntaxes.explicit), Buffer.from('fc7f1000555400 00ffffffff'.replaceAll(' ', ''), 'hex')]),
    'has an undefined length where none may stand',
  ],
  [
    'a delimiter of nothing',
    () => Buffer.concat([file(chest([], null), syntaxes.explicit), Buffer.from('feffdde000000000', 'hex')]),
    'has a delimiter where none may stand',
  ],
  [
    'bytes that cannot be inflated',
    () => Buffer.concat([file(chest(), syntaxes.deflated).subarray(0, 320), Buffer.alloc(40, 7)]),
    'cannot be inflated',
  ],
  [
    'fragments that are none',
    () => Buffer.concat([file(chest([], null), syntaxes.jpeg), encapsulated([Buffer.alloc(4)]).subarray(0, 20), Buffer.alloc(8)]),
    'has pixel data that are none',
  ],
];
const nest = (depth: number): Item[number] => entry(0x00189301, 'SQ', [depth === 0 ? [] : [nest(depth - 1)]]);

test.each(refused)('%s is withheld with a reason that tells nothing of it', (_, bytes, withheld) => {
  expect(run(bytes())).toEqual({ withheld });
});

test('few bytes that say they are many are refused', () => {
  const large: Item = [entry(0x00280010, 'US', 30_000), entry(0x00280011, 'US', 30_000), entry(0x00280100, 'US', 8)];
  const fragment = Buffer.alloc(66);
  fragment.writeUInt32LE(1);
  fragment.writeUInt32LE(64, 4);
  expect(run(file(chest(large, null), syntaxes.rle, false, encapsulated([fragment])))).toEqual({
    withheld: 'has pixel data that are none',
  });
  const zeros = chest([entry(0x00189301, 'SQ', [])], Buffer.alloc(40_000_000));
  expect(run(file(zeros, syntaxes.deflated))).toEqual({ withheld: 'cannot be inflated' });
});

test('long runs of what is padded with take time by their length, not by its square', () => {
  const long = (end: string): Buffer => Buffer.concat([Buffer.from('1'), Buffer.alloc(1_000_000, 0x20), Buffer.from(end)]);
  const tags = [0x00080020, 0x00080061, 0x00081030, 0x00104000, 0x00180050, 0x00181151, 0x00200052];
  const entries = tags.map(tag => entry(tag, 'UN', long('x')));
  expect(run(file(chest(entries), syntaxes.implicit))).toHaveProperty('bytes');
});

test('bytes changed at random never throw, and never take long', () => {
  const seeds = [
    file(object(), syntaxes.explicit, true),
    file(object(), syntaxes.implicit),
    file(object(), syntaxes.bigEndian, true),
    file(chest([entry(0x00280100, 'US', 8)], null), syntaxes.rle, true, encapsulated([Buffer.alloc(90, 1)])),
    file(chest([], null), syntaxes.jpeg, true, encapsulated([Buffer.from('ffd8ffe00004ffda0003011234ffd9', 'hex')])),
  ];
  fc.assert(
    fc.property(
      fc.nat(seeds.length - 1),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.nat(2000),
      (n, changes, cut) => {
        const bytes = Buffer.from(seeds[n]!);
        for (const [at, to] of changes) bytes[at % bytes.length] = to;
        const result = run(cut % 4 === 0 ? bytes.subarray(0, cut) : bytes) as { withheld?: string; bytes?: Uint8Array };
        if (result.bytes !== undefined) readFile(result.bytes);
        expect(typeof (result.withheld ?? result.bytes)).not.toBe('undefined');
      },
    ),
    { numRuns: 3000 },
  );
});

test('bytes that are nothing at all never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, headed) => {
      const all = headed ? Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), bytes]) : bytes;
      expect(run(all)).toBeDefined();
    }),
    { numRuns: 3000 },
  );
});
