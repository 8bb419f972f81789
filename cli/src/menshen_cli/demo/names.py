"""Tables that invented names are drawn from. Any likeness is chance."""

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = tuple(
    "安柏彬晨澄川丹岚帆枫歌航禾恒桦嘉简捷景静君凯可乐黎立琳凌露曼楠宁沛琪晴然蕊睿珊尚思松棠桐巍惟文希夏祥"
    "晓昕星轩雪雅言阳遥一依怡亦悠宇语原远悦云韵泽昭臻知芷舟竹卓子梓"
)
ENGLISH_GIVEN = (
    "Ada", "Anika", "Aron", "Bea", "Boris", "Carla", "Daan", "Elif", "Emre", "Farah", "Goran", "Hana", "Ines", "Ivo",
    "Jonas", "Kavya", "Leila", "Luca", "Mara", "Milan", "Nadia", "Nils", "Olga", "Omar", "Petra", "Rafa", "Rosa",
    "Sami", "Selma", "Tariq", "Uma", "Vera", "Yara", "Zoltan",
)  # fmt: skip
ENGLISH_SURNAMES = (
    "Alder", "Birch", "Cardew", "Dunmore", "Ellery", "Farrow", "Gansey", "Hollis", "Ibsley", "Jarrow", "Kestrel",
    "Lorne", "Marlow", "Norbury", "Oakes", "Penhale", "Quill", "Rowe", "Sallow", "Thorne", "Underhay", "Vance",
    "Wexley", "Yarrow",
)  # fmt: skip
