// What a board of tasks would ask with Relay: lists in pages, parts that load anew, verbs, and changes as they come.
const { graphql } = require("relay-runtime");

module.exports = {
  list: graphql`
    query TasksListQuery($code: String!) {
      ...Tasks_list @arguments(code: $code)
      viewer {
        account {
          id
          name
        }
        ...Tasks_inbox
      }
      city {
        name
        readAt
      }
    }
  `,
  _list: graphql`
    fragment Tasks_list on Query
    @refetchable(queryName: "TasksListPaginationQuery")
    @argumentDefinitions(
      count: { type: "Int", defaultValue: 2 }
      cursor: { type: "Cursor" }
      code: { type: "String!" }
    ) {
      tasks(
        first: $count
        after: $cursor
        filter: { organisation: { code: { eq: $code } } }
        orderBy: [{ title: ASC }]
      ) @connection(key: "Tasks_list_tasks", filters: ["filter", "orderBy"]) {
        totalCount
        edges {
          node {
            id
            ...Tasks_row
          }
        }
      }
    }
  `,
  _row: graphql`
    fragment Tasks_row on Task
    @refetchable(queryName: "TasksRowRefetchQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "Cursor" }) {
      title
      progress
      status
      version
      organisation {
        name
        summary {
          taskCount
        }
      }
      comments(first: $count, after: $cursor) @connection(key: "Tasks_row_comments") {
        edges {
          node {
            text
          }
        }
      }
      ...Tasks_history
    }
  `,
  _history: graphql`
    fragment Tasks_history on Task
    @refetchable(queryName: "TasksHistoryRefetchQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "Cursor" }) {
      history(first: $count, after: $cursor) @connection(key: "Tasks_row_history") {
        edges {
          node {
            sentence
            subject {
              ... on Task @alias(as: "task") {
                title
              }
            }
          }
        }
      }
    }
  `,
  _inbox: graphql`
    fragment Tasks_inbox on Viewer {
      inbox(first: 5) @connection(key: "Tasks_inbox_inbox") {
        edges {
          node {
            kind
            sentence
            subject {
              id
            }
          }
        }
      }
    }
  `,
  _comment: graphql`
    fragment Tasks_comment on Comment @refetchable(queryName: "TasksCommentRefetchQuery") {
      text
    }
  `,
  row: graphql`
    query TasksRowQuery($id: ID!) {
      task(by: {id: $id}) {
        ...Tasks_row
      }
    }
  `,
  create: graphql`
    mutation TasksCreateMutation($input: CreateTaskInput!, $connections: [ID!]!) {
      createTask(input: $input) {
        task @appendNode(connections: $connections, edgeTypeName: "TaskEdge") {
          id
          ...Tasks_row
        }
        errors {
          code
          message
        }
      }
    }
  `,
  report: graphql`
    mutation TasksReportMutation($input: ReportProgressInput!) {
      reportProgress(input: $input) {
        task {
          id
          progress
          version
        }
        errors {
          code
          message
        }
      }
    }
  `,
  changed: graphql`
    subscription TasksChangedSubscription($code: String!, $after: Cursor) {
      taskChanged(filter: { organisation: { code: { eq: $code } } }, after: $after) {
        kind
        cursor
        changedFields
        node {
          id
          ...Tasks_row
        }
      }
    }
  `,
};
