/**
 * How the values of pixel data lie.
 * DICOM: https://dicom.nema.org/medical/dicom/current/output/chtml/part03/sect_C.7.6.3.html
 * @module
 */
import { type DataSet, shortOf, textOf, Withheld } from './element.ts';

const mostBytes = 2 ** 31;

export interface Geometry {
  readonly rows: number;
  readonly columns: number;
  /** Values per pixel. */
  readonly samples: number;
  /** Bits allocated for one value. */
  readonly bits: number;
  /** Values by plane, not by pixel. */
  readonly planar: boolean;
  readonly frames: number;
}

/** @throws Withheld when the object does not say it, or says the impossible */
export function geometryOf(set: DataSet): Geometry {
  const rows = shortOf(set, 0x0028_0010) ?? 0;
  const columns = shortOf(set, 0x0028_0011) ?? 0;
  const samples = shortOf(set, 0x0028_0002) ?? 1;
  const bits = shortOf(set, 0x0028_0100) ?? 0;
  const said = textOf(set, 0x0028_0008) || '1';
  const frames = /^\+?\d{1,10}$/.test(said) ? Number(said) : 0;
  const fine = rows > 0 && columns > 0 && samples > 0 && [1, 8, 16, 32, 64].includes(bits) && frames > 0;
  if (!fine || rows * columns * samples * (bits / 8) * frames > mostBytes) throw new Withheld('has pixel data that are none');
  return { rows, columns, samples, bits, planar: shortOf(set, 0x0028_0006) === 1 && samples > 1, frames };
}
