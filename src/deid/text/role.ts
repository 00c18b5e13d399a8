/**
 * Words for people, departments and relations that name nobody, though they stand where names do: 担当医師, 患者様, 奥様.
 * @module
 */
import { surnameAt, surnames } from './surnames.ts';

/** Words of persons, places and times that stand before 先生, 医師, さん and are no name; a run that ends with one names nobody, one that begins with one begins behind it. */
export const roles =
  /^(?:担当|主治|当直|日直|当番|紹介|紹介元|前|元|現|旧|新|研修|専攻|指導|上級|専門|非常勤|常勤|女性|男性|外科|内科|小児科|整形外科|脳神経外科|心臓血管外科|循環器内科|循環器科|循環器|消化器内科|消化器外科|消化器|呼吸器内科|呼吸器外科|呼吸器|神経内科|脳神経内科|腎臓内科|腎内科|血液内科|糖尿病内科|内分泌内科|代謝内科|膠原病内科|リウマチ科|精神科|心療内科|皮膚科|眼科|耳鼻科|耳鼻咽喉科|泌尿器科|産婦人科|婦人科|産科|放射線科|放射線|麻酔科|麻酔|救急科|救急|救命|病理|病理診断科|歯科|口腔外科|形成外科|総合診療科|総合|緩和ケア|リハビリテーション科|リハビリ科|リハ科|リハビリ|産業|学校|嘱託|協力|連携|往診|訪問|在宅|家庭|近医|前医|他院|当院|他科|当科|自科|同科|同院|病棟|外来|院長|副院長|部長|医長|科長|教授|准教授|講師|助教|校長|担任|園長|主治医|担当医|執刀医|執刀|術者|助手|麻酔科医|麻酔医|執刀担当|紹介医|読影|診断|読影医|診断医|指導医|研修医|専攻医|専門医|看護師|看護師長|師長|主任|薬剤師|技師|理学療法士|作業療法士|言語聴覚士|管理栄養士|栄養士|社会福祉士|相談員|助産師|保健師|介護士|介護職員|事務|受付|本日|昨日|前日|翌日|今回|前回|同日|以前|当日|午前|午後|夜間|再度|直接|電話|家族|本人|患者|長男|次男|三男|長女|次女|三女|夫|妻|父|母|父親|母親|両親|息子|娘|兄|弟|姉|妹|祖父|祖母|孫|嫁|叔父|叔母|伯父|伯母|親戚|友人|知人|同僚|上司|隣人|連名|各|全|両|同|当|他|本|次|別|某|複数|数名|多数|病院|医院|診療所|施設|薬局|大学|研究|治験|責任|分担|代診|当直医|常駐|駐在|署名|記載|記録|報告|確認|説明|同席|指示|連絡|相談|依頼|対診|主|副|正)/;
export const noNames: ReadonlySet<string> = new Set(
  `患者 奥 旦那 子 皆 神 仏 王 殿 客 家族 両親 利用者 入居者 入所者 各位 何 左 右 斯 母 父 姉 兄 妹 弟 娘 息子 嫁 婿 孫 叔父 叔母 伯父 伯母 爺 婆 祖父 祖母 主人 本人 友人 業者 職員 大家 隣人 親戚 職場
看護師 看護婦 先輩 後輩 同僚 上司 医者 患 児 赤 坊 姑 舅 義母 義父 義兄 義姉 義弟 義妹 長男 次男 長女 次女 夫 妻 保護者 付添 世話役 店員 運転手 警察 消防 救急隊 民生委員 介護士 薬剤師 栄養士 技師 事務 受付 巡査
ヘルパー ケアマネ ケアマネージャー ケアマネジャー ナース スタッフ ママ パパ ドクター ソーシャルワーカー ワーカー ボランティア マスター オーナー パートナー キーパーソン デイ リハビリ ドナー レシピエント クライアント
同 多 一 二 三 各 両 仕 模 異 有 無 水 膿 様 同様 多様 仕様 模様 一様 異様 有様 諸 摂 華 彼 某 当 貴 前 後 全 別 主 次 別紙 別記 上記 下記 前述 後述 泥状 粘液 索状 腫瘤 湿疹 喘息 狭心症 痙攣 苔癬 顆粒 結節 網状`.split(
    /\s+/,
  ),
);

/** Prefixes of a run cut off while what remains may still be a name. */
export function withoutRoles(text: string, start: number, end: number): number {
  let at = start;
  for (;;) {
    const found = roles.exec(text.slice(at, end))?.[0];
    if (found === undefined || found.length === 0) return at;
    // 本田, 前田, 両角: a surname is no role.
    const surname = surnameAt(text.slice(at, end));
    if (surname !== undefined && surname.length >= found.length) return at;
    at += found.length;
  }
}

/** 受付患者 ends with what is none. */
export function endsWithNoName(run: string): boolean {
  for (let n = 1; n < run.length && n <= 6; n++) if (n > 1 && noNames.has(run.slice(-n)) && !surnames.has(run.slice(-n))) return true;
  return false;
}

/** What a label is followed by that is no name. */
export const noValue =
  /^(?:なし|無し|無|不明|未定|未|同上|上記|本人|患者|家族|長男|次男|三男|長女|次女|三女|夫|妻|父|母|息子|娘|兄|弟|姉|妹|祖父|祖母|孫|当院|他院|近医|前医|当科|当直|有|あり|別紙|以下|下記|交代|変更|要|済|予定|確認|全身|局所|腰椎|硬膜外|静脈|脊椎|吸入|笑気|なく|鎮静|\d|[【[])/;

/** What records have in the place of a name and is none: 紹介元医師, 本人, 患者リソースPatient. Of both, `display` and `text`. */
export function namesNobody(text: string): boolean {
  const plain = text.normalize('NFKC').replace(/\s+/g, '');
  if (
    noNames.has(plain) ||
    /リソース|resource|セクション|section|機関$|作成者|担当者$|情報$|^(?:本人|患者|家族|医師|看護師|紹介[元先].*|unknown|self|patient|doctor|nurse|physician|pharmacist|therapist|system|admin|staff|(?:grand)?(?:father|mother|son|daughter|parents?)|brother|sister|wife|husband|spouse|aunt|uncle|cousin|child|maternal .*|paternal .*)$/i.test(
      plain,
    )
  )
    return true;
  return plain !== '' && withoutRoles(plain, 0, plain.length) >= plain.length;
}
