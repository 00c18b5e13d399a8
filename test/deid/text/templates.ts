// Sentences with slots, in four styles: the one that the rules were tuned on, and three that were measured before anybody had seen a miss of theirs (docs/deidentification/text.md). Slots are filled by corpus.ts.

export type Style = 'tuned' | 'held-out' | 'letters' | 'shorthand';

export interface Kind {
  /** How many of 1,000 sentences; the last kind takes what is left. */
  readonly perThousand: number;
  readonly sentences: readonly string[];
}

const list = (text: string): readonly string[] => text.trim().split('\n');

export const templates: Readonly<Record<Style, readonly Kind[]>> = {
  tuned: [
    {
      perThousand: 1.5,
      sentences: list(`{P}様、本日入院となりました。\n{P}様より電話あり。\n{PF}様に説明し同意を得た。\n夕方{PF}様が転倒しているのを発見。`),
    },
    { perThousand: 1, sentences: list(`フリガナ：{PK}\n患者氏名（カナ）{PK}、本人確認済み。`) },
    { perThousand: 1, sentences: list(`Name: {PR}\n画像の患者名は {PR} であった。`) },
    { perThousand: 2, sentences: list(`キーパーソンは{R}さん（長男）。\n妻の{RG}さんに電話で説明した。`) },
    {
      perThousand: 20,
      sentences: list(
        `主治医：{S}\n内科{S}にコンサルト。\n執刀{S}、助手{S}。\n（{S}）\n{S}記載\n本日の当直は{S}。\n麻酔科{S}と相談し全身麻酔の方針とした。\n{S}より申し送りあり。\n読影：{SF}\n術前に{S}が診察した。\n担当医は{S}に変更となった。\n指示医 {S}\n上級医{S}へ報告済み。`,
      ),
    },
    {
      perThousand: 5,
      sentences: list(`{S}先生より紹介。\n{S}医師が説明した。\nDr.{S}に報告。\n{S}Drの指示で輸液を開始。\n看護師の{S}さんが付き添った。`),
    },
    { perThousand: 2, sentences: list(`前医の{O}先生から電話あり。\nかかりつけの{O}医師に情報提供した。\n家庭医 {O} 先生 御侍史`) },
    {
      perThousand: 300,
      sentences: list(
        `粘液様の痰が少量みられた。\n水様便が{n1}回あった。\n膿様の鼻汁を認める。\n喘息様の呼吸音が聴取された。\n狭心症様の胸痛が{n1}分続いた。\n前回と同様の所見である。\n多様な症状を訴える。\n落ち着いた様子で臥床している。\n痙攣様の動きが見られた。\nコーヒー残渣様の嘔吐あり。\nタール様便なし。\n索状様の影を認める。\n腫瘤様の陰影が{n2}mm大である。\n苔癬様の皮疹が散在。\n特別な仕様の装具を作成。\n顔貌は一様に浮腫状。\n神様にお願いしたいと話される。\n皆様に周知した。\nお客様相談室に連絡。\nしびれ様の違和感が残る。\n網状様の陰影が広がっている。\nこの様な症状は初めてとのこと。\nどの様な痛みか尋ねた。\n泥状様の便。\n結節様の硬結を触れる。\n模様の異なる発疹。\n電撃様の痛みが走る。\n発作様のめまい。\n感冒様症状が先行した。\n寝ている様に見えた。`,
      ),
    },
    {
      perThousand: 10,
      sentences: list(
        `患者様の希望により退院を延期。\n奥様に病状を説明した。\n患者様と家族様に同意を得た。\nお子様の付き添いあり。\nご家族様へ連絡。\n奥様より電話あり。`,
      ),
    },
    { perThousand: 3, sentences: list(`住所：{A}\n{A}に転居予定。\n自宅は〒{Z} {A}である。`) },
    { perThousand: 4, sentences: list(`連絡先 {T}\nTEL {T} に折り返す。\n携帯は{T}とのこと。`) },
    { perThousand: 1, sentences: list(`メール {M} に送付した。`) },
    { perThousand: 3, sentences: list(`生年月日：{B}\n{B}生まれ。`) },
    { perThousand: 5, sentences: list(`患者ID：{N}\n診察券番号 {N} を確認。\nカルテ{N}より転記。`) },
    { perThousand: 2, sentences: list(`保険者番号 {I}、番号 {Y}。\n被保険者証を確認、番号{Y}。`) },
    {
      perThousand: 1,
      sentences: list(
        `マイナンバーは {MN} であった。\n個人番号{MN}を誤って記載していたため削除。\n車は{V}で来院。\nカード番号 {C} で決済。\n問い合わせ番号 {L} を控えた。`,
      ),
    },
    { perThousand: 4, sentences: list(`{AG}歳、施設入所中。\n享年{AG}歳であった。`) },
    { perThousand: 10, sentences: list(`{H}に転院。\n{H}からの紹介状を確認した。\n{H}で手術歴あり。`) },
    { perThousand: 5, sentences: list(`{X}を受診した。\n近所の{X}に通院中。\n{X}より紹介。`) },
    { perThousand: 2, sentences: list(`勤務先は{W}。\n{W}に勤務している。`) },
    {
      perThousand: 100,
      sentences: list(`{D}に入院。\n{D} CT施行。\n手術日：{D}\n{D}の採血でCRP {dec}。\n{D}より内服開始、{D}に終了。\n次回予約 {D} 10:30`),
    },
    { perThousand: 40, sentences: list(`{DM}に発症。\n{DM} より症状あり。\n{DM}の検査で異常なし。`) },
    {
      perThousand: 1000,
      sentences: list(
        `血圧 {n3}/{n2} mmHg、脈拍 {n2}/分。\nWBC {n4}、CRP {dec}、血小板 {n6}。\nアムロジピン5mgを1日1回朝食後に内服。\n頭部CTでは明らかな出血を認めない。\n腹部は平坦、軟、圧痛なし。\n橋本病で甲状腺ホルモンを補充中。\n川崎病の既往あり。\n長谷川式{n2}点。\n既往歴：高血圧、糖尿病、脂質異常症。\nHbA1c {dec}%、空腹時血糖{n3}mg/dL。\n14日分処方した。\nMMTは右5/5、左4/5。\n疼痛NRS {n1}/10。\n酸素2L/分でSpO2 {n2}%。\n体温36.{n1}度、食欲あり。\n胸部X線で右下肺野に浸潤影。\n術後{n1}日目、創部に発赤なし。\n当院の先生に相談する予定。\n主治医の先生から説明があった。\n看護師さんに声をかけてほしいとのこと。\nお父さんとお母さんが面会に来た。\n担当医師より説明。\n大学病院への紹介を希望された。\nかかりつけ医院で経過観察。\n当病院の規定による。\n総合病院を受診するよう勧めた。\n近くの病院で点滴を受けた。\n塩分{n1}g/日、水分{n4}mL/日。\n腎機能はeGFR {n2}で横ばい。\n清潔操作で中心静脈カテーテルを留置。\n体重{n2}.{n1}kg、身長{n3}cm。\n{n1}年前に虫垂炎手術。\nリハビリテーションを{n2}分施行。\n病理では中分化型腺癌であった。\n殿部に褥瘡あり、洗浄した。\nアレルギーなし。\n左上肢のしびれが続く。\n眼底検査で出血なし。\nCA19-9 {n2}、CEA {dec}。\n安静時の胸部症状なし。`,
      ),
    },
  ],
  'held-out': [
    {
      perThousand: 1.5,
      sentences: list(
        `本日より{P}様を受け持ちます。\n{P} 様のご家族から問い合わせ。\n午後、{PF}様が離床を希望。\n{PG}様は笑顔で過ごされた。`,
      ),
    },
    { perThousand: 1, sentences: list(`お名前は「{PK}」と名乗られた。\nネームバンドに{PK}と記載あり。`) },
    { perThousand: 1, sentences: list(`Pt {PR} was seen in the clinic.\nID band reads {PR}.\nMr. {PRF} complained of chest pain.`) },
    { perThousand: 2, sentences: list(`来院者は{R}氏。\n{RG}さん同席のもと病状説明。`) },
    {
      perThousand: 20,
      sentences: list(
        `{S}と協議のうえ手術適応と判断。\nICは{S}が担当。\n外来担当{S}\nope：{S}・{S}\n明日から{S}が引き継ぐ。\n病棟医 {SF}\n心エコーは{S}施行。\n以上、{S}\n{S}、{S}で回診。\n病理診断 {SF}\nレポート作成者 {SF}\n{S}に診察を依頼した。`,
      ),
    },
    {
      perThousand: 5,
      sentences: list(
        `{S}先生のご指導のもと施行。\n{S}教授回診。\n薬剤師 {S} より疑義照会。\nOT {S}さんとの訓練。\nDr {SR} reviewed the films.`,
      ),
    },
    { perThousand: 2, sentences: list(`開業医の{O}先生へ逆紹介。\n{O}先生、いつもお世話になっております。\nReferred by Dr. {OE}.`) },
    {
      perThousand: 300,
      sentences: list(
        `米のとぎ汁様の下痢。\n鮭肉様の外観を呈する。\n苺ゼリー様の粘血便を認めた。\n線維素様の析出物。\nチアノーゼ様の色調。\n敷石様の所見。\nパーキンソン様の歩行。\n神経症様の訴えが続く。\n昨日と同様に経過。\nすりガラス様の陰影が両側に広がる。\n仮面様顔貌。\n蝶形様の紅斑を頬部に認める。\n有様を詳しく聴取した。\n異様な雰囲気であった。\n貧血様の症状で来院。\n様々な検査を施行。\n心配している様だった。\n不穏様の言動あり。\n鷲爪様の変形。\n砂様の結石を排出。\n片頭痛様の頭痛が数日続く。\n心不全様の症状を呈した。\n発疹様のものが体幹に出現。\n王様のような態度だったと苦笑。\n入院時の様相と異なる。\n過換気様の呼吸。\n膠様の分泌物。\n木の葉様の形。\n各位様宛に通知した。\n白苔様の付着物。`,
      ),
    },
    {
      perThousand: 10,
      sentences: list(
        `奥様同席で説明を行った。\n患者様ご本人より聴取。\n旦那様へ電話連絡した。\n利用者様の転倒が増えている。\nお嬢様が付き添い。\n息子様が来院。`,
      ),
    },
    { perThousand: 3, sentences: list(`現住所は{A}。\n独居、{A}在住。\n送付先 〒{Z} {A}`) },
    { perThousand: 4, sentences: list(`緊急時は{T}まで。\n{T}（長女）\nFAX: {T}`) },
    { perThousand: 1, sentences: list(`Contact e-mail is {M}.`) },
    { perThousand: 3, sentences: list(`DOB {B}\n（{B}生）`) },
    { perThousand: 5, sentences: list(`ID {N} の画像を参照。\n登録番号{N}\n検体ラベル {N} を照合した。`) },
    { perThousand: 2, sentences: list(`保険証：保険者 {I} 番号 {Y}\n保険変更（{I}／{Y}）。`) },
    { perThousand: 1, sentences: list(`My Number {MN}\n通知カード {MN} を持参。\n駐車中の車両 {V}。\n決済 {C}\nref {L}`) },
    { perThousand: 4, sentences: list(`満{AG}歳の女性。\nA {AG}-year-old woman.`) },
    { perThousand: 10, sentences: list(`{H} 救急外来より転送。\n2週間後に{H}を予約。\n（{H}での検査結果持参）`) },
    { perThousand: 5, sentences: list(`以前は{X}で治療。\n{X}へ診療情報提供書を作成。\n今朝{X}に行ったが休診だった。`) },
    { perThousand: 2, sentences: list(`職場（{W}）に診断書を提出。\n{W}の健診で指摘。`) },
    {
      perThousand: 100,
      sentences: list(
        `初診 {D}。\n最終月経は{D}から。\n({D}) 心電図：洞調律。\n{D}〜{D} 化学療法。\nシャント造設術（{D}）後。\nShe was admitted on {DE}.`,
      ),
    },
    { perThousand: 40, sentences: list(`{DM}頃より倦怠感。\n{DM}、再燃。\n({DM}) エコー再検。`) },
    {
      perThousand: 1000,
      sentences: list(
        `Temp 37.{n1}, BP {n3}/{n2}, HR {n2}.\nNo fever, no chills.\nWarfarin 2 mg daily was continued.\n小松菜とほうれん草は控えめに。\n原田病の疑いで眼科へ。\n腰椎L4/5の狭小化。\nDasatinib 100mg分1。\n推定塩分摂取量 {dec}g。\nBMI {n2}.{n1}。\nCK {n4}、LDH {n3}。\nガーゼ交換、滲出液少量。\n千葉県の親戚宅に滞在予定。\n保育園で手足口病が流行。\n救急隊接触時JCS 1-{n1}。\n教授の指示により変更。\n研修医が記録。\n紹介元の先生へ返書。\n担当の看護師さんは優しいと話す。\n病院食を全量摂取。\n診療所から処方箋が届いた。\n右膝関節の可動域は{n2}度。\n歩行器で{n2}m可。\n輸血2単位、副作用なし。\n視力は右0.{n1}、左1.0。\n排便{n1}日なし。\n1日3回毎食後。\n{n1}ヶ月後に再検。\n第{n1}病日、解熱。\nプレドニゾロン{n2}mgから漸減。\n中間尿を提出した。\n上部消化管内視鏡で潰瘍なし。\n心拍数{n2}、整。\n抗菌薬を{n1}日間投与。\nMRIで信号変化なし。\n家族に説明し了承された。\nお兄さんの運転で来院。`,
      ),
    },
  ], // Referral letters, nursing summaries, English notes: longer sentences.
  letters: [
    {
      perThousand: 1.5,
      sentences: list(
        `平素より大変お世話になっております。{P}様につきましてご報告申し上げます。\nこのたび{P} 様をご紹介いただき誠にありがとうございました。\n{PF}様は入浴中に気分不良を訴えられ、看護師が付き添い帰室された。\nご主人である{P}様も同席された。`,
      ),
    },
    { perThousand: 1, sentences: list(`（ふりがな {PK}）\n検査伝票の表記は{PK}となっていたため修正を依頼した。`) },
    {
      perThousand: 1,
      sentences: list(
        `{PR} is a 67-year-old retired teacher.\nWe thank you for referring {PR} to our clinic.\nMs. {PRF} tolerated the procedure well.`,
      ),
    },
    { perThousand: 2, sentences: list(`同居の{R}さんより、夜間の様子について聴取した。\n身元引受人は{R}様（長女）である。`) },
    {
      perThousand: 20,
      sentences: list(
        `カンファレンスで{S}より手術時期について意見があった。\n術中所見は{S}の記録を参照のこと。\n夜勤リーダーの{S}に申し送った。\n{S}、{S}両名で確認した。\n依頼医　{SF}　印\n内視鏡センター {S} 拝\n担当：{S}（{S}代筆）\n造影剤の使用可否は放射線科{S}に確認済み。\n退院調整は{S}が行っている。\n病状の詳細は{S}から家族に伝えられた。\n指導：{SF}`,
      ),
    },
    {
      perThousand: 5,
      sentences: list(
        `当科{S}医師の外来を受診された。\n{S}先生の御高診を賜りたく存じます。\nProf. {SR} was consulted.\n管理栄養士の{S}さんから減塩の指導を受けた。`,
      ),
    },
    {
      perThousand: 2,
      sentences: list(`{O}先生御机下\n貴院の{O}先生にもよろしくお伝えください。\nShe is followed by Dr. {OE} in the community.`),
    },
    {
      perThousand: 300,
      sentences: list(
        `洗濯板様の皮膚を呈し、軽度の発赤を伴っていた。\n乳び様の胸水が{n4}mL排液された。\n痂皮様のものが付着しているが、滲出液はみられない。\n魚眼様の見え方を訴え、眼科的精査を希望している。\n本人は眠っている様で、呼びかけに反応が乏しい。\nクループ様の咳嗽が夜間に増悪した。\n先日と同様、右下腹部に圧痛を認める。\n多種多様な薬剤を自己判断で中止していた。\n家族の様子からも疲労が窺える。\nせん妄様の言動がみられ、見守りを強化した。\n羊水様の液体が流出した。\n絞扼感様の症状が{n1}回出現。\nうわごとの様に繰り返し話す。\n偽膜様の白色付着物を除去した。\n鳥肌様の皮膚変化を前腕に認める。\n歯車様の抵抗を両手関節に触れる。\nリウマチ様の関節痛を反復している。\n喀痰は錆様で粘稠であった。\n脊柱は竹様を呈する。\n大理石様の皮斑が下肢に広がる。\n気管支炎様の所見であり、抗菌薬は不要と判断した。`,
      ),
    },
    {
      perThousand: 10,
      sentences: list(
        `ご家族の皆様にはご心配をおかけしております。\n奥様の介護負担を考慮し、短期入所を提案した。\n他の患者様への配慮から個室とした。\nご子息様が遠方より来院された。`,
      ),
    },
    { perThousand: 3, sentences: list(`ご自宅は{A}で、エレベーターはない。\n転居先（{A}）の保健師に連絡した。\n退院後の住所 〒{Z} {A}`) },
    {
      perThousand: 4,
      sentences: list(
        `ご不明な点は{T}までお問い合わせください。\n長女の携帯電話（{T}）に留守番電話を残した。\nPlease call {T} with the results.`,
      ),
    },
    { perThousand: 1, sentences: list(`画像は{M}宛に送るよう依頼があった。`) },
    {
      perThousand: 3,
      sentences: list(`{B}生まれの男性で、これまで大病の既往はない。\n生年月日（{B}）を口頭で確認した。\nDate of birth: {B}`),
    },
    { perThousand: 5, sentences: list(`（当院ID {N}）\n前医の画像CD（患者番号：{N}）を取り込んだ。\nMRN: {N}`) },
    { perThousand: 2, sentences: list(`保険者番号{I}、被保険者番号{Y}に変更となった。\n窓口で{I}の保険証を提示された。`) },
    {
      perThousand: 1,
      sentences: list(`マイナンバー（{MN}）は記載しないよう説明した。\n来院時の車両は{V}。\nクレジットカード {C} の控えを返却した。`),
    },
    { perThousand: 4, sentences: list(`{AG}歳とご高齢であり、侵襲的治療は希望されない。\nThis {AG} year old lady lives alone.`) },
    { perThousand: 10, sentences: list(`今後は{H}で加療を継続していただく予定です。\n{H}の地域連携室に連絡した。\nCT was done at {H}.`) },
    { perThousand: 5, sentences: list(`往診は{X}が担当する。\n退院後は{X}に通院される。\n処方は{X}から受けていた。`) },
    { perThousand: 2, sentences: list(`{W}に長年お勤めで、粉塵曝露歴がある。\n{W}の産業医に連絡した。`) },
    {
      perThousand: 100,
      sentences: list(
        `{D}より発熱が出現し、{D}に当院を受診、同日入院となりました。\n{D}付の紹介状を拝見しました。\n（{D}実施）の結果は良性であった。\nFollow-up is scheduled for {DE}.\n{D} 9時30分に採血し、結果は同日中に判明した。\n最終接種日は{D}である。`,
      ),
    },
    {
      perThousand: 40,
      sentences: list(
        `{DM}ころから歩行時のふらつきを自覚していた。\n{DM}の再診時に結果を説明する。\n{DM}に施行した胃カメラでは異常を認めなかった。`,
      ),
    },
    {
      perThousand: 1000,
      sentences: list(
        `入院時、意識清明、体温37.{n1}度、血圧{n3}/{n2}mmHg、脈拍{n2}回/分、整であった。\n血液検査では白血球{n4}、CRP {dec}と炎症反応の上昇を認めた。\n抗菌薬を{n1}日間点滴静注し、以後内服に切り替えた。\nご本人とご家族に病状および治療方針を説明し、同意を得た。\nThe patient denies chest pain or shortness of breath.\nLungs are clear to auscultation bilaterally.\nContinue aspirin 81 mg daily and metoprolol 25 mg twice daily.\nShe may return to work in {n1} weeks.\n食事は全粥刻み食を{n1}割程度摂取できている。\n主治医より説明があり、担当看護師が同席した。\n入院中は転倒予防のためセンサーマットを使用した。\n今後ともよろしくお願い申し上げます。\n貴院での精査加療をお願いできれば幸いです。\n末筆ながら先生方のますますのご発展をお祈り申し上げます。\n高血圧症にて近医で内服加療中であった。\n心エコーではEF {n2}%、壁運動異常を認めない。\n左室拡張末期径{n2}mm、中隔壁厚{n1}mm。\n腹部超音波で胆嚢内に{n1}mm大の結石を認めた。\n病室の窓際を希望され、環境を調整した。\n訪問看護師と情報を共有した。\nリハビリは{n2}分を1日2回実施している。\n口腔ケアを毎食後に行い、誤嚥の徴候はない。\n薬剤師が残薬を確認し、一包化を提案した。\n大動脈弁狭窄症の圧較差は{n2}mmHgであった。\n木村病を鑑別に挙げ、生検を検討する。\n{CT}在住で、独居である。\n高山病の予防として内服を希望された。\n東北地方への旅行歴がある。\nNo known drug allergies.\nA white female in no acute distress.\nLong-term follow-up is recommended.\n南向きの部屋で日光浴を楽しまれている。\n上野公園まで散歩できるようになった。\n森の中を歩く夢を見たと話す。\n水野式の体操を実施。\n原因は不明である。\n小林化工の製剤から他社品に変更した。`,
      ),
    },
  ],
  // Telegraphic notes of wards and emergency rooms, written last.
  shorthand: [
    { perThousand: 1.5, sentences: list(`{P}様 入室\nNC対応→{PF}様トイレ誘導\n{PF}様OPE出し 8:45`) },
    { perThousand: 1, sentences: list(`フルネーム確認：{PK}\n患者呼称 {PK} OK`) },
    { perThousand: 1, sentences: list(`Pt ID checked: {PR}\n{PR} to CT at 0930`) },
    { perThousand: 2, sentences: list(`KP {R}（妻）TELつながらず\n面会：{RG}さん、孫2人`) },
    {
      perThousand: 20,
      sentences: list(
        `{S}→{S}へ引継ぎ\n17:20 {S}call\n{S}診察：腹部所見なし\nIC：{S}より 家人へ\n指示受け{S}\n挿管({S})\n日勤{S} 準夜{S}\n入力者 {SF}\nサイン {SF}\nRRT要請、{S}到着\n心外{S}コンサルト済`,
      ),
    },
    { perThousand: 5, sentences: list(`{S}先生へ口頭報告\n当直{S}Drへ上申\nNs.{S}と2人介助\nseen w/ Dr. {SR}`) },
    { perThousand: 2, sentences: list(`紹介元：{O}先生\n{O}先生（開業）へFAX\nPCP: Dr. {OE}`) },
    {
      perThousand: 300,
      sentences: list(
        `排液：血性〜洗浄液様\n便：兎糞様 少量\nシーソー様呼吸＋\n喘鳴様の音 聴取\n肉芽様組織あり\n不眠様だが入眠剤拒否\n様子観察\n同様の指示継続\n仮性球麻痺様の構音\n落屑様変化\n木版様の硬さ\n疥癬様皮疹 皮膚科依頼\nイレウス様のniveau\n夢様状態\n凝血塊様のもの排出\n有様は記載の通り\nラ音様 右下\n胆汁様嘔吐×2\n様式3号で届出\n脱水様 補液負荷`,
      ),
    },
    { perThousand: 10, sentences: list(`患者様へ説明済\n奥様来棟\n家族様 待機中\n他患者様とトラブル`) },
    { perThousand: 3, sentences: list(`住所確認→{A}\n搬送先住所 {A}\n〒{Z}／{A}`) },
    { perThousand: 4, sentences: list(`TEL→{T}\n{T} 不通\ncb# {T}`) },
    { perThousand: 1, sentences: list(`mail: {M}`) },
    { perThousand: 3, sentences: list(`{B}生 男\nDOB:{B}`) },
    { perThousand: 5, sentences: list(`ID:{N}\nリストバンド{N}照合\nPt#{N}`) },
    { perThousand: 2, sentences: list(`保険 {I}・{Y}\n保険者{I}`) },
    { perThousand: 1, sentences: list(`個番 {MN}\n車 {V}\nカード {C}\n管理番号{L}`) },
    { perThousand: 4, sentences: list(`{AG}歳 女\n{AG}y.o. F`) },
    { perThousand: 10, sentences: list(`{H}へ転送\n{H}より受入\nfrom {H}`) },
    { perThousand: 5, sentences: list(`前医：{X}\n{X}かかりつけ\n{X}へ返書`) },
    { perThousand: 2, sentences: list(`職業：{W}\n{W} 休職中`) },
    { perThousand: 100, sentences: list(`{D} adm\ns/p PCI {D}\n{D}→{D} 抗菌薬\n最終飲酒{D}\n{DE} colonoscopy\nope {D}`) },
    { perThousand: 40, sentences: list(`{DM} onset\n{DM}転倒\n前回 {DM}`) },
    {
      perThousand: 1000,
      sentences: list(
        `BT37.{n1} BP{n3}/{n2} P{n2} SpO2 98%\nHb{n1}.{n1} Plt{n2}万\nCVポート穿刺 異常なし\n体位変換 2h毎\nNGチューブ55cm固定\n尿量{n3}mL/8h\n疼痛時 カロナール500mg 2T\nCHDF開始 QB{n3}\nBS {n3} スライディング4単位\n意識清明 麻痺−\n家人へ連絡 了承\nO2 3L→2L\nRASS -1\nGCS15\nNIHSS {n1}点\nDM食1600kcal {n1}割摂取\n清拭 更衣 全介助\nOP室より帰室\nXp異常陰影−\nHR {n2} sinus\n12誘導 ST変化なし\nABG pH7.{n2} pO2 {n2}\nc/o nausea x2, Zofran 4mg given\nvoided {n3} mL\nresting quietly, call light in reach\nIV site clean, dry, intact\nambulated {n2} ft with walker\nwill continue to monitor\n小林式便秘評価{n1}点\n福島医療圏\nICU 3床空き\n東病棟へ転棟\n林檎ジュース可\n森永ミルク{n3}mL\n原疾患の進行\n関節可動域訓練\n清水でうがい`,
      ),
    },
  ],
};
