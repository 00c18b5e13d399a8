/**
 * Common surnames of Japan, for names that no record knows: what may stand before 様, where ten other words do, and where a name written in one piece falls apart.
 * Written down from common knowledge, about the 450 most common; who is called otherwise is found by a record or a clearer cue.
 * @module
 */

const list = `
佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 橋本 阿部 石川 山下 中島 石井 小川 前田 岡田
長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 斉藤 福田 太田 西村 藤井 金子 岡本 藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田 石田 森田 上田 原 内田 柴田
酒井 宮崎 横山 高木 安藤 宮本 大野 小島 谷口 今井 工藤 高田 増田 丸山 杉山 村田 大塚 新井 小山 平野 藤本 河野 上野 野口 武田 松井 千葉 岩崎 菅原 木下 久保 佐野
野村 松尾 市川 菊地 杉本 古川 大西 島田 水野 桜井 高野 渡部 吉川 西田 飯田 西川 小松 北村 安田 五十嵐 川口 平田 関 中田 久保田 服部 川崎 東 岩田 土屋 福島 辻
樋口 秋山 田口 永井 山内 中西 荒木 浜田 広瀬 沢田 国分 真鍋 菊池 本田 大島 松岡 岩本 星野 望月 須藤 吉村 八木 早川 馬場 本間 大久保 石原 松下 片山 栗原 小池
松村 大川 岡崎 福井 小泉 堀 今村 山中 三宅 熊谷 小田 堀内 中井 荒井 西山 奥村 黒田 内藤 成田 小西 川上 細川 川村 大石 岡部 松浦 田辺 片岡 平井 尾崎 宮田 大橋
松原 大谷 桑原 上原 小沢 河合 白井 矢野 西 南 坂口 関口 大山 高山 黒木 菅野 小倉 平山 森本 篠原 吉岡 富田 牧野 永田 神田 田島 今野 三好 浅野 石橋 大沢 西岡
萩原 長尾 児玉 神谷 宇野 下田 稲垣 北川 安部 関根 宮川 森下 植田 江口 川田 根本 柳沢 藤川 中原 小原 津田 大森 福本 榎本 村山 土井 河村 荒川 梅田 藤沢 岡村 野田
三上 竹田 古賀 須田 飯塚 金井 竹中 高島 野崎 藤村 杉浦 滝沢 桜田 石塚 大平 高井 寺田 川島 川端 水谷 相沢 秋元 日高 戸田 豊田 杉田 角田 堀田 堀江 松永 岸 岸本
平川 森川 戸塚 前川 吉沢 大竹 浅井 武井 瀬戸 畑 星 谷 岡 菅 島 北 榊 沖 堤 柏木 北島 三木 宮下 宮沢 木内 田原 田代 西野 青山 若林 若松 小出 小谷 小野寺 小笠原
佐久間 宇佐美 大和田 東海林 長谷部 日下部 久保寺 勅使河原 武者小路 西園寺 我妻 阿久津 安達 足立 新谷 鎌田 亀井 岩瀬 岩井 岩下 今泉 入江 植木 植松 内海 梅原 江藤
小鳥遊 大場 大城 比嘉 金城 宮城 島袋 知念 新垣 玉城 奥田 奥山 落合 鬼頭 織田 柿沼 笠原 梶原 片桐 勝又 川名 神崎 木原 桐生 草野 久野 倉田 黒川 桑田 高坂 米田 米山
榊原 坂井 坂田 坂上 笹川 沢村 塩田 塩谷 志村 芝田 白石 白川 末永 杉原 鷹野 高岡 高瀬 高見 滝口 武藤 田所 田畑 田渕 玉井 千田 塚本 柘植 堂本 徳永 富永 鳥居 中尾 中谷
長野 永野 中沢 永島 名取 並木 西尾 西原 二宮 丹羽 沼田 根岸 野上 野沢 野中 橋口 花田 羽田 浜口 林田 原口 半田 東野 土方 日野 平岡 平松 深沢 福永 藤岡 藤野 船越 古田 古谷
保坂 星川 細田 堀口 本多 前原 牧 町田 松崎 松山 溝口 三田 湊 皆川 宮内 宮原 向井 村井 村松 室田 森山 矢島 安井 柳 柳田 山岸 山根 山村 横井 横田 横尾 吉野 吉本 若山 脇坂 鷲尾
`;

export const surnames: ReadonlySet<string> = new Set(list.trim().split(/\s+/));
const longest = 4;

/** Kanji that surnames are mostly made of, for those that no list has. */
const parts = new Set('田山川村木野藤井島崎沢原橋口松林池谷岡部塚坂宮辺永本森浦津瀬尾倉石竹梅桜柳杉桑黒白青赤佐斎渡菅藤熊鷲鷹鶴亀');

/** The surname that a run of kanji begins with, the longest that is known. */
export function surnameAt(text: string, start = 0): string | undefined {
  for (let n = longest; n > 0; n--) {
    const part = text.slice(start, start + n);
    if (part.length === n && surnames.has(part)) return part;
  }
  return undefined;
}

/** Where a known surname begins that a text ends with. */
export function surnameBefore(text: string, end: number): number | undefined {
  for (let n = longest; n > 0; n--) if (end >= n && surnames.has(text.slice(end - n, end))) return end - n;
  return undefined;
}

/** Whether two or three kanji look like a surname. */
export const surnameLike = (text: string): boolean =>
  surnames.has(text) || (text.length >= 2 && text.length <= 3 && [...text].every(c => parts.has(c)));
