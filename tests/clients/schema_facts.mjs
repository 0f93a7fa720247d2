// What a cache is to know of the schema: which types an interface or a union may be, and which types have no id.
import { readFileSync } from "node:fs";
import { buildSchema, introspectionFromSchema, isAbstractType, isObjectType } from "graphql";

export function cacheFacts(path) {
  const schema = buildSchema(readFileSync(path, "utf8"));
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return {
    introspection: introspectionFromSchema(schema),
    possibleTypes: Object.fromEntries(
      types.filter(isAbstractType).map((each) => [each.name, schema.getPossibleTypes(each).map(({ name }) => name)]),
    ),
    embedded: types
      .filter((each) => isObjectType(each) && !roots.includes(each) && !("id" in each.getFields()))
      .map(({ name }) => name),
  };
}
