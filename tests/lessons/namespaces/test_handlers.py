"""Lesson "namespaces": one connection; each name on it has handlers, rooms and a door."""

import json
import re

import pytest
import requests
import socketio

from socketlab.classroom.refused import Refused
from socketlab.lessons.namespaces.restaurant import Bills, CodeCheck, Stove

from ...helpers import PATIENCE, Client, RawClient

KITCHEN, TABLES, MANAGER = "/kitchen", "/tables", "/manager"
CLOSED = {"message": "the manager's door needs a code"}
WS = "/socket.io/?EIO=4&transport=websocket"


@pytest.fixture(scope="session")
def managers_code(live):
    """The code as the teacher reads it, on the teacher's page."""
    page = requests.Session().get(live.teacher_url, timeout=PATIENCE).text
    return re.search(r"\b\d{5} \d{5}\b", page)[0]


@pytest.fixture
def pipe(live):
    """Raw connections of one seat each: ``raw = pipe(person)``."""
    opened = []

    def pipe(person):
        opened.append(RawClient(live.port, f"{WS}&seat={person.token}"))
        opened[-1].hear()
        return opened[-1]

    yield pipe
    for raw in opened:
        raw.close()


def open_at(raw, namespace, **auth):
    """What a raw client hears to its CONNECT: the packet without its Engine.IO digit."""
    raw.send(f"40{namespace},{json.dumps(auth)}" if auth else f"40{namespace},")
    return raw.hear()[1:]


def ask(raw, namespace, event, data, number):
    """The answer to an event, by a raw client; what comes in between is kept in ``received``."""
    raw.send(f'42{namespace},{number}["{event}",{json.dumps(data)}]')
    while not (text := raw.hear()).startswith(f"43{namespace},{number}["):
        pass
    return json.loads(text[text.index("[") :])[0]


def connections_of(person):
    """{connection number: [namespace of each Socket.IO packet]} of a seat, by the tap."""
    rows = person.http.get(f"{person.url}/wire?after=0", timeout=PATIENCE).json()["rows"]
    found = {}
    for row in rows:
        for layer in row["layers"]:
            if layer["layer"] == "socketio":
                found.setdefault(row["connection"], []).append(layer["namespace"])
    return found


# One connection, many sids


def test_three_namespaces_ride_one_connection_and_have_a_sid_each(visit, pipe, managers_code):
    ada = visit()
    raw = pipe(ada)
    opened = [
        open_at(raw, KITCHEN),
        open_at(raw, TABLES),
        open_at(raw, MANAGER, code=managers_code),
    ]
    sids = [json.loads(packet.split(",", 1)[1])["sid"] for packet in opened]

    assert [packet.split(",")[0] for packet in opened] == ["0/kitchen", "0/tables", "0/manager"]
    assert len(set(sids)) == 3
    (packets,) = connections_of(ada).values()
    assert packets == [KITCHEN, KITCHEN, TABLES, TABLES, MANAGER, MANAGER]


def test_who_is_refused_comes_back_with_the_code_on_the_same_connection(visit, pipe, managers_code):
    ada = visit()
    raw = pipe(ada)
    first = open_at(raw, MANAGER)
    beside = open_at(raw, KITCHEN)
    second = open_at(raw, MANAGER, code=managers_code)
    order = ask(raw, KITCHEN, "order", {"dish": "soup"}, 1)
    copies = [text for text, _ in raw.received if text.startswith('42/manager,["ordered"')]

    assert first == "4/manager," + json.dumps(CLOSED, separators=(",", ":"))
    assert beside.startswith('0/kitchen,{"sid":') and second.startswith('0/manager,{"sid":')
    assert len(copies) == 1 and order["run"] in copies[0]
    assert list(connections_of(ada).values()) == [
        [MANAGER, MANAGER, KITCHEN, KITCHEN, MANAGER, MANAGER, KITCHEN, KITCHEN, MANAGER, KITCHEN]
    ]


def test_a_namespace_is_a_word_in_the_packet_not_a_path_of_the_site(live, visit, pipe):
    ada = visit()
    raw = pipe(ada)
    open_at(raw, KITCHEN)
    rows = ada.http.get(f"{ada.url}/wire?after=0", timeout=PATIENCE).json()["rows"]
    carrying = {row["connection"] for row in rows if "/kitchen" in row["summary"]}
    asked = [row["summary"] for row in rows if row["connection"] in carrying and row["up"]]

    assert asked[0].startswith("GET /socket.io/?EIO=4") and "CONNECT" in asked[1]
    for path in (KITCHEN, TABLES, MANAGER):
        assert requests.get(live.url + path, timeout=PATIENCE).status_code == 404


def test_one_namespace_closes_and_the_others_do_not_notice(visit, pipe):
    raw = pipe(visit())
    open_at(raw, KITCHEN)
    open_at(raw, TABLES)
    raw.send("41/kitchen,")
    refused = ask(raw, KITCHEN, "order", {"dish": "soup"}, 1)

    assert refused == {"ok": False, "error": "you have not joined /kitchen"}
    assert ask(raw, TABLES, "order", {"dish": "soup"}, 2)["ok"]


def test_an_unknown_namespace_is_named_in_its_refusal(visit, pipe):
    raw = pipe(visit())

    assert open_at(raw, "/nope") == '4/nope,{"message":"there is no namespace /nope"}'


# The same event, handled differently


def test_the_kitchen_cooks_and_the_tables_write_it_down(visit):
    ada = visit()
    kitchen, tables = ada.connect(KITCHEN), ada.connect(TABLES)
    cooked = kitchen.ask(KITCHEN, "order", {"dish": "Pasta"})
    bills = [tables.ask(TABLES, "order", {"dish": dish}) for dish in ("pasta", "soup")]

    assert cooked["ok"] and cooked["minutes"] == 12 and cooked["cooking"] >= 1
    assert not {"items", "total"} & set(cooked)
    assert [(bill["items"], bill["total"]) for bill in bills] == [(1, 950), (2, 1400)]


def test_an_order_is_heard_in_its_namespace_and_says_who_and_where(visit):
    ada, bob = visit(), visit()
    kitchen, listener, tables = ada.connect(KITCHEN), bob.connect(KITCHEN), bob.connect(TABLES)
    answer = kitchen.ask(KITCHEN, "order", {"dish": "soup"})
    heard = listener.hear("ordered", lambda order: order["run"] == answer["run"])
    tables.ask(TABLES, "order", {"dish": "the end"})
    tables.hear("ordered", lambda order: order["dish"] == "the end")

    assert heard["dish"] == "soup" and heard["namespace"] == KITCHEN and heard["room"] is None
    assert heard["by"]["sid"] == kitchen.get_sid(KITCHEN) and heard["by"]["nick"]
    assert heard["seq"] == 1 and heard["sent_at"] > 1e12
    assert answer["addressed"] >= 2
    assert all(order["namespace"] == TABLES for order in tables.heard("ordered"))


def test_the_same_room_name_stands_for_two_rooms(visit):
    ada, bob = visit(), visit()
    sender, cook, waiter = ada.connect(KITCHEN), bob.connect(KITCHEN), bob.connect(TABLES)
    for socket, namespace in ((sender, KITCHEN), (cook, KITCHEN), (waiter, TABLES)):
        assert socket.ask(namespace, "join", {"room": "window"}) == {
            "ok": True,
            "rooms": ["window"],
        }
    answer = sender.ask(KITCHEN, "order", {"dish": "soup", "room": "window"})
    heard = cook.hear("ordered", lambda order: order["run"] == answer["run"])
    waiter.ask(TABLES, "order", {"dish": "salad", "room": "window"})
    own = waiter.hear("ordered", lambda order: order["room"] == "window")

    assert answer["addressed"] == 2
    assert (heard["room"], own["namespace"]) == ("window", TABLES)
    assert [o for o in waiter.heard("ordered") if o["run"] == answer["run"]] == []


def test_an_order_to_a_room_passes_by_who_is_not_in_it(visit):
    ada, bob = visit(), visit()
    sender, other = ada.connect(KITCHEN), bob.connect(KITCHEN)
    sender.ask(KITCHEN, "join", {"room": "pass"})
    answer = sender.ask(KITCHEN, "order", {"dish": "soup", "room": "pass"})
    other.ask(KITCHEN, "order", {"dish": "the end"})
    other.hear("ordered", lambda order: order["dish"] == "the end")

    assert answer["addressed"] == 1
    assert [o for o in other.heard("ordered") if o["run"] == answer["run"]] == []


@pytest.mark.parametrize("inner", ["everyone", "seat x", "room:window"])
def test_no_room_that_a_client_names_is_one_of_the_servers_own(visit, inner):
    """Whoever joins "everyone" is alone in a room of that name; another's sid is refused."""
    ada, bob = visit(), visit()
    sender, listener = ada.connect(KITCHEN), bob.connect(KITCHEN)
    sender.ask(KITCHEN, "join", {"room": inner})
    answer = sender.ask(KITCHEN, "order", {"dish": "soup", "room": inner})
    private = {"room": listener.get_sid(KITCHEN)}
    refused = sender.ask(KITCHEN, "join", private)

    assert answer["addressed"] == 1
    assert refused["ok"] is False and "that is a sid" in refused["error"]
    assert not sender.ask(KITCHEN, "order", private | {"dish": "soup"})["ok"]


# The manager's door


def test_the_manager_hears_a_copy_of_every_order(visit, managers_code):
    ada, boss = visit(), visit()
    manager = boss.connect(MANAGER, code=managers_code)
    kitchen, tables = ada.connect(KITCHEN), ada.connect(TABLES)
    kitchen.ask(KITCHEN, "join", {"room": "window"})
    first = kitchen.ask(KITCHEN, "order", {"dish": "soup", "room": "window"})
    second = tables.ask(TABLES, "order", {"dish": "salad"})
    copies = [
        manager.hear("ordered", lambda order, run=answer["run"]: order["run"] == run)
        for answer in (first, second)
    ]
    own = kitchen.hear("ordered", lambda order: order["run"] == first["run"])

    assert copies[0] == own
    assert [copy["namespace"] for copy in copies] == [KITCHEN, TABLES]
    assert manager.ask(MANAGER, "order", {"dish": "soup"}) == {
        "ok": False,
        "error": "no handler named on_order",
    }


BAD_AUTH = [
    {},
    {"code": None},
    {"code": 1234567890},
    {"code": ["x"]},
    {"code": {"$ne": ""}},
    {"code": True},
    {"code": ""},
    {"code": "00000 00000"},
    {"code": "x" * 10_000},
]


def test_missing_mistyped_and_wrong_codes_get_the_same_words_and_hear_nothing(visit, pipe):
    ada = visit()
    raw = pipe(visit())
    refusals = {open_at(raw, MANAGER, **auth) for auth in BAD_AUTH}
    kitchen = ada.connect(KITCHEN)
    for dish in ("soup", "salad"):
        kitchen.ask(KITCHEN, "order", {"dish": dish})
    last = open_at(raw, TABLES)  # whatever was on its way would have come before this

    assert refusals == {"4/manager," + json.dumps(CLOSED, separators=(",", ":"))}
    assert last.startswith("0/tables,")
    assert [text for text, _ in raw.received if "ordered" in text] == []
    refused = ask_nothing(raw, MANAGER)
    assert refused == {"ok": False, "error": "you have not joined /manager"}


def ask_nothing(raw, namespace):
    return ask(raw, namespace, "join", {"room": "x"}, 9)


@pytest.mark.parametrize("auth", ['"code"', "[1]", "7", "true"])
def test_auth_that_is_no_object_ends_the_connection(visit, pipe, auth):
    raw = pipe(visit())
    raw.send(f"40/manager,{auth}")
    with pytest.raises(ConnectionError) as closed:
        raw.hear()

    assert "03ea" in str(closed.value)  # 1002, protocol error (RFC 6455, section 7.4.1)


def test_the_refusal_is_a_connect_error_of_the_ordinary_client(visit, managers_code):
    ada, told = visit(), []
    client = Client()
    client.on("connect_error", told.append, namespace=MANAGER)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(ada.url, namespaces=[MANAGER], auth={"seat": ada.token})
    client.disconnect()
    inside = ada.connect(MANAGER, code=managers_code.replace(" ", ""))

    assert told == [CLOSED]
    assert inside.connected


def test_guessing_at_the_door_is_bounded_even_for_the_right_code(visit, pipe, managers_code):
    raw = pipe(visit())
    answers = [open_at(raw, MANAGER, code=f"{n:05} 99999") for n in range(11)]
    late = open_at(raw, MANAGER, code=managers_code)
    elsewhere = open_at(pipe(visit()), MANAGER, code=managers_code)

    assert all("needs a code" in answer for answer in answers[:10])
    assert "too many wrong codes: wait a minute" in answers[10]
    assert "too many wrong codes: wait a minute" in late
    assert elsewhere.startswith('0/manager,{"sid":')


def test_the_code_is_on_the_teachers_page_alone(live, visit, pipe, managers_code):
    ada = visit(page="/lesson/namespaces")
    raw = pipe(ada)
    open_at(raw, MANAGER, code=managers_code)
    wire = ada.http.get(f"{ada.url}/wire?after=0", timeout=PATIENCE).text
    pages = [ada.page.text, ada.http.get(f"{ada.url}/source/namespaces", timeout=PATIENCE).text]

    for text in (wire, *pages):
        assert managers_code not in text and managers_code.replace(" ", "") not in text
    assert managers_code.encode().hex() not in wire


# Wrong input


FIELDS = [
    (KITCHEN, "order", "dish", 60),
    (KITCHEN, "join", "room", 40),
    (TABLES, "order", "dish", 60),
    (TABLES, "join", "room", 40),
]


@pytest.mark.parametrize(
    "value", [None, [], ["x"], 5, 1.5, True, {}, {"a": 1}, "", "   ", "x" * 10_000]
)
@pytest.mark.parametrize(("namespace", "event", "field", "longest"), FIELDS)
def test_a_wrong_field_gets_its_sentence(visit, namespace, event, field, longest, value):
    eve = visit().connect(namespace)
    answer = eve.ask(namespace, event, {field: value})

    assert answer["ok"] is False
    assert answer["error"].startswith(f"{field} must be a text of 1 to {longest} characters")


@pytest.mark.parametrize("data", [None, [], 5, "soup", "x" * 10_000, True])
@pytest.mark.parametrize("event", ["order", "join"])
def test_anything_but_an_object_gets_a_sentence(visit, event, data):
    eve = visit().connect(KITCHEN)
    answer = eve.ask(KITCHEN, event, data)

    assert answer["ok"] is False and "one object" in answer["error"]


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        (
            "order",
            {"dish": "soup", "room": "window"},
            "you are not in window of /kitchen: join it first",
        ),
        ("order", {"dish": "soup", "room": None}, "room must be a text"),
        ("order", {"dish": "soup", "room": ["window"]}, "room must be a text"),
        ("order", {"dish": "soup", "step": 7}, "step must be a text"),
        ("order", {"dish": "soup", "step": "nowhere"}, "lock your prediction for nowhere first"),
        ("order", {"dish": "\u202esoup"}, "direction"),
        ("leave", {"room": "window"}, "no handler named on_leave"),
        ("ordered", {}, "no handler named on_ordered"),
        ("check", {}, "no handler named on_check"),
    ],
)
def test_a_refused_event_gets_its_sentence_and_nobody_hears_it(visit, event, data, sentence):
    eve, bob = visit().connect(KITCHEN), visit().connect(KITCHEN)
    answer = eve.ask(KITCHEN, event, data)
    end = eve.ask(KITCHEN, "order", {"dish": "the end"})
    bob.hear("ordered", lambda order: order["run"] == end["run"])

    assert answer["ok"] is False and sentence in answer["error"]
    assert bob.heard("ordered") == []


def test_a_socket_joins_at_most_twenty_rooms(visit):
    eve = visit().connect(TABLES)
    answers = [eve.ask(TABLES, "join", {"room": f"r{n}"}) for n in range(21)]
    again = eve.ask(TABLES, "join", {"room": "r3"})

    assert len(answers[19]["rooms"]) == 20
    assert answers[20] == {
        "ok": False,
        "error": "20 rooms are as many as one socket may join here",
    }
    assert again["ok"]


def test_rooms_go_with_the_socket(visit, pipe):
    raw = pipe(visit())
    open_at(raw, KITCHEN)
    ask(raw, KITCHEN, "join", {"room": "window"}, 1)
    raw.send("41/kitchen,")
    open_at(raw, KITCHEN)
    answer = ask(raw, KITCHEN, "order", {"dish": "soup", "room": "window"}, 2)

    assert answer["error"] == "you are not in window of /kitchen: join it first"


def test_a_run_of_the_lesson_waits_for_the_prediction(visit):
    ada = visit()
    kitchen, everyone = ada.connect(KITCHEN), ada.connect("/class")
    run = {"dish": "soup", "step": "one_pipe"}
    refused = kitchen.ask(KITCHEN, "order", run)
    everyone.ask("/class", "predict", {"step": "one_pipe", "choice": "three_three"})

    assert refused == {"ok": False, "error": "lock your prediction for one_pipe first, then run"}
    assert kitchen.ask(KITCHEN, "order", run)["ok"]


# The pure core


def test_a_dish_cooks_for_its_minutes_and_is_then_off_the_stove():
    stove = Stove()

    assert stove.put_on("soup", 0) == {"minutes": 8, "cooking": 1}
    assert stove.put_on("salad", 1000) == {"minutes": 4, "cooking": 2}
    assert stove.put_on("unheard of", 5000) == {"minutes": 15, "cooking": 2}
    assert stove.put_on("salad", 60_000) == {"minutes": 4, "cooking": 1}


def test_a_stove_and_the_bills_are_bounded():
    stove, bills = Stove(), Bills()
    cooking = [stove.put_on("soup", 0)["cooking"] for _ in range(600)]
    for seat in range(3001):
        bills.add(seat, "soup")

    assert max(cooking) == 500
    assert bills.add(0, "soup") == {"items": 1, "total": 450}
    assert bills.add(3000, "soup") == {"items": 2, "total": 900}


def answer(check, *asked):
    """What a seat is told that gives a code: None lets it in."""
    try:
        check.check(*asked)
    except Refused as no:
        return str(no)


CODE, TOO_MANY = "12345 67890", "too many wrong codes: wait a minute"


def test_ten_minutes_of_guessing_are_a_hundred_comparisons():
    check = CodeCheck(CODE)
    answers = [answer(check, f"{n:010}", "eve", n * 100.0) for n in range(6000)]
    compared = answers.count(CodeCheck.NEEDS_A_CODE)
    entering = [answer(check, CODE, "ada", 0.0) for _ in range(11)]

    assert entering == [None] * 11  # the right code is no try
    assert compared == 100 and set(answers) == {CodeCheck.NEEDS_A_CODE, TOO_MANY}
    assert answer(check, CODE, "ada", 600_000.0) is None
    assert answer(check, "1234567890", "ada", 600_000.0) is None


def test_many_seats_together_are_bounded_too():
    check = CodeCheck(CODE)
    answers = [answer(check, "x", f"seat {n}", 0.0) for n in range(4000)]

    assert answers.count(CodeCheck.NEEDS_A_CODE) == 3000
    assert answer(check, CODE, "another", 59_000.0) == TOO_MANY
    assert answer(check, CODE, "another", 60_001.0) is None
