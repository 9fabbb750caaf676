"""All mistakes of a command line are reported at once, each as one sentence."""

import pytest

from tests.support.command_lines import mistakes


def test_all_mistakes_are_reported_at_once_with_the_nearest_words() -> None:
    assert mistakes(
        "item number:strr amount:decimal:ge=0 id:int x:int:ge=5:le=3 y:int:max=3:ge=a:ge=1 z "
        "code:str c:ref:custmer --sorts=a --sort amunt,x --access own --without lst --unique code"
    ) == [
        "number: the type strr is unknown. Do you mean str?",
        "amount: a decimal needs its digits, at most 27, and its places, as in decimal:12.2.",
        "id: id is a reserved name. Choose another name.",
        "x: fewer than two values are within ge=5 and le=3.",
        "y: max does not fit int. Valid: default, ge, gt, immutable, index, le, lt, optional, "
        "readonly, unique.",
        "y: ge=a must be a number in plain digits.",
        "y: ge is given twice.",
        "z: a field needs a type, as in name:str.",
        "--sorts is unknown. Do you mean --sort?",
        "--access: own is unknown. Do you mean owner?",
        "--without: lst is unknown. Do you mean list?",
        "--unique: code must be several names, as in number,year.",
        "--sort: amunt is unknown. Do you mean amount?",
        "src/app/models/item.py exists. Choose another name.",
        "c: custmer is no resource. Do you mean customer?",
    ]


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("", "The name of a resource has lower-case letters, digits and single underscores"),
        ("thing", "A resource needs 1 to 50 fields"),
        ("Thing a:str", "The name of a resource has lower-case letters"),
        ("thing__x a:str", "The name of a resource has lower-case letters"),
        (f"{'t' * 31} a:str", "The name of a resource has at most 30 characters"),
        ("class a:str", "class is a reserved name"),
        ("query a:str", "query is a reserved name. Choose a longer name, such as purchase_query"),
        ("session a:str", "session is a reserved name"),
        ("list a:str", "list is a reserved name"),
        ("search_text a:str", "search_text is a reserved name"),
        ("accounts a:str", "src/app/services/accounts/__init__.py exists"),
        ("login a:str --plural log_ins", "The path /log-ins exists. Choose another plural with"),
        ("account a:str --plural users", "The table users exists. Choose another plural with"),
        (
            "sheep a:str --plural sheep",
            "for a list and for one sheep. Add --plural sheep_list.",
        ),
        ("customer a:str", "customer exists. Add fields to it with --add, or choose another name."),
        ("customers a:str", "customers is the plural of customer, which exists."),
        ("users a:str", "users is the plural of user, which exists. Choose another name."),
        ("buyer a:str --plural customer", "The plural customer is the name of a resource."),
        ("thing a:str --plural alembic_version", "The plural alembic_version is a reserved name."),
        ("thing a:str --plural conftest", "The plural conftest is a reserved name."),
        ("thing a:str --plural api", "The plural api is a reserved name."),
        ("thing a:str --plural pg_class", "The plural pg_class is a reserved name."),
        ("thing a:str --plural Things", "The name of a table has lower-case letters"),
        ("thing a:str --plural all", "The plural all is a reserved name."),
        ("thing select:str", "select: select is a reserved name"),
        ("thing owner_id:uuid", "owner_id: owner_id is a reserved name"),
        ("thing metadata:json", "metadata: metadata is a reserved name"),
        ("thing model_name:str", "model_name: model_name is a reserved name"),
        ("thing json:json", "json: json is a reserved name"),
        ("thing owner:ref:user", "owner: two columns would be named owner_id. Rename the field."),
        ("thing a:str a:int", "a: two columns would be named a"),
        (
            "thing customer:ref:customer customer_id:uuid",
            "customer_id: two columns would be named customer_id",
        ),
        ("thing a:int:unique:default=1", "a: only one row could have a default that is unique."),
        (
            "thing a:date b:date:readonly:default=today --before a,b",
            "--before: b gets its default after a request is checked. Use optional.",
        ),
        ("token a:str", "The operation create_token exists. Choose another name"),
        ("thing tag:int tags:list:str", "tags: two types would be named Tag"),
        ("thing q:bool name:str", "q: two parameters of the list would be named q"),
        ("thing sort:bool", "sort: two parameters of the list would be named sort"),
        ("thing thing_page:int", "thing_page: two types would be named ThingPage"),
        ("thing a:ref:thing_page", "Two types would be named ThingPage. Choose another name of"),
        ("thing name", "name: a field needs a type, as in name:str."),
        ("thing a:decimal:12", "a: a decimal needs its digits, at most 27"),
        ("thing a:decimal:28.2", "a: a decimal needs its digits, at most 27"),
        ("thing a:decimal:2.3", "a: its digits include its places, but 3 is more than 2."),
        ("thing a:enum:one", "a: an enum needs 2 to 100 distinct values, as in enum:draft,sent."),
        ("thing a:enum:one,one", "a: an enum needs 2 to 100 distinct values"),
        ("thing a:enum:one,", "a: a value must have 1 to 50 visible characters"),
        ("thing a:enum:x,a\\b", "a: a\\b must have no colon, backslash, braces or spaces"),
        ("thing a:enum:x,{y}", "a: {y} must have no colon, backslash, braces or spaces"),
        ("thing xmin:int", "xmin: xmin is a reserved name"),
        ("thing equals:bool", "equals: equals is a reserved name"),
        ("thing a:list", "a: a list needs the type of its elements"),
        ("thing a:list:int", "a: a list needs the type of its elements"),
        ("thing a:ref", "a: a ref needs the name of a resource, as in ref:customer."),
        ("thing a:str:maxx=3", "a: maxx is no modifier. Do you mean max?"),
        ("thing a:str:max", "a: max needs a value, as in max=..."),
        ("thing a:str:max=0", "a: max=0 must be from 1 to 10000."),
        ("thing a:str:max=-1", "a: max=-1 must be from 1 to 10000."),
        ("thing a:str:optional=yes", "a: optional has no value."),
        ("thing a:str:unique=all", "a: unique=all is unknown. Valid: unique, unique=global."),
        (
            "thing a:ref:user:on-delete=drop",
            "a: on-delete=drop is unknown. Valid: on-delete=restrict",
        ),
        ("thing a:ref:user:on-delete=null", "a: on-delete=null needs optional."),
        ("thing a:str:max=3:min=4", "a: fewer than two values are within max=3 and min=4."),
        ("thing a:int:gt=1:lt=2", "a: fewer than two values are within gt=1 and lt=2."),
        ("thing a:int:ge=1:le=1", "a: fewer than two values are within ge=1 and le=1."),
        ("thing a:int:ge=1:le=19:unique", "a: unique needs at least 20 values within the bounds."),
        ("thing a:int:ge=1:gt=1", "a: ge and gt exclude each other."),
        ("thing a:int:le=2147483648", "a: le=2147483648 must be from -2147483648 to 2147483647."),
        ("thing a:decimal:4.2:ge=100", "a: ge=100 must be from -99.99 to 99.99."),
        ("thing a:decimal:4.2:ge=0.001", "a: ge=0.001 must have at most 2 decimal places."),
        ("thing a:float:ge=nan", "a: ge=nan must be a number in plain digits."),
        ("thing a:int:ge=0:default=-1", "a: default=-1 must be from 0 to 2147483647."),
        ("thing a:int:default=-1:ge=0", "a: default=-1 must be from 0 to 2147483647."),
        ("thing a:str:max=2:default=abc", "a: default=abc must have from 1 to 2 characters."),
        ("thing a:enum:b,c:default=d", "a: default=d must be one of b, c."),
        ("thing a:bool:default=yes", "a: default=yes must be true or false."),
        (
            "thing a:date:default=2026-02-30",
            "a: default=2026-02-30 must be today, or a date such as",
        ),
        ("thing a:date:default=now", "a: default=now must be today"),
        (
            "thing a:datetime:default=2026-05-31T09:30:00Z",
            'a: a default with a colon works only in a file for --from, as ["a", "datetime", '
            '"default=2026-05-31T09:30:00Z"]. On the command line, the only default is now.',
        ),
        (
            "thing at:datetime:default=today",
            "at: default=today must be now, or in a file for --from a time, as "
            '["at", "datetime", "default=2026-05-31T09:30:00Z"].',
        ),
        ("thing a:str:default=b:1", 'in a file for --from, as ["a", "str", "default=b:1"].'),
        ("thing a:uuid:default=x", "a: default does not fit uuid."),
        ("thing a:int:default=1:optional", "a: a field with a default may be omitted anyway."),
        ("thing a:int:readonly b:str", "a: requests never set a readonly field. Add a default"),
        ("thing a:int:readonly:optional:immutable b:str", "readonly field. Remove immutable."),
        ("thing a:int:unique:index", "a: unique has an index already. Remove index."),
        ("thing a:str:max=601:index", "a: an index holds at most 600 characters. Add max=600."),
    ],
)
def test_each_mistake_is_reported_as_a_sentence(line: str, mistake: str) -> None:
    found = mistakes(line)

    assert any(mistake in each for each in found), found
    assert all(each.endswith((".", "?")) for each in found), found


def test_mistakes_of_names_are_reported_beside_those_of_other_fields() -> None:
    assert mistakes("vet name:strr owner:ref:user class:str q:bool code:str") == [
        "name: the type strr is unknown. Do you mean str?",
        "class: class is a reserved name. Choose another name.",
        "owner: two columns would be named owner_id. Rename the field.",
        "q: two parameters of the list would be named q. Rename the field.",
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pet-tag a:str", ["The name of a resource has lower-case letters, digits and single"]),
        (
            "thing code:str:unique b:str:max=400 --unique code,code --without read,read",
            [
                "--without: read,read has a name twice.",
                "--unique: code,code has a name twice.",
                "--unique: code is unique already, so the group adds nothing.",
            ],
        ),
        ("thing a:str a:int", ["a: two columns would be named a. Rename the field."]),
        ("thing a:datetime:default=2026-05-31T09:30:00Z", ["a: a default with a colon works"]),
        ("thing a:str --unique a,a --unique a,a", ["--unique: a,a has a name twice."]),
    ],
)
def test_a_mistake_is_reported_once(line: str, found: list[str]) -> None:
    reported = mistakes(line)

    assert [a.startswith(b) for a, b in zip(reported, found, strict=True)] == [True] * len(found)
