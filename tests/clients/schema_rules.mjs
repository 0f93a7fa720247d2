// graphql-eslint's rules of Relay over a schema; prints what they find, a line of JSON each: the rule, the type (and
// field) at fault, and the words.
import { readFileSync } from "node:fs";
import { parser, rules } from "@graphql-eslint/eslint-plugin";
import { Linter } from "eslint";

const [path] = process.argv.slice(2);
const code = readFileSync(path, "utf8");
const wanted = Object.keys(rules).filter((name) => name.startsWith("relay-"));
// A list that is short by its nature, or whose page is `nodes`, is a plain one.
const options = { "relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }] };
const linter = new Linter({ configType: "flat" });
const found = linter.verify(
  code,
  [
    {
      files: ["**/*.graphql"],
      languageOptions: { parser, parserOptions: { graphQLConfig: { schema: path } } },
      plugins: { "@graphql-eslint": { rules } },
      rules: Object.fromEntries(wanted.map((name) => [`@graphql-eslint/${name}`, options[name] ?? "error"])),
    },
  ],
  { filename: "schema.graphql" },
);
const lines = code.split("\n");
const above = (line) => {
  for (let at = line - 1; at >= 0; at--) {
    const type = /^(?:type|interface|union|input|enum) (\w+)/.exec(lines[at]);
    if (type) return type[1];
  }
  return null;
};
for (const { ruleId, line, message } of found) {
  const field = /^ {2}(\w+)/.exec(lines[line - 1])?.[1];
  const place = [above(line), field].filter(Boolean).join(".");
  process.stdout.write(`${JSON.stringify({ rule: ruleId?.replace("@graphql-eslint/", "") ?? null, place, message })}\n`);
}
process.stdout.write(`${JSON.stringify({ rules: wanted })}\n`);
