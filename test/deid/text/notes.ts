// Sentences of charts about five invented patients, Japanese and English; what tells of a person stands in « », all else is medicine and stays.
import type { AnyResource } from '../../../src/fhir/model/r4.ts';

export interface Notes {
  /** What is known of the patient. */
  readonly records: readonly AnyResource[];
  readonly sentences: readonly string[];
}

const lines = (text: string): readonly string[] => text.trim().split('\n');

const yamada: Notes = {
  records: [
    {
      resourceType: 'Patient',
      id: 'yamada',
      name: [
        { family: '山田', given: ['太郎'] },
        { family: 'ヤマダ', given: ['タロウ'] },
      ],
      birthDate: '1931-02-11',
      telecom: [
        { system: 'phone', value: '03-3731-4567' },
        { system: 'phone', value: '090-1234-5678' },
        { system: 'email', value: 't.yamada31@example.jp' },
      ],
      address: [{ state: '東京都', city: '大田区', line: ['蒲田本町2-17-5 グリーンハイツ蒲田302号'], postalCode: '144-0053' }],
      identifier: [{ value: '00481234' }, { value: '06132013:12345:678:01' }],
      contact: [{ name: { text: '山田 花子' } }],
    },
    {
      resourceType: 'RelatedPerson',
      id: 'misaki',
      name: [
        { family: '鈴木', given: ['美咲'] },
        { family: 'スズキ', given: ['ミサキ'] },
      ],
    },
  ],
  sentences: lines(`
«山(やま)田(だ)太(た)郎(ろう)»様、本日入院。
«山（ヤマ）田（ダ）»様より電話あり。
«山田（やまだ）太郎（たろう）»殿
患者 «T.Y.» は安静臥床中。
«Y.T.»、«95»歳男性。
«Y»氏は食事を全量摂取した。
«TY»様の点滴を更新。
«山○太郎»様
«山＊太郎»様を担当。
«山田●●»様
«太郎»ちゃんと呼ばれると喜ぶ。
妻は「«たろ»ちゃん」と声をかけている。
友人から«山»ちゃんと呼ばれている。
孫は«たろう»じいちゃんと呼ぶ。
«太郎»は離床を拒否。
«山田»は本日退院。
«山 田 太 郎»
«山 田» 様
«ﾔﾏﾀﾞ ﾀﾛｳ»
«ヤマダ・タロウ»
«やまだたろう»さんは食欲良好。
«Ｙａｍａｄａ»様
«Yamada Taroh» was seen.
«山​田太​郎»と署名あり。
«Υаmаdа Таrо»
«ⓎⒶⓂⒶⒹⒶ»
キーパーソンは«花子»さん（妻）。
長女の«美咲»さんが来院し、病状を説明した。
長女«鈴木美咲»に電話連絡。
娘の«ミサキ»さん
旧姓«佐久間»。
（旧姓：«宇佐美»）
メールは «t.yamada31@example.jp» まで。
メール «t.yamada31 at example dot jp»
メール：«t.yamada31＠example.jp»
メール «t.yamada31アットマークexample.jp»
連絡先は«t.yamada31(at)example.jp»とのこと。
«〇三－三七三一－四五六七»に電話。
«〇九〇一二三四五六七八»が携帯。
電話 «03-3731-4567» 内線 «123»
TEL«03(3731)4567»（内線«4021»）
PHS «7123» へ連絡。
携帯:«090.1234.5678»
マイナンバー «1234 5678 9018»
個人番号は«1 2 3 4 5 6 7 8 9 0 1 8»
«1234・5678・9018»を控えた。
«一二三四五六七八九〇一八»
生年月日は«昭和6年2月11日»。
«S6.2.11»生
«昭和六年»生まれの男性。
«1931年»生まれ
«２月１１日»が誕生日。
«95»歳の男性。
«九十五»歳の誕生日を病棟で祝った。
«95»才、独居。
«90»代男性、施設入所中。
年齢：«95»
«100»歳を迎えた。
«95»歳時に胃癌の手術。
«昭和20年»に召集され、復員後は農業。
«2024年3月5日»に転倒し、«3月7日»に手術。
«R6.3.5»術後、«R6.3.12»抜糸。
«3/5»から発熱。
«3/5»に来院、«3/8»に再診。
«3/5»付の紹介状を拝見。
«3/5» 10:30 採血。
次回«3/19»予約。
前回«2/1»の検査では異常なし。
«3/5»〜«3/10» 抗菌薬投与。
«3/5»、«3/8»にCT施行。
«3/5»発症の脳梗塞。
«12/24»夜より腹痛。
最終排便«3/4»。
昨日より腹痛、先月から体重減少。
入院3日目、術後5日目。
3日前に転倒、2週間前に感冒。
RASS -1/-2で経過。
RASS 1/2で推移。
鎮静 RASS 0/1。
GCS 12/15
疼痛 NRS 5/10、体動時 8/10。
NRS 安静時2/10、体動時5/10に軽減。
血圧 120/80、脈拍 72。
視力 右 10/10。
筋力は上肢 4/5、下肢 3/5。
MMT 右三角筋3/5、左4/5。
Levine 3/6の収縮期雑音。
心尖部に2/6の雑音。
食事は主食 8/10、副食 5/10摂取。
朝食 10/10、昼食 5/10。
全粥1/2、常食2/3摂取。
切除範囲は胃の2/3。
右肺の1/3を占める腫瘤。
HDS-R 12/30、MMSE 11/30。
細胞診 3/5検体陽性。
リンパ節転移 2/12。
郭清リンパ節 (1/12)。
生理食塩水を1/2に希釈。
1/2錠に減量した。
ロキソニン 1/2T 頓用。
点滴 1/3残して終了。
インスリン 4/10/6単位。
Hb 12/11 g/dL
ADLは全介助 1/5項目自立。
BSスケール 3/7
Apgar 8/9
«東京都大田区蒲田本町2-17-5»
住所は«大田区蒲田本町二丁目十七番五号グリーンハイツ蒲田302号»。
«グリーンハイツ蒲田»にお住まい。
«グリーンハイツ蒲田302»
〒«144-0053»
郵便番号 «1440053»
«蒲田本町»で独居。
実家は«横浜市»。
«大田区»在住。
長女は«世田谷区»に住んでいる。
出身は«長野県松本市»。
«松本市»出身。
«蒲田駅»前で転倒。
最寄り駅から徒歩10分。
«35.5614, 139.7161»
«北緯35度33分40秒»、«東経139度42分58秒»で救助された。
サ高住「«さくらの里»」に入居中。
特別養護老人ホーム«ひだまりの丘»に入所。
グループホーム«やすらぎ»より入院。
賃貸マンションの3階に居住、エレベーターなし。
«パークハイム南町405»に独居。
«305»号室へ転室。
«トヨタ自動車»に勤務。
«ソニー»勤務。
元«三菱重工»の技術者。
«株式会社緑山製作所»の社長。
«日本郵便»に勤めていた。
会社員、工場に勤務。
スーパーで働いている。
夜間はコンビニに勤務。
職業：漁師。
元小学校教諭。
«蒲田小学校»の校長を務めた。
«東京大学»卒。
«慈恵医大»で手術。
«東邦大学医療センター大森病院»より紹介。
«大森赤十字病院»に通院中。
«田園調布中央病院»にて透析。
«みどりの森クリニック»
近くのクリニックを受診。
通所リハビリ施設を利用している。
患者ID «00481234»
ID:«481234»
カルテNo.«48-1234»
#«481234»
診察券 «00481234»
記号 «12345» 番号 «678» 枝番 «01»
記号・番号：«12345・678»
保険証 記号«千あ12» 番号«3456»
保険者番号«06132013»
後期高齢者医療被保険者番号 «12345678»
介護保険 被保険者番号«0000123456»
障害者手帳 «第123456号»
身体障害者手帳 «第12345号» 2級
生活保護受給者番号 «1234567»
運転免許証番号 «301234567890»
パスポート «TR1234567»
在留カード «AB12345678CD»
銀行口座 «1234567»
«みずほ銀行蒲田支店» 普通«1234567»
ゆうちょ 記号«10140» 番号«12345671»
クレジットカード «4111-1111-1111-1111»
車は«品川 330 さ 12-34»。
ナンバー «品川330さ12-34»
ブログ «https://blog.example.jp/yamada»
«www.example.com/taro»
ホームページ «yamada-taro.example.jp»
Instagram «@taro_y31»
LINE ID: «taro31y»
LINEのIDは«yamataro»
X（旧Twitter）«@yama_taro»
Facebook: «taro.yamada.31»
検体番号 «A-12345»
シリアル番号 «SN-99887»
ペースメーカー S/N «PJN123456»
デバイスID «1A2B3C4D5E»
IPアドレス «192.168.10.25»
主治医 «佐々木»
担当医：«高橋»
看護師«田中»が対応。
«北村»先生に相談。
民生委員の«清水»さんから連絡。
ケアマネの«大野»様
ケアマネージャー«木下»氏
隣人の«佐藤»さんが発見し救急要請。
友人«伊藤»さんと旅行。
同室の«渡辺»さんと口論。
大家の«林»さん
訪問看護の«井上»Ns
弟（«次郎»）は肺癌で死亡。
長男«一郎»氏
孫«のさくら»ちゃん
愛犬の散歩中に転倒。
水様便5回、粘液様の痰。
患者様の希望で延期。
お母さんと来院。
橋本病、川崎病、原田病の鑑別。
山田式の訓練。
川の字で寝る。
«太郎»岳に登った。
«花子»宮体癌ではない。
病棟は3階東。
東病棟から西病棟へ転棟。
アムロジピン5mg 1T1×朝 14日分
フロセミド20mg 2錠 分1 朝食後 7日分
ワーファリン 2.5mg 隔日
Rp1) メトホルミン250mg 3T3× 28TD
セフトリアキソン 2g q24h 点滴静注
インスリンアスパルト 朝6-昼4-夕4
CT: 右上葉S2に12mm大の結節。Se4 Im35参照。
MRI: 左側脳室前角にT2高信号、5/12スライス。
胸部X線: CTR 52%、両側CPA sharp。
第3腰椎圧迫骨折、L3/4、L4/5狭窄。
右MCA M1/2分岐部狭窄。
WBC 12300、CRP 5.6、PLT 12.3万。
Na/K/Cl 138/4.2/101
AST/ALT 25/30
BUN/Cr 12/0.8
I/O 1200/800
P/F比 250
E/A 1.2、E/e' 10/12
眼圧 12/14 mmHg
FEV1/FVC 68%
ピッチャー経験あり。
喫煙 20本/日×40年
ビール 2本/週
S) 昨夜はよく眠れた。痛みはだいぶ楽。
O) BT 36.8℃、BP 128/74、HR 68、SpO2 97%(RA)。
A) 経過良好。P) 明日よりリハビリ開始。
«山田太郎»氏（«昭和6年2月11日»生、«95»歳）について報告いたします。
«山田»さま、昼食5割。夕食3割摂取。
«太郎»さんのご希望で窓側のベッドに移動した。
«山田太郎»様の奥様（«花子»様）より、«3/12»に面会希望の電話あり。
ご家族（長女・«鈴木»様）同席のもとICを行った。
キーパーソン：長女 «鈴木 美咲»（«川崎市»在住）
連絡先①«090-1234-5678»（本人）②«03 3731 4567»（自宅）
長女の携帯 «080-9876-5432»
緊急連絡先：«鈴木美咲»（長女）TEL «044-222-3333»
東京都出身。
«北海道小樽市»の出身で、«昭和25年»に上京。
«小樽市»生まれ、«小樽商業高校»卒。
20歳で上京し、鉄工所に就職した。
定年まで«日本鋼管»に勤務。
«国鉄»に勤めていた。
«ＮＴＴ»勤務ののち定年退職。
元警察官。元国会議員秘書。
«大田区役所»に勤務していた。
«蒲田郵便局»に勤務。
«蒲田警察署»から問い合わせあり。
近所の銭湯で転倒。
アスベスト曝露歴あり（造船所勤務）。
息子は«キヤノン»の社員。
孫が«早稲田大学»に在学中。
JR«蒲田駅»で倒れているところを発見。
品川の自宅で独居。
«羽田空港»で気分不良。
«東京都済生会中央病院»に救急搬送。
«済生会横浜市東部病院»の«木村»先生より紹介。
«国立がん研究センター中央病院»でセカンドオピニオン。
«さくら薬局»で調剤。
«山田»歯科に通院中。
«すずき»整形でリハビリ。
«まつもとクリニック»往診中。
«あおぞら訪問看護ステーション»と連携。
デイサービス「«ひまわり»」を週2回利用。
ケアマネ：«あおぞら居宅介護支援事業所» «高田»
ヘルパーの«大西»さんが発見。
病室 «305»
3階東病棟«305»号室
透析ベッド«12»番
麻酔科：«上田»
術者 «高橋»／助手 «田中»、«伊藤»
第一助手：«中村 健»
看護記録 記載者：«小林»
(サイン)«加藤»
«佐藤»Dr.回診。
«伊藤»先生ICあり、«斉藤»Ns同席。
薬剤部«松本»
Dr.«Suzuki»に報告
リハ担当PT«石田»
訓練士の«西村»さん
«(株)山田工務店経営»。
自営業（«山田工務店»）。
飼い犬のポチに咬まれた。
«昭和20年3月10日»の東京大空襲を経験。
«1964年»の東京オリンピックの頃に結婚。
«平成23年3月»の震災で避難。
«R5年12月»頃から物忘れ。
«令和5年»暮れより食思不振。
去年の«12/3»に肺炎で入院。
«12月3日»に肺炎。«4日»より抗菌薬。
«12/3»(肺炎)、«1/15»(心不全)で入院歴あり。
発症«2/10»、入院«2/11»、手術«2/12»。
POD3、ドレーン排液30mL。
4病日目。第5病日に解熱。
1/2号液で補液。
5%ブドウ糖液、1/4生食。
FiO2 0.4、PEEP 5、PS 10/5。
JCS Ⅱ-10、GCS E3V4M5。
胃管より経管栄養 300mL×3/日。
便：普通便 1/日。
尿：6/日、夜間2回。
喀痰：Geckler 4/5群。
SOFA 6/24点。
MMSE 23/30→21/30。
褥瘡DESIGN-R 12/66。
入れ歯：上 1/2欠損。
左眼 視力0.1、右眼 1.2。
上肢バレー陰性。腱反射正常 2/4。
内服：アムロジピン(5) 1T、ロサルタン(50) 1T 分1朝。
リリカ75mg 2C 分2。
ヘパリン 10000単位/日。
ノルアド 3mL/h。
身長 162cm、体重 48.2kg、BMI 18.4。
WBC 8,200 Hb 10.2 Plt 18.4万 CRP 2.31 Alb 2.8。
Na 138 K 4.2 Cl 102 BUN 22 Cr 1.05 eGFR 52。
血培2セット提出、1/2セット陽性（MSSA）。
尿培：E.coli 10^5。
CT：右下葉S6に浸潤影、縦隔リンパ節腫大(#4R 12mm)。
MRI DWI：左放線冠に高信号。MRA：右ICA狭窄50%。
心電図：Af、HR 88、CRBBB。
UCG：EF 58%、LAD 42mm、AS mild、TR II/IV。
腹部エコー：胆石(+)、肝嚢胞。CBD 6mm。
GF：萎縮性胃炎(C-2)、HP(+)。
病理：group 5、tub1>tub2、sm1、ly0、v0。
認知症高齢者の日常生活自立度 Ⅱb、障害高齢者自立度 B1。
要介護3、身障4級。
食事：常食一口大、とろみ中間。
禁忌：ヨード造影剤、ペニシリン。
家族歴：父 脳卒中、母 胃癌、兄 心筋梗塞。
同居家族：妻と二人暮らし、長女は近県に在住。
飲酒：日本酒1合/日、喫煙：20歳〜60歳 20本/日。
趣味：囲碁、盆栽。
看護問題#1 転倒転落リスク
申し送り：夜間2時にナースコール頻回、眠剤追加。
保清：清拭、陰洗、足浴施行。
入浴介助、軟膏塗布。
他患の部屋に入ってしまう。
隣のベッドの患者の声が気になる。
転院先は未定、MSWと調整中。
DNAR確認済み。
本人・家族に説明し同意書取得。
«山田»様、«3月5日» 14時頃トイレにて転倒。バイタル著変なし。
御高診のほどよろしくお願い申し上げます。«太郎»様は当院«1998年»より通院中です。
«〇〇内科»先生御机下
拝啓　時下ますますご清祥のこととお慶び申し上げます。
«田園調布»在住の«95»歳男性。
«95»歳男。ADL自立。
妻«92»歳と二人暮らし。
妻は«92»で要介護2。
長男（65歳）同居、会社員。
孫2人、ひ孫1人。
昼間«はひかり»デイサービスセンターへ。
シルバー人材センターで植木の仕事。
町工場を経営していた。
戦時中は南方へ出征、マラリア罹患歴あり。
シベリア抑留の経験あり。
国鉄職員だった。
「«太郎»さん、お食事ですよ」と声かけ。
«ヤマダタロウ»様　入院診療計画書
氏名　«山　田　太　郎»
氏 名：«山田 太郎»　性別：男
«Taro YAMADA, M», «95»y
«ﾔﾏﾀﾞﾀﾛｳ»
カルテ番号：«00481234»　病室：«302»
«山田太郎»(«ヤマダタロウ»)殿
患者：«Ｙ．Ｔ．»
«Yamada.T»
«T.Yamada»
«yamada_taro»
«たろう»くん
«昭6.2.11»生
誕生日«2月11日»　建国記念の日
«S06/02/11»
«19310211»
«6年2月11日»
«310211»
検体番号 «20240305-001»
«蒲田本町2丁目»の自宅
«蒲田本町２ー１７ー５»
«グリーンハイツ302»
「蒲田の鉄人」と呼ばれていた。
«大田区»民ホール
«東京労災病院»で«佐久間»医師が手術。
«昭和大病院»
«都立荏原病院»
«池上総合病院 整形大西»Dr
近医（«田村医院»）にて処方。
薬は薬局で受け取る。
`),
};

const oono: Notes = {
  records: [
    {
      resourceType: 'Patient',
      id: 'oono',
      name: [
        { family: '大野', given: ['優希'] },
        { family: 'オオノ', given: ['ユウキ'] },
        { use: 'maiden', family: '山口', given: ['優希'] },
      ],
      birthDate: '1988-07-20',
      identifier: [{ value: 'B-20931' }],
    },
  ],
  sentences: lines(`
«Ohno Yuki»
«Ono Yuuki»
«Oono Yūki»
«Yûki OHNO» was admitted.
«Ōno Yūki»
«OHNO, Yuhki»
«Ono» is a 37-year-old woman.
«ゆうき»ちゃん
«ユキ»さん
«優»ちゃんと呼ばれている。
«大野»（旧姓 «山口»）«優希»様
«山ロ優希»様
旧姓«山口»
«大野»\n«優希»
«O.Y.»さん
«Y.O.»
右側優位に希釈試験。
«大野»菜とは呼ばない。
«1988年7月»生まれ
«昭和63年»生
妊娠32週、G2P1。
最終月経 «5/10»から7日間。
初産婦、経腟分娩。
夫の«健太»さんが立ち会い。
児はNICUへ。
`),
};

const mori: Notes = {
  records: [
    {
      resourceType: 'Patient',
      id: 'mori',
      name: [
        { family: '森', given: ['学'] },
        { family: 'モリ', given: ['マナブ'] },
      ],
      birthDate: '1960-10-01',
    },
  ],
  sentences: lines(`
«森»さんは食欲あり。
«森 学»様
«森　学»
«森学»
«モリ マナブ»
«学»さん
«学»くん
学校の先生に相談。
森林浴を希望。
心理学的検査を施行。
«Mori Manabu»
«Manabu» was seen.
病状は«森»から聴取。
«M.M.»氏
«まな»ちゃん
`),
};

const smith: Notes = {
  records: [
    {
      resourceType: 'Patient',
      id: 'smith',
      name: [
        { family: 'Smith', given: ['Jonathan', 'Fitzgerald'] },
        { use: 'old', family: 'Kowalski', given: ['Jonathan'] },
      ],
      birthDate: '1932-04-06',
      telecom: [{ system: 'phone', value: '617-555-0134' }],
      address: [{ line: ['12 Maple Street'], city: 'Springfield', state: 'IL', postalCode: '62704' }],
      identifier: [{ value: 'MRN-445566' }],
    },
    { resourceType: 'RelatedPerson', id: 'beth', name: [{ family: 'Smith', given: ['Elizabeth'] }] },
    { resourceType: 'RelatedPerson', id: 'tom', name: [{ family: 'Lee', given: ['Thomas'] }] },
  ],
  sentences: lines(`
«Jonathan F. Smith» presented with chest pain.
Mr. «Smith» denies fever.
«Jonathan» was alert.
«Jon» reports less pain.
«Johnny» ambulated with walker.
«J. Smith» seen at bedside.
«J.S.» is a «94»-year-old man.
«J.F.S.» tolerated the procedure.
Pt «JS» resting.
«Fitzgerald Smith»
«Smith, Jonathan»
«SMITH, JONATHAN F»
Wife «Beth» at bedside.
Daughter «Liz» called.
«Betty» will pick him up.
Son «Tom» is the proxy.
«Tommy Lee» called.
Mr. «Lee» is the son.
née «Kowalski»
Maiden name: «Novak»
formerly known as «Kowalski»
Patient is a «94» y/o male.
«94»M with COPD.
«94» yo M
He is in his «90»s.
The patient, aged «94», lives alone.
Age: «94»
A 67-year-old man with COPD.
Seen on «3/5» with cough.
Symptoms since «3/5».
Follow up on «4/12».
Labs from «2/28» reviewed.
Admitted «3/5», discharged «3/9».
Pain 5/10, now 3/10.
Pain is 7/10 at rest.
Rates pain at 4/10.
Pain improved from 8/10 to 3/10.
Strength improved from 3/5 to 4/5.
Strength 4/5 in the left leg.
5/5 strength bilaterally.
2/6 systolic murmur at apex.
Motor 4/5, reflexes 2/4.
RASS 1/2 overnight.
GCS 11/15 on arrival.
Took 1/2 tablet of metoprolol.
Ate 3/4 of breakfast.
3/4 bottles positive.
1/2 bottles grew S. aureus.
Nodes 2/12 positive.
BP 120/80, HR 72.
Vision 20/20 OU.
D5 1/2 NS at 75 mL/h
PHQ-9 score 12/27.
MoCA 11/30.
Apgar 8/9.
On day 3/7 of antibiotics.
Cycle 2/6 of chemotherapy.
Worked at «Boeing» for 30 years.
Retired from «Ford Motor Company».
Employed by «Microsoft».
Works as a teacher.
Attended «Lincoln High School».
Transferred from «Mercy Hospital».
Lives at «12 Maple Street, Springfield, IL 62704».
Lives in «Springfield».
Zip «62704»
Room «412», bed «2».
Room air, SpO2 96%.
Call «617-555-0134» ext «22».
Call «(617) 555-0134»
Email «jon.smith@example.com»
Email «jon dot smith at example dot com»
Website «jonsmith.example.com/about»
Twitter «@jon_smith32»
SSN «123-45-6789»
«MRN 445566»
Account # «99887766»
License plate «ABC-1234»
Driver's license «S530-4605-2154»
Medicare «1EG4-TE5-MK73»
Device serial «XK4477812»
VIN «1HGCM82633A004352»
GPS «39.7817, -89.6501»
Attending: Dr. «Brown»
Signed by «Karen White», RN
Discussed with Dr. «Nguyen».
«Maria Lopez», MD
PCP Dr. «Patel»
Cardiology consulted.
Will follow up in 2 weeks.
May discharge if stable.
Penicillin allergy, rash.
Foley catheter removed.
Parkinson disease, Hodgkin lymphoma.
Babinski negative, Romberg negative.
St. Jude valve in place.
Port-a-Cath accessed.
Lisinopril 10 mg daily.
Albuterol 2 puffs q4h prn.
CT abdomen: 1.2 cm nodule in segment 6.
EF 55-60%, trace MR.
WBC 12.3, Hgb 11.2, Plt 230.
CC: shortness of breath.
HPI: Mr. «Smith» reports worsening dyspnea x 3 days.
«Jonathan Smith», DOB «4/6/1932», was admitted on «03/05/2024».
Born in «Warsaw», moved to the US in «1950».
Wife «Elizabeth» («Liz») and son «Thomas» at bedside.
Lives with his wife in «Chicago».
Lives alone in an apartment.
Retired from the «Chicago Police Department».
He worked as a welder for 40 years.
Works at «Walmart» as a cashier.
Former mayor of «Springfield».
Volunteers at «St. Mary's Church».
PMH: HTN, HLD, CAD s/p CABG «2019», T2DM.
Transferred from «Good Samaritan Hospital» ED.
Follows with Dr. «Garcia» at «Lakeview Clinic».
Seen by «A. Patel», MD.
Electronically signed by: «Susan Clark», NP
Dictated by «R. Jones», MD on «3/6/24».
cc: Dr. «Michael Chen»
RN «Davis» notified.
Spoke with daughter «Anna Kowalski» by phone at «312-555-0199».
Pager «4471»
Fax: «(312) 555-0100»
Patient portal: «jsmith1932@mail.example.com»
MR# «00445566»
Acct: «V00123456789»
Policy #: «XYP123456789»
Insurance: Blue Cross, member ID «W123456789»
Bed «12B», Room «4-210»
CT chest «2/28»: no PE.
Next appt «4/12» at 9:30.
D/c «3/9».
Stage 3/4 CKD.
NYHA class 3/4 symptoms.
Muscle strength 3/5 RLE, 5/5 LLE.
Had 2/3 meals today.
Tolerating 1/2 strength feeds.
1/4 NS at 50.
Drinks 3/4 bottle of wine daily.
BP 142/88, HR 78, RR 18, T 98.4.
O2 sat 94% on 2L.
A1c 7.2%, Cr 1.1, eGFR 62.
ECG: NSR, LBBB.
Echo: EF 45%, moderate MR.
CXR: no acute process.
Meds: ASA 81 mg, atorvastatin 40 mg qHS, metformin 500 mg BID.
Will continue current regimen. Mark the wound margins.
Grant the patient leave. Bill for services.
May use walker. Rose from chair without help.
No rash, no edema. Neuro intact.
Allergies: sulfa (hives).
Code status: DNR/DNI.
Plan: PT/OT, SW consult, discharge to SNF.
Foley d/c'd, voiding.
JP drain output 30 cc.
Tmax 101.2. Cultures pending.
Hx of Crohn's, Graves, Hashimoto.
Whipple procedure, Roux-en-Y, Nissen.
Murphy sign negative. Homans negative.
Glasgow coma scale 15. Apgar 9.
PICC line placed, art line removed.
LINE removed.
How to handle this. User name is required.
HR in the 90s, T 99F, Tc-99m scan.
abdomen.US showed nothing.
Subjective: Patient states "I feel better today."
«Jonathan Smith» is a pleasant «94»-year-old gentleman seen «3/5/24» for follow up.
He is accompanied by his wife, «Elizabeth Smith».
Grandson «Jacob» drives him.
His friend «Walter Johnson» visits weekly.
Mr. and Mrs. «Smith» live at «12 Maple Street».
Former engineer at «General Electric», served in the Navy.
Attends «Grace Lutheran Church».
Resident of «Sunny Acres Nursing Home» since «2022».
Patient lives on the 3rd floor of a walk-up.
Home phone «617-555-0134», cell «(617) 555-0188».
Emergency contact: «Elizabeth Smith», «617.555.0134»
SSN «123 45 6789»
Email: «j.smith@mail.example.com»; portal ID «jsmith94»
Dr. «Brown» and Dr. «White» discussed the case.
Reviewed by Dr. «O'Neil» at «10/12/2023».
Consult: «Patel, Raj», MD.
NP «Jones» to call family.
Labs on «3/5» pending.
WBC «3/5»: 12.1; «3/6»: 10.4.
Ct head w/o contrast «3/5» neg for bleed.
ID: ceftriaxone day 3/7.
Pain 0/10.
Ambulated 50 ft x2 with PT.
Neuro: A&Ox3, CN II-XII intact, strength 5/5 throughout, DTR 2+.
Skin: stage 2 sacral ulcer 2 x 3 cm.
Lungs CTAB. Heart RRR, 3/6 SEM at LUSB.
Abd soft NT ND. BS+.
GU: Foley to gravity, 800 cc.
Plan: Wean O2, d/c tele, PT eval, dispo SNF.
Rx: amoxicillin 875 mg PO BID x 10 days #20.
Takes 1 1/2 tabs of warfarin.
Drove from «Peoria» this morning.
Flew from «Boston to Chicago» on «2/28».
Was at «O'Hare Airport» when symptoms began.
Works night shift at a warehouse.
Plays the organ.
Hit by a Ford truck on I-90.
Uses a Medtronic pacemaker, serial «PJN4455667».
Insured by Medicare.
Ate half of lunch. Drinks ensure.
Dx: Parkinson's, Sjogren, Cushing.
`),
};

const kato: Notes = {
  records: [
    {
      resourceType: 'Patient',
      id: 'k',
      name: [
        { family: '加藤', given: ['さくら'] },
        { family: 'カトウ', given: ['サクラ'] },
        { family: 'Kato', given: ['Sakura'] },
      ],
      birthDate: '1958-11-23',
      telecom: [{ system: 'phone', value: '0566-12-3456' }],
      address: [{ state: '愛知県', city: '安城市', line: ['桜町18番23号'], postalCode: '446-0041' }],
      identifier: [{ value: '1002003' }],
      contact: [{ relationship: [{ text: '夫' }], name: { text: '加藤 健吾' } }],
    },
    { resourceType: 'Encounter', id: 'e', note: [{ authorString: '新美 由佳' }] },
  ],
  sentences: lines(`
«加藤さくら»、67歳女性。
〈経過〉«加藤»さんは«2/3»朝より発熱、«2/5»当院救急外来受診。
«サクラ»、«加藤 サクラ»、«カトー»さん
«かとう さくら»様
«さくら»さんは笑顔あり。
«さくら»ばあちゃんと孫に呼ばれる。
«K.S.»(«S.K.»)
«加籐さくら»
桜の花見に行きたいと話す。
夫«健吾»氏が来院。
夫(«健吾»)に説明。
«新美»記載
記載：«新美由佳»
«安城市桜町18-23»
«安城»の自宅
«愛知県安城市»
〒«446-0041»
TEL «0566-12-3456»
«0566-12-3456»（自宅）/«090-9999-0000»（夫）
ID «1002003»
ID：«100-2003»
（«1002003»）
«S33.11.23»生
«昭和33年11月»生れ
«1958/11/23»
«58年11月23日»生
«11/23»が誕生日
干支は戌。
«昭和56年»に結婚、«58年»に長男出産。
«H10»子宮筋腫手術
«H10.4»より高血圧で内服。
«平成10年»頃
«2010年»頃より糖尿病。
«R3年»に骨折。
5年前に白内障手術。
50歳時に閉経。
40代で離婚。
«90»歳代の母を介護中。
母は«98»歳で老衰。
母«92»歳、健在。
父 «91»歳没（老衰）。
高齢の母（«93»）と同居。
60歳定年。
体温 37.8、«2/5» 38.4、«2/6» 37.2。
CRP «2/5» 12.3→«2/8» 3.1。
WBC(«2/5») 12000
«2/5»〜«2/12» CTRX 2g。
«2/5»~«12» CTRX。
«2月5日（月）»入院
«2/5（月）»
2/3周性の潰瘍。
1/2の確率。
5/5/5/5の筋力。
右上肢 4/5レベル。
MMT (R/L) 4/5
徒手筋力 4/5
膝OA grade 2/3。
便潜血 1/2回陽性。
HP抗体陽性。
痛みの程度は10段階中5/10。
BBS 45/56
FIM 90/126
TUG 12.5秒。
握力 R/L 20/18kg。
心胸比 52%。
PaO2/FiO2 250。
ABI 1.02/0.98。
PWV 1600/1580。
LH/FSH 5/12
GOT/GPT 25/12
TSH/FT4 2/1
BUN/Cre 12/1
血圧(右/左) 120/70、118/68。
眼圧 R/L 12/13。
白血球分画 St/Seg 3/60。
«名古屋大学病院»から転院。
«安城更生病院»の«杉浦»Dr.
«刈谷豊田総合病院»へ紹介。
«八千代病院»
«デンソー»の健診で指摘。
«アイシン»に30年勤務。
«トヨタ»系の会社に勤務。
«豊田自動織機»の社員。
«安城南中学校»の教諭。
«安城商工会議所»の役員。
美容師（自営）。
スーパーでレジ打ち。
喫茶店で転倒した。
町内会長。
民生委員をしている。
寺の住職。
«名鉄新安城駅»
国道1号線で交通事故。
東名高速で事故。
車のナンバー «三河 500 そ 12-34»
バイク «安城市 あ 12-34»
«sakura_kato58»
インスタ«@sakura.k58»
メール:«sakura-k (at) example.ne.jp»
«sakura.kato１１２３＠example.ne.jp»
パスワードは«1123»
暗証番号 «1123»
保険証 協会けんぽ
協会けんぽ 記号«21700023» 番号«45»
国保 記号«安01» 番号«12345»
公費 «54230011» 受給者 «1234567»
特定疾患受給者証 «1234567»
限度額認定証 区分ウ。
生保受給中。
労災番号 «23-1-02-123456»
お薬手帳持参。
ペースメーカー手帳 機種 Azure XT DR
シャント音良好。
サンプルID «S-2024-0012»
伝票No «A0012345»
整理券 45番
待合3番
第3診察室
10番ベッド
個室料金 8000円
入院費 123456円
体重 1234g
SpO2 95-98%
HR 60-70台
0.5-1.0mg
3-4日
2-3回/日
10-20mL
L1-5
C3-7
T4N1M0
pT2N0
BRAF V600E
EGFR L858R
KRAS G12D
HLA-B27
CYP2C19
IL-6 123.4
COVID-19
H1N1
ICD J18.9
K-ras
Ga-67
Tc-99m
F-18 FDG
Ⅱ-200
NYHA Ⅲ
O157
A群β溶連菌
抗GAD抗体 1234.5 U/mL
RT-PCR 2.3x10^6 copies/mL
PLT 123000
NT-proBNP 12345
フェリチン 1234
CK 12345 IU/L
血糖 1234 mg/dL
尿量 1200mL
`),
};

export const notes: Readonly<Record<string, Notes>> = { yamada, oono, mori, kato, smith };
