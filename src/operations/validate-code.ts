/**
 * $validate-code of a CodeSystem and of a ValueSet: whether a code is one of theirs, and whether its display is right.
 * Definitions: profiles/OperationDefinition-CodeSystem-validate-code.json, profiles/OperationDefinition-ValueSet-validate-code.json;
 * R4: https://hl7.org/fhir/R4/codesystem-operation-validate-code.html, https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 * @module
 */
import type { Answer } from '../fhir/model/exchange.ts';
import { Problem } from '../fhir/model/outcome.ts';
import { writeCanonical } from '../fhir/terminology/canonical.ts';
import type { Versions } from '../fhir/terminology/code-set.ts';
import { judgeInSet, judgeInSystem, type Rules, type Sent, type Verdict } from '../fhir/terminology/validate-code.ts';
import { definitionOf, type Operation } from './operation.ts';
import { meant, notHere, parametersOf, pick, refuse, sentCodes, type TerminologyParts, wrong } from './terminology.ts';

const rules = ['abstract', 'displayLanguage'];

/** One right coding is enough; else the last one's verdict. Where one coding cannot be judged, no other one makes the whole wrong. */
function answer(verdicts: readonly (Verdict | undefined)[], open: string): Answer {
  const right = verdicts.find(one => one?.result);
  if (right === undefined && verdicts.includes(undefined)) throw notHere(open);
  const { result, message, display } = (right ?? verdicts.at(-1))!;
  return parametersOf([
    { name: 'result', valueBoolean: result },
    ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
    ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
  ]);
}

export const validateCodeInSystem = (parts: TerminologyParts): Operation => ({
  definition: definitionOf('CodeSystem-validate-code'),
  async run(given, access, at) {
    refuse(given, 'date');
    if (given.has('url') && given.has('system') && given.get('url')![0] !== given.get('system')![0])
      throw wrong('system', 'The parameters url and system mean the same code system.');
    const url = given.has('url') ? 'url' : 'system';
    const found = await meant('CodeSystem', given, at, { inline: 'codeSystem', url, version: 'version' }, access, parts);
    if (found === undefined) throw new Problem('invalid-parameter', 'One of the parameters url and codeSystem is required.');
    const system = await parts.knowledge(access).compiled(found);
    const judge = (sent: Sent): Verdict | undefined => {
      if (sent.system !== undefined && sent.system !== system.url)
        return { result: false, message: 'The coding is of another code system.' };
      if (sent.version !== undefined && sent.version !== system.version)
        return { result: false, message: 'The coding is of another version of the code system.' };
      return judgeInSystem(system, sent, pick(given, rules) as Rules);
    };
    return answer(
      sentCodes(given, { version: 'version' }, system.url).map(judge),
      'The code system is here in part only, and this part has no such code: whether it is one cannot be said.',
    );
  },
});

/** The version of a code that says which one it is from, where the value set leaves that open. */
const otherwise = ({ system, version }: Sent): Versions | undefined =>
  system === undefined || version === undefined ? undefined : { otherwise: [writeCanonical(system, version)], check: [], force: [] };

export const validateCodeInSet = (parts: TerminologyParts): Operation => ({
  definition: definitionOf('ValueSet-validate-code'),
  async run(given, access, at) {
    refuse(given, 'context', 'date');
    const sent = sentCodes(given, { system: 'system', version: 'systemVersion' });
    const found = await meant('ValueSet', given, at, { inline: 'valueSet', url: 'url', version: 'valueSetVersion' }, access, parts);
    if (found === undefined) throw new Problem('invalid-parameter', 'One of the parameters url and valueSet is required.');
    const knowledge = parts.knowledge(access);
    const verdicts: (Verdict | undefined)[] = [];
    for (const one of sent) {
      if (one.system === undefined) throw wrong('coding', 'A coding without a system is in no value set: system is required.');
      verdicts.push(judgeInSet(await knowledge.resolve(found, otherwise(one)), one, pick(given, rules) as Rules));
    }
    return answer(verdicts, 'The value set needs a code system or a value set that is not here: whether the code is in it cannot be said.');
  },
});
