// https://dicom.nema.org/medical/dicom/current/output/chtml/part15/chapter_E.html
import { expect, test } from '@jest/globals';
import dicomParser from 'dicom-parser';
import { dayOf } from '../../../src/deid/calendar.ts';
import { type DicomResult, deidentifyDicom } from '../../../src/deid/dicom/deidentify.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { readFile } from '../../../src/deid/dicom/read.ts';
import { seriesKeys } from '../../../src/deid/keys.ts';
import { chest, ct, encapsulated, entry, eucJp, eucKr, file, gb18030, type Item, jis, shiftJis, syntaxes, writings } from './ground.ts';

const keys = seriesKeys(Buffer.alloc(32, 9));
const uid = keys.uid;
const subject = { shiftDays: 10, id: 'b9f5b0f2-0000-8000-8000-000000000001' };
const clean = (text: string): string | undefined =>
  text.includes('?') ? undefined : text.replaceAll('山田', '＊').replaceAll('Yamada', '*');

function bytesOf(result: DicomResult): Uint8Array {
  if ('withheld' in result) throw new Error(result.withheld);
  return result.bytes;
}

const leave = (entries: Item, profile: unknown = {}, context: Partial<Parameters<typeof deidentifyDicom>[2]> = {}): dicomParser.DataSet =>
  dicomParser.parseDicom(bytesOf(deidentifyDicom(file(chest(entries), syntaxes.explicit), readDicomProfile(profile), { uid, ...context })));

const utf8 = (set: dicomParser.DataSet, tag: string): string | undefined => {
  const element = set.elements[tag];
  return element === undefined
    ? undefined
    : Buffer.from(set.byteArray.subarray(element.dataOffset, element.dataOffset + element.length))
        .toString()
        .trimEnd();
};
const codesOf = (set: dicomParser.DataSet, tag: string): (string | undefined)[] =>
  (set.elements[tag]?.items ?? []).map(item => item.dataSet!.string('x00080100'));

test('file meta information: made anew, with the SOP Instance UID of the output, and a preamble of zeros', () => {
  const input = file(chest(), syntaxes.implicit);
  const out = bytesOf(deidentifyDicom(input, readDicomProfile({}), { uid }));
  const set = dicomParser.parseDicom(out);
  expect(Buffer.from(out.subarray(0, 128)).equals(Buffer.alloc(128))).toBe(true);
  expect(set.string('x00020003')).toBe(uid('1.2.392.200036.1.2.3'));
  expect(set.string('x00080018')).toBe(uid('1.2.392.200036.1.2.3'));
  expect(set.string('x00020002')).toBe(ct);
  expect(set.string('x00020010')).toBe(syntaxes.explicit);
  expect([set.elements['x00020016'], set.elements['x00020102'], set.elements['x00020100']]).toEqual([undefined, undefined, undefined]);
});

test('the output says that and how it was de-identified', () => {
  const set = leave([], { options: ['retainLongitudinalModifiedDates', 'cleanDescriptors'] }, { subject, clean });
  expect(set.string('x00120062')).toBe('YES');
  expect(set.string('x00120063')).toContain('2026d');
  expect(codesOf(set, 'x00120064')).toEqual(['113100', '113105', '113107']);
  expect(set.elements['x00120064']!.items![0]!.dataSet!.string('x00080102')).toBe('DCM');
  expect(set.string('x00280301')).toBe('NO');
  expect(set.string('x00280303')).toBe('MODIFIED');
  expect(set.string('x00100020')).toBe(subject.id);
  expect(leave([]).string('x00280303')).toBe('REMOVED');
});

test('what the input said of an earlier de-identification does not stay', () => {
  const set = leave([
    entry(0x00120062, 'CS', 'YES'),
    entry(0x00120063, 'LO', 'QZJ'),
    entry(0x00120064, 'SQ', [[entry(0x00080100, 'SH', '113110'), entry(0x00080102, 'SH', 'DCM'), entry(0x00080104, 'LO', 'x')]]),
  ]);
  expect(codesOf(set, 'x00120064')).toEqual(['113100']);
});

test('UIDs: one and the same for the same, at any depth and in lists; what the standard means stays', () => {
  const set = leave([
    entry(0x00200052, 'UI', '1.2.840.10008.1.4.1.1'),
    entry(0x00080014, 'UI', '1.2.840.10008.99.1'),
    entry(0x00081115, 'SQ', [[entry(0x00081150, 'UI', ct), entry(0x00081155, 'UI', '1.2.392.200036.1.2.3')]]),
    entry(0x00203401, 'CS', 'A'),
    entry(0x0008001a, 'UI', '1.2.840.10008.5.1.4.1.1.2\\1.9.8\\1.9.9'),
  ]);
  expect(set.string('x00200052')).toBe('1.2.840.10008.1.4.1.1');
  expect(set.string('x00080014')).toBe(uid('1.2.840.10008.99.1'));
  const inside = set.elements['x00081115']!.items![0]!.dataSet!;
  expect(inside.string('x00081150')).toBe(ct);
  expect(inside.string('x00081155')).toBe(set.string('x00080018'));
  expect(utf8(set, 'x0008001a')!.replace(/\0$/, '')).toBe([ct, uid('1.9.8'), uid('1.9.9')].join('\\'));
});

test('retain UIDs: they stay as they are', () => {
  const set = leave([], { options: ['retainUids'] });
  expect(set.string('x00080018')).toBe('1.2.392.200036.1.2.3');
  expect(set.string('x0020000d')).toBe('1.2.392.200036.1');
  expect(codesOf(set, 'x00120064')).toContain('113110');
});

const dates = [
  entry(0x00080020, 'DA', '20240225'),
  entry(0x00080021, 'DA', '2024.02.26'),
  entry(0x00080030, 'TM', '101112.123'),
  entry(0x0008002a, 'DT', '20240225101112.123456+0900'),
  entry(0x00100030, 'DA', '19400101'),
  entry(0x00080022, 'DA', '19000101'),
  entry(0x00080023, 'DA', '20241399'),
  entry(0x00080012, 'DA', '19700101'),
];

test('modified dates: the days of a person move by the same number, times of day stay; what is no day of a life, or no day, does not leave', () => {
  const set = leave(dates, { options: ['retainLongitudinalModifiedDates'] }, { subject });
  expect(set.string('x00080020')).toBe('20240306');
  expect(set.string('x00080021')).toBe('20240307');
  expect(set.string('x00080030')).toBe('101112');
  expect(set.string('x0008002a')).toBe('20240306101112+0900');
  expect(set.string('x00100030') ?? '').toBe('');
  expect(set.string('x00080022') ?? '').toBe('');
  expect(['', undefined, '19000101']).toContain(set.string('x00080023'));
  expect(set.string('x00080012') ?? '').not.toContain('1970');
});

test('dates: without the option or without a person none leaves', () => {
  for (const set of [leave(dates, {}, { subject }), leave(dates, { options: ['retainLongitudinalModifiedDates'] })]) {
    const text = Buffer.from(set.byteArray).toString('latin1');
    expect(text).not.toMatch(/2024|101112/);
    expect(set.string('x00280303')).toBe('REMOVED');
  }
});

test('full dates: as they are, where a study may have them', () => {
  const set = leave(dates, { options: ['retainLongitudinalFullDates'] });
  expect(set.string('x00080020')).toBe('20240225');
  expect(set.string('x00280303')).toBe('UNMODIFIED');
});

test('patient characteristics: age and sex, nobody older than 90', () => {
  const profile = { options: ['retainPatientCharacteristics'] };
  const set = leave([entry(0x00101010, 'AS', '097Y'), entry(0x00100040, 'CS', 'F'), entry(0x00101030, 'DS', '51.5')], profile, { subject });
  expect([set.string('x00101010'), set.string('x00100040'), set.string('x00101030')]).toEqual(['090Y', 'F', '51.5']);
  expect(leave([entry(0x00101010, 'AS', '045M')], profile, { subject }).string('x00101010')).toBe('045M');
  expect(leave([entry(0x00101010, 'AS', 'Taro')], profile, { subject }).elements['x00101010']).toBeUndefined();
});

test('clean descriptors: what is cleaned stays, what cannot be cleaned goes', () => {
  const profile = { options: ['cleanDescriptors'] };
  const set = leave(
    [entry(0x00081030, 'LO', 'Chest of Yamada'), entry(0x0008103e, 'LO', 'who?'), entry(0x00180024, 'SH', 'Yamada 2d')],
    profile,
    { clean },
  );
  expect(set.string('x00081030')).toBe('Chest of *');
  expect(set.elements['x0008103e']).toBeUndefined();
  expect(set.string('x00180024')).toBe('* 2d');
  expect(leave([entry(0x00081030, 'LO', 'Chest of Yamada')], profile).elements['x00081030']).toBeUndefined();
  expect(leave([entry(0x00180024, 'SH', 'Yamada 2d')]).elements['x00180024']).toBeUndefined();
});

const esc = (code: string): Buffer => Buffer.from('\x1b' + code, 'latin1');
const kana = Buffer.from([0xd4, 0xcf, 0xc0, 0xde]);
const written: readonly (readonly [string, string, Buffer, string])[] = [
  ['UTF-8', 'ISO_IR 192', Buffer.from('胸部 山田'), '胸部 ＊'],
  [
    'JIS X 0208',
    '\\ISO 2022 IR 87',
    Buffer.concat([Buffer.from('A '), esc('$B'), jis('胸部'), esc('(B'), Buffer.from(' '), esc('$B'), jis('山田'), esc('(B')]),
    'A 胸部 ＊',
  ],
  [
    'JIS X 0201 and 0208',
    'ISO 2022 IR 13\\ISO 2022 IR 87',
    Buffer.concat([kana, Buffer.from(' '), esc('$B'), jis('山田ソ'), esc('(J')]),
    'ﾔﾏﾀﾞ ＊ソ',
  ],
  [
    'JIS X 0212',
    '\\ISO 2022 IR 87\\ISO 2022 IR 159',
    Buffer.concat([esc('$(D'), Buffer.from([0x30, 0x21]), esc('$B'), jis('部'), esc('(B')]),
    '丂部',
  ],
  ['KS X 1001', '\\ISO 2022 IR 149', Buffer.concat([esc('$)C'), eucKr('길동'), Buffer.from(' chest')]), '길동 chest'],
  ['GB18030', 'GB18030', gb18030('胸部 山田'), '胸部 ＊'],
  ['GB 2312', '\\ISO 2022 IR 58', Buffer.concat([esc('$)A'), gb18030('胸部')]), '胸部'],
  ['Latin 1', 'ISO_IR 100', Buffer.from('Th\xf6rax', 'latin1'), 'Thörax'],
  ['Cyrillic', 'ISO_IR 144', Buffer.from([0xb3, 0xe0, 0xe3]), 'Гру'.normalize()],
];

test.each(written)('character sets: %s is read for cleaning, and written in UTF-8', (_, set, bytes, expected) => {
  const out = leave([entry(0x00080005, 'CS', set), entry(0x00081030, 'LO', bytes)], { options: ['cleanDescriptors'] }, { clean });
  expect(out.string('x00080005')).toBe('ISO_IR 192');
  expect(utf8(out, 'x00081030')).toBe(expected);
});

const notWritten: readonly (readonly [string, string, Buffer])[] = [
  ['Shift_JIS without a word', '', shiftJis('山田')],
  ['EUC-JP said to be UTF-8', 'ISO_IR 192', eucJp('山田')],
  ['an escape sequence that was not announced', '\\ISO 2022 IR 149', Buffer.concat([esc('$B'), jis('山田')])],
  ['a set that nobody knows', 'ISO_IR 999', Buffer.from('Yamada')],
  ['half a character', '\\ISO 2022 IR 87', Buffer.concat([esc('$B'), Buffer.from('a')])],
  ['half a character of JIS X 0212', '\\ISO 2022 IR 159', Buffer.concat([esc('$(D'), Buffer.from('a')])],
  ['control characters of C1', 'ISO_IR 100', Buffer.from([0x41, 0x85])],
];

test.each(notWritten)('character sets: %s is no text, and never leaves', (_, set, bytes) => {
  const out = leave(
    [entry(0x00080005, 'CS', set), entry(0x00081030, 'LO', bytes)],
    { options: ['cleanDescriptors'] },
    { clean: text => text },
  );
  expect(out.elements['x00081030']).toBeUndefined();
  expect(Buffer.from(out.byteArray).includes(bytes)).toBe(false);
});

test('character sets: a sequence has the set around it, or its own', () => {
  const own = [entry(0x00080005, 'CS', '\\ISO 2022 IR 87'), entry(0x00081030, 'LO', Buffer.concat([esc('$B'), jis('胸部'), esc('(B')]))];
  const set = leave(
    [entry(0x00080005, 'CS', 'ISO_IR 192'), entry(0x00081250, 'SQ', [own, [entry(0x00081030, 'LO', '胸部')]])],
    { options: ['cleanDescriptors'] },
    { clean },
  );
  const items = set.elements['x00081250']!.items!.map(item => utf8(item.dataSet!, 'x00081030'));
  expect(items).toEqual(['胸部', '胸部']);
  expect(set.elements['x00081250']!.items![0]!.dataSet!.elements['x00080005']).toBeUndefined();
});

/** Without escape sequences the bytes of JIS are ASCII, and say nothing to anybody. */
const isJis = (bytes: Buffer): boolean => bytes.every(byte => byte < 0x80);

test('a name in any encoding, in a name’s or any other text’s place, does not survive', () => {
  const names = [...writings('山田太郎').filter(name => !isJis(name)), Buffer.concat([esc('$B'), jis('山田太郎')])];
  for (const name of names) {
    const out = bytesOf(
      deidentifyDicom(
        file(
          chest([
            entry(0x00100010, 'PN', name),
            entry(0x00104000, 'LT', name),
            entry(0x00081090, 'LO', name),
            entry(0x00080104, 'LO', name),
          ]),
          syntaxes.explicit,
        ),
        readDicomProfile({ options: ['cleanDescriptors'] }),
        { uid, clean: text => text.replaceAll('山田太郎', '') },
      ),
    );
    for (const writing of writings('山田太郎')) if (writing.length > 4) expect(Buffer.from(out).includes(writing)).toBe(false);
  }
});

test('a text with control characters in it, as UTF-16 has them, is no text', () => {
  const hiding = Buffer.from('Yamada', 'utf16le');
  const out = leave([entry(0x00081030, 'LO', hiding)], { options: ['cleanDescriptors'] }, { clean: text => text });
  expect(out.elements['x00081030']).toBeUndefined();
  expect(Buffer.from(out.byteArray).includes(hiding)).toBe(false);
});

test('codes: in a public scheme and its form they stay, with the code for its meaning; local ones are replaced', () => {
  const code = (value: string, scheme: string): Item => [
    entry(0x00080100, 'SH', value),
    entry(0x00080102, 'SH', scheme),
    entry(0x00080104, 'LO', 'of Yamada'),
  ];
  const set = leave([
    entry(0x00082218, 'SQ', [
      code('51185008', 'SCT'),
      code('YAMADA', 'SCT'),
      code('12345', '99HOSP'),
      code('mm', 'UCUM'),
      code('{Yamada}', 'UCUM'),
      code('Sato', 'UCUM'),
      code('{SUVbw}g/ml', 'UCUM'),
    ]),
  ]);
  expect(codesOf(set, 'x00082218')).toEqual(['51185008', 'REMOVED', 'REMOVED', 'mm', 'REMOVED', 'REMOVED', '{SUVbw}g/ml']);
  expect(Buffer.from(set.byteArray).toString('latin1')).not.toMatch(/yamada/i);
  const more: Item = [
    entry(0x00080103, 'SH', '2024'),
    entry(0x0008010c, 'UI', '1.2.392.1'),
    entry(0x00080119, 'UC', 'x'),
    entry(0x0008010f, 'CS', '7'),
  ];
  const single = leave([entry(0x00082218, 'SQ', [[...code('51185008', 'SCT'), ...more]])], { options: ['cleanDescriptors'] }, { clean });
  expect(Object.keys(single.elements['x00082218']!.items![0]!.dataSet!.elements).filter(tag => !tag.startsWith('xfffe'))).toEqual([
    'x00080100',
    'x00080102',
    'x00080104',
    'x0008010f',
  ]);
  const cleaned = leave([entry(0x00082218, 'SQ', [code('51185008', 'SCT')])], { options: ['cleanDescriptors'] }, { clean });
  expect(cleaned.elements['x00082218']!.items![0]!.dataSet!.string('x00080104')).toBe('of *');
});

test('values that have not the form of their VR do not stay', () => {
  const set = leave([
    entry(0x00180050, 'DS', 'Yamada'),
    entry(0x00280008, 'IS', '1'),
    entry(0x00185100, 'CS', 'yamada taro'),
    entry(0x00181151, 'IS', '210'),
    entry(0x00180022, 'CS', 'A_12345\\PT 0047110'),
  ]);
  expect(set.string('x00181151')).toBe('210');
  expect(set.elements['x00180022']).toBeUndefined();
  expect(Buffer.from(set.byteArray).toString('latin1')).not.toMatch(/yamada/i);
});

test('a text that is said to be a number, a code or bytes is still a text', () => {
  const set = leave([
    entry(0x00080070, 'UL', Buffer.from('Yamada Taro ')),
    entry(0x00081090, 'CS', 'YAMADA TARO'),
    entry(0x00181020, 'OW', Buffer.from('Yamada Taro ')),
    entry(0x00102160, 'US', Buffer.from('Yamada Taro ')),
    entry(0x00180024, 'SQ', [[entry(0x00180050, 'DS', '5')]]),
  ]);
  expect(Buffer.from(set.byteArray).toString('latin1')).not.toMatch(/yamada/i);
  expect(set.elements['x00180024']).toBeUndefined();
});

test('what an object calls text does not stay where a number or bytes would', () => {
  const set = leave([
    entry(0x00209518, 'LO', 'Yamada Taro '),
    entry(0x00189073, 'PN', 'Yamada^T'),
    entry(0x00281201, 'UT', 'Yamada Taro '),
    entry(0x00281053, 'LO', '2'),
  ]);
  expect(Buffer.from(set.byteArray).toString('latin1')).not.toMatch(/yamada/i);
  expect(set.string('x00281053')).toBe('2');
});

test('more numbers or codes than an attribute has are something else', () => {
  const set = leave([
    entry(0x00180088, 'DS', '5\\6'),
    entry(0x00181310, 'US', Buffer.from('Yamada Taro san ')),
    entry(0x00189073, 'FD', Buffer.from('Yamada Taro san ')),
    entry(0x00180022, 'CS', 'A\\B'),
  ]);
  expect(['x00180088', 'x00181310', 'x00189073'].filter(tag => set.elements[tag] !== undefined)).toEqual([]);
  expect(set.string('x00180022', 1)).toBe('B');
});

test('graphics: dummies, texts and lines; with clean graphics the lines stay, and texts where descriptors are cleaned', () => {
  const drawn = [
    entry(0x00700001, 'SQ', [
      [
        entry(0x00700008, 'SQ', [[entry(0x00700006, 'ST', 'Nodule of Yamada'), entry(0x00700010, 'FL', Buffer.alloc(8, 0x41))]]),
        entry(0x00700009, 'SQ', [[entry(0x00700022, 'FL', Buffer.alloc(16, 0x41))]]),
      ],
    ]),
  ];
  const inside = (set: dicomParser.DataSet) => set.elements['x00700001']!.items![0]!.dataSet!;
  const basic = leave(drawn);
  expect(Buffer.from(basic.byteArray).toString('latin1')).not.toMatch(/Yamada|AAAA/);
  const cleaned = inside(leave(drawn, { options: ['cleanGraphics', 'cleanDescriptors'] }, { clean }));
  expect(cleaned.elements['x00700008']!.items![0]!.dataSet!.string('x00700006')).toBe('Nodule of *');
  expect(cleaned.elements['x00700009']!.items![0]!.dataSet!.elements['x00700022']!.length).toBe(16);
});

test('private attributes: out, but for numbers that a profile calls safe, of their creator', () => {
  const privately = [
    entry(0x00190010, 'LO', 'NOREN LAB'),
    entry(0x00191001, 'DS', '7.5'),
    entry(0x00191002, 'DS', '8.5'),
    entry(0x00191003, 'LO', 'Yamada'),
    entry(0x00190011, 'LO', 'OTHER'),
    entry(0x00191101, 'DS', '9.5'),
  ];
  const safe = [1, 3].map(n => ({ creator: 'NOREN LAB', group: '0019', element: `0${n}` }));
  const set = leave(privately, { safePrivate: safe });
  expect(Object.keys(set.elements).filter(tag => tag.startsWith('x0019'))).toEqual(['x00190010', 'x00191001']);
  expect(codesOf(set, 'x00120064')).toContain('113111');
  expect(Object.keys(leave(privately).elements).filter(tag => tag.startsWith('x0019'))).toEqual([]);
});

test('curves, overlays, group lengths, signatures and padding go', () => {
  const set = leave([
    entry(0x00080000, 'UL', Buffer.alloc(4)),
    entry(0x50003000, 'OW', 'QZJQZJ'),
    entry(0x60003000, 'OW', 'QZJQZJ'),
    entry(0x60024000, 'LT', 'QZJ'),
    entry(0x60020010, 'US', 4),
    entry(0x50000022, 'LO', 'QZJ'),
    entry(0xfffafffa, 'SQ', [[entry(0x04000120, 'OB', 'QZJQ')]]),
    entry(0xfffcfffc, 'OB', 'QZJQZJ'),
  ]);
  expect(Buffer.from(set.byteArray).includes('QZJ')).toBe(false);
  expect(Object.keys(set.elements).filter(tag => /^x[56]0/.test(tag))).toEqual([]);
  expect(['x00080000', 'x50003000', 'x60003000', 'xfffafffa', 'xfffcfffc'].filter(tag => set.elements[tag] !== undefined)).toEqual([]);
});

test('curves and overlays go with clean graphics, too: their texts are of pictures that are no more there', () => {
  const set = leave(
    [entry(0x50000022, 'LO', 'a curve'), entry(0x60000022, 'LO', 'an overlay')],
    { options: ['cleanGraphics', 'cleanDescriptors'] },
    { clean },
  );
  expect(Object.keys(set.elements).filter(tag => /^x[56]0/.test(tag))).toEqual([]);
});

test('structured reports: withheld; with clean structured content each item by its name, texts cleaned', () => {
  const name = (code: string): Item => [entry(0x00080100, 'SH', code), entry(0x00080102, 'SH', 'DCM'), entry(0x00080104, 'LO', 'x')];
  const item = (type: string, code: string, ...more: Item): Item => [
    entry(0x0040a040, 'CS', type),
    entry(0x0040a043, 'SQ', [name(code)]),
    ...more,
  ];
  const report = [
    entry(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.88.22'),
    entry(0x00080060, 'CS', 'SR'),
    entry(0x0040a730, 'SQ', [
      item('TEXT', '121071', entry(0x0040a160, 'UT', 'Nodule of Yamada')),
      item('TEXT', '121022', entry(0x0040a160, 'UT', 'ACC77')),
      item('TEXT', '111705', entry(0x0040a160, 'UT', 'QZJ-0001')),
      item('PNAME', '121008', entry(0x0040a123, 'PN', 'QZJ^Taro')),
      item('TEXT', '121106', entry(0x0040a160, 'UT', 'who?')),
    ]),
  ];
  const run = (options: string[]): DicomResult =>
    deidentifyDicom(file(chest(report, null), syntaxes.explicit), readDicomProfile({ options }), { uid, clean });
  expect(run([])).toEqual({ withheld: 'is a structured report' });
  const out = bytesOf(run(['cleanStructuredContent', 'cleanDescriptors']));
  expect(Buffer.from(out).toString('latin1')).not.toMatch(/Yamada|ACC77|QZJ|who/);
  const content = dicomParser.parseDicom(out).elements['x0040a730']!.items!;
  expect(content.map(one => one.dataSet!.string('x0040a160'))).toContain('Nodule of *');
});

test('a text of the profile stays where it has the form that the profile gives', () => {
  const profile = { keep: { '00080070': 'SIEMENS|Canon( Medical Systems)?' } };
  expect(leave([entry(0x00080070, 'LO', 'Canon Medical Systems')], profile).string('x00080070')).toBe('Canon Medical Systems');
  expect(leave([entry(0x00080070, 'LO', 'Canon of Yamada')], profile).string('x00080070')).not.toContain('Yamada');
});

test('what is given is not changed, and the same gives the same', () => {
  const input = file(chest(dates), syntaxes.bigEndian, true);
  const before = Buffer.from(input);
  const run = (): Uint8Array => bytesOf(deidentifyDicom(input, readDicomProfile({}), { uid, subject }));
  expect(Buffer.from(run()).equals(run())).toBe(true);
  expect(input.equals(before)).toBe(true);
});

test('an output de-identified again has nothing more to lose but UIDs', () => {
  const profile = readDicomProfile({});
  const same = (text: string): string => text;
  const once = bytesOf(deidentifyDicom(file(chest(dates), syntaxes.explicit), profile, { uid: same, subject }));
  const twice = bytesOf(deidentifyDicom(once, profile, { uid: same, subject }));
  expect([...readFile(twice).set.keys()]).toEqual([...readFile(once).set.keys()]);
});

test('compressed pixels leave in their compression, without what stands beside the picture', () => {
  const jpeg = Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 10]),
    Buffer.from('QZJ exif'),
    Buffer.from([0xff, 0xfe, 0, 6]),
    Buffer.from('QZJ!'),
    Buffer.from([0xff, 0xda, 0, 3, 1, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd9]),
    Buffer.from('QZJ'),
  ]);
  const input = file(chest([entry(0x00280100, 'US', 8)], null), syntaxes.jpeg, false, encapsulated([jpeg]));
  const set = dicomParser.parseDicom(bytesOf(deidentifyDicom(input, readDicomProfile({}), { uid })));
  expect(set.string('x00020010')).toBe(syntaxes.jpeg);
  expect(Buffer.from(set.byteArray).includes('QZJ')).toBe(false);
  const [fragment] = set.elements['x7fe00010']!.fragments!;
  const out = Buffer.from(set.byteArray.subarray(fragment!.position, fragment!.position + fragment!.length));
  expect(out.indexOf(Buffer.from([0xff, 0xda, 0, 3, 1, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd9]))).toBeGreaterThan(0);
});

test('dates: outside of the days of the person that FHIR tells of none leaves, moved or as it is', () => {
  const days = { notBefore: dayOf(2000, 1, 1), notAfter: dayOf(2030, 12, 31) };
  const dates: Item = [
    entry(0x00080020, 'DA', '19991231'),
    entry(0x00080021, 'DA', '20000101'),
    entry(0x00080022, 'DA', '20301231'),
    entry(0x0008002a, 'DT', '20310101120000'),
    entry(0x00189074, 'DT', '2000'),
    entry(0x00189151, 'DT', '1999'),
  ];
  const told = (set: dicomParser.DataSet): string[] =>
    ['x00080020', 'x00080021', 'x00080022', 'x0008002a', 'x00189074', 'x00189151'].map(tag => set.string(tag) ?? '');
  const modified = leave(dates, { options: ['retainLongitudinalModifiedDates'] }, { subject: { ...subject, ...days } });
  // What must be there is a dummy.
  expect(told(modified)).toEqual(['', '20000111', '20310110', '', '2000', '19000101000000']);
  const full = leave(dates, { options: ['retainLongitudinalFullDates'] }, { subject: { ...subject, ...days } });
  expect(told(full)).toEqual(['', '20000101', '20301231', '', '2000', '19000101000000']);
});

test('age: of somebody who is pooled, or may be, none leaves', () => {
  const profile = { options: ['retainPatientCharacteristics'] };
  const age = entry(0x00101010, 'AS', '070Y');
  expect(leave([age], profile, { subject }).string('x00101010')).toBe('070Y');
  expect(leave([age], profile, { subject: { ...subject, pooled: true } }).string('x00101010')).toBeUndefined();
  expect(leave([age], profile).string('x00101010')).toBeUndefined();
});
