/**
 * Treatment by a configuration with `fhirPathRules`: each text by itself, a Bundle as one resource, and lines in their order, as that format has it.
 * @module
 */

import { isObject } from '../deid/context.ts';
import { applyRules, type CompiledRules } from '../deid/rules/compile.ts';
import type { RulesContext } from '../deid/rules/run.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { Tallies, type Treatment } from './treatment.ts';

/** @param contextOf by the name of a file and its folder; asked again for the next file */
export function byRules(compiled: CompiledRules, contextOf: (file: string, folder: string) => RulesContext): Treatment {
  let known: { readonly file: string; readonly context: RulesContext } | undefined;
  return {
    keepsOrder: true,
    resource(read, { file, folder }, tallies) {
      if (known?.file !== file) known = { file, context: contextOf(file, folder) };
      // Read again where the rules begin again.
      let types: string[] = [];
      const readTypes = (): AnyResource => {
        const root = read();
        types = typesIn(root);
        return root;
      };
      const { resource, operations } = applyRules(compiled, readTypes, known.context);
      for (const type of types) Tallies.add(tallies.read, type);
      for (const type of typesIn(resource)) Tallies.add(tallies.left, type);
      for (const [name, count] of Object.entries(operations)) if (count > 0) Tallies.add(tallies.measures, name, count);
      return { key: '', text: JSON.stringify(resource) };
    },
  };
}

/** Of a Bundle those of its entries. */
function typesIn(root: AnyResource): string[] {
  const entries = root.resourceType === 'Bundle' && Array.isArray(root['entry']) ? (root['entry'] as unknown[]) : undefined;
  if (entries === undefined) return [root.resourceType];
  return entries.flatMap(entry => {
    const type = isObject(entry) && isObject(entry['resource']) ? entry['resource']['resourceType'] : undefined;
    return typeof type === 'string' ? [type] : [];
  });
}
