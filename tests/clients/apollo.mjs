// Apollo Client over a live server: pages of a list, a verb that rolls back, and no warning. Prints what went wrong, a
// line of JSON each, and at its end how many rows it has.
import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client/core";
import { loadDevMessages, loadErrorMessages } from "@apollo/client/dev";
import { relayStylePagination } from "@apollo/client/utilities";
import { cacheFacts } from "./schema_facts.mjs";

loadDevMessages();
loadErrorMessages();
const { url, token, code, taskId, schema } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const kind of ["warn", "error"]) console[kind] = (...words) => tell({ [kind]: words.map(String).join(" ") });

const { possibleTypes, embedded } = cacheFacts(schema);
const lists = relayStylePagination(["filter", "orderBy", "search", "includeArchived"]);
const cache = new InMemoryCache({
  possibleTypes,
  // As docs/clients.md says: what has no id is a part of what holds it.
  typePolicies: {
    ...Object.fromEntries(embedded.map((name) => [name, { merge: true }])),
    Query: { fields: { tasks: lists } },
    Viewer: { merge: true, fields: { inbox: relayStylePagination() } },
  },
});
const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } }) });

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
  }
`;
const BOARD = gql`
  query Board($code: String!) {
    organisation(by: { code: $code }) {
      id
      name
      summary {
        doneTaskCount
      }
    }
    viewer {
      role
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
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
    statusBoard {
      readAt
    }
  }
`;
const WHO = gql`
  query Who {
    viewer {
      account {
        id
        name
      }
    }
    statusBoard {
      cursor
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

const variables = { code, first: 2 };
const seen = [];
const list = client.watchQuery({ query: LIST, variables });
const progress = () =>
  client.readFragment({ id: `Task:${taskId}`, fragment: gql`fragment Shown on Task { progress version }` }, true);
list.subscribe({ error: (error) => tell({ failed: String(error) }) });
await client.query({ query: LIST, variables });
await client.query({ query: BOARD, variables: { code } });
await client.query({ query: WHO });
const first = cache.readQuery({ query: LIST, variables });
const { data } = await list.fetchMore({ variables: { after: first.tasks.pageInfo.endCursor } });
const both = cache.readQuery({ query: LIST, variables });
const rows = both.tasks.edges.map((each) => each.node.id);
if (rows.length !== 4 || new Set(rows).size !== 4) tell({ badPages: rows, data });

const before = progress();
const input = { taskId, progress: 90, ifVersion: before.version - 1 };
const task = { __typename: "Task", id: taskId, progress: 90, version: before.version };
const optimisticResponse = {
  reportProgress: { __typename: "TaskPayload", task, errors: [] },
};
const refused = client.mutate({ mutation: REPORT, variables: { input }, optimisticResponse });
seen.push(progress().progress);
const answer = await refused;
seen.push(progress().progress);
if (seen[0] !== 90 || seen[1] !== before.progress) tell({ notRolledBack: seen, before });
if (answer.data.reportProgress.errors[0]?.code !== "STALE_VERSION") tell({ notRefused: answer });
tell({ rows: rows.length });
client.stop();
process.exit();
