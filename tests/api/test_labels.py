"""What people call the API's names, in the language that they ask for, whichever language the caller has."""

from __future__ import annotations

from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type, is_list_type, is_non_null_type

from server.rules.aggregates import VERBS
from server.rules.event import EventType
from server.schema import schema
from server.schema.labels import FOR_PROGRAMS
from server.text import LANGUAGES
from tests.city import City
from tests.person import Person
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


CHANGED = (
    "query($id: ID!, $to: Language) { node(id: $id) { ... on Subject { history(first: 50) { nodes {"
    " changes { field before after beforeText(language: $to) afterText(language: $to) } } } } } }"
)


async def changed(who: Person, id_: str, to: str | None = "EN") -> dict[str, tuple[str | None, str | None]]:
    """Field → what it was last changed from and to, in words."""
    nodes = (await who.query(CHANGED, id=id_, to=to))["node"]["history"]["nodes"]
    found = [each for node in nodes for each in node["changes"]]
    for each in found:
        assert [each[side] is None for side in ("before", "after")] == [
            each[f"{side}Text"] is None for side in ("before", "after")
        ]
    return {each["field"]: (each["beforeText"], each["afterText"]) for each in found}


async def test_what_changed_is_told_in_words(city: City) -> None:
    """A state by its label, a day as people write it, an amount, a person and a plan by name, a list by its parts."""
    task = await city.task(city.camat, dueOn="2026-06-30")
    await city.camat.mutate("updateTask", {"taskId": task, "dueOn": "2026-07-15", "priority": "HIGH"})
    await city.camat.mutate("assignTask", {"taskId": task, "assigneeId": city.camat_staff.id})
    await city.camat.mutate("addChecklistItem", {"taskId": task, "text": "Sewa truk"})
    await city.camat.mutate("startTask", {"taskId": task})
    plan = await city.approved(city.camat)
    await city.camat.mutate("moveTask", {"taskId": task, "workPlanId": plan})
    (target,) = await city.targets_of(plan)
    await city.camat.mutate("recordMeasurement", {"targetId": target, "value": "1250.5", "measuredOn": city.day()})
    indonesian, english = await changed(city.outsider, task, "ID"), await changed(city.outsider, task)
    assert await changed(city.outsider, task, None) == indonesian
    assert (indonesian["DUE_ON"], english["DUE_ON"]) == (
        ("30 Juni 2026", "15 Juli 2026"),
        ("30 June 2026", "15 July 2026"),
    )
    assert (indonesian["STATUS"], english["STATUS"]) == (("Direncanakan", "Berjalan"), ("Planned", "In progress"))
    assert english["PRIORITY"] == ("Normal", "High")
    assert english["ASSIGNEE"] == (None, city.camat_staff.name)
    assert (indonesian["CHECKLIST"], english["CHECKLIST"]) == (("–", "Sewa truk: tidak"), ("–", "Sewa truk: no"))
    title = await city.camat.query("query($id: ID!) { workPlan(by: {id: $id}) { title } }", id=plan)
    assert english["WORK_PLAN"][1] == title["workPlan"]["title"]
    assert (await changed(city.outsider, target, "ID"))["REALISED"] == (None, "1.250,5")


async def test_what_not_everybody_may_see_is_told_by_its_id(city: City) -> None:
    """A plan that was never submitted, to its own people too: the log is the same for all who may read it."""
    one, other = await city.draft(city.camat, year=2027), await city.draft(city.camat, year=2028)
    task = await city.task(city.camat, workPlanId=one)
    await city.camat.mutate("moveTask", {"taskId": task, "workPlanId": other})
    assert (await changed(city.camat, task))["WORK_PLAN"] == (one, other)
