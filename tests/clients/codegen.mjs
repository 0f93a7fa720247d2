// GraphQL Code Generator's client preset with strict scalars over a schema, and TypeScript's strict look at what it made.
// Prints each diagnostic, a line of JSON each, and at its end how many files were looked at.
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import ts from "typescript";

const [schema, folder] = process.argv.slice(2);
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (const kind of ["warn", "error"]) console[kind] = (...words) => tell({ [kind]: words.map(String).join(" ") });

// As docs/clients.md says: what each scalar is in JSON.
const scalars = {
  Cursor: "string", Date: "string", DateTime: "string", Decimal: "string",
  Percent: "number", RelativeDate: "string", RelativeDateTime: "string",
};
cpSync("codegen/board.ts", join(folder, "board.ts"));
await generate(
  {
    schema,
    documents: [join(folder, "board.ts")],
    silent: true,
    generates: {
      [`${folder}/generated/`]: {
        preset: "client",
        config: { strictScalars: true, scalars, useTypeImports: true, enumsAsTypes: true },
      },
    },
  },
  true,
);
const files = [join(folder, "board.ts"), ...readdirSync(join(folder, "generated")).map((f) => join(folder, "generated", f))];
const program = ts.createProgram(files, {
  strict: true, noEmit: true, skipLibCheck: true, moduleResolution: ts.ModuleResolutionKind.Bundler,
  module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, types: [], typeRoots: [],
});
for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
  const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : null;
  tell({ file: file?.fileName, line, message: ts.flattenDiagnosticMessageText(messageText, " ") });
}
tell({ files: files.length });
process.exit();
