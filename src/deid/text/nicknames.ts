/**
 * Short and pet forms of English given names, the given name first in each row. Written down from common knowledge.
 * @module
 */

const rows = `
abigail abby abbie gail
albert al bert bertie
alexander alex alec sandy sasha xander
alexandra alex sandra sasha lexi
alfred alf alfie fred
amanda mandy
andrew andy drew
anne ann annie nancy
anthony tony
antonio tony toni
arthur art artie
barbara barb barbie babs
benjamin ben benny benji
bernard bernie
beverly bev
bradley brad
calvin cal
cameron cam
carolyn carol carrie
catherine cathy cath kate katie kitty cat
charles charlie chuck chas
charlotte charlie lottie
christine chris chrissy tina christy
christopher chris topher kit
clifford cliff
cynthia cindy
daniel dan danny
david dave davy
deborah deb debbie debra
dennis denny
donald don donnie
dorothy dot dottie dolly dora
douglas doug
edward ed eddie ted teddy ned
eleanor ellie nell nellie nora
elizabeth liz lizzie beth betty betsy eliza libby lisa bess
emily em emmy millie
eugene gene
evelyn evie eve
florence flo florrie
frances fran frannie francie
francis frank frankie fran
franklin frank
frederick fred freddie freddy fritz
gabriel gabe
gerald gerry jerry
gregory greg gregg
harold harry hal
harriet hattie
helen nell nellie
henry harry hank hal
isabella bella izzy isabel
jacob jake
jacqueline jackie
james jim jimmy jamie jem
janet jan
jeffrey jeff
jennifer jen jenny jenn
jeremy jerry
jessica jess jessie
john johnny jack jon johnnie
jonathan jon johnny john nathan
joseph joe joey jo
josephine jo josie
joshua josh
judith judy
julia julie jules
katherine kathy kate katie kathryn kit kay
kathleen kathy kath
kenneth ken kenny
kimberly kim kimmy
lawrence larry laurie
leonard leo len lenny
lillian lily lil
louis lou louie
louise lou lulu
lucille lucy
madeline maddie
margaret maggie meg peggy marge margie greta daisy madge
maria mary mia
martha marty mattie
martin marty
mary molly polly mamie may
matthew matt matty
michael mike mick mickey mikey
michelle shelly
mildred millie
miguel mike
mitchell mitch
nathaniel nathan nate nat
nicholas nick nicky
nicole nicky nikki
oliver ollie
pamela pam
patricia pat patty patsy tricia trish
patrick pat paddy
peter pete
philip phil
phyllis phyl
rachel rae
raymond ray
rebecca becky becca
richard rick dick rich ricky richie
robert bob bobby rob robbie bert
roberto bob beto
roger rog
ronald ron ronnie
rosemary rose rosie
russell russ rusty
samantha sam sammy
samuel sam sammy
sarah sally sadie sara
stephanie steph
stephen steve stevie
steven steve stevie
stewart stu
susan sue susie suzy
suzanne sue susie suzy
teresa terry tess tessa
theodore ted teddy theo
theresa terry tess tessa
thomas tom tommy thom
timothy tim timmy
valerie val
victor vic
victoria vicky tori vickie
vincent vince vinnie vin
virginia ginny
walter walt wally
wilhelmina mina billie
william bill billy will willy liam willie
winifred winnie freda
zachary zach zack
`;

const others = new Map<string, Set<string>>();
for (const row of rows.trim().split('\n')) {
  const [name, ...short] = row.split(' ') as [string, ...string[]];
  for (const [of, to] of short.flatMap(
    one =>
      [
        [name, one],
        [one, name],
      ] as const,
  )) {
    const known = others.get(of);
    if (known === undefined) others.set(of, new Set([to]));
    else known.add(to);
  }
}

/** What somebody of this given name (in lower case) may be called, and who is called so; none where it is no English name. */
export const nicknames = (given: string): Iterable<string> => others.get(given) ?? [];

/** All names in lower case, and those of them that are whole ones. */
export const englishNames: readonly string[] = [...others.keys()];
export const wholeNames: ReadonlySet<string> = new Set(
  rows
    .trim()
    .split('\n')
    .map(row => row.slice(0, row.indexOf(' '))),
);
