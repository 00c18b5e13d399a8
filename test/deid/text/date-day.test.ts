// A day of a month whose month stands elsewhere, or so many days: a true one beside those that moved tells by how much; a number of days must stay one.
import { describe, expect, test } from '@jest/globals';
import { dictionary, nothingKnown, textCleaner } from '../../../src/deid/text/index.ts';

const clean = textCleaner(dictionary(nothingKnown));
const by = (shiftDays: number, text: string): string => clean(text, { shiftDays })!.text;

describe('a day moves with the date before it', () => {
  test.each([
    ['3/5入院 7日手術 12日退院', '3/22入院 24日手術 29日退院'],
    ['2024年3月5日入院 7日CAG施行 9日PCI施行', '2024年3月22日入院 24日CAG施行 26日PCI施行'],
    ['2024-03-05入院、7日手術', '2024-03-22入院、24日手術'],
    ['R6.3.5入院 7日ope 19日退院', 'R6.3.22入院 24日ope 5日退院'],
    ['3/5(火)入院 7日(木)手術', '3/22(金)入院 24日(日)手術'],
    ['3月5日発症 6日受診', '3月22日発症 23日受診'],
    ['3月5日開始 12日終了', '3月22日開始 29日終了'],
    ['3月5日当院入院 12日手術施行', '3月22日当院入院 29日手術施行'],
    ['3/12に抜糸、翌週19日に退院予定', '3/29に抜糸、翌週5日に退院予定'],
    ['3/5に入院、翌週12日(火)に手術', '3/22に入院、翌週29日(金)に手術'],
    ['3/5より38℃、同6日 39℃', '3/22より38℃、同23日 39℃'],
    ['3/5入院、夜間6日3時に急変', '3/22入院、夜間23日3時に急変'],
    ['3月5日入院。心不全、予約 12日', '3月22日入院。心不全、予約 29日'],
    ['3月五日入院。七日手術。八日離床。', '3月二十二日入院。二十四日手術。二十五日離床。'],
    ['3/5~7 発熱、8日解熱、9-11日下痢', '3/22~24 発熱、25日解熱、26-28日下痢'],
    ['3月5日入院。13、14日 便秘', '3月22日入院。30、31日 便秘'],
    ['3月5日か6日に受診', '3月22日か23日に受診'],
    ['3/5入院、7か8日に、9 or 10日に', '3/22入院、24か25日に、26 or 27日に'],
    ['3/5入院。手術日 7日、退院 9日', '3/22入院。手術日 24日、退院 26日'],
    ['Admitted March 3; on the 5th intubated', 'Admitted March 20; on the 22nd intubated'],
    ['3月5、6両日', '3月22、23両日'],
    ['3月5、6の両日', '3月22、23の両日'],
    ['3月5日間質性肺炎', '3月22日間質性肺炎'],
    ['2024年3月5日本人来院', '2024年3月22日本人来院'],
    ['3/30入院、1日手術、1日の採血', '4/16入院、18日手術、18日の採血'],
    ['Admitted 3/5, surgery on the 7th, d/c the 12th.', 'Admitted 3/22, surgery on the 24th, d/c the 29th.'],
    ['Admitted 3/5. Discharged the 12th', 'Admitted 3/22. Discharged the 29th'],
    ['Admitted 3/5, home the 19th', 'Admitted 3/22, home the 5th'],
    ['Admitted 3/5. Surgery 12th. 19th d/c', 'Admitted 3/22. Surgery 29th. 5th d/c'],
  ])('%s: %s', (text, there) => expect(by(17, text)).toBe(there));
});

describe('what may be a day or so many days goes, and a day of no month', () => {
  test.each([
    ['3月5日発症、7日前医受診', '3月22日発症、【日付】前医受診'],
    ['3月5日入院、7日経過良好にて退院', '3月22日入院、【日付】経過良好にて退院'],
    ['3月5日転倒、7日後頭部痛', '3月22日転倒、【日付】後頭部痛'],
    ['7日間質性肺炎増悪', '【日付】間質性肺炎増悪'],
    [
      `3月5日入院。${'経過は良好で食事も進む。'.repeat(12)}CT 12日、MRI 14日、抜糸した。`,
      `3月22日入院。${'経過は良好で食事も進む。'.repeat(12)}CT 【日付】、MRI 【日付】、抜糸した。`,
    ],
    ['3/5入院、点滴5日、8日退院', '3/22入院、点滴【日付】、【日付】退院'],
    ['入院日：5日、退院日：19日', '入院日：【日付】、退院日：【日付】'],
    ['5日、12日、19日に受診', '【日付】、【日付】、【日付】に受診'],
    ['3月5日入院。CTRX（7日）で軽快', '3月22日入院。CTRX（【日付】）で軽快'],
    ['Mar 5 seen. Fracture of the 3rd through the 5th.', 'Mar 22 seen. Fracture of the 3rd through the [DATE].'],
    ['6日分娩', '【日付】分娩'],
    ['6日分割照射', '【日付】分割照射'],
    ['3月5日入院、7日10mgへ増量、8日2錠', '3月22日入院、【日付】10mgへ増量、【日付】2錠'],
    ['7日 3回嘔吐', '【日付】 3回嘔吐'],
    ['3月5日入院、今後7日に予定', '3月22日入院、今後【日付】に予定'],
    ['3月5日開始7日終了', '3月22日開始【日付】終了'],
    ['3月5日入院。手術7日', '3月22日入院。手術【日付】'],
    ['3月5日入院。第5病日 7日手術', '3月22日入院。第5病日 【日付】手術'],
    ['3/5より内服、7日で軽快', '3/22より内服、【日付】で軽快'],
    ['3/5 発熱 7日、', '3/22 発熱 【日付】、'],
    ['今週7日、先週5日', '今週【日付】、先週【日付】'],
    ['来週19日(火)に外来', '来週【日付】に外来'],
    ['昨夜間6日2時', '昨夜間【日付】2時'],
    ['7〜9日 発熱', '【日付】〜【日付】 発熱'],
    ['13、31日', '【日付】、【日付】'],
    ['11(月)手術、12火抜管', '【日付】手術、【日付】抜管'],
    ['3/5(火)入院、6水、7木と発熱', '3/22(金)入院、【日付】、【日付】と発熱'],
    ['12(日)', '【日付】'],
    ['3/5入院、12火曜に手術', '3/22入院、【日付】に手術'],
    ['3月 5日間の絶食', '【日付】間の絶食'],
    ['2024年3月5 2型DM', '【日付】 2型DM'],
    ['3/5入院。白血球 9、12日に', '3/22入院。白血球 【日付】、【日付】に'],
    ['From the 5th to the 12th of March', 'From the [DATE] to the 29th of March'],
    ['Adm 3/5. d/c 12th or 13th', 'Adm 3/22. d/c 29th or 30th'],
    ['between the 5th and 12th', 'between the [DATE] and [DATE]'],
    ['Adm 3/5. Sx the 12th. 9th - d/c', 'Adm 3/22. Sx the [DATE]. [DATE] - d/c'],
  ])('%s: %s', (text, there) => expect(by(17, text)).toBe(there));
});

describe('so many days stay, beside a date too', () => {
  test.each([
    '7日間、5日後、3日前、2日毎、14日分、3日前後',
    '入院7日目、術後5日、発症3日、生後 5日、妊娠32週4日',
    '抗菌薬7日間投与、抗菌薬5日投与、内服14日分、排便3日なし',
    '1日3回、1日の尿量、1日1500mL、2日に1回、5日/週、3日/2週',
    '約5日、計14日、在院日数 14日、入院期間7日、第2火',
    '2、3日前より、4-5日間、3日〜5日間、3日後発熱、3日前頭痛',
    '3日続く発熱、5日以内、3日ぶりの排便、7日コース、3日経過した',
    '2週3日、2週間と3日、1か月3日、月に3日、週5日',
    '三日後手術、七日目抜糸、十日間、二日酔い、三日月、一日中',
    '2水和物、3木村、10金属片、2型DM',
    'the 5th rib, 7th cranial nerve, 2nd dose, 12th rib, 4th intercostal, 5th metatarsal, 1st-degree block',
    'on the 4th and 5th ribs, between the 4th and 5th ribs, the 2nd dose, 1st visit, d/c 2nd to pain, on the 3rd toe, 7th day',
  ])('%s', text => {
    expect(by(17, text)).toBe(text);
    expect(by(17, `3月5日入院。${text}`)).toBe(`3月22日入院。${text}`);
  });
  test.each(['2〜3日様子をみる', '発熱5日', '咳嗽 3日、', '3-4日で改善', '12[日]'])('%s, where no date is near', text =>
    expect(by(17, text)).toBe(text),
  );
  test('a value before a day is no day', () => expect(by(17, '3/5入院。CRP 3、7日に手術')).toBe('3/22入院。CRP 3、24日に手術'));
});
