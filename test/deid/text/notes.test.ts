// Notes of wards and practices, referral letters, reports, prescriptions, social histories: what tells of somebody goes whole, what is medicine stays to the letter.
import { describe, expect, test } from '@jest/globals';
import { dictionary, textFinder } from '../../../src/deid/text/index.ts';
import { knownAbout } from '../../../src/release/cleaning.ts';
import { notes } from './notes.ts';

/** Units by which nobody is known. */
const silent = /[\s・.,()（）\u200b-]/;

describe.each(Object.entries(notes))('%s', (_name, { records, sentences }) => {
  const find = textFinder(dictionary(knownAbout(records)));
  test.each(sentences)('%s', sentence => {
    const inside = new Set<number>();
    let text = '';
    for (const part of sentence.split(/(«[^»]*»)/)) {
      const bare = part.replace(/^«|»$/g, '');
      if (bare !== part) for (let i = 0; i < bare.length; i++) inside.add(text.length + i);
      text += bare;
    }
    const gone = (i: number): boolean => find(text, { shiftDays: 10 })!.some(({ start, end }) => start <= i && i < end);
    const units = [...text.split('').keys()].filter(i => !silent.test(text[i]!));
    expect({
      leaves: units.filter(i => inside.has(i) && !gone(i)).map(i => text[i]),
      lost: units.filter(i => !inside.has(i) && gone(i)).map(i => text[i]),
    }).toEqual({ leaves: [], lost: [] });
  });
});
