// Pages of charts in which nobody is named: with a registry of 400 doctors, no letter of them changes.
import { expect, test } from '@jest/globals';
import { dictionary, knownOf, textCleaner } from '../../../src/deid/text/index.ts';
import { corpus } from './corpus.ts';

const { patients, registry } = corpus('tuned', 1);
const clean = textCleaner([dictionary(knownOf(registry, 'staff')), dictionary(knownOf(patients[0]!, 'patient'))]);

const page = `
S) 昨夜から腹痛あり。嘔吐2回。O) BT 37.8, BP 132/78, HR 92, SpO2 98%(RA)。腹部：平坦、軟、右下腹部に圧痛あり、反跳痛(+)。WBC 14,200/μL、CRP 8.9 mg/dL。
A/P) #1 急性虫垂炎疑い → 腹部造影CT、外科コンサルト。絶食・補液(ソルデム3A 500mL×3/日)、CMZ 1g×2/日。
処方：ロキソプロフェン60mg 3T 3×毎食後 7日分、レバミピド100mg 3T分3。
既往歴：#高血圧(50歳〜) #2型DM(HbA1c 7.2%) #虫垂切除術後(20歳時) アレルギー：なし
生活歴：喫煙20本/日×30年、飲酒 ビール350mL/日
家族歴：父 胃癌、母 脳梗塞、兄 糖尿病
MRI：T2強調画像で高信号域、T1で低信号。右前頭葉に3×4cm大の腫瘤性病変。L4/5にヘルニア。
病理：adenocarcinoma, tub2, pT3N1M0, ly1, v1, Stage IIIA
手術時間 2時間35分、出血量 150mL。第3病日に離床、第7病日に退院。
NYHA II度、EF 45%、E/A 0.8、DcT 240ms、TRPG 25mmHg
酸素流量 2L/分 → 1L/分に減量。インスリン 6-4-4-0単位。
Temp 98.6F, RR 16. Alert and oriented x3. 5/5 strength in all extremities. 2+ pulses.
Plan: start lisinopril 10 mg daily; recheck BMP in 2 weeks. Follow up with PCP. CT head without contrast negative.
看護計画：転倒リスクあり、離床センサー使用。ADL：食事自立、移動は車椅子全介助。
リハビリ：PT20分×2、OT20分×1。FIM 78点、MMSE 24/30、HDS-R 21/30。MMT 上肢4/4 下肢3/3。握力 右18kg/左16kg。
栄養：エネルギー1600kcal、たんぱく質60g、塩分6g未満。褥瘡：仙骨部DESIGN-R 15点。
輸血：RBC 4単位、FFP 2単位。抗生剤：MEPM 0.5g q8h(Day5)。血糖 朝182-昼210-夕165。
水様便5回/日、膿様痰、白色調、泡沫様。本人様へ説明。東西病棟へ転棟。
改訂長谷川式 12/30、MMSE 11/28。右腸腰筋4/5、膝伸展 3/5。GCS E4V5M6。
眼科：VD=0.1(1.2)、眼圧 14/15mmHg。聴力：右30dB。心拍 60-80/分、尿量 1200mL/日。
妊娠32週4日、推定体重1850g。G2P1。分娩第2期 45分。生後3日目、体重3,120g。
放射線治療 60Gy/30Fr。化学療法 FOLFOX6 第3コース、Grade 2の末梢神経障害。
67 y/o male with HTN, T2DM, CAD s/p CABG x3, presents with 2 days of productive cough and fever to 101.2 F.
Denies chest pain, hemoptysis, or weight loss. Smokes 1 ppd x 40 years. Drinks 2-3 beers per week. Allergies: NKDA.
Vitals: T 38.4, BP 142/88, HR 104, RR 22, SpO2 93% on 2L NC. General: ill-appearing, in mild distress.
Lungs: crackles at right base. CV: RRR, no murmurs, rubs or gallops. Abd: soft, NT/ND. Ext: no edema, 2+ pulses. Neuro: CN II-XII intact, strength 5/5.
Labs: Na 136, K 4.1, Cr 1.2, WBC 15.4 (88% PMNs), Hgb 12.9, Plt 234, lactate 1.8, procalcitonin 0.9. ABG 7.44/36/68.
A/P: Community-acquired pneumonia, CURB-65 score 2. Ceftriaxone 1 g IV q24h plus azithromycin 500 mg. Blood cultures x2. DVT prophylaxis with heparin 5000 units SC q8h.
The patient may be discharged home when afebrile for 24 hours. Will follow up with primary care in 1-2 weeks. Return if worse.
Discussed with the family, who agree with the plan. Code status: full code. Past Surgical History: Appendectomy, Left Total Knee Replacement.
Echo: EF 55-60%, mild MR, no wall motion abnormality. Chest X-Ray: Right Lower Lobe Infiltrate. Good response to Long Acting Insulin at Night.
歯科：左上6番 C3、46番 抜歯。皮膚：BSA 12%、PASI 8.4。
`;

test.each(page.split('\n').filter(line => line !== ''))('%s', line => {
  expect(clean(line, { shiftDays: 100 })!.text).toBe(line);
});
