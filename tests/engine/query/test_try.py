import orjson
async def test_try(engine, library):
    q = """query($f: Int, $s: String) { tasks(first: $f, search: $s, filter: {organisation: {code: {eq: "O01"}}, not: {status: {eq: DONE}}}, orderBy: [{dueOn: DESC}, {organisationName: ASC}]) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { id title dueOn createdAt statusLabel isOverdue organisation { id name parent {name} } workPlan { title } checklist { id text isDone }
        allowedActions { verb reasons { code ... on NoRight { role } } }
        waitsFor { title }
        comments(first: 2) { totalCount nodes { body author { name login } } }
        history(first: 2) { edges { cursor node { id subject { __typename id ... on Task { title } } organisations { code } } } }
      } } }"""
    r = await engine.execute(q, {"f": 4}, None, library.context())
    print(r.errors, r.data if not isinstance(r.data, bytes) else orjson.dumps(orjson.loads(r.data), option=orjson.OPT_INDENT_2).decode())
    print(r.extensions)
    for op in engine.documents.get(q).operations.values():
        for c in op.compiled.values():
            for l in c.levels: show(l)
    assert 0
def show(l):
    print(l.path, l.sql); 
    if l.count: print(l.count.sql)
    for c in l.children: show(c.level)
