"""Custom actions of the harbour library's assistant.

A small stand-in for a library system: the catalogue, the waiting lists and the opening hours are
tables in this file, and what the actions write is kept in memory only. Replace `Library` to talk to
a real system. Texts exist in English and Chinese; the slot `language` chooses between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

BRANCHES_ZH = {"central": "中央馆", "riverside": "河畔馆", "old town": "老城馆"}
FORMATS_ZH = {"book": "图书", "audiobook": "有声书", "film": "电影", "magazine": "杂志"}

# weekday, saturday, sunday; None = closed
OPENING_HOURS: dict[str, tuple[str, str, str | None]] = {
    "central": ("8:00-21:00", "9:00-19:00", "11:00-17:00"),
    "riverside": ("10:00-19:00", "10:00-16:00", None),
    "old town": ("10:00-18:00", "10:00-14:00", None),
}


@dataclass(frozen=True)
class Item:
    """One thing on a shelf."""

    title: str
    maker: str
    format: str
    branch: str
    topics: str = ""


CATALOGUE = [
    Item("Salt Roads North", "Ines Calloway", "book", "central", "norway travel sailing"),
    Item("The Lamp Keeper", "Ines Calloway", "book", "riverside", "novel lighthouse"),
    Item("The Lamp Keeper", "Ines Calloway", "audiobook", "central", "novel lighthouse"),
    Item("Bread in a Cold Kitchen", "Tom Ferreira", "book", "old town", "baking sourdough cooking"),
    Item("Bees on the Roof", "Marta Lund", "book", "central", "beekeeping garden bees"),
    Item("Bees on the Roof", "Marta Lund", "film", "riverside", "beekeeping documentary bees"),
    Item("Harbour Lights", "Jun Okafor", "film", "central", "comedy ships"),
    Item("Small Boats Monthly", "Pier Press", "magazine", "riverside", "sailing boats"),
    Item("Knots and Ropes", "Pier Press", "audiobook", "old town", "sailing boats"),
    Item("茶馆来信", "沈若水", "book", "central", "小说 茶"),
    Item("海边的灯塔", "顾一帆", "audiobook", "riverside", "小说 灯塔"),
    Item("四季菜谱", "何小满", "book", "old town", "烹饪 做菜 菜谱"),
]

# card number -> kind of membership
MEMBERS = {"204518": "standard", "318842": "standard", "560033": "junior", "771204": "standard"}

# event -> seats that are left
FREE_SEATS = {"reading evening": 12, "story hour": 3, "printing workshop": 0}

HANDBOOK: list[tuple[str, str, str]] = [
    # (words that point to the entry, English, Chinese)
    (
        r"(other|another|different) librar|express|别的图书馆|其他图书馆|外馆|馆际|加急",
        "An order from another library costs 3 euros and takes a week; express costs 8 euros and takes two days.",
        "从其他图书馆调书每件 3 欧元，一周左右到；加急 8 欧元，两天到。",
    ),
    (
        r"event|workshop|story hour|reading evening|活动|朗读|故事会|工坊",
        "All our events are free; children under eight come with an adult.",
        "我们的活动都免费，八岁以下的孩子要有大人陪同。",
    ),
    (
        r"parent|mum|mother|father|signature|家长|签字|监护人",
        "No hurry: the signed form can be handed in at any branch within a month.",
        "不着急，签好字的表格一个月内交到任何一家馆都可以。",
    ),
    (
        r"late (fee|fine|charge)|overdue|per day|滞纳金|逾期|罚款|超期",
        "A late item costs 20 cents per day, at most 8 euros per item.",
        "每件逾期一天收 0.2 欧元，单件最多 8 欧元。",
    ),
    (
        r"wi-?fi|internet|无线|上网|网络",
        "The wifi is called HarbourReaders; your card number is the password.",
        "无线网名称是 HarbourReaders，密码就是您的借书证号。",
    ),
    (
        r"print|copy machine|photocop|scan|打印|复印|扫描",
        "You can print and copy on every floor: 10 cents a page, scanning is free.",
        "每层楼都可以打印和复印，每页 0.1 欧元，扫描免费。",
    ),
    (
        r"how many (things|items|books|films)|loan limit|at (once|a time|the same time)|最多.*借|能借几|借多少",
        "You can have twenty items at home at the same time.",
        "您最多可以同时借二十件。",
    ),
    (
        r"how (often|many times)|续借几次|最多.*续|能续",
        "An item can be renewed three times, as long as nobody else is waiting for it.",
        "没有其他读者预约的话，每件最多可以续借三次。",
    ),
    (
        r"park|停车",
        "There are bicycle stands at every branch; cars can park behind the central branch, two hours free.",
        "各馆都有自行车停放处；汽车可停在中央馆后面，前两小时免费。",
    ),
    (
        r"eat|drink|food|coffee|snack|吃|喝|咖啡|饮料",
        "Drinks with a lid are welcome everywhere, food only in the café.",
        "带盖的饮料哪里都可以喝，吃东西请到咖啡区。",
    ),
    (
        r"cost.*(member|card|join)"
        r"|(membership|member|card|it|joining).*(cost|free|price)"
        r"|how much is (a |the )?(member|card)|办证.*(钱|免费)|会员费|年费|收费|多少钱",
        "Membership costs 15 euros a year and is free under 18.",
        "会员费每年 15 欧元，未满 18 岁免费。",
    ),
    (
        r"donat|give away|old books|捐",
        "We take book donations at the central branch, up to one box at a time.",
        "中央馆接受赠书，每次最多一箱。",
    ),
    (
        r"how long.*(hold|keep|kept|reserv|collect)|保留(多久|几天|多长)|预约.*(多久|几天)",
        "A reserved item waits seven days at the desk.",
        "预约的资料会在服务台保留七天。",
    ),
    (
        r"return.*(other|another|any|different)|(other|another|any|different) branch"
        r"|drop.?(box|off)|异地|别的馆|其他馆|还到|还书箱",
        "You can return items at any branch, day and night at the drop box.",
        "任何一家馆都可以还书，还书箱全天开放。",
    ),
    (
        r"equipment|projector|screen|whiteboard|投影|白板|设备",
        "Every study room has a screen and a whiteboard; markers are at the desk.",
        "每间研讨室都有屏幕和白板，白板笔在服务台领取。",
    ),
    (
        r"(room|rooms).*(cost|free|pay|charge)|研讨室.*(免费|收费|钱)",
        "Study rooms are free for members.",
        "会员使用研讨室免费。",
    ),
]


@dataclass
class Library:
    """What a real library system would remember."""

    waiting: frozenset[str] = frozenset({"the night ferry", "夜航船"})
    log: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def wanted_by_others(self, title: str) -> bool:
        return title.strip().strip("《》\"'").lower() in self.waiting

    def find(self, query: str, kind: str) -> list[Item]:
        words = [w for w in re.findall(r"\w+", query.lower()) if w not in STOP_WORDS]
        if not words:
            return []
        return [i for i in CATALOGUE if i.format == kind and all(_mentions(i, w) for w in words)]

    def write(self, what: str, **values: Any) -> None:
        self.log.append((what, values))


STOP_WORDS = frozenset(
    (
        "a",
        "about",
        "an",
        "and",
        "any",
        "anything",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "something",
        "the",
        "with",
    )
)


def _mentions(item: Item, word: str) -> bool:
    text = f"{item.title} {item.maker} {item.topics}".lower()
    if re.search(r"[\u4e00-\u9fff]", word):
        return word in text or any(topic in word for topic in item.topics.split()) or item.title in word
    return re.search(rf"\b{re.escape(word)}", text) is not None


LIBRARY = Library()


def _slots(tracker: Tracker, *names: str) -> dict[str, Any]:
    return {name: tracker.get_slot(name) for name in names}


def _chinese(tracker: Tracker) -> bool:
    return tracker.get_slot("language") == "zh"


class _Recorded(Action):
    """An action that only passes slot values on to the library system."""

    action_name = ""
    slot_names: tuple[str, ...] = ()

    def name(self) -> str:
        return self.action_name

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        LIBRARY.write(self.action_name, **_slots(tracker, *self.slot_names))
        return []


class ActionRenewLoan(_Recorded):
    action_name = "action_renew_loan"
    slot_names = ("loan_title", "loan_weeks")


class ActionPlaceHold(_Recorded):
    action_name = "action_place_hold"
    slot_names = ("reserve_title", "pickup_branch")


class ActionSubmitSuggestion(_Recorded):
    action_name = "action_submit_suggestion"
    slot_names = ("suggestion_title", "suggestion_author")


class ActionBookRoom(_Recorded):
    action_name = "action_book_room"
    slot_names = ("room_branch", "room_date", "room_time", "room_people")


class ActionTakePayment(_Recorded):
    action_name = "action_take_payment"
    slot_names = ("fine_amount", "pay_method")


class ActionBlockCard(_Recorded):
    action_name = "action_block_card"
    slot_names = ("card_number",)


class ActionOrderCard(_Recorded):
    action_name = "action_order_card"
    slot_names = ("delivery_method",)


class ActionRegisterMember(_Recorded):
    action_name = "action_register_member"
    slot_names = ("member_name", "member_age", "member_email")


class ActionUpdateContact(_Recorded):
    action_name = "action_update_contact"
    slot_names = ("contact_field", "contact_value")


class ActionRegisterEvent(_Recorded):
    action_name = "action_register_event"
    slot_names = ("event_name", "event_seats", "event_status", "member_card")


class ActionOrderFromOtherLibrary(_Recorded):
    action_name = "action_order_from_other_library"
    slot_names = ("order_title", "order_speed", "member_card")


class ActionPassFeedbackOn(_Recorded):
    action_name = "action_pass_feedback_on"
    slot_names = ("feedback_kind", "feedback_text")


class ActionRequestCallback(_Recorded):
    action_name = "action_request_callback"


class ActionCallLibrarian(_Recorded):
    action_name = "action_call_librarian"


class ActionCheckLoan(Action):
    """Looks whether somebody else waits for the item."""

    def name(self) -> str:
        return "action_check_loan"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        title = tracker.get_slot("loan_title") or ""
        return [SlotSet("loan_wanted_by_others", LIBRARY.wanted_by_others(title))]


class ActionLookUpMember(Action):
    """Finds the owner of a card; the level stays as it was if nobody is found."""

    def name(self) -> str:
        return "action_look_up_member"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        level = MEMBERS.get(tracker.get_slot("member_card") or "")
        known = [SlotSet("member_known", level is not None)]
        return known if level is None else [*known, SlotSet("member_level", level)]


class ActionCheckEvent(Action):
    """Looks whether an event has as many seats left as are wanted."""

    def name(self) -> str:
        return "action_check_event"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        free = FREE_SEATS[tracker.get_slot("event_name")]
        return [SlotSet("event_is_full", free < tracker.get_slot("event_seats"))]


class ActionCheckOwnStock(Action):
    """Looks whether the library has the title itself, in any format."""

    def name(self) -> str:
        return "action_check_own_stock"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        wanted = (tracker.get_slot("order_title") or "").strip("《》\"' ").lower()
        return [SlotSet("order_owned_here", any(item.title.lower() == wanted for item in CATALOGUE))]


class ActionTakeTitleOver(Action):
    """Fills the title of a hold from the order, so that it is not asked twice."""

    def name(self) -> str:
        return "action_take_title_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        return [SlotSet("reserve_title", tracker.get_slot("order_title"))]


class ActionSearchCatalogue(Action):
    """Names up to three items that fit."""

    def name(self) -> str:
        return "action_search_catalogue"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        query, kind = tracker.get_slot("search_query") or "", tracker.get_slot("search_format") or ""
        hits = LIBRARY.find(query, kind)[:3]
        if _chinese(tracker):
            listed = "；".join(f"《{i.title}》（{i.maker}，{BRANCHES_ZH[i.branch]}）" for i in hits)
            text = f"找到了：{listed}。" if hits else f"馆藏的{FORMATS_ZH.get(kind, '')}里没有找到“{query}”。"
        else:
            listed = "; ".join(f"{i.title} by {i.maker} ({i.branch})" for i in hits)
            text = f"I found this: {listed}." if hits else f'I found no {kind} for "{query}".'
        dispatcher.utter_message(text=text)
        return []


class ActionTellOpeningHours(Action):
    """Reads the opening hours from the table."""

    def name(self) -> str:
        return "action_tell_opening_hours"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        branch, day = tracker.get_slot("hours_branch") or "central", tracker.get_slot("hours_day") or ""
        weekday, saturday, sunday = OPENING_HOURS[branch]
        if re.search(r"sun(day)?s?\b|周日|星期日|星期天|礼拜天", day.lower()):
            hours = sunday
        elif re.search(r"sat(urday)?s?\b|周六|星期六|礼拜六", day.lower()):
            hours = saturday
        else:
            hours = weekday
        if _chinese(tracker):
            text = f"{BRANCHES_ZH[branch]}，{day}：" + (f"{hours} 开放。" if hours else "不开放。")
        else:
            text = f"{branch.title()}, {day}: " + (f"open {hours}." if hours else "closed.")
        dispatcher.utter_message(text=text)
        return []


class ActionAnswerFromHandbook(Action):
    """Answers a general question with the first handbook entry whose words occur in it."""

    def name(self) -> str:
        return "action_answer_from_handbook"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        question = ((tracker.latest_message or {}).get("text") or "").lower()
        chinese = _chinese(tracker)
        for pattern, english, zh in HANDBOOK:
            if re.search(pattern, question):
                dispatcher.utter_message(text=zh if chinese else english)
                return []
        dispatcher.utter_message(
            text="手册里没有写到这一点，服务台的同事可以帮您。"
            if chinese
            else "The handbook says nothing about that; the service desk will know."
        )
        return []
