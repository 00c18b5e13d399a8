/**
 * Real objects of many devices and character sets (the test files of pydicom), beside the checkout; and what of them may not be in what leaves.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { decoderOf } from '../../../src/deid/dicom/charset.ts';
import { isWellKnown, vrOf } from '../../../src/deid/dicom/dictionary.ts';
import { type DataSet, latin1, textOf } from '../../../src/deid/dicom/element.ts';
import { readFile } from '../../../src/deid/dicom/read.ts';
import { rowOf } from '../../../src/deid/dicom/table.ts';
import { writings } from './ground.ts';

export const data = path.resolve(import.meta.dirname, '../../../../shared/data/dicom');
export const here = existsSync(data);

export const files = here
  ? readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter(name => !name.endsWith('.txt') && statSync(path.join(data, name)).isFile())
      .sort()
  : [];

const textual = new Set('AE LO LT PN SH ST UC UR UT DA DT UI UN'.split(' '));

/** Values that may not survive: of attributes of the table, of private ones, and of every other text, date and UID; each as bytes and as text. */
function secrets(set: DataSet, charset: string): { raw: Buffer; text: string | undefined }[] {
  const own = textOf(set, 0x00080005) || charset;
  const decode = decoderOf(own);
  const found: { raw: Buffer; text: string | undefined }[] = [];
  for (const { tag, vr, bytes, items } of set.values()) {
    for (const one of items ?? []) found.push(...secrets(one, own));
    const odd = ((tag >>> 16) & 1) === 1;
    if (bytes === undefined || bytes.length > 65_536 || (vr === 'UN' && !odd)) continue;
    if (!(textual.has(vr) || (rowOf(tag) !== undefined && vr !== 'TM')) && !odd) continue;
    // Numbers of private attributes are like any other numbers.
    if (odd && (vr === 'DS' || vr === 'IS')) continue;
    // Codes of public schemes stay, and their meaning stands as the code.
    if (tag >>> 16 === 0x0008 && [0x0100, 0x0102].includes(tag & 0xffff)) continue;
    const whole = decode?.(bytes);
    const within = vr === 'PN' ? /[\\^=]/ : /\\/;
    const parts = [latin1(bytes), ...latin1(bytes).split(within)].map(text => text.replace(/^[ \0]+|[ \0]+$/g, ''));
    for (const part of parts) found.push({ raw: Buffer.from(part, 'latin1'), text: undefined });
    for (const text of whole === undefined ? [] : [whole, ...whole.split(within)])
      if (!isWellKnown(text.trim())) found.push({ raw: Buffer.alloc(0), text: text.replace(/^[ \0]+|[ \0]+$/g, '') });
  }
  return found;
}

/** What the standard lets stay: numbers and codes of attributes that the table does not list. */
function lasting(set: DataSet, into: Set<string>): Set<string> {
  for (const { tag, vr, bytes, items } of set.values()) {
    for (const one of items ?? []) lasting(one, into);
    if (bytes === undefined || bytes.length > 1024 || rowOf(tag) !== undefined || vrOf(tag) === undefined) continue;
    if (['CS', 'DS', 'IS', 'TM', 'SH'].includes(vr)) for (const value of latin1(bytes).split('\\')) into.add(value.trim());
  }
  return into;
}

/** Names, numbers, addresses, dates, descriptions and private attributes of the input that are in the bytes of the output. */
export function survivors(input: Buffer, out: Buffer): string[] {
  const { set } = readFile(input);
  const fine = [...lasting(set, new Set())];
  const met: string[] = [];
  const pixels = readFile(out).set.get(0x7fe00010);
  const told = pixels?.bytes === undefined ? out : out.subarray(0, out.length - pixels.bytes.length);
  for (const { raw, text } of secrets(set, '')) {
    const forms = text === undefined ? [raw] : writings(text);
    for (const form of forms) {
      if (form.length < 5 || fine.some(value => value.includes(form.toString('latin1').trim()))) continue;
      if (isWellKnown(form.toString('latin1')) || /^[0-9A-Fx.\-+ ]{0,5}$/.test(form.toString('latin1'))) continue;
      if (told.includes(form)) met.push(form.toString('latin1'));
    }
  }
  return [...new Set(met)];
}
