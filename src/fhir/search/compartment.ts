/**
 * What makes a resource part of a Patient's compartment: exactly the parameters that the CompartmentDefinition names.
 * R4: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 * @module
 */
import type { CompartmentDefinition } from '@medplum/fhirtypes';
import { definition } from '../model/r4.ts';

/** Two rows of the package's copy are not R4's: an Encounter belongs by `patient`, a Task to nobody. */
const asInR4: Readonly<Record<string, readonly string[]>> = { Encounter: ['patient'], Task: [] };

let table: ReadonlyMap<string, readonly string[]> | undefined;

/** Codes of a type's reference parameters that put a resource into the compartment of the patient they lead to; none: never part of one. */
export function patientCompartment(type: string): readonly string[] {
  table ??= new Map(
    definition<CompartmentDefinition>('compartmentdefinition-patient.json').resource?.map(
      r => [r.code, asInR4[r.code ?? ''] ?? r.param ?? []] as const,
    ),
  );
  return table.get(type) ?? [];
}
