// Documents as a frontend has them, and code that would not compile if their types were loose.
import { graphql } from "./generated";
import type { ListQuery, Priority } from "./generated/graphql";

export const List = graphql(`
  query List($filter: TaskFilter, $order: [TaskOrder!], $after: Cursor) {
    tasks(filter: $filter, orderBy: $order, after: $after) {
      totalCount
      nodes {
        id
        title
        priority
        progress
        dueOn
        createdAt
        organisation {
          code
          summary {
            averageAchievement
          }
        }
        history(first: 1) {
          nodes {
            sentence
            subject {
              __typename
            }
          }
        }
      }
    }
    targets(first: 1) {
      nodes {
        targetValue
        achievement
      }
    }
  }
`);

export const Organisation = graphql(`
  query Organisation($by: OrganisationKey!) {
    organisation(by: $by) {
      name
    }
  }
`);

export const Report = graphql(`
  mutation Report($input: ReportProgressInput!) {
    reportProgress(input: $input) {
      task {
        id
        progress
      }
      errors {
        __typename
        code
        message
        path
      }
    }
  }
`);

type Variables<Document> = Document extends { __apiType?: (variables: infer Given) => unknown } ? Given : never;

export const ordered: Variables<typeof List> = {
  filter: { dueOn: { lte: "P7D" }, status: { in: ["DONE"] } },
  order: [{ dueOn: "ASC" }, { title: "DESC" }],
};
export const byCode: Variables<typeof Organisation> = { by: { code: "DLH" } };
// @ts-expect-error exactly one key
export const byBoth: Variables<typeof Organisation> = { by: { code: "DLH", id: "org_…" } };
// @ts-expect-error a number
export const text: Variables<typeof Report> = { input: { taskId: "task_…", progress: "60" } };

export function told(data: ListQuery): [string, number, string | null, Priority] | undefined {
  const task = data.tasks?.nodes[0];
  return task && [task.createdAt, task.progress, task.dueOn ?? null, task.priority];
}
export const measured = (data: ListQuery): [string, number | null] | undefined => {
  const target = data.targets?.nodes[0];
  return target && [target.targetValue, target.achievement ?? null];
};
