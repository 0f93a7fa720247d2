// Relay's store over a live server: a list in pages, a verb that rolls back, and a subscription's changes. Prints what
// went wrong, a line of JSON each, and at its end how many changes it heard.
const { createClient } = require("graphql-ws");
const WebSocket = require("ws");
const { Environment, Network, Observable, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery } =
  require("relay-runtime");
const { requestSubscription } = require("relay-runtime");

const asked = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const kind of ["warn", "error"]) console[kind] = (...words) => tell({ [kind]: words.map(String).join(" ") });
const generated = (name) => require(`./__generated__/${name}.graphql`).default;

const headers = { authorization: `Bearer ${asked.token}`, "content-type": "application/json" };
const post = async ({ text }, variables) => {
  const answer = await fetch(asked.url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
  return answer.json();
};
const socket = createClient({
  url: asked.url.replace("http", "ws"),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: headers.authorization },
});
const follow = ({ text: query }, variables) =>
  Observable.create((sink) => socket.subscribe({ query, variables }, sink));
const environment = new Environment({
  network: Network.create(post, follow),
  store: new Store(new RecordSource()),
});

const load = async (name, variables) => {
  const request = generated(name);
  await fetchQuery(environment, request, variables).toPromise();
  environment.retain(createOperationDescriptor(request, variables));
};
const change = (name, variables, more = {}) =>
  new Promise((onCompleted, onError) =>
    commitMutation(environment, { mutation: generated(name), variables, onCompleted, onError, ...more }),
  );
const records = () => environment.getStore().getSource().toJSON();
const of = (id) => records()[id] ?? {};
const until = async (fact, what) => {
  for (let tries = 0; tries < 200; tries++) {
    if (fact()) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  tell({ never: what });
};
// A record's type is told by the beginning of its id: nothing else may have been written over it.
const corrupted = () =>
  Object.entries(records()).flatMap(([id, record]) => {
    const expected = { task: "Task", org: "Organisation", acct: "Account", event: "Event" }[id.split("_")[0]];
    return id.includes(":") || !expected || record?.__typename === expected ? [] : [{ id, type: record?.__typename }];
  });

(async () => {
  const { code, taskId } = asked;
  await load("TasksListQuery", { code });
  await load("TasksRowQuery", { id: taskId });
  const variables = { code, after: asked.after };
  let heard = 0;
  const subscription = { subscription: generated("TasksChangedSubscription"), variables };
  requestSubscription(environment, { ...subscription, onNext: () => heard++, onError: (e) => tell({ failed: String(e) }) });
  const input = { taskId, progress: 40 };
  await change("TasksReportMutation", { input });
  await until(() => heard >= 1, "the change is heard");
  if (of(taskId).progress !== 40) tell({ lost: of(taskId) });

  const seen = [];
  const stale = { taskId, progress: 90, ifVersion: 1 };
  const { version } = of(taskId);
  const optimisticResponse = { reportProgress: { task: { id: taskId, progress: 90, version }, errors: [] } };
  const refused = change("TasksReportMutation", { input: stale }, { optimisticResponse });
  seen.push(of(taskId).progress);
  const { reportProgress } = await refused;
  seen.push(of(taskId).progress);
  if (seen.join() !== "90,40") tell({ notRolledBack: seen });
  if (reportProgress.errors[0]?.code !== "STALE_VERSION") tell({ notRefused: reportProgress });

  const connections = [];
  const created = await change("TasksCreateMutation", {
    input: { organisation: { code }, title: "Dari Relay" }, connections,
  });
  if (created.createTask.errors.length) tell({ notCreated: created });
  await until(() => heard >= 2, "what was made is heard");
  for (const each of corrupted()) tell({ corrupted: each });
  tell({ heard, records: Object.keys(records()).length });
  socket.dispose();
  process.exit();
})().catch((error) => {
  tell({ failed: String(error?.stack ?? error) });
  process.exit(1);
});
