/**
 * Names that are everyday words too, as keys: alone they name nobody without a cue.
 * @module
 */

export const everyday: ReadonlySet<string> = new Set(
  `小指 宮内 蜂巣 毛 三輪 神作 広間 三角 道下 道上 上口 中神 大網 中部 院内 岐部 小管 間部 中頭 森林 甲 峡部 溝部 小口 大部 根上 若木 外門 豊富 大葉 有毛 水内 水上 音 赤道 入部 高原 中出 高塩 和見 門前
織内 毛内 光沢 迫 所 高水 洋毛 康 白砂 大子 指原 門出 内子 分水 高地 角口 中重 鏡 平内 内水 小形 天内 大角 真正 小部 樹木 上司 大手 西部 東部 北部 南部 生方 物部 室 全 神 王 奥 然 当 他 各 毎 同 別 新 旧 元
中間 上部 下部 上方 下方 前部 水分 出口 入口 中央 前後 左右 上下 大小 内外 今日 明日 東西 南北 正常 中心 北側 南側 西側 東側 外科 内科 入院 体力 安全 時間 平均 一時 一色 子安 生物
何 二 三 十 万 西 東 南 北 上 下 中 左 右 前 後 今 口 手 足 目 耳 鼻 歯 胸 腹 背 骨 皮 血 尿 便 水 光 朝 夕 夜 春 夏 秋 冬 実 学 進 勝 正 明 清 満 豊 修 誠 愛 恵 幸 望 希 一 学 薬 毒 力 心 大 小
生 発 熱 間 部 科 室 台 本 品 数 家 母 父 子 孫 兄 弟 姉 妹 夫 妻 男 女 一部 一方 一度 発生 自然 希望 健康 安心 平和 未来 正直 安静 直美 千秋 若菜 満月 初期 大事 重大 小児 成人
may will rose hope grace march june april august day short strong best power hall hill wood stone field fields bank banks price rich wise love king bush cook bell ball head foot back little
good sharp still mark art bill pat jack ray drew grant chase long young white black brown green gray grey small large early late gore pain ward wards case cases case page lane street park ford
cross blood bone hand hands arm legg body heart skin nail wall walls rice bean berry coffee lamb fish bird wolf fox hunter baker miller mason carter cooper fisher porter potter sawyer taylor
turner walker weaver farmer parker archer dean pope bishop abbott prior knight noble duke earl baron close hale swift moody savage blunt bright hardy frank ernest earnest faith joy june dawn eve
summer winter autumn spring forest river rivers lake brook marsh moss heath glen dale vale cliff rock flint clay sand sandy coral pearl ruby amber jade olive violet lily daisy iris heather ivy
holly hazel fern basil sage rosemary ginger mint curry pepper salt honey candy cherry peach apple plum orange lemon max min miles gene norm rob sue dot bob chip skip gus ned van der the and`.split(
    /\s+/,
  ),
);
