// Follows a subscription with a stock client, as README.md says, and prints what it hears, a line of JSON each.
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const { client, url, token, query, variables, after } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

let last = after;
const asked = {
  query,
  variables: {
    ...variables,
    // Read anew each time that the client asks again.
    get after() {
      return last;
    },
  },
};
const sink = {
  next({ data, errors }) {
    if (errors) return tell({ errors });
    const [change] = Object.values(data);
    last = change.cursor;
    tell({ change });
  },
  error: (error) => tell({ error: String(error?.message ?? error?.reason ?? error) }),
  complete: () => tell({ complete: true }),
};
const patience = { retryAttempts: Infinity };
const connected = { connected: () => tell({ connected: true }) };

if (client === "graphql-sse") {
  const headers = () => ({ authorization: `Bearer ${token}` });
  overEvents({ url, headers, ...patience }).subscribe(asked, sink, connected);
} else {
  overSocket({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: () => ({ authorization: `Bearer ${token}` }),
    ...patience,
    shouldRetry: () => true, // by itself it comes back from a close, but not from a server that is not there
    on: connected,
  }).subscribe(asked, sink);
}
