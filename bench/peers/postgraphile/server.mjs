// PostGraphile 5 on the server's own tables, as its documents advise for production: a library behind node:http,
// prepared statements, no explain, no GraphiQL, no websockets, answers written as text.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import pg from "pg";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { context, object } from "postgraphile/grafast";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { addPgTableCondition, extendSchema } from "postgraphile/utils";
import { listOfCodec, TYPES } from "postgraphile/@dataplan/pg";
import { sql } from "postgraphile/pg-sql2";

const SCOPED = new Set(["task", "target", "work_plan"]);
const pool = new pg.Pool({ max: Number(process.env.POOL_SIZE), statement_timeout: 30_000 }); // PGHOST, PGUSER, PGDATABASE
pool.on("error", () => {});

// ---- who asks: the same tokens as the server under test, checked and remembered as it does ---------------------------

const secret = Buffer.from(process.env.KOLABORASI_SECRET);
const accessKey = createHmac("sha256", secret).update("token kat_").digest();
const known = new Map(); // token → viewer, for at most a second

function readToken(text) {
  const raw = Buffer.from(text.slice(4), "base64url");
  const payload = raw.subarray(0, 41);
  const signature = createHmac("sha256", accessKey).update(payload).digest();
  if (!text.startsWith("kat_") || raw.length !== 73 || !timingSafeEqual(signature, raw.subarray(41))) throw new Error("bad token");
  return { signInId: payload.subarray(17, 33).toString("hex"), expiresAt: Number(payload.readBigUInt64BE(33)) };
}

async function lookUp(text, now) {
  const { signInId, expiresAt } = readToken(text);
  if (expiresAt <= now) throw new Error("expired");
  const { rows } = await pool.query({
    name: "identify",
    text: `
      SELECT s.account_id, a.organisation_id, a.role, coalesce(h.headed, '{}') AS headed, coalesce(h.capacities, '{}') AS capacities
      FROM sign_in s JOIN account a ON a.id = s.account_id AND a.is_active
      LEFT JOIN LATERAL (
        SELECT array_agg(p.organisation_id::text) AS headed, array_agg(p.capacity::text) AS capacities FROM appointment p
        WHERE p.account_id = a.id AND p.valid_from <= $3 AND (p.valid_to IS NULL OR p.valid_to >= $3)
      ) h ON true
      WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2`,
    values: [signInId, new Date(now), new Date(now + 7 * 3_600_000).toISOString().slice(0, 10)],
  });
  if (rows.length === 0) throw new Error("signed out");
  const [found] = rows;
  const viewer = {
    id: found.account_id,
    role: found.role,
    headed: found.headed,
    capacities: found.capacities,
    organisationIds: [...new Set([found.organisation_id, ...found.headed])],
    isReviewer: ["MAYOR", "OFFICE", "REVIEWER"].includes(found.role),
  };
  if (known.size > 10_000) known.clear();
  known.set(text, { viewer, expiresAt, until: now + 1_000 });
  return { viewer };
}

function identify(requestContext) {
  const authorization = requestContext.node?.req.headers.authorization ?? "";
  if (!authorization.startsWith("Bearer ")) throw new Error("not signed in");
  const text = authorization.slice(7);
  const now = Date.now();
  const found = known.get(text);
  return found && found.until > now && found.expiresAt > now ? { viewer: found.viewer } : lookUp(text, now);
}

// ---- what they may see: a condition on every select of a scoped table, inside PostGraphile's own statement -----------

const ScopePlugin = {
  name: "ScopePlugin",
  version: "1.0.0",
  gather: {
    hooks: {
      pgTables_PgResourceOptions(_info, { pgClass, resourceOptions }) {
        if (!SCOPED.has(pgClass.relname)) return;
        resourceOptions.selectAuth = ($select) => {
          const $viewer = context().get("viewer");
          const organisationIds = $select.placeholder($viewer.get("organisationIds"), listOfCodec(TYPES.uuid));
          const isReviewer = $select.placeholder($viewer.get("isReviewer"), TYPES.boolean);
          const draftOf = sql`${$select.alias}.draft_of_id`;
          $select.where(sql`(${draftOf} is null or ${draftOf} = any(${organisationIds}) or ${isReviewer})`);
        };
      },
      pgProcedures_PgResourceOptions(_info, { resourceOptions }) {
        resourceOptions.selectAuth = null; // bench.report_progress looks for itself, before it writes
      },
    },
  },
};

const OpenTasksPlugin = addPgTableCondition(
  { schemaName: "public", tableName: "task" },
  "isOpen",
  (build) => ({ description: "Neither ended nor archived.", type: build.graphql.GraphQLBoolean }),
  (value, { sql, sqlTableAlias }) =>
    value ? sql`${sqlTableAlias}.status in ('PLANNED', 'IN_PROGRESS', 'BLOCKED') and ${sqlTableAlias}.archived_at is null` : null,
);

// The function's own generated mutation would take the viewer from the client: this one takes it from the context.
const ReportProgressPlugin = extendSchema((build) => {
  const reportProgress = build.input.pgRegistry.pgResources.bench_report_progress;
  return {
    typeDefs: /* GraphQL */ `
      input ReportTaskProgressInput { taskId: UUID!, progress: Int!, note: String, idempotencyKey: String! }
      type ReportTaskProgressPayload { task: Task }
      extend type Mutation { reportTaskProgress(input: ReportTaskProgressInput!): ReportTaskProgressPayload }
    `,
    objects: {
      Mutation: {
        plans: {
          reportTaskProgress(_$root, { $input }) {
            const $viewer = context().get("viewer");
            const fromViewer = ["id", "organisationIds", "role", "headed", "capacities", "isReviewer"].map((name) => $viewer.get(name));
            const fromInput = ["taskId", "progress", "note", "idempotencyKey"].map((name) => $input.get(name));
            const steps = [...fromViewer, ...fromInput];
            const args = reportProgress.parameters.map((parameter, index) => ({ step: steps[index], pgCodec: parameter.codec }));
            return object({ task: reportProgress.execute(args, "mutation") });
          },
        },
      },
      ReportTaskProgressPayload: { plans: { task: ($payload) => $payload.get("task") } },
    },
  };
});

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [ScopePlugin, OpenTasksPlugin, ReportProgressPlugin],
  pgServices: [makePgService({ pool, schemas: ["public", "bench"], pubsub: false })],
  grafserv: { graphiql: false, watch: false, websockets: false, outputDataAsString: true, graphqlPath: "/graphql" },
  grafast: { explain: false, context: identify },
};

const server = createServer();
const served = postgraphile(preset).createServ(grafserv);
await served.addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
