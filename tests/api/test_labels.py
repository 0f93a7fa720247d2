"""What people call the API's names, in the language that they ask for, whichever language the caller has."""

from __future__ import annotations

from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type, is_list_type, is_non_null_type

from server.rules.aggregates import VERBS
from server.rules.event import EventType
from server.schema import schema
from server.schema.labels import FOR_PROGRAMS
from server.text import LANGUAGES
from tests.city import City
from tests.verbs import mutation_of

PROGRAMS = {each.__name__ for each in FOR_PROGRAMS} | {"ErrorCode"}
BOTH = "statusLabel indonesian: statusLabel(language: ID) english: statusLabel(language: EN)"


def test_every_enum_that_an_object_holds_has_its_label_beside_it() -> None:
    missing = []
    for type_ in schema._schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            bare = field.type.of_type if is_non_null_type(field.type) else field.type
            leaf = get_named_type(field.type)
            if isinstance(leaf, GraphQLEnumType) and leaf.name not in PROGRAMS and not is_list_type(bare):
                beside = type_.fields.get(f"{name}Label")
                if beside is None or is_non_null_type(beside.type) != is_non_null_type(field.type):
                    missing.append(f"{type_.name}.{name}")
    assert not missing


async def test_a_label_is_told_in_the_language_that_is_asked_for(city: City) -> None:
    task = await city.task(city.camat)
    query = f"query($id: ID!, $to: Language) {{ task(by: {{id: $id}}) {{ {BOTH} to: statusLabel(language: $to) }} }}"
    for caller in LANGUAGES:
        for to, word in (("ID", "Direncanakan"), ("EN", "Planned"), (None, None)):
            answer = await city.camat.ask(query, {"id": task, "to": to}, at=None, **{"accept-language": caller})
            told = answer["data"]["task"]
            assert (told["indonesian"], told["english"]) == ("Direncanakan", "Planned")
            own = told["indonesian" if caller == "id" else "english"]
            assert told["statusLabel"] == own
            assert told["to"] == (word or own)


async def test_labels_stand_in_joined_rows_payloads_changes_and_what_python_makes(city: City) -> None:
    watcher = await city.outsider.watch("taskChanged", node=f"id {BOTH} organisation {{ kindLabel(language: EN) }}")
    task = await city.task(city.camat, dueOn=city.day(3))
    told = (await watcher.next())["node"]
    assert (told["english"], told["organisation"]["kindLabel"]) == ("Planned", "Kecamatan")
    selection = """task {
        english: statusLabel(language: EN) dueClock { stateLabel(language: EN) endingLabel }
        history(last: 1) { nodes { typeLabel(language: EN) changes { field fieldLabel(language: EN) } } }
        allowedActions { verb verbLabel(language: EN) } }"""
    told = (await city.camat.mutate("startTask", {"taskId": task}, selection))["task"]
    assert told["english"] == "In progress"
    assert told["dueClock"] == {"stateLabel": "Running", "endingLabel": None}
    (event,) = told["history"]["nodes"]
    assert event["typeLabel"] == "Task started"
    assert {"field": "STATUS", "fieldLabel": "Status"} in event["changes"]
    assert {each["verb"]: each["verbLabel"] for each in told["allowedActions"]}["COMPLETE_TASK"] == "Complete"
    viewer = await city.camat.query("{ viewer { roleLabel(language: EN) offices { capacityLabel(language: EN) } } }")
    assert viewer["viewer"] == {"roleLabel": "Head", "offices": [{"capacityLabel": "definitive"}]}


async def test_the_catalogue_holds_each_enum_and_each_verb(city: City) -> None:
    query = """query($to: Language) { labels(language: $to) {
        language enums { name values { name label } } } }"""
    told = {to: (await city.outsider.query(query, to=to))["labels"] for to in ("ID", "EN", None)}
    assert told[None] == told["ID"]
    assert told["EN"] != told["ID"]
    enums = {each["name"]: [value["name"] for value in each["values"]] for each in told["EN"]["enums"]}
    assert enums["EventType"] == [each.name for each in EventType]
    for name, values in enums.items():
        type_ = schema._schema.type_map[name]
        assert isinstance(type_, GraphQLEnumType)
        assert set(values) == set(type_.values)
    read = {name for name, each in schema._schema.type_map.items() if isinstance(each, GraphQLEnumType)}
    assert read - enums.keys() - PROGRAMS - {"Direction", "__DirectiveLocation", "__TypeKind"} == set()
    assert {mutation_of(each) for each in enums["Verb"]} == {*VERBS, "signIn"}
