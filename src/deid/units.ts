/**
 * What a text means as a unit: the grammar of UCUM, by its atoms and prefixes, so that a name in a unit's place is known for what it is, and a time however it is written.
 * UCUM: https://ucum.org/ucum (§2, §3)
 * @module
 */

const atoms =
  "10* 10^ % [ppth] [ppm] [ppb] m g L l rad K cd mol sr s Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv deg ' \" gon t bar u eV pc kat U [IU] [iU] [arb'U] [USP'U] [CFU] [PFU] Eq eq osm Osm B dB [degF] [in_i] [ft_i] [lb_av] [oz_av] [diop] [pH] m[Hg] mm[Hg] cm[H2O] m[H2O] Torr cal Cal [Cal] [drp] [HPF] [LPF] [car_au] [CCID_50] [FFU] [TCID_50] dyn P St erg Ci R RAD REM [hnsf'U] [MET] [cup_us] [tsp_us] [tbs_us] [foz_us] [gal_us] IU mmHg";
/** Those that take no prefix: what would be one may be a word. */
const unprefixed = 'min h d wk mo a yr';
const prefixes: Readonly<Record<string, number>> = {
  ...{ Y: 1e24, Z: 1e21, E: 1e18, P: 1e15, T: 1e12, G: 1e9, M: 1e6, k: 1e3, h: 1e2, da: 10, d: 0.1, c: 1e-2, m: 1e-3 },
  // The micro sign, and the Greek letter.
  ...{ u: 1e-6, '\u00b5': 1e-6, '\u03bc': 1e-6, n: 1e-9, p: 1e-12, f: 1e-15, a: 1e-18, z: 1e-21, y: 1e-24 },
};

/** What atoms mean by others, as far as a time can be made of them; every other atom means itself. */
const defined: Readonly<Record<string, readonly [factor: number, unit: string]>> = {
  ...{ min: [60, 's'], h: [3600, 's'], d: [86_400, 's'], wk: [604_800, 's'], mo: [2_629_800, 's'], a: [31_557_600, 's'], yr: [1, 'a'] },
  ...{ '10*': [10, '1'], '10^': [10, '1'], '%': [0.01, '1'], '[ppth]': [1e-3, '1'], '[ppm]': [1e-6, '1'], '[ppb]': [1e-9, '1'] },
  ...{ rad: [1, '1'], sr: [1, '1'], deg: [0.0175, '1'], "'": [2.91e-4, '1'], '"': [4.85e-6, '1'], gon: [0.0157, '1'] },
  ...{ Hz: [1, 's-1'], Bq: [1, 's-1'], Ci: [3.7e10, 'Bq'], N: [1, 'kg.m/s2'], Pa: [1, 'N/m2'], J: [1, 'N.m'], W: [1, 'J/s'] },
  ...{ V: [1, 'W/A'], F: [1, 'A.s/V'], Ohm: [1, 'V/A'], S: [1, 'A/V'], Wb: [1, 'V.s'], T: [1, 'Wb/m2'], H: [1, 'Wb/A'] },
  ...{ lm: [1, 'cd'], lx: [1, 'cd/m2'], Gy: [1, 'J/kg'], Sv: [1, 'J/kg'], RAD: [0.01, 'Gy'], REM: [0.01, 'Sv'], '[diop]': [1, 'm-1'] },
  ...{ L: [1, 'dm3'], l: [1, 'dm3'], t: [1000, 'kg'], u: [1.6605e-24, 'g'], '[lb_av]': [453.59, 'g'], '[oz_av]': [28.35, 'g'] },
  ...{ pc: [3.0857e16, 'm'], '[in_i]': [0.0254, 'm'], '[ft_i]': [0.3048, 'm'], bar: [1e5, 'Pa'], Torr: [133.32, 'Pa'] },
  ...{ 'm[Hg]': [133_322, 'Pa'], 'mm[Hg]': [133.32, 'Pa'], mmHg: [133.32, 'Pa'], 'm[H2O]': [9806.65, 'Pa'], 'cm[H2O]': [98.07, 'Pa'] },
  ...{ eV: [1.6022e-19, 'J'], cal: [4.184, 'J'], Cal: [4184, 'J'], '[Cal]': [4184, 'J'], erg: [1e-7, 'J'], dyn: [1e-5, 'N'] },
  ...{
    P: [0.1, 'Pa.s'],
    St: [1, 'cm2/s'],
    kat: [1, 'mol/s'],
    U: [1, 'umol/min'],
    osm: [1, 'mol'],
    Osm: [1, 'mol'],
    Eq: [1, 'mol'],
    eq: [1, 'mol'],
  },
};

/** A unit as a factor of atoms that mean themselves, each with its exponent. */
interface Meaning {
  readonly factor: number;
  readonly of: ReadonlyMap<string, number>;
}

const one: Meaning = { factor: 1, of: new Map() };

function times(left: Meaning, right: Meaning, exponent: number): Meaning {
  const of = new Map(left.of);
  for (const [atom, n] of right.of) of.set(atom, (of.get(atom) ?? 0) + n * exponent);
  return { factor: left.factor * right.factor ** exponent, of };
}

const named = new Map<string, readonly [factor: number, atom: string]>();
for (const atom of atoms.split(' ')) for (const [prefix, factor] of Object.entries(prefixes)) named.set(prefix + atom, [factor, atom]);
for (const atom of `${atoms} ${unprefixed}`.split(' ')) named.set(atom, [1, atom]);

const meant = new Map<string, Meaning | undefined>();

function meaningOf(name: string): Meaning | undefined {
  if (meant.has(name)) return meant.get(name);
  const found = named.get(name);
  if (found === undefined) return undefined;
  const [prefix, atom] = found;
  const [factor, unit] = defined[atom] ?? [1];
  const inner = unit === undefined ? { factor: 1, of: new Map([[atom, 1]]) } : read(unit)!;
  const made = { ...inner, factor: prefix * factor * inner.factor };
  meant.set(name, made);
  return made;
}

/** `1`, `10*3`, `mg`, `m2`. */
function simple(text: string): Meaning | undefined {
  if (text === '1') return one;
  const ten = /^10[*^](-?\d{1,2})$/.exec(text);
  if (ten !== null) return { factor: 10 ** Number(ten[1]), of: one.of };
  const whole = meaningOf(text);
  if (whole !== undefined) return whole;
  const raised = /^(.*[^\d+-])([-+]?\d{1,2})$/.exec(text);
  const base = raised === null ? undefined : meaningOf(raised[1]!);
  return base === undefined ? undefined : times(one, base, Number(raised![2]));
}

/** More of a text is no unit that anybody writes. */
const longest = 40;

/** @returns undefined: it is no unit */
function read(text: string): Meaning | undefined {
  if (text.length > longest) return undefined;
  let rest = text;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length);
    return found;
  };
  function component(): Meaning | undefined {
    if (take(/^\(/) !== undefined) {
      const inner = term();
      return take(/^\)/) === undefined ? undefined : inner;
    }
    const before = take(/^(?:\{[^{}]*\})+/);
    const bare = take(/^[^./(){}]+/);
    const after = take(/^(?:\{[^{}]*\})+/);
    if (bare !== undefined) return simple(bare);
    return before === undefined && after === undefined ? undefined : one;
  }
  function term(): Meaning | undefined {
    let made: Meaning | undefined = one;
    let exponent = take(/^\//) === undefined ? 1 : -1;
    for (;;) {
      const next = component();
      if (next === undefined) return undefined;
      made = times(made, next, exponent);
      const sign = take(/^[./]/);
      if (sign === undefined) return made;
      exponent = sign === '/' ? -1 : 1;
    }
  }
  const made = term();
  return rest === '' ? made : undefined;
}

/**
 * A test whether a text is a unit in UCUM, case-sensitive, as laboratories write it too.
 * @param annotations words that may stand in curly brackets
 */
export function unitTest(annotations: ReadonlySet<unknown>): (text: string) => boolean {
  const met = new Map<string, boolean>();
  return text => {
    const known = met.get(text);
    if (known !== undefined) return known;
    // What is kept shall not grow with what is sent.
    if (text.length > longest) return false;
    const answer = read(text) !== undefined && [...text.matchAll(/\{([^{}]*)\}/g)].every(found => annotations.has(found[1]));
    if (met.size < 4096) met.set(text, answer);
    return answer;
  };
}

/** Seconds that a text means as a unit: `1.a`, `10*3.d`, `J/W`; 0: it is a unit, but none of time; undefined: it is none. */
export function secondsIn(text: string): number | undefined {
  const made = read(text);
  if (made === undefined) return undefined;
  const left = [...made.of].filter(([, exponent]) => exponent !== 0);
  // 1/(1/a) is a year, and no more.
  return left.length === 1 && left[0]![0] === 's' && left[0]![1] === 1 ? Number(made.factor.toPrecision(12)) : 0;
}
