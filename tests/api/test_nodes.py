"""What the API gives an id, `node` finds for whoever sees it; an id of what is no node says where that is found."""

from __future__ import annotations

from graphql import GraphQLObjectType

from server.schema.city import NO_NODES
from tests import cases
from tests.city import City
from tests.sending import check, send
from tests.walking import GRAPHQL

WITHOUT_ROWS = {"ChecklistItem": "item", "InboxItem": "inbox"}  # parts of a row, with ids


def test_every_type_with_an_id_of_its_own_is_a_node_or_is_told_of() -> None:
    assert set(WITHOUT_ROWS.values()) == set(NO_NODES)
    for type_ in GRAPHQL.type_map.values():
        # A change bears the id of the thing that changed.
        if isinstance(type_, GraphQLObjectType) and "id" in type_.fields and not type_.name.endswith("Change"):
            is_node = "Node" in [each.name for each in type_.interfaces]
            told = "has an id: derive it from Node; or what is no row goes into WITHOUT_ROWS here and NO_NODES there"
            assert is_node is not (type_.name in WITHOUT_ROWS), f"{type_.name} {told}"


async def test_comments_messages_follow_ups_and_appendices_are_found_by_their_ids(city: City) -> None:
    task = await city.task(city.camat, checklist=["Satu"])
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Kata"})
    request = await cases.request(city, city.camat, city.dlh)
    await city.camat.mutate("postMessage", {"requestId": request, "text": "Pesan"})
    filed = {"requestId": request, "statement": "Pernyataan"}
    case = (await city.camat.mutate("fileEscalation", filed))["escalation"]["id"]
    await city.dlh.mutate("replyToEscalation", {"escalationId": case, "reply": "Tanggapan"})
    decided = {"escalationId": case, "kind": "GUIDANCE", "facts": "F", "signedBy": "S", "documentNumber": "1"}
    await city.mayor.mutate("decideEscalation", decided)
    await city.dlh.mutate("appendToDecision", {"escalationId": case, "kind": "OBJECTION", "text": "Keberatan"})
    await city.sekda.mutate("addFollowUp", {"escalationId": case, "text": "Lanjut"})
    read = "query($t: ID!, $r: ID!, $c: ID!) { task(by: {id: $t}) { comments { nodes { id } } checklist { id } }"
    read += " request(by: {id: $r}) { messages { nodes { id } } }"
    read += " escalation(by: {id: $c}) { followUps { id } appendices { id } } }"
    seen = await city.mayor.query(read, t=task, r=request, c=case)
    comment, message = seen["task"]["comments"], seen["request"]["messages"]
    parts = {
        comment["nodes"][0]["id"]: "Comment", message["nodes"][0]["id"]: "Message",
        seen["escalation"]["followUps"][0]["id"]: "FollowUp", seen["escalation"]["appendices"][0]["id"]: "Appendix",
    }  # fmt: skip
    one = "query($id: ID!) { node(id: $id) { __typename id ... on Comment { text } ... on FollowUp { text } } }"
    for id_, type_ in parts.items():
        node = (await city.mayor.query(one, id=id_))["node"]
        assert (node["__typename"], node["id"]) == (type_, id_)
        for stranger in (city.outsider, city.admin, city.camat_staff):
            found = (await stranger.query(one, id=id_))["node"]
            assert (found is None) is (type_ in ("FollowUp", "Appendix")), type_
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    found = (await city.mayor.query(nodes, ids=[*parts]))["nodes"]
    assert [each["__typename"] for each in found] == [*parts.values()]
    item = seen["task"]["checklist"][0]["id"]
    for query, variables, path in (
        (one, {"id": item}, ["node", "id"]), (nodes, {"ids": [task, item]}, ["nodes", "ids"]),
        (f'{{ node(id: "{item}") {{ id }} }}', {}, ["node", "id"]),
    ):  # fmt: skip
        for language in ("id", "en"):
            _, answer = await send(city.camat, query, variables, language)
            (error,) = check(answer, language=language)
            assert (error["extensions"]["code"], error["extensions"]["path"]) == ("BAD_USER_INPUT", path)
            assert "Task.checklist" in error["message"]


async def test_a_comment_is_hidden_with_its_drafts_task(city: City) -> None:
    task = await city.task(city.camat, workPlanId=await city.draft(city.camat, year=2027))
    await city.camat.mutate("commentOnTask", {"taskId": task, "text": "Kata"})
    read = "query($id: ID!) { task(by: {id: $id}) { comments { totalCount nodes { id } } } }"
    comments = (await city.camat.query(read, id=task))["task"]["comments"]
    assert comments["totalCount"] == 1
    one, id_ = "query($id: ID!) { node(id: $id) { id } }", comments["nodes"][0]["id"]
    for person, is_seen in ((city.camat_staff, True), (city.bappeda, True), (city.outsider, False), (city.dlh, False)):
        assert (await person.query(one, id=id_))["node"] == ({"id": id_} if is_seen else None)
