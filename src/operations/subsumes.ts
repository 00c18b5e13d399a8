/**
 * $subsumes: how two codes of a system stand to each other.
 * Definition: profiles/OperationDefinition-CodeSystem-subsumes.json; R4: https://hl7.org/fhir/R4/codesystem-operation-subsumes.html
 * @module
 */
import { writeCanonical } from '../fhir/terminology/canonical.ts';
import { subsumption } from '../fhir/terminology/code-system.ts';
import type { Sent } from '../fhir/terminology/validate-code.ts';
import { definitionOf, type Given, type Operation } from './operation.ts';
import { codingIn, meant, notHere, one, parametersOf, systemBy, type TerminologyParts, wrong } from './terminology.ts';

function sentAs(given: Given, letter: 'A' | 'B'): Sent {
  const coding = codingIn(given, `coding${letter}`);
  const code = one<string>(given, `code${letter}`);
  if ((coding === undefined) === (code === undefined))
    throw wrong(`code${letter}`, `One of the parameters code${letter} and coding${letter} is required.`);
  return coding ?? { code: code! };
}

export const subsumes = (parts: TerminologyParts): Operation => ({
  definition: definitionOf('CodeSystem-subsumes'),
  async run(given, access, at) {
    const sent = [sentAs(given, 'A'), sentAs(given, 'B')];
    const knowledge = parts.knowledge(access);
    const found = await meant('CodeSystem', given, at, { url: 'system', version: 'version' }, access, parts);
    const named = sent.find(coding => coding.system !== undefined);
    if (found === undefined && named === undefined) throw wrong('system', 'The parameter system is required.');
    const system = found
      ? await knowledge.compiled(found)
      : await systemBy(writeCanonical(named!.system!, one(given, 'version') ?? named!.version), knowledge);
    const [a, b] = sent.map((coding, index) => {
      const name = index === 0 ? 'codingA' : 'codingB';
      if (coding.system !== undefined && coding.system !== system.url) throw wrong(name, `${name} is of another code system.`);
      if (coding.version !== undefined && coding.version !== system.version) throw wrong(name, `${name} is of another version.`);
      const concept = system.find(coding.code);
      if (concept === undefined) throw notHere('The code system has no such code here.');
      return concept;
    });
    return parametersOf([{ name: 'outcome', valueCode: subsumption(system, a!, b!) }]);
  },
});
