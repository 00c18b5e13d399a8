/**
 * How fast DICOM objects are de-identified on one core: slices as devices send them (half a megabyte of pixels), volumes in one object, objects that are all attributes.
 * Rates are of processor time; beside copying the same bytes in the same run.
 * node bench/dicom.ts
 * @module
 */
import { deidentifyDicom } from '../src/deid/dicom/deidentify.ts';
import type { DataSet, Element } from '../src/deid/dicom/element.ts';
import { readDicomProfile } from '../src/deid/dicom/profile.ts';
import { short, text, writeFile } from '../src/deid/dicom/write.ts';
import { seriesKeys } from '../src/deid/keys.ts';

const { uid } = seriesKeys(Buffer.alloc(32, 7));
const context = { uid, subject: { shiftDays: 10, id: 'bench' }, clean: (said: string) => said };
const profile = readDicomProfile({
  options: ['retainLongitudinalModifiedDates', 'cleanDescriptors'],
  pixels: [{ modality: 'US', regions: [{ x: 0, y: 0, width: 512, height: 40 }] }],
});

const set = (...elements: Element[]): DataSet => new Map(elements.map(element => [element.tag, element]));
const sequence = (tag: number, ...items: DataSet[]): Element => ({ tag, vr: 'SQ', items });

function slice(n: number, modality: string, frames: number): Uint8Array {
  const entries = set(
    text(0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    text(0x00080016, 'UI', modality === 'US' ? '1.2.840.10008.5.1.4.1.1.3.1' : '1.2.840.10008.5.1.4.1.1.2'),
    text(0x00080018, 'UI', `1.2.392.200036.9.${n}`),
    text(0x00080020, 'DA', '20240225'),
    text(0x00080022, 'DA', '20240225'),
    text(0x00080030, 'TM', '101112'),
    text(0x00080060, 'CS', modality),
    text(0x00080070, 'LO', 'ACME'),
    text(0x00080080, 'LO', 'A hospital'),
    text(0x00081030, 'LO', 'Chest'),
    sequence(0x00081115, set(text(0x0020000e, 'UI', '1.2.3'), sequence(0x00081199, set(text(0x00081155, 'UI', '1.2.3.4'))))),
    text(0x00100010, 'PN', 'Yamada^Tarou'),
    text(0x00100020, 'LO', '0001'),
    text(0x00180015, 'CS', 'CHEST'),
    text(0x00180050, 'DS', '1.25'),
    text(0x0020000d, 'UI', '1.2.392.200036.1'),
    text(0x0020000e, 'UI', '1.2.392.200036.2'),
    text(0x00200032, 'DS', '-125\\-128.1\\-99.4'),
    short(0x00280002, 1),
    text(0x00280004, 'CS', 'MONOCHROME2'),
    text(0x00280008, 'IS', String(frames)),
    short(0x00280010, 512),
    short(0x00280011, 512),
    short(0x00280100, 16),
    short(0x00280101, 12),
    short(0x00280102, 11),
    short(0x00280103, 0),
  );
  for (let i = 0; i < 40; i++) entries.set(0x00191000 + i, text(0x00191000 + i, 'LO', 'private of the device'));
  entries.set(0x7fe00010, { tag: 0x7fe00010, vr: 'OW', bytes: Buffer.alloc(512 * 512 * 2 * frames, n + 1) });
  return writeFile(entries, '1.2.840.10008.1.2.1');
}

/** A treatment plan: sequences in sequences, no pixels. */
function plan(n: number): Uint8Array {
  const point = (i: number): DataSet =>
    set(text(0x300a0112, 'IS', String(i)), text(0x300a0114, 'DS', '6'), text(0x300a012c, 'DS', '1\\2\\3'), text(0x300a011e, 'DS', '180'));
  const beam = (i: number): DataSet =>
    set(
      text(0x300a00c0, 'IS', String(i)),
      text(0x300a00c2, 'LO', 'of Yamada'),
      sequence(0x300a0111, ...Array.from({ length: 100 }, (_, k) => point(k))),
    );
  return writeFile(
    set(
      text(0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.481.5'),
      text(0x00080018, 'UI', `1.2.392.200036.8.${n}`),
      text(0x00080060, 'CS', 'RTPLAN'),
      sequence(0x300a00b0, ...Array.from({ length: 20 }, (_, k) => beam(k))),
    ),
    '1.2.840.10008.1.2.1',
  );
}

/** Megabytes (10^6) of input per second of processor time. */
function rate(objects: readonly Uint8Array[], work: (bytes: Uint8Array) => unknown): { megabytes: number; objects: number } {
  for (const bytes of objects) work(bytes);
  const until = performance.now() + 2000;
  const before = process.threadCpuUsage();
  let bytes = 0;
  let count = 0;
  while (performance.now() < until)
    for (const object of objects) {
      work(object);
      bytes += object.length;
      count++;
    }
  const { user, system } = process.threadCpuUsage(before);
  return { megabytes: bytes / (user + system), objects: (count * 1e6) / (user + system) };
}

const kinds: readonly (readonly [string, readonly Uint8Array[]])[] = [
  ['slices of 0.5 MB', Array.from({ length: 40 }, (_, n) => slice(n, 'CT', 1))],
  ['volumes of 50 MB', [slice(0, 'CT', 100)]],
  ['ultrasound of 10 MB, a region blanked', [slice(0, 'US', 20)]],
  ['plans of 8,000 attributes', Array.from({ length: 10 }, (_, n) => plan(n))],
];
for (const [name, objects] of kinds) {
  const result = deidentifyDicom(objects[0]!, profile, context);
  if ('withheld' in result) throw new Error(`${name} ${result.withheld}`);
  const ceiling = rate(objects, bytes => Uint8Array.prototype.slice.call(bytes));
  const ours = rate(objects, bytes => deidentifyDicom(bytes, profile, context));
  const ratio = ours.megabytes / ceiling.megabytes;
  process.stdout.write(
    `${name.padEnd(40)} ${ours.megabytes.toFixed(0).padStart(6)} MB/s  ${ours.objects.toFixed(0).padStart(6)} objects/s  copying ${ceiling.megabytes.toFixed(0)} MB/s  ratio ${ratio.toFixed(2)}\n`,
  );
}
