// Asks a query live in one of the ways that stock clients have, with the recipes of docs/clients.md, and prints each
// answer's titles, a line of JSON each.
import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";

const { way, url, token, code } = JSON.parse(process.argv[2]);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const kind of ["warn", "error"]) console[kind] = (...words) => tell({ [kind]: words.map(String).join(" ") });

const authorization = `Bearer ${token}`;
const list = "tasks(filter: { organisation: { code: { eq: $code } } }, orderBy: [{ title: ASC }], first: 20) { nodes { id title } }";
const asQuery = `query Live($code: String!) @live { ${list} }`;
const asField = `subscription Live($code: String!) { live { ${list} } }`;
const variables = { code };
const titles = (data) => (data.live ?? data).tasks.nodes.map((each) => each.title);
const hear = ({ data, errors, error }) =>
  tell(errors || error ? { errors: errors ?? String(error) } : { titles: titles(data) });
const sink = { next: hear, error: (error) => tell({ error: String(error) }), complete: () => tell({ complete: true }) };

const socket = () =>
  overSocket({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, connectionParams: { authorization } });
const urql = (exchanges, more = {}) => new Client({ url, fetchOptions: { headers: { authorization } }, exchanges, ...more });
const forward = (client) => (request) => ({
  subscribe: (to) => ({ unsubscribe: client.subscribe({ ...request, query: request.query ?? "" }, to) }),
});
const isLive = (operation) =>
  operation.query.definitions.some((each) => each.directives?.some((directive) => directive.name.value === "live"));
const apollo = (link) => new ApolloClient({ cache: new InMemoryCache(), link });
const http = () => new HttpLink({ uri: url, headers: { authorization } });

const WAYS = {
  "graphql-ws, query": () => socket().subscribe({ query: asQuery, variables }, sink),
  "graphql-ws, field": () => socket().subscribe({ query: asField, variables }, sink),
  "graphql-sse, query": () => overEvents({ url, headers: { authorization } }).subscribe({ query: asQuery, variables }, sink),
  "graphql-sse, field": () => overEvents({ url, headers: { authorization } }).subscribe({ query: asField, variables }, sink),
  "urql by fetch, query": () => urql([fetchExchange]).query(gql(asQuery), variables).subscribe(hear),
  "urql by fetch, field": () =>
    urql([fetchExchange], { fetchSubscriptions: true }).subscription(gql(asField), variables).subscribe(hear),
  "urql by socket, query": () =>
    urql([
      subscriptionExchange({
        forwardSubscription: forward(socket()),
        isSubscriptionOperation: (operation) => operation.kind === "subscription" || isLive(operation),
      }),
      fetchExchange,
    ])
      .query(gql(asQuery), variables)
      .subscribe(hear),
  "urql by socket, field": () =>
    urql([subscriptionExchange({ forwardSubscription: forward(socket()) }), fetchExchange])
      .subscription(gql(asField), variables)
      .subscribe(hear),
  "apollo by http, query": () =>
    apollo(http())
      .watchQuery({
        query: apolloGql(asQuery),
        variables,
        errorPolicy: "all",
        context: { http: { accept: ["multipart/mixed"] } },
      })
      .subscribe((result) => result.loading || hear(result)),
  "apollo by http, field": () => apollo(http()).subscribe({ query: apolloGql(asField), variables }).subscribe(hear),
  "apollo by socket, field": () =>
    apollo(new GraphQLWsLink(socket())).subscribe({ query: apolloGql(asField), variables }).subscribe(hear),
};
if (way === "?") tell(Object.keys(WAYS));
else WAYS[way]();
