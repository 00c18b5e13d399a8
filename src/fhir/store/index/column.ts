/**
 * Columns of numbers that grow: one slot per stored version, resource or value; eight or four bytes each.
 * @module
 */
type Cells = Uint32Array | Float64Array;

export class Column<T extends Cells> {
  cells: T;
  length = 0;
  readonly #make: (size: number) => T;

  constructor(make: (size: number) => T) {
    this.#make = make;
    this.cells = make(256);
  }

  push(value: number): void {
    if (this.length === this.cells.length) this.#grow(this.length + 1);
    this.cells[this.length++] = value;
  }

  /** Sets a slot, with zeros up to it if it lies past the end. */
  set(slot: number, value: number): void {
    if (slot >= this.cells.length) this.#grow(slot + 1);
    if (slot >= this.length) this.length = slot + 1;
    this.cells[slot] = value;
  }

  /** 0 past the end. */
  at(slot: number): number {
    return slot < this.length ? this.cells[slot]! : 0;
  }

  #grow(least: number): void {
    const wider = this.#make(Math.max(least, this.cells.length * 2));
    wider.set(this.cells as never);
    this.cells = wider;
  }
}

export const integers = (): Column<Uint32Array> => new Column(size => new Uint32Array(size));
export const floats = (): Column<Float64Array> => new Column(size => new Float64Array(size));
