/**
 * Whether the log is whole: every line's hash, every number, every joint between segments, and the mark that shows a cut tail.
 * @module
 */
import { open } from 'node:fs/promises';
import { chain, origin } from './chain.ts';
import { readMark } from './mark.ts';
import type { Recorded } from './record.ts';
import { covered, headText, linesForward, parseHead, parseLine, segmentNumbers, segmentPath } from './segment.ts';

/** One place where the chain does not hold. `line` counts from 1, the segment's own first line included. */
export interface Break {
  readonly segment: string;
  readonly line: number;
  /** Number of the record, where it is known. */
  readonly seq?: number;
  readonly text: string;
}

export interface Verified {
  readonly records: number;
  /** Number and hash of the last record: noted down elsewhere, they later prove that nothing before was changed. */
  readonly last: { readonly seq: number; readonly hash: string };
  readonly keyed: boolean;
  readonly breaks: readonly Break[];
  /** How often a torn end was cut off at a start: harmless, it was never acknowledged. */
  readonly tornEnds: number;
}

/**
 * @param options.key the key that the log was written with
 * @param options.progress told how many records were read
 * @param options.expected a record number and its hash, noted earlier
 */
export async function verify(options: {
  directory: string;
  key?: Buffer;
  expected?: { seq: number; hash: string };
  progress?: (records: number) => void;
}): Promise<Verified> {
  const { directory, key, expected } = options;
  const links = chain(key);
  const breaks: Break[] = [];
  const state = { seq: 0, hash: origin, records: 0, tornEnds: 0 };
  let met = expected === undefined;
  // Before the segments: the mark only grows, so lines written meanwhile cannot make it look cut.
  const mark = await readMark(directory, links);
  let marked = typeof mark !== 'object' || mark.seq === 0;
  const numbers = await segmentNumbers(directory);
  for (const [i, number] of numbers.entries()) {
    const segment = segmentPath('', number);
    const report = (line: number, text: string, seq?: number) =>
      breaks.push({ segment, line, text, ...(seq === undefined ? {} : { seq }) });
    if (i > 0 && number !== numbers[i - 1]! + 1)
      report(1, `the segments before it, from ${segmentPath('', numbers[i - 1]! + 1)} on, are gone`);
    if (i === 0 && number !== 1) report(1, 'the first segments are gone');
    const file = await open(segmentPath(directory, number), 'r');
    try {
      const last = i === numbers.length - 1;
      let at = 0;
      for await (const lines of linesForward(file, 0, (await file.stat()).size)) {
        for (const { text, torn } of lines) {
          at++;
          if (torn) {
            // The end of the last segment may be in the middle of a write, or of a kill: nothing acknowledged stands there.
            if (!last) report(at, 'the last line has no end');
            continue;
          }
          if (at === 1) {
            const head = parseHead(text);
            if (head === undefined) {
              report(at, 'the first line of the segment is not what it should be');
              continue;
            }
            if (head.algorithm !== links.algorithm) {
              report(
                at,
                key === undefined
                  ? 'this segment was written with a key; without it nothing can be said'
                  : 'this segment was not written with the key',
              );
              return done(links.algorithm === 'hmac-sha256');
            }
            if (head.first !== state.seq + 1) report(at, `records ${state.seq + 1} to ${head.first - 1} are missing before it`, head.first);
            else if (head.before !== state.hash) report(at, 'it does not follow from the segment before', head.first);
            state.seq = head.first - 1;
            state.hash = links.next(head.before, headText(head));
            continue;
          }
          const line = parseLine(text);
          if (line === undefined) {
            report(at, 'the line cannot be read', state.seq + 1);
            continue;
          }
          const fits = links.next(state.hash, covered(line.seq, line.json)) === line.hash;
          if (line.seq <= state.seq) report(at, 'the line is out of order', line.seq);
          else if (line.seq > state.seq + 1) report(at, `records ${state.seq + 1} to ${line.seq - 1} are missing before it`, line.seq);
          else if (!fits) report(at, 'the line was changed, or the one before it', line.seq);
          if (typeof mark === 'object' && line.seq === mark.seq) {
            marked = true;
            if (line.hash !== mark.hash) report(at, 'the line is not the one that the mark names', line.seq);
          }
          if (expected !== undefined && line.seq === expected.seq) {
            met = true;
            if (line.hash !== expected.hash) report(at, 'the line is not the one that was noted', line.seq);
          }
          const note = noteOf(line.json);
          if (note === 'torn-end') state.tornEnds++;
          else if (note !== undefined) report(at, `a start found: ${note}`, line.seq);
          state.seq = Math.max(state.seq, line.seq);
          state.hash = line.hash;
          state.records++;
        }
        options.progress?.(state.records);
      }
    } finally {
      await file.close();
    }
  }
  const end = { segment: numbers.length > 0 ? segmentPath('', numbers.at(-1)!) : 'no segment', line: 0 };
  if (mark === 'absent' && numbers.length > 0) breaks.push({ ...end, text: 'the mark of the last record is gone' });
  if (mark === 'false') breaks.push({ ...end, text: 'the mark of the last record is not genuine' });
  if (!marked && typeof mark === 'object') {
    breaks.push({
      ...end,
      seq: mark.seq,
      text:
        mark.seq > state.seq
          ? `the end is cut: records ${state.seq + 1} to ${mark.seq} are gone`
          : `record ${mark.seq}, which the mark names, is gone`,
    });
  }
  if (!met) breaks.push({ ...end, seq: expected!.seq, text: 'the record that was noted is gone' });
  return done(links.algorithm === 'hmac-sha256');

  function done(keyed: boolean): Verified {
    return { records: state.records, last: { seq: state.seq, hash: state.hash }, keyed, breaks, tornEnds: state.tornEnds };
  }
}

const noteOf = (json: string): string | undefined => {
  if (!json.includes('"note":"')) return undefined;
  try {
    return (JSON.parse(json) as Recorded).note;
  } catch {
    return undefined;
  }
};
