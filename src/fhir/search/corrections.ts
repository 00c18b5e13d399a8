/**
 * Where the package's search parameters are not R4's: what it adds is left out, what it lacks is added, errata of R4 itself are put right.
 * Found by comparing every definition with those that HL7 publishes.
 * R4: https://hl7.org/fhir/R4/searchparameter-registry.html
 * @module
 */
import type { SearchParameter } from '@medplum/fhirtypes';

const own = 'http://hl7.org/fhir/SearchParameter/';

/** Not in R4: later versions' and the package's own. */
const added: ReadonlySet<string> = new Set(
  ['DetectedIssue-status', 'DeviceDefinition-classification', 'ServiceRequest-order-detail'].map(name => own + name),
);

/** The parameters that R4 defines on its genetics extensions. */
const lacking: readonly SearchParameter[] = (
  [
    [
      'diagnosticreport-genetic-DiagnosticReport-assessed-condition',
      'DiagnosticReport',
      'assessed-condition',
      'reference',
      'DiagnosticReport-geneticsAssessedCondition',
    ],
    [
      'observation-genetic-Observation-amino-acid-change',
      'Observation',
      'amino-acid-change',
      'string',
      'observation-geneticsAminoAcidChangeName',
    ],
    ['observation-genetic-Observation-dna-variant', 'Observation', 'dna-variant', 'string', 'observation-geneticsDnaVariant'],
    [
      'observation-genetic-Observation-gene-amino-acid-change',
      'Observation',
      'gene-amino-acid-change',
      'string',
      'observation-geneticsAminoAcidChangeName',
    ],
    ['observation-genetic-Observation-gene-dnavariant', 'Observation', 'gene-dnavariant', 'string', 'observation-geneticsDnaVariant'],
    ['observation-genetic-Observation-gene-identifier', 'Observation', 'gene-identifier', 'token', 'observation-geneticsGene'],
  ] as const
).map(
  ([name, base, code, type, extension]) =>
    ({
      url: own + name,
      base: [base],
      code,
      type,
      expression: `${base}.extension('http://hl7.org/fhir/StructureDefinition/${extension}')`,
      ...(type === 'reference' ? { target: ['Condition'] } : {}),
    }) as SearchParameter,
);

/** Types that MeasureReport.subject may not lead to in R4. */
const notSubjects: readonly string[] = ['Organization', 'CareTeam', 'HealthcareService'];

/** R4 has the expressions of these two parts the wrong way round: `relatesto` would be a code, `relation` a reference. */
const relationship: Readonly<Record<string, string>> = { 'DocumentReference-relatesto': 'target', 'DocumentReference-relation': 'code' };

/** The definitions as R4 means them. */
export const corrected = (definitions: readonly SearchParameter[]): SearchParameter[] =>
  definitions
    .filter(one => !added.has(one.url!))
    .map(one => {
      if (one.url === `${own}MeasureReport-subject`) return { ...one, target: one.target!.filter(type => !notSubjects.includes(type)) };
      if (one.url !== `${own}DocumentReference-relationship`) return one;
      return {
        ...one,
        component: one.component!.map(part => ({
          ...part,
          expression: relationship[part.definition!.slice(own.length)] ?? part.expression!,
        })),
      };
    })
    .concat(lacking);
