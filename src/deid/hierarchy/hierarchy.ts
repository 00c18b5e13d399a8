/**
 * What a hierarchy of codes is: each code has at most one parent, which says less and is true of everything that its child is true of.
 * @module
 */

export interface Code {
  readonly system: string;
  readonly code: string;
}

export interface Hierarchy {
  /** One step up, perhaps in another system; undefined at the root, and for what is no code of the system. */
  readonly parent: (code: string) => Code | undefined;
}

/** The hierarchy of a system; undefined: the system has none that is known. */
export type HierarchyOf = (system: string) => Hierarchy | undefined;

/** From the code itself (not among them) up to the root. */
export function ancestors(of: HierarchyOf, { system, code }: Code): readonly Code[] {
  const met: Code[] = [];
  for (let at = of(system)?.parent(code); at !== undefined; at = of(at.system)?.parent(at.code)) met.push(at);
  return met;
}

/** Codes whose first characters are their ancestors. @param lengths of the codes' levels, longest first, each in its own system */
export const byPrefix = (form: RegExp, levels: readonly { readonly length: number; readonly system: string }[]): Hierarchy => ({
  parent: code => {
    if (!form.test(code)) return undefined;
    const level = levels.find(one => one.length < code.length);
    return level === undefined ? undefined : { system: level.system, code: code.slice(0, level.length) };
  },
});
