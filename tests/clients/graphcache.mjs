// urql with its graphcache, which knows the schema: pages of a list, a verb that rolls back, changes as they come, and no
// warning. Prints what went wrong, a line of JSON each, and at its end how many rows it has.
import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { cacheFacts } from "./schema_facts.mjs";

const { url, token, code, taskId, after, schema } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const kind of ["warn", "error"]) console[kind] = (...words) => tell({ [kind]: words.map(String).join(" ") });

const { introspection, embedded } = cacheFacts(schema);
const authorization = `Bearer ${token}`;
const socket = createClient({
  url: url.replace("http", "ws"),
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
});
const client = new Client({
  url,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization } },
  exchanges: [
    cacheExchange({
      schema: introspection,
      keys: Object.fromEntries(embedded.map((name) => [name, () => null])), // parts of what holds them
      resolvers: { Query: { tasks: relayPagination() }, Viewer: { inbox: relayPagination() } },
      optimistic: {
        reportProgress: ({ input }) => ({
          __typename: "TaskPayload",
          task: { __typename: "Task", id: input.taskId, progress: input.progress },
          errors: [],
        }),
      },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
      }),
    }),
  ],
});

const LIST = gql`
  query List($code: String!, $first: Int!, $after: Cursor) {
    tasks(filter: { organisation: { code: { eq: $code } } }, orderBy: [{ title: ASC }], first: $first, after: $after) {
      totalCount
      edges {
        cursor
        node {
          id
          title
          progress
          version
          organisation {
            id
            summary {
              taskCount
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
    viewer {
      role
      account {
        id
        name
      }
      inbox(first: 2) {
        edges {
          cursor
          node {
            id
            kind
            subject {
              id
              ... on Task {
                title
              }
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;
const REPORT = gql`
  mutation Report($input: ReportProgressInput!) {
    reportProgress(input: $input) {
      task {
        id
        progress
        version
      }
      errors {
        code
        message
        path
      }
    }
  }
`;
const CHANGED = gql`
  subscription Changed($code: String!, $after: Cursor) {
    taskChanged(filter: { organisation: { code: { eq: $code } } }, after: $after) {
      kind
      cursor
      node {
        id
        progress
        version
      }
    }
  }
`;

const first = { code, first: 2 };
const load = async (variables) => {
  const { data, error } = await client.query(LIST, variables, { requestPolicy: "network-only" }).toPromise();
  if (error) tell({ failed: String(error) });
  return data;
};
const shown = [];
const row = (data) => data?.tasks.edges.map((each) => each.node).find((each) => each.id === taskId);
client.query(LIST, first).subscribe(({ data }) => data && shown.push(row(data)?.progress));
const page = await load(first);
const both = await load({ ...first, after: page.tasks.pageInfo.endCursor });
const rows = both.tasks.edges.map((each) => each.node.id);
if (rows.length !== 4 || new Set(rows).size !== 4) tell({ badPages: rows });

const before = row(page);
const input = { taskId, progress: 90, ifVersion: before.version - 1 };
const refused = await client.mutation(REPORT, { input }).toPromise();
if (refused.data?.reportProgress.errors[0]?.code !== "STALE_VERSION") tell({ notRefused: refused });
if (!shown.includes(90) || shown.at(-1) !== before.progress) tell({ notRolledBack: shown });

let heard = 0;
client.subscription(CHANGED, { code, after }).subscribe(({ data, error }) => {
  if (error) tell({ failed: String(error) });
  if (data) heard++;
});
await client.mutation(REPORT, { input: { taskId, progress: before.progress + 5 } }).toPromise();
for (let tries = 0; tries < 200 && !heard; tries++) await new Promise((next) => setTimeout(next, 50));
if (shown.at(-1) !== before.progress + 5) tell({ notShown: shown });
tell({ rows: rows.length, heard });
process.exit();
