// The public API as this page's session uses it: the cookie signs in, answers come in the page's language.
import { language, word } from "/static/words.js";

const headers = () => ({ "content-type": "application/json", "accept-language": language });

async function send(path, body, accept) {
  try {
    return await fetch(path, { method: "POST", headers: { ...headers(), accept }, body: JSON.stringify(body) });
  } catch {
    throw new Error(word("unreachable"));
  }
}

// → the parsed answer; throws an Error with the server's own sentence.
export async function post(path, body) {
  const response = await send(path, body, "application/json, application/problem+json");
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail), { code: answer.code });
  return answer;
}

// → {status, body} of a GraphQL request, errors included.
export async function graphql(query, variables, operationName) {
  const response = await send("/graphql", { query, variables, operationName }, "application/graphql-response+json");
  return { status: response.status, body: await response.json() };
}

export const signIn = (login, password) => post("/auth/sign-in", { login, password, session: true });
export const signOut = () => post("/auth/sign-out", {});
