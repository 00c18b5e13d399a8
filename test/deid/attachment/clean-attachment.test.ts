// https://hl7.org/fhir/R4/datatypes.html#Attachment
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CleanedAttachment, cleanAttachment } from '../../../src/deid/attachment/clean-attachment.ts';
import { readDicomProfile } from '../../../src/deid/dicom/profile.ts';
import { chest, eucJp, file, shiftJis, syntaxes } from '../dicom/ground.ts';

const clean = (text: string): string | undefined =>
  text.includes('?') ? undefined : text.replaceAll('山田', '＊').replaceAll('Yamada', '*');
const context = { uid: (uid: string) => `2.25.${uid.length}`, clean };
const dicom = readDicomProfile({});

const run = (contentType: string, data: Uint8Array | string, options = {}): CleanedAttachment =>
  cleanAttachment({ contentType, data: Buffer.from(data as string) }, { dicom, ...options }, context);
const textOf = (result: CleanedAttachment): string =>
  'dropped' in result ? `dropped: ${result.dropped}` : Buffer.from(result.data).toString();

test('what leaves has its own size and SHA-1 hash, and says its character set', () => {
  const result = run('text/plain', 'Nodule of Yamada');
  if ('dropped' in result) throw new Error(result.dropped);
  expect(Buffer.from(result.data).toString()).toBe('Nodule of *');
  expect(result.size).toBe(11);
  expect(result.hash).toBe(createHash('sha1').update('Nodule of *').digest('base64'));
  expect(result.contentType).toBe('text/plain;charset=utf-8');
});

const mark = (bytes: Buffer, ...start: number[]): Buffer => Buffer.concat([Buffer.from(start), bytes]);
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

const encodings: readonly (readonly [string, string, Buffer])[] = [
  ['UTF-8', 'text/plain', Buffer.from('山田の所見')],
  ['UTF-8 with a mark', 'text/plain; charset=shift_jis', mark(Buffer.from('山田の所見'), 0xef, 0xbb, 0xbf)],
  ['Shift_JIS', 'text/plain; charset=Shift_JIS', shiftJis('山田の所見')],
  ['Windows-31J', 'Text/Plain;format=flowed;charset="windows-31j"', shiftJis('山田の所見')],
  ['EUC-JP', 'text/plain;charset=euc-jp', eucJp('山田の所見')],
  ['UTF-16 by its mark', 'text/plain', mark(utf16('山田の所見'), 0xff, 0xfe)],
  ['UTF-16 big endian by its mark', 'text/plain', mark(utf16('山田の所見').swap16(), 0xfe, 0xff)],
];

test.each(encodings)('text/plain in %s is read, cleaned, and written in UTF-8', (_, type, bytes) => {
  expect(textOf(run(type, bytes))).toBe('＊の所見');
});

const dropped: readonly (readonly [string, string, Uint8Array | string, string])[] = [
  ['no content type', '', 'a', 'has no content type'],
  ['a content type that is none', 'text', 'a', 'has no content type'],
  ['a PDF', 'application/pdf', '%PDF-1.7', 'is of a content type that has no cleaner'],
  ['a picture', 'image/png', '\x89PNG', 'is of a content type that has no cleaner'],
  ['RTF', 'application/rtf', '{\\rtf1', 'is of a content type that has no cleaner'],
  ['a sound', 'audio/mpeg', 'ID3', 'is of a content type that has no cleaner'],
  ['a table of values', 'text/csv', 'a,b', 'is of a content type that has no cleaner'],
  ['a PDF that says text', 'text/plain', '%PDF-1.7', 'is not what its content type says'],
  ['RTF that says text', 'text/plain', '{\\rtf1 Yamada', 'is not what its content type says'],
  ['a zip that says text', 'text/plain', 'PK\x03\x04', 'is not what its content type says'],
  ['a film that says text', 'text/plain', '\0\0\0\x18ftypmp42', 'is not what its content type says'],
  ['gzip that says text', 'text/plain', gzipSync('Yamada'), 'is not what its content type says'],
  ['a message that says text', 'text/plain', 'MSH|^~\\&|', 'is not what its content type says'],
  ['JSON that says text', 'text/plain', '{"resourceType":"Patient"}', 'is not what its content type says'],
  ['markup that says text', 'text/plain', ' <html/>', 'is not what its content type says'],
  ['text that says markup', 'text/html', 'Yamada', 'is not what its content type says'],
  ['DICOM that says text', 'text/plain', file(chest(), syntaxes.explicit), 'is not what its content type says'],
  ['text that says DICOM', 'application/dicom', 'Yamada', 'is not what its content type says'],
  ['Shift_JIS without a word', 'text/plain', shiftJis('山田'), 'is no text in its character set'],
  ['EUC-JP that says UTF-8', 'text/plain;charset=utf-8', eucJp('山田'), 'is no text in its character set'],
  ['a character set that nobody knows', 'text/plain;charset=utf-7', 'Yamada', 'is no text in its character set'],
  ['escape sequences without a word', 'text/plain', '\x1b$B;3ED\x1b(B', 'is no text in its character set'],
  ['UTF-16 without a mark', 'text/plain', utf16('Yamada'), 'is no text in its character set'],
  ['UTF-16 by its name alone', 'text/plain;charset=utf-16be', utf16('山田の所見').swap16(), 'is no text in its character set'],
  ['Shift_JIS that says UTF-16', 'text/plain;charset=utf-16be', shiftJis('山田太郎'), 'is no text in its character set'],
  ['EUC-JP that says Shift_JIS', 'text/plain;charset=shift_jis', eucJp('山田太郎'), 'is no text in its character set'],
  ['UTF-8 that says Shift_JIS', 'text/plain;charset=shift_jis', '山田', 'is no text in its character set'],
  ['UTF-8 that says Latin 1', 'text/plain;charset=iso-8859-1', '山田', 'is no text in its character set'],
  ['Shift_JIS that says Latin 1', 'text/plain;charset=iso-8859-1', shiftJis('山田太郎'), 'is no text in its character set'],
  [
    'EUC-JP in XML that says Latin 1',
    'text/xml',
    Buffer.concat([Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>'), eucJp('山田'), Buffer.from('</a>')]),
    'is no text in its character set',
  ],
  ['a PDF behind a blank', 'text/plain', '\n%PDF-1.7', 'is not what its content type says'],
  ['a message behind a mark', 'text/plain', '\ufeff\nMSH|^~\\&|', 'is not what its content type says'],
  ['JSON with blanks', 'text/plain', '{\n  "name": "Sato"}', 'is not what its content type says'],
  ['JSON in UTF-16', 'text/plain', mark(utf16('[ { "name": 1'), 0xff, 0xfe), 'is not what its content type says'],
  [
    'something written as text in lines',
    'text/plain',
    'a:\r\n' + Buffer.alloc(300, 7).toString('base64').replace(/.{76}/g, '$&\r\n'),
    'holds more than text',
  ],
  ['letters by their numbers', 'text/plain', '所見 &#23665;&#30000;', 'holds more than text'],
  ['letters as of a URL', 'text/plain', '所見 %E5%B1%B1%E7%94%B0', 'holds more than text'],
  ['letters as of a mail', 'text/plain', '所見 =E5=B1=B1=E7=94=B0', 'holds more than text'],
  ['letters as of JSON', 'text/plain', '所見 \\u5c71\\u7530', 'holds more than text'],
  ['Latin letters by their numbers', 'text/plain', '&#x59;&#x61;', 'holds more than text'],
  ['letters as of a program', 'text/plain', '所見 \\xE5\\xB1\\xB1', 'holds more than text'],
  ['letters as of a database', 'text/plain', '所見 \\345\\261\\261', 'holds more than text'],
  ['letters as of RTF', 'text/plain', "所見 \\'8e\\'52\\'93", 'holds more than text'],
  ['letters as of Unicode', 'text/plain', '所見 <U+5C71><U+7530>', 'holds more than text'],
  ['words of a mail’s head', 'text/plain', 'Subject: =?UTF-8?B?5bGx55Sw?=', 'holds more than text'],
  ['letters in another order', 'text/plain', '所見 \u202e田山', 'holds more than text'],
  ['letters that nobody sees', 'text/plain', 'x\u{e0059}\u{e0061}', 'holds more than text'],
  ['a name half in markup', 'text/plain', '所見 <b>山</b>田', 'holds more than text'],
  ['a name around a comment', 'text/plain', '所見 山<!---->田', 'holds more than text'],
  ['numbers of letters, escaped in markup', 'text/html', '<p>&amp;#23665;&amp;#30000;</p>', 'is no document that can be cleaned'],
  ['letters as of a URL in markup', 'text/html', '<p>%E5%B1%B1%E7%94%B0</p>', 'is no document that can be cleaned'],
  ['markup escaped in markup', 'text/html', '<p><![CDATA[<b>山</b>田]]></p>', 'is no document that can be cleaned'],
  ['letters in another order by a reference', 'text/html', '<p>&#x202e;田山</p>', 'is no document that can be cleaned'],
  ['something written as text between elements', 'text/html', `<p>${'<b/>Ab1'.repeat(60)}</p>`, 'is no document that can be cleaned'],
  ['something written as text', 'text/plain', 'a: ' + Buffer.alloc(200, 7).toString('base64'), 'holds more than text'],
  ['text that cannot be cleaned', 'text/plain', 'who?', 'cannot be cleaned'],
  ['markup that cannot be cleaned', 'text/html', '<p>who?</p>', 'is no document that can be cleaned'],
  ['HTML that is no XML', 'text/html', '<p>a<br>b</p>', 'is no document that can be cleaned'],
  ['a DOCTYPE', 'text/html', '<!DOCTYPE html><html><body><p>a</p></body></html>', 'is no document that can be cleaned'],
  ['entities of its own', 'text/xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'is no document that can be cleaned'],
  ['an entity that nobody defined', 'application/xhtml+xml', '<p>&nbsp;</p>', 'is no document that can be cleaned'],
  ['XML of nobody knows what', 'text/xml', '<patient xmlns="urn:hl7-org:v3"/>', 'is no document that can be cleaned'],
  [
    'DICOM of a head',
    'application/dicom',
    file(chest([{ tag: 0x00180015, vr: 'CS', value: 'HEAD' }]), syntaxes.explicit),
    'may show a face',
  ],
];

test.each(dropped)('%s is dropped with a reason that tells nothing of it', (_, type, data, reason) => {
  const bytes = typeof data === 'string' ? Buffer.from(data, type === 'image/png' ? 'latin1' : 'utf8') : data;
  expect(run(type, bytes)).toEqual({ dropped: reason });
});

test('text that nobody cleans is dropped; so is DICOM without a profile, and what is too large', () => {
  const nobody = { uid: context.uid };
  for (const [type, data] of [
    ['text/plain', 'a'],
    ['text/html', '<p>a</p>'],
  ] as const)
    expect(cleanAttachment({ contentType: type, data: Buffer.from(data) }, {}, nobody)).toEqual({ dropped: 'is text that nobody cleans' });
  expect(cleanAttachment({ contentType: 'application/dicom', data: file(chest(), syntaxes.explicit) }, {}, context)).toEqual({
    dropped: 'is of a content type that has no cleaner',
  });
  expect(run('text/plain', 'abcd', { maxTextBytes: 3 })).toEqual({ dropped: 'is too large' });
});

test('application/dicom: the object is de-identified, its hash is the output’s', () => {
  const result = run('application/dicom', file(chest([{ tag: 0x00100010, vr: 'PN', value: 'Yamada^Taro' }]), syntaxes.implicit));
  if ('dropped' in result) throw new Error(result.dropped);
  expect(Buffer.from(result.data).includes('Yamada')).toBe(false);
  expect(result.hash).toBe(createHash('sha1').update(result.data).digest('base64'));
});

test('markup without end is refused in bounded depth and number', () => {
  expect(run('text/html', '<div>'.repeat(5000))).toHaveProperty('dropped');
  expect(run('text/html', `<div>${'<p/>'.repeat(210_000)}</div>`)).toEqual({ dropped: 'is no document that can be cleaned' });
  expect(textOf(run('text/html', `<div>${'<p>a</p>'.repeat(50_000)}</div>`))).toContain('<p>a</p>');
});

test('whatever is given, nothing is thrown, and what leaves is what was cleaned', () => {
  const types = ['text/plain', 'text/html', 'application/xhtml+xml', 'text/xml', 'application/dicom', 'text/plain;charset=shift_jis', 'x'];
  const piece = fc.constantFrom(
    '<div>',
    '</div>',
    '<p>',
    '</p>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&amp;',
    '&#0;',
    '<?x?>',
    '<a href="Yamada">',
    'Yamada',
    '山田',
    ' ',
    '"',
    "'",
    '<ClinicalDocument xmlns="urn:hl7-org:v3">',
    '</ClinicalDocument>',
    '<title>',
    '</title>',
    '\ufeff',
    '\0',
    '\ud800',
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(piece, { maxLength: 12 }).map(all => Buffer.from(all.join(''))),
      ),
      (type, data) => {
        const result = cleanAttachment({ contentType: type, data }, { dicom }, context);
        if (!('dropped' in result) && type !== 'application/dicom') expect(Buffer.from(result.data).toString()).not.toMatch(/Yamada|山田/);
      },
    ),
    { numRuns: 3000 },
  );
});

test('rulers between lines, per cents and signs by their numbers are text', () => {
  const text = `${'-'.repeat(80)}\n${'='.repeat(80)}\nSpO2 98%、EF 60%&#39;s\n${'_'.repeat(80)}\n${'-'.repeat(80)}`;
  expect(textOf(run('text/plain', text))).toBe(text);
});

test('Latin 1 with letters of its own, headings and lines of markup are text', () => {
  expect(textOf(run('text/plain;charset=iso-8859-1', Buffer.from('Müller, 37 °C, 5 µg', 'latin1')))).toBe('Müller, 37 °C, 5 µg');
  const text = 'SOAP <S> 5-FU+2024mg<br>CRP<0.3, p<b>c<br/>';
  expect(textOf(run('text/plain', text))).toBe(text);
});

test('what is written from right to left goes with its text', () => {
  expect(textOf(run('text/html', '<p>a<bdo dir="rtl">田山</bdo></p>'))).toBe('<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div>');
});
