/**
 * Whether a text is a unit: the grammar of UCUM, by its atoms and prefixes, so that a name in a unit's place is known for what it is.
 * UCUM: https://ucum.org/ucum (§2, §3)
 * @module
 */

const atoms =
  "10* 10^ % [ppth] [ppm] [ppb] m s g L l rad K cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv deg ' \" gon min h d wk mo a yr t bar u eV pc kat U [IU] [iU] [arb'U] [USP'U] [CFU] [PFU] Eq eq osm Osm B dB [degF] [in_i] [ft_i] [lb_av] [oz_av] [diop] [pH] m[Hg] mm[Hg] cm[H2O] m[H2O] Torr cal Cal [Cal] [drp] [HPF] [LPF] [car_au] [CCID_50] [FFU] [TCID_50] dyn P St erg Ci R RAD REM [hnsf'U] [MET] [cup_us] [tsp_us] [tbs_us] [foz_us] [gal_us] IU mmHg";
const prefixes = 'Y Z E P T G M k h da d c m u µ μ n p f a z y'.split(' ');
const plain: ReadonlySet<string> = new Set(atoms.split(' '));
const prefixed: ReadonlySet<string> = new Set([...plain].flatMap(atom => prefixes.map(prefix => prefix + atom)));
/** Words in curly brackets are UCUM's free text. */
const annotation = /\{([^{}]*)\}/g;

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
    if (text.length > 40) return false;
    const answer = parse(text, annotations);
    if (met.size < 4096) met.set(text, answer);
    return answer;
  };
}

function parse(text: string, annotations: ReadonlySet<unknown>): boolean {
  if ([...text.matchAll(annotation)].some(found => !annotations.has(found[1]))) return false;
  const bare = text.replace(annotation, '');
  if (bare === '' || bare === '1') return text !== '';
  const terms = bare.replace(/^\//, '').replace(/[()]/g, '').split(/[./]/);
  return terms.every(term =>
    term === '' ? bare !== text : term === '1' || /^10[*^]-?\d{1,2}$/.test(term) || known(term) || known(term.replace(/[-+]?\d{1,2}$/, '')),
  );
}

const known = (atom: string): boolean => plain.has(atom) || prefixed.has(atom);
