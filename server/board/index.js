// The landing page: sign in, see who you are, and the kecamatan with their plans as the API tells them.
import { word, number, whenLanguageChanges } from "/static/words.js";
import { graphql } from "/static/client.js";
import { drawSession } from "/static/session.js";

const $ = (id) => document.getElementById(id);
const query = fetch("/static/home.graphql").then((response) => response.text());
let shown = null;
let loads = 0;

async function load() {
  const mine = ++loads; // an older answer may arrive after a newer one
  $("fault").textContent = "";
  try {
    const { status, body } = await graphql(await query);
    if (mine !== loads) return;
    if (status === 401) return open(null);
    if (!body.data) throw new Error(body.errors[0].message);
    if (body.errors) $("fault").textContent = body.errors[0].message;
    open(body.data);
  } catch (problem) {
    $("fault").textContent = problem.message;
  }
}

function open(data) {
  shown = data;
  $("door").hidden = Boolean(data);
  $("inside").hidden = $("sign-out").hidden = !data;
  if (data) draw(data);
}

function draw({ viewer, city, organisations }) {
  $("who").textContent = [viewer?.account.name, viewer?.account.title, viewer?.organisation.name].filter(Boolean).join(", ");
  $("year").textContent = city?.readAt.slice(0, 4) ?? ""; // on the city's clock
  const nodes = organisations?.nodes ?? [];
  const sum = (count) => nodes.reduce((total, each) => total + count(each), 0);
  const overdue = sum((each) => each.summary.overdueTaskCount);
  $("heads").replaceChildren(
    figure(`${number(sum((each) => each.workPlan?.status === "APPROVED"))}/${number(nodes.length)}`, "plansApproved"),
    figure(number(sum((each) => each.summary.doneTaskCount)), "tasksDone"),
    figure(number(overdue), "tasksOverdue", overdue > 0),
    ...(city ? [figure(number(city.term.daysLeft), "daysLeft")] : []),
  );
  $("rows").replaceChildren(...nodes.map(row));
}

function figure(value, name, alert = false) {
  const made = element("div", alert ? "head alert" : "head");
  made.append(element("b", "", value), element("span", "", word(name)));
  return made;
}

function row({ name, head, workPlan, summary }) {
  const made = document.createElement("tr");
  const heading = element("th", "", name);
  heading.scope = "row";
  const plan = document.createElement("td");
  const kind = { APPROVED: "good", CLOSED: "good", SUBMITTED: "open", RETURNED: "open" }[workPlan?.status] ?? "none";
  plan.append(element("span", `state ${kind}`, word(workPlan ? `WorkPlanStatus.${workPlan.status}` : "noPlan")));
  const average = summary.averageAchievementToDate;
  made.append(
    heading, element("td", "", head?.name ?? "–"), plan, element("td", "n", number(summary.targetCount)),
    element("td", "n", average === null ? "–" : `${number(average, 1)} %`),
    element("td", "n", `${number(summary.doneTaskCount)} / ${number(summary.taskCount)}`),
    cell(summary.overdueTaskCount),
  );
  return made;
}

function cell(overdue) {
  const made = element("td", "n");
  made.append(element("span", overdue ? "late" : "muted", overdue ? number(overdue) : "–"));
  return made;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

drawSession(async () => { await load(); $("isi").focus(); }, () => open(null));
whenLanguageChanges(() => shown && draw(shown));
load();
