"""What identities look like in a Chinese text. Run on text whose full-width letters were made half-width."""

from __future__ import annotations

import re

from openredress.identity.surnames import SURNAMES, TWO_CHARACTERS

_HAN = r"[\u4e00-\u9fff]"
_FREE = r"(?<![0-9])"  # not in the middle of a longer figure
_END = r"(?![0-9])"
_DATE = r"(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])"

# Where a figure begins; the rules of FIGURES are tried there and nowhere else, for texts are long.
FIGURE = re.compile(r"[0-9]+|[A-Z](?=座|单元)")

_ID = (
    rf"{_FREE}[1-9][0-9]{{5}}[ -]?(?:18|19|20)[0-9]{{2}}{_DATE}[ -]?[0-9]{{3}}[0-9Xx]{_END}"
    rf"|{_FREE}[1-9][0-9]{{7}}{_DATE}[0-9]{{3}}{_END}"
)
_BANK = rf"{_FREE}(?:62|[45][0-9])(?:[ -]?[0-9]){{14,17}}{_END}"
_MOBILE = rf"{_FREE}(?:86[- ]?|0086[- ]?)?1[3-9][0-9](?:[-. ]?[0-9]){{8}}{_END}"
_LANDLINE = rf"{_FREE}0[1-9][0-9]{{1,2}}[)）]?[- ]?[1-9][0-9]{{6,7}}{_END}(?:转?分?机?[0-9]{{1,4}}{_END})?"
_NOT_COUNTED = r"(?![元块人户名个年月日天次亩斤吨米平万千点分时度岁路条份页%％.~])"
_DOOR_PART = (
    r"(?:[甲乙丙丁附]?[0-9]{1,4}(?:-[0-9]{1,4})*号(?:楼|院|栋|幢)?(?![文令线码通公决工批次召])"
    r"|[0-9]{1,4}[栋幢](?:楼(?!房))?|[A-Z]座|[0-9]{1,3}座"
    r"|(?:[0-9]{1,2}|[一二三四五六七八九十]{1,2}|[A-Za-z])单元|[0-9]{3,4}[室房](?!产)|[0-9]{1,2}室)"
)
_DOOR = (
    r"(?<![0-9月〕\]第共约近余有A-Za-z-])"
    rf"{_DOOR_PART}(?:{_DOOR_PART}|[0-9]{{1,2}}[门楼层])*"
    rf"(?:(?<![室房])[0-9]{{3,4}}(?![0-9]){_NOT_COUNTED})?"
)
_DOOR_HYPHENS = r"(?<![0-9-])[0-9]{1,3}-[0-9]{1,2}-[0-9]{3,4}(?![0-9-])"

# (kind, rule, what may stand before the figure and belongs to it)
FIGURES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("id", re.compile(_ID), ""),
    ("bank", re.compile(_BANK), ""),
    ("phone", re.compile(_MOBILE), "+"),
    ("phone", re.compile(_LANDLINE), "(（"),
    ("door", re.compile(_DOOR), "甲乙丙丁附"),
    ("door", re.compile(_DOOR_HYPHENS), ""),
)

_ID_TAIL = r"(?:身份证|证件)(?:号码?)?的?(?:尾号|[后末最]{1,2}[四六4-6]位)[是为:：]?\s*([0-9]{3,6}[0-9Xx]?)"
_SHORT_LINE = rf"(?:电话|座机|传真|固话|号码)(?:号码)?[是为]?[:：]?\s*([2-9][0-9]{{6,7}}){_END}"
_EXTENSION = rf"(?:分机|转)号?[:：]?\s*([0-9]{{2,4}}){_END}"
_PHONE_TAIL = (
    rf"(?:电话|手机|号码|联系方式|号)的?(?:尾号|[后末最]{{1,2}}[三四34]位)[是为:：]?\s*([0-9]{{3,4}}){_END}"
)
_BANK_NAMED = r"(?:卡号|账号|帐号|账户|银行卡)[是为]?[:：]?\s*([0-9](?:[ -]?[0-9]){8,24})"
_TAIL = rf"尾号[是为]?[:：]?\s*([0-9]{{3,6}}[Xx]?){_END}"
_QQ = rf"(?:[Qq]{{2}}|扣扣|加[Qq])(?:号码?|群号?)?[是为]?[:：]?\s*([1-9][0-9]{{4,10}}){_END}"
_WECHAT = r"(?:微信|薇信|[Vv][Xx]|[Ww]e[Cc]hat)(?:号码?|ID)?[是为]?[:：]?\s*([A-Za-z][A-Za-z0-9_-]{4,19})"
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z][·•・. ]?"
    r"(?=[A-Z]{0,5}[0-9])[A-HJ-NP-Z0-9]{4,6}[挂学警港澳]?"
)
EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,60}@[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,30}){1,3}")

# (kind, rule, strings of which one must occur): looking for a string is much quicker than for a rule.
Rule = tuple[str, re.Pattern[str], tuple[str, ...]]
WITH_FIGURES: tuple[Rule, ...] = (
    ("id", re.compile(_ID_TAIL), ("身份证", "证件")),
    ("bank", re.compile(_BANK_NAMED), ("卡号", "账号", "帐号", "账户", "银行卡")),
    ("phone", re.compile(_SHORT_LINE), ("电话", "座机", "传真", "固话", "号码")),
    ("phone", re.compile(_EXTENSION), ("分机", "转")),
    ("phone", re.compile(_PHONE_TAIL), ("尾号", "位")),
    ("bank", re.compile(_TAIL), ("尾号",)),
    ("account", re.compile(_QQ), ("Q", "q", "扣扣")),
    ("plate", re.compile(_PLATE), ("",)),
)

# Family names that are also everyday words: alone they introduce nobody.
_AMBIGUOUS = frozenset(
    "于时和都能来相应安常成方向全平公由关但那查管连单计解强高明国位区信门通位元利富原干任何和"
    "居修支满来初海边班商师游路车房花水云南原"
)
_ONE = "[" + "".join(sorted(SURNAMES)) + "]"
_TWO = "|".join(sorted(TWO_CHARACTERS))
SURE = SURNAMES - _AMBIGUOUS
_FAMILY = f"(?:{_TWO}|{_ONE})"
_AFTER = (
    r"(?=[\s,，。.;；:：!！?？、()（）<《\"“/|]|$|[0-9A-Za-z+]|反映|来信|来访|来电|电话|手机|联系|身份"
    r"|女士|先生|住|系|称|说|在|等|的|因|于|男|女|与|和|及|是|要求|认为)"
)
_NOT_GIVEN = r"(?!.{0,2}(?:多次|曾经|经常|已经|因为|由于|要求|反映|所在|单位|同意|认为|年|月|日))"
_NAME = rf"{_FAMILY}{_HAN}{{1,2}}?{_AFTER}"
_KIN = "儿子|女儿|爱人|丈夫|妻子|老公|老婆|父亲|母亲|爸爸|妈妈|哥哥|弟弟|姐姐|妹妹"
_LABEL = (
    rf"(?:我名?叫做?|本人叫|名叫|名字[叫是]|(?:{_KIN})(?:名?叫|是)"
    r"|姓名|[联来信反投举申请当访报诉求][系访信映诉报请求事电]人|信访人|上访人|联名人|代理人"
    r"|户名|户主|签名|落款|收件人|原告|被告|车主|房主|业主|住户)"
    r"(?:(?:及|和|、)?(?:联系)?(?:电话|方式))?[:：\s]*"
)
_INTRODUCED = rf"{_LABEL}({_NAME})"
_MYSELF = rf"(?:本人系?|我是|我系){_NOT_GIVEN}({_FAMILY}{_HAN}{{1,2}}?(?=[,，。(（、:：]|系|$))"
_OPENING = rf"(?m:^)({_FAMILY}{_HAN}{{1,2}}?)(?=反映|来信|来访|来电|手机|电话|联系电话|身份证|[,，(（][男女])"
_MY_FAMILY = rf"(?:我|本人|免贵)姓({_ONE})"
_SOUNDS = (
    "阿艾买提不都热依木江吐尔孜古丽汗帕力娜努迪扎克亚森玉苏甫吾麦合卡哈斯坦赛比拜米拉伊达吉那巴图格乌其日娅"
)
_TRANSCRIBED = rf"(?:我叫|本人叫?|名叫|姓名[:：\s]*)([{_SOUNDS}]{{4,10}})"

ANYWHERE: tuple[Rule, ...] = (
    ("introduced", re.compile(_INTRODUCED), ("",)),
    ("introduced", re.compile(_MYSELF), ("本人", "我是", "我系")),
    ("introduced", re.compile(_OPENING), ("",)),
    ("name", re.compile(_MY_FAMILY), ("姓",)),
    ("introduced", re.compile(_TRANSCRIBED), ("叫", "本人", "姓名")),
    ("account", re.compile(_WECHAT), ("信", "x", "X", "at")),
)
# A family name must stand right before; that is looked up in a set, which is quicker than a rule.
TITLE = re.compile(
    r"先生|女士|小姐|同志|师傅|老师|律师|阿姨|大爷|大妈|大姐|大哥|大叔|老汉|奶奶|爷爷|某某"
    r"|某(?![些个种处天日时地次人公局项])"
)
DOT = re.compile(r"[·•・‧]")
DOTTED = re.compile(rf"{_HAN}{{1,8}}(?:[·•・‧]{_HAN}{{1,8}})+")
NEXT_IN_LIST = re.compile(rf"[、和及]\s*({_NAME})")
