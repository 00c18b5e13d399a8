/**
 * The port of what is remembered for a stated time beside the resources: sessions, codes, tokens that were called back, assertions that were used.
 * Neither an id nor what is kept can be read off the medium. One thing decides between processes: of all who `use` an id one is told true.
 * Files stand behind it (auth/kept.ts), or MongoDB (mongodb/kept.ts).
 * @module
 */

/** JSON. */
export type Payload = { [member: string]: unknown };

/** Everything throws Problem `unavailable` where the medium cannot be asked: what could not be looked up is not taken as absent. */
export interface Kept {
  /** Undefined: never was, is over, or was dropped. With `consumed: true` once it was used. */
  find(kind: string, id: string): Promise<Payload | undefined>;
  /** By the name that it is kept under. */
  findNamed(kind: string, name: string): Promise<Payload | undefined>;
  /** Takes the place of what is kept under this id. @param of whose it is: all of one owner can be dropped together */
  put(kind: string, id: string, payload: Payload, lifeSeconds: number, of?: string): Promise<void>;
  drop(kind: string, id: string): Promise<void>;
  dropNamed(kind: string, name: string): Promise<void>;
  dropOf(kind: string, of: string): Promise<void>;
  /**
   * True for the first caller of all processes, false ever after.
   * @param lifeSeconds how long that is remembered; absent: as long as what is kept under this id
   */
  use(kind: string, id: string, lifeSeconds?: number): Promise<boolean>;
  /** At once where it can be: it is asked for at every request. */
  isUsed(kind: string, id: string): boolean | Promise<boolean>;
  /** Takes a use back, for who made it. */
  unuse(kind: string, id: string): Promise<void>;
  /** Under which name it is kept: says nothing to who has no key. */
  nameOf(kind: string, id: string): string;
  /** Whether something of this name is kept; at once where it can be. */
  has(kind: string, name: string): boolean | Promise<boolean>;
}

/** What several processes keep together. */
export interface SharedKept extends Kept {
  /** How many of an owner's are kept. */
  count(kind: string, of: string): Promise<number>;
  /** Takes away what is over, and its keys; comes round by itself. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** 256 bits, as `nameOf` gives them: nothing else reaches the medium. */
export const isName = (text: string): boolean => /^[\w-]{43}$/.test(text);
