// The API page: write a query, run it as yourself, and read what the schema holds.
import { language, word, number, whenLanguageChanges } from "/static/words.js";
import { graphql } from "/static/client.js";
import { drawSession } from "/static/session.js";
import { EXAMPLES, TASK } from "/static/examples.js";

const $ = (id) => document.getElementById(id);
const REFERENCE = `query Reference { __schema {
  queryType { fields { ...F } } mutationType { fields { ...F } } subscriptionType { fields { ...F } }
} }
fragment F on __Field { name description args { name type { ...T } } type { ...T } }
fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`;
let reference = null;

function drawExamples() {
  const chosen = $("example").selectedIndex;
  $("example").replaceChildren(...EXAMPLES.map(([id, en]) => new Option(language === "en" ? en : id)));
  $("example").selectedIndex = Math.max(chosen, 0);
}

async function choose() {
  const [, , query, variables] = EXAMPLES[$("example").selectedIndex];
  $("query").value = query;
  $("variables").value = variables ? JSON.stringify(variables, null, 2) : "";
  if ($("variables").value.includes('"TASK"')) {
    const { data } = (await graphql(TASK)).body;
    const [task] = [...(data?.viewer?.organisation?.tasks.nodes ?? []), ...(data?.tasks?.nodes ?? [])];
    if (task) $("variables").value = $("variables").value.replace("TASK", task.id);
  }
}

async function run() {
  let variables = null;
  try {
    variables = $("variables").value.trim() ? JSON.parse($("variables").value) : null;
  } catch {
    $("facts").textContent = word("badVariables");
    $("result").textContent = "";
    $("variables").focus();
    return;
  }
  $("run").disabled = true;
  $("facts").textContent = word("loading");
  const began = performance.now();
  try {
    const { status, body } = await graphql($("query").value, variables);
    const facts = [`HTTP ${status}`, `${number(performance.now() - began)} ms`];
    if (body.extensions?.cost) facts.push(`cost ${JSON.stringify(body.extensions.cost)}`);
    $("facts").textContent = facts.join(" · ");
    $("result").textContent = JSON.stringify(body, null, 2);
    if (status === 401) show(false);
  } catch (problem) {
    $("facts").textContent = problem.message;
  } finally {
    $("run").disabled = false;
  }
}

function show(isSignedIn) {
  $("door").hidden = isSignedIn;
  $("sign-out").hidden = $("reference").hidden = !isSignedIn;
}

async function load() {
  try {
    const { status, body } = await graphql(REFERENCE);
    show(status !== 401);
    if (body.data) reference = body.data.__schema;
    drawReference();
  } catch (problem) {
    $("facts").textContent = problem.message;
  }
}

function drawReference() {
  if (!reference) return;
  const groups = [["Query", reference.queryType], ["Mutation", reference.mutationType], ["Subscription", reference.subscriptionType]];
  $("fields").replaceChildren(...groups.filter(([, type]) => type).map(([name, type]) => {
    const group = document.createElement("details");
    group.open = name === "Query";
    const heading = document.createElement("summary");
    heading.textContent = `${name} (${type.fields.length})`;
    group.append(heading, ...type.fields.map(field));
    return group;
  }));
}

function field({ name, description, args, type }) {
  const made = document.createElement("details");
  const heading = document.createElement("summary");
  const code = document.createElement("code");
  const list = args.map((each) => `${each.name}: ${written(each.type)}`).join(", ");
  code.textContent = `${name}${list ? `(${list})` : ""}: ${written(type)}`;
  const text = document.createElement("p");
  text.className = "muted";
  text.lang = "en";
  text.textContent = description ?? "";
  heading.append(code);
  made.append(heading, text);
  return made;
}

function written(type) {
  if (type.kind === "NON_NULL") return `${written(type.ofType)}!`;
  if (type.kind === "LIST") return `[${written(type.ofType)}]`;
  return type.name;
}

$("run").addEventListener("click", run);
$("example").addEventListener("change", choose);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
});
whenLanguageChanges(() => { drawExamples(); drawReference(); });
drawSession(async () => { await load(); $("query").focus(); }, () => { reference = null; show(false); });
drawExamples();
const given = new URLSearchParams(location.search);
if (given.get("query")) {
  $("query").value = given.get("query");
  $("variables").value = given.get("variables") ?? "";
} else choose();
load();
