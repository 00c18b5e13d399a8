/**
 * $translate: a code in the words of another system, by the concept maps that are here.
 * Definition: profiles/OperationDefinition-ConceptMap-translate.json; R4: https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 * @module
 */
import type { Access } from '../fhir/model/access.ts';
import { Problem } from '../fhir/model/outcome.ts';
import type { Json } from '../fhir/model/r4.ts';
import { readCanonical } from '../fhir/terminology/canonical.ts';
import {
  type CompiledMap,
  type Dependency,
  isAcceptable,
  type Match,
  type Translation,
  translate as translated,
} from '../fhir/terminology/concept-map.ts';
import type { Knowledge } from '../fhir/terminology/knowledge.ts';
import type { Sent } from '../fhir/terminology/validate-code.ts';
import { type At, definitionOf, type Given, type Operation } from './operation.ts';
import { codingsOf, meant, notHere, one, parametersOf, sentCodes, type TerminologyParts, wrong } from './terminology.ts';

const bare = (canonical: string | undefined) => (canonical === undefined ? undefined : readCanonical(canonical).url);

const mostDependencies = 100;

function dependenciesIn(given: Given): readonly Dependency[] {
  const parts = (given.get('dependency') ?? []) as readonly Given[];
  if (parts.length > mostDependencies)
    throw new Problem('too-costly', `A translation may depend on ${mostDependencies} elements.`, { expression: 'Parameters.parameter' });
  return parts.flatMap(part => {
    const element = one<string>(part, 'element');
    const concept = one<Json>(part, 'concept');
    if (element === undefined || concept === undefined) throw wrong('dependency', 'The parameter dependency has an element and a concept.');
    const text = concept['text'];
    return [
      {
        element,
        codings: concept['coding'] === undefined ? [] : codingsOf(concept, 'dependency.concept'),
        ...(typeof text === 'string' ? { text } : {}),
      },
    ];
  });
}

/** The map that is named, or all that can say something about these codes. @throws Problem `not-found` when there is none */
async function mapsFor(
  given: Given,
  at: At,
  sent: readonly Sent[],
  access: Access,
  parts: TerminologyParts,
): Promise<readonly CompiledMap[]> {
  const knowledge = parts.knowledge(access);
  const named = await meant('ConceptMap', given, at, { inline: 'conceptMap', url: 'url', version: 'conceptMapVersion' }, access, parts);
  if (named) return [knowledge.map(named)];
  const isReverse = one(given, 'reverse') === true;
  const [source, target] = (isReverse ? ['target', 'source'] : ['source', 'target']).map(name => bare(one(given, name)));
  const maps = (await mapsOf(sent, isReverse, knowledge)).filter(
    map => (source === undefined || map.source === source) && (target === undefined || map.target === target),
  );
  if (maps.length === 0) throw notHere('There is no ConceptMap here for that.');
  return maps;
}

async function mapsOf(sent: readonly Sent[], isReverse: boolean, knowledge: Knowledge): Promise<readonly CompiledMap[]> {
  const found = new Map<string, CompiledMap>();
  for (const { system } of sent) {
    if (system === undefined) throw wrong('coding', 'Without a map that is named, the system of the code is required.');
    for (const one of await knowledge.source.maps(isReverse ? 'target' : 'source', system)) found.set(one.key, knowledge.map(one));
  }
  return [...found.values()];
}

const matchOf = ({ equivalence, concept, product, source }: Match): Json => ({
  name: 'match',
  part: [
    { name: 'equivalence', valueCode: equivalence },
    ...(concept === undefined ? [] : [{ name: 'concept', valueCoding: concept }]),
    ...product.map(({ property, system, value, display }) => ({
      name: 'product',
      part: [
        { name: 'element', valueUri: property },
        {
          name: 'concept',
          valueCoding: {
            ...(system === undefined ? {} : { system }),
            code: value,
            ...(display === undefined ? {} : { display }),
          },
        },
      ],
    })),
    ...(source === undefined ? [] : [{ name: 'source', valueUri: source }]),
  ],
});

export const translate = (parts: TerminologyParts): Operation => ({
  definition: definitionOf('ConceptMap-translate'),
  async run(given, access, at) {
    const sent = sentCodes(given, { system: 'system', version: 'version' });
    const maps = await mapsFor(given, at, sent, access, parts);
    const system = one<string>(given, 'targetsystem');
    const rest: Omit<Translation, 'from'> = {
      ...(system === undefined ? {} : { system }),
      dependencies: dependenciesIn(given),
      isReverse: one(given, 'reverse') === true,
    };
    const knowledge = parts.knowledge(access);
    const other = async (canonical: string) => {
      const found = await knowledge.source.find('ConceptMap', canonical);
      return found && knowledge.map(found);
    };
    const matches: Match[] = [];
    for (const { system, code } of sent)
      for (const map of maps)
        matches.push(...(await translated(map, { ...rest, from: { ...(system === undefined ? {} : { system }), code } }, other)));
    const result = matches.some(isAcceptable);
    return parametersOf([
      { name: 'result', valueBoolean: result },
      ...(result ? [] : [{ name: 'message', valueString: 'The concept maps that are here have no translation of this code.' }]),
      ...matches.map(matchOf),
    ]);
  },
});
