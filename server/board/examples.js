// Questions worth starting from: [name in Indonesian, name in English, query, variables].
// A variable that only the data can tell is asked for: what TASK finds takes the place of the word TASK.
export const TASK = `query FirstTask {
  viewer { organisation { tasks(filter: { status: { in: [PLANNED, IN_PROGRESS] } }, first: 1) { nodes { id } } } }
  tasks(filter: { status: { in: [PLANNED, IN_PROGRESS] } }, first: 1) { nodes { id } }
}`;

export const EXAMPLES = [
  ["Siapa saya", "Who am I", `query WhoAmI {
  viewer {
    role
    account { id name title }
    organisation { code name }
  }
}`],
  ["Kecamatan dan rencananya", "The districts and their plans", `query Districts {
  organisations(filter: { kind: { eq: KECAMATAN } }, orderBy: [{ code: ASC }], first: 50) {
    totalCount
    nodes {
      code
      name
      workPlan { id title status }
      summary { targetCount averageAchievementToDate taskCount overdueTaskCount }
    }
  }
}`],
  ["Tugas terlambat menurut tenggat", "Overdue tasks by due date", `query Overdue {
  tasks(filter: { isOverdue: { eq: true } }, orderBy: [{ dueOn: ASC }], first: 20) {
    nodes { id title status progress dueOn organisation { shortName } assignee { name } }
    pageInfo { hasNextPage endCursor }
  }
}`],
  ["Target satu dinas dan capaiannya sampai kini", "One agency's targets and their achievement to date", `query Targets($code: String!) {
  organisation(by: { code: $code }) {
    name
    targets(first: 20) {
      nodes { id indicator unit targetValue realised expectedNow achievementToDate trackState dueOn }
    }
  }
}`, { code: "DLH" }],
  ["Melapor kemajuan (coba dahulu: dryRun)", "Report progress (a dry run first)", `mutation Report($input: ReportProgressInput!) {
  reportProgress(input: $input) {
    isDryRun
    task { id title progress status }
    errors { code message path }
  }
}`, { input: { taskId: "TASK", progress: 60, note: "Dua dari tiga truk sudah jalan", dryRun: true } }],
];
