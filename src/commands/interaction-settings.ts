/**
 * What the interactions take from the settings, in their own words.
 * R4: https://hl7.org/fhir/R4/http.html
 * @module
 */
import type { Config } from '../config.ts';
import type { Settings } from '../fhir/interactions/interaction.ts';

export const interactionSettings = (config: Config): Settings => ({
  defaultCount: config.defaultCount,
  maxCount: config.maxCount,
  maxBundleEntries: config.maxBundleEntries,
  referentialIntegrity: config.referentialIntegrity,
  conditional: {
    create: config.conditionalCreate,
    read: config.conditionalRead,
    update: config.conditionalUpdate,
    patch: config.conditionalPatch,
    delete: config.conditionalDelete,
  },
  maxConditionalDeletes: config.maxConditionalDeletes,
  updateCreate: config.updateCreate,
  timeZone: config.timeZone,
});
