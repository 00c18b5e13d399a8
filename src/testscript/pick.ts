/**
 * Taking elements out of JSON that nobody has checked: what is there has the right type, or it is a fault of the script that names its place.
 * R4: https://hl7.org/fhir/R4/json.html
 * @module
 */
import type { Json } from '../fhir/model/r4.ts';
import { Fault } from './fault.ts';

export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export class Pick {
  readonly json: Json;
  readonly place: string;

  constructor(value: unknown, place: string) {
    if (!isJson(value)) throw new Fault(`${place} is no object.`);
    this.json = value;
    this.place = place;
  }

  text(name: string): string | undefined {
    const value = this.json[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw new Fault(`${this.place}.${name} is no text.`);
    return value;
  }

  needed(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw new Fault(`${this.place}.${name} is missing.`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.json[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'boolean') throw new Fault(`${this.place}.${name} is no boolean.`);
    return value;
  }

  whole(name: string): number | undefined {
    const value = this.json[name];
    if (value === undefined || value === null) return undefined;
    if (!Number.isSafeInteger(value)) throw new Fault(`${this.place}.${name} is no whole number.`);
    return value as number;
  }

  one(name: string): Pick | undefined {
    const value = this.json[name];
    return value === undefined || value === null ? undefined : new Pick(value, `${this.place}.${name}`);
  }

  many(name: string): Pick[] {
    const value = this.json[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw new Fault(`${this.place}.${name} is no list.`);
    return value.map((each, i) => new Pick(each, `${this.place}.${name}[${i}]`));
  }
}
