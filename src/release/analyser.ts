/**
 * Persons in a Japanese text by morphology, where a policy asks for it (`analyser`): by the dictionary IPADIC, with lindera. An optional package: without it such a policy does not load.
 * IPADIC: 名詞,固有名詞,人名
 * @module
 */
import { createRequire } from 'node:module';
import { PolicyError } from '../deid/policy.ts';
import type { Analyse } from '../deid/text/index.ts';

interface Token {
  readonly partOfSpeechSubcategory1?: string;
  readonly partOfSpeechSubcategory2?: string;
  /** In UTF-8. */
  readonly byteStart: number;
  readonly byteEnd: number;
}

interface Lindera {
  readonly TokenizerBuilder: new () => {
    setDictionary(uri: string): void;
    setMode(mode: string): void;
    build(): { tokenize(text: string): readonly Token[] };
  };
}

const packageName = 'lindera-wasm-nodejs-ipadic';
const require = createRequire(import.meta.url);

/** That there is one: asked where a policy loads, so that nobody learns of it in the middle of the work. @throws PolicyError where the package is not installed */
export function checkAnalyser(): void {
  try {
    require.resolve(packageName);
  } catch {
    throw new PolicyError(
      'analyser',
      `needs the package ${packageName}, which is not installed: npm install --no-save ${packageName}@2.0.0`,
    );
  }
}

let made: Analyse | undefined;

/** One for each thread that has texts to read: half a second and 100 MB, once. */
export function analyser(): Analyse {
  if (made !== undefined) return made;
  const { TokenizerBuilder } = require(packageName) as Lindera;
  const builder = new TokenizerBuilder();
  builder.setDictionary('embedded://ipadic');
  builder.setMode('normal');
  const tokenizer = builder.build();
  made = text => peopleIn(text, tokenizer.tokenize(text));
  return made;
}

function* peopleIn(text: string, tokens: readonly Token[]): ReturnType<Analyse> {
  // Where the next token begins, in bytes and in UTF-16 units: tokens stand in order.
  let bytes = 0;
  let units = 0;
  const unitsAt = (byte: number): number => {
    while (bytes < byte) {
      const point = text.codePointAt(units)!;
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      units += point < 0x10000 ? 1 : 2;
    }
    return units;
  };
  for (const { partOfSpeechSubcategory1: noun, partOfSpeechSubcategory2: what, byteStart, byteEnd } of tokens) {
    const start = unitsAt(byteStart);
    const end = unitsAt(byteEnd);
    if (noun === '固有名詞' && what === '人名') yield { start, end, kind: 'name' };
  }
}
