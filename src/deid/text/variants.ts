/**
 * Kanji that are written for one another in names: old and new forms, forms of family registers. Each group folds to its first.
 * Written down from common knowledge of 新旧字体 and 異体字. Compatibility ideographs (U+FA1B 福) and variation selectors need no row: fold.ts removes them before.
 * @module
 */

const groups = `
高髙 崎﨑嵜碕 辺邊邉 斉斎齊齋 徳德 沢澤 浜濱濵 広廣 国國圀囯 恵惠 真眞 黒黑 青靑 吉𠮷 島嶋嶌 桜櫻 竜龍 滝瀧 関關 鉄鐵鐡銕 万萬 富冨 峰峯 館舘 曽曾 条條 栄榮 塩鹽 亀龜 円圓 学學 実實 寿壽 浅淺 薮藪籔
桑桒 会會 豊豐 弥彌 礼禮 静靜 清淸 為爲 伝傳 来來 楽樂 稲稻 穂穗 槙槇 遥遙 巌巖 鴎鷗 頼賴 瀬瀨 桧檜 芦蘆 蛍螢 蔵藏 灯燈 剣劍劔 総總 緑綠 絵繪 続續 縄繩 聡聰 荘莊庄 隣鄰 駅驛 鶏鷄 凛凜 祢禰 糸絲 与與
余餘 仏佛 児兒 両兩 乗乘 亜亞 岳嶽 峡峽 巻卷 帯帶 弐貳 弾彈 応應 恒恆 悦悅 戸戶 抜拔 拝拜 択擇 挙擧 揺搖 摂攝 数數 旧舊 暁曉 柳栁桺 桟棧 様樣 権權 横橫 歩步 歳歲 毎每 気氣 渉涉 温溫 渓溪 湾灣 満滿
焼燒 状狀 独獨 猪豬 献獻 産產 畳疊 発發 県縣 秘祕 税稅 窓窗 粋粹 経經 継繼 臓臟 台臺 芸藝 萌萠 薫薰 虎乕 虫蟲 衛衞 装裝 覚覺 覧覽 観觀 訳譯 証證 読讀 譲讓 賛贊 転轉 軽輕 遅遲 郎郞 郷鄕 酔醉 釈釋
鋭銳 録錄 鎮鎭 険險 随隨 雑雜 霊靈 顔顏 顕顯 駆驅 髪髮 鴬鶯 麦麥 黄黃 黙默 尭堯 瑶瑤 舎舍 柏栢 野埜 淵渕渊 兎兔 莱萊 壮壯 将將 奥奧 姉姊 嬢孃 穣穰 勲勳 勧勸 鉱鑛 鶴靏鸖 昇曻 土圡𡈽 内內 収收 双雙
参參 図圖 団團 圧壓 坂阪 塁壘 変變 売賣 声聲 壱壹 宝寶 写寫 専專 尽盡 届屆 属屬 巣巢 従從 径徑 徴徵 恋戀 戦戰 戯戲 担擔 拠據 拡擴 断斷 昼晝 晋晉 杯盃 枢樞 栃杤 梁簗 梅楳 検檢 楼樓 欧歐 浄淨 済濟
渋澁 湿濕 点點 炉爐 営營 画畫 痩瘦 盗盜 研硏 穏穩 窪漥 篭籠 粛肅 繊纖 聴聽 脳腦 苅刈 蝋蠟 誉譽 謡謠 逓遞 銭錢 闘鬪 陥陷 隠隱 頴穎 鯵鰺 麹麴 麺麵 祐佑 禄祿 艶艷 諌諫 桝枡 煕熙 繁緐
慎愼 彦彥 寛寬 啓啟 尚尙 教敎 強强 呉吳 縁緣 増增 帰歸 禅禪 励勵 厳嚴 歓歡 懐懷 橋槗𣘺 達逹 昂昻 耀燿 讃讚 雁鴈鳫 晃晄 涼凉 予豫 壌壤 奨奬 医醫 区區 弁辨 歴歷 暦曆 党黨 錬鍊 縦縱 閲閱 即卽 叙敍 効效 勅敕 並竝 蒋蔣 瓶甁
園薗 藤籐 松枩 船舩 秋穐 村邨 剣釼 払拂 庁廳 説說
`;

/** Code point of a variant → code unit of what it folds to. */
export const variants: ReadonlyMap<number, number> = new Map(
  groups
    .trim()
    .split(/\s+/)
    .flatMap(group => {
      const [first, ...others] = [...group];
      return others.filter(other => other !== first).map(other => [other.codePointAt(0)!, first!.charCodeAt(0)] as const);
    }),
);
