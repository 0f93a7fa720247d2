"""Everything that is borrowed from inside a dependency: names that it does not promise to keep.

Who borrows one more adds its row. Each is there in the minor version that pyproject.toml pins; a new version is let in
by changing the pin and reading the rows that `test_borrowed.py` then names.
"""

from __future__ import annotations

from typing import NamedTuple


class Borrowed(NamedTuple):
    """`name`: module, colon, what stands in it. `by`: the modules below server/ that use it, all for the one reason."""

    package: str
    name: str
    by: tuple[str, ...]
    why: str


HTTP = "uvicorn.protocols.http.httptools_impl"
SOCKET = "uvicorn.protocols.websockets.websockets_sansio_impl"

_BODY = "a body that has arrived needs no timer"
_BOUNDS = "uvicorn bounds neither the size of a head nor how slowly it comes"
_IDLE = "one alarm for head, body and idle connection, instead of a timer for every answer"
_DEFINITION = "Strawberry's description of a type or field, where our declarations are kept"
_SQL = "a selection is compiled from what graphql-core collects"
_VARIABLES = "plain variables are coerced without graphql-core's general way"
_META = "what Tortoise knows of a model's table"
_MIGRATIONS = "all pending migrations in one transaction, under a lock"
_ROWS = "a row object without a Tortoise connection, as Tortoise's own _init_from_db would make it"
_ARGUMENTS = "a field's arguments are made from its declaration, once all types are known"

BORROWED = (
    # uvicorn: the HTTP connection and its requests
    Borrowed("uvicorn", f"{HTTP}:RequestResponseCycle", ("web/limits",), _BODY),
    Borrowed("uvicorn", f"{HTTP}:RequestResponseCycle.more_body", ("web/limits",), _BODY),
    Borrowed("uvicorn", f"{HTTP}:RequestResponseCycle.response_complete", ("web/limits",), _BOUNDS),
    *(
        Borrowed("uvicorn", f"{HTTP}:{name}", ("web/limits",), _BOUNDS)
        for name in (
            "HttpToolsProtocol", "HttpToolsProtocol.connection_made", "HttpToolsProtocol.connection_lost",
            "HttpToolsProtocol.cycle", "HttpToolsProtocol.data_received", "HttpToolsProtocol.headers",
            "HttpToolsProtocol.loop", "HttpToolsProtocol.on_headers_complete", "HttpToolsProtocol.on_message_begin",
            "HttpToolsProtocol.on_message_complete", "HttpToolsProtocol.on_url",
            "HttpToolsProtocol.send_400_response", "HttpToolsProtocol.transport", "HttpToolsProtocol.url",
        )
    ),
    *(
        Borrowed("uvicorn", f"{HTTP}:{name}", ("web/limits",), _IDLE)
        for name in (
            "HttpToolsProtocol._start_asgi_task", "HttpToolsProtocol.flow", "HttpToolsProtocol.on_response_complete",
            "HttpToolsProtocol.pipeline", "HttpToolsProtocol.server_state", "HttpToolsProtocol.timeout_keep_alive",
            "HttpToolsProtocol.timeout_keep_alive_handler",
        )
    ),
    Borrowed("uvicorn", "uvicorn.protocols.http.flow_control:FlowControl.resume_reading", ("web/limits",), _IDLE),
    Borrowed("uvicorn", "uvicorn.server:ServerState.total_requests", ("web/limits",), _IDLE),
    *(
        Borrowed("uvicorn", f"{HTTP}:{name}", ("web/limits",), "a connection that is closed goes at once")
        for name in ("HttpToolsProtocol.handle_websocket_upgrade", "HttpToolsProtocol.parser")
    ),
    *(
        Borrowed("uvicorn", f"{SOCKET}:{name}", ("web/socket",), "a socket that is closed goes at once")
        for name in (
            "WebSocketsSansIOProtocol", "WebSocketsSansIOProtocol.conn", "WebSocketsSansIOProtocol.connection_lost",
        )
    ),
    *(
        Borrowed("uvicorn", f"{SOCKET}:WebSocketsSansIOProtocol.{name}", ("web/socket",), "its 1011 is final")
        for name in ("keepalive_timeout", "close_sent")
    ),
    *(
        Borrowed("uvicorn", f"uvicorn.server:Server.{name}", by, "says when it serves, and lets streams end first")
        for name, by in (
            ("startup", ("web/serving",)), ("handle_exit", ("web/serving",)), ("started", ("cli", "web/serving")),
        )
    ),
    Borrowed("websockets", "websockets.protocol:Protocol.fail", ("web/socket",), "the close code that counts"),
    Borrowed("websockets", "websockets.protocol:Protocol.parser", ("web/socket",), "a closed socket goes at once"),
    # asyncpg
    *(
        Borrowed("asyncpg", name, ("database/pool",), "who borrows a connection next is not cancelled; as its own pool")
        for name in (
            "asyncpg.connection:Connection._protocol", "asyncpg.protocol.protocol:BaseProtocol._is_cancelling",
            "asyncpg.protocol.protocol:BaseProtocol._wait_for_cancellation",
        )
    ),
    Borrowed("uvicorn", "uvicorn.middleware.proxy_headers:ProxyHeadersMiddleware", ("web/proxies",),
             "whose X-Forwarded-For is believed, read as uvicorn itself reads it"),
    Borrowed("uvicorn", "uvicorn.middleware.proxy_headers:ProxyHeadersMiddleware.trusted_hosts", ("web/proxies",),
             "whose X-Forwarded-For is believed, read as uvicorn itself reads it"),
    # graphql-core
    *(
        Borrowed("graphql-core", f"graphql.execution.collect_fields:{name}", by, _SQL)
        for name, by in (
            ("FragmentDetails", ("query/compile/asked", "query/documents/cache", "live/moments")),
            ("collect_fields", ("query/compile/asked",)),
            ("collect_subfields", ("query/compile/asked",)),
        )
    ),
    Borrowed("graphql-core", "graphql.execution.values:get_argument_values", ("query/compile/asked",), _SQL),
    *(
        Borrowed("graphql-core", f"graphql.execution.{name}", by, _VARIABLES)
        for name, by in (
            ("values:VariableValues", ("query/compile/asked", "query/run/engine", "query/run/execution",
             "query/run/live_directive", "query/run/question", "query/documents/variables", "query/documents/cache")),
            ("values:VariableValueSource", ("query/documents/variables",)), ("values:get_variable_values",
             ("query/documents/variables",)),
            ("get_variable_signature:GraphQLVariableSignature", ("query/documents/variables",)),
            ("get_variable_signature:get_variable_signature", ("query/documents/variables",)),
        )
    ),
    Borrowed("graphql-core", "graphql.language.parser:Parser", ("query/documents/cache",), "nodes keep no tokens"),
    Borrowed("graphql-core", "graphql.language.parser:Parser.loc", ("query/documents/cache",), "nodes keep no tokens"),
    *(
        Borrowed("graphql-core", f"graphql.language:{name}", ("query/documents/cache",), "nodes keep no tokens")
        for name in ("Location.start_token", "Location.end_token", "Token.prev", "Token.next")
    ),
    *(
        Borrowed("graphql-core", f"graphql:{name}", ("query/run/resolve",), "a built schema is given our resolvers")
        for name in (
            "GraphQLField.resolve", "GraphQLInputObjectType.is_one_of", "GraphQLObjectType.is_type_of",
            "GraphQLUnionType.resolve_type",
        )
    ),
    Borrowed("graphql-core", "graphql:GraphQLScalarType.name", ("schema/scalars",), "ID with a check of its own"),
    *(
        Borrowed("graphql-core", f"graphql.validation:ValuesOfCorrectTypeRule.{name}", ("query/documents/validation",),
                 "the place of a refused literal")
        for name in ("context", "report_error")
    ),
    Borrowed(
        "graphql-core", "graphql.language.visitor:Visitor.enter_leave_map",
        ("query/documents/cache", "query/documents/coordinates", "query/documents/deprecation"),
        "a visitor goes as soon as it has looked",
    ),
    Borrowed(
        "graphql-core", "graphql.validation.rules.overlapping_fields_can_be_merged:MAX_COMPLEXITY_BUDGET",
        ("query/documents/validation",), "its own bound lets a document hold the process for seconds",
    ),
    Borrowed(
        "graphql-core", "graphql.validation.rules.values_of_correct_type:ValuesOfCorrectTypeRule.is_valid_value_node",
        ("query/documents/validation",), "the place of a refused literal",
    ),
    Borrowed(
        "graphql-core", "graphql.validation.validate:ValidationAbortedError", ("query/documents/validation",),
        "a validation that gave up is told as too costly",
    ),
    # Strawberry
    Borrowed(
        "strawberry-graphql", "strawberry:Schema._schema", ("query/run/engine", "schema/__init__"),
        "the engine runs graphql-core",
    ),
    *(
        Borrowed("strawberry-graphql", f"strawberry.types.{name}.deprecation_reason", by, "what is made is to go")
        for name, by in (("field:StrawberryField", ("query/declare/fields",)), ("enum:EnumValue", ("schema/enums",)))
    ),
    Borrowed(
        "strawberry-graphql", "strawberry.schema.schema_converter:GraphQLCoreConverter.DEFINITION_BACKREF",
        ("query/declare/strawberry_types",),
        _DEFINITION,
    ),
    Borrowed(
        "strawberry-graphql", "strawberry.types.base:WithStrawberryDefinition.__strawberry_definition__",
        (
            "query/declare/fields", "query/declare/strawberry_types", "query/run/resolve", "schema/enums",
            "schema/input", "schema/mutation",
            "schema/__init__", "schema/labels", "schema/node",
        ),
        _DEFINITION,
    ),
    *(
        Borrowed("strawberry-graphql", f"strawberry.types.field:{name}", by, _ARGUMENTS)
        for name, by in (
            ("StrawberryField._arguments", ("live/watch", "query/declare/strawberry_types")),
            *(
                (f"StrawberryField.{each}", ("query/declare/strawberry_types",))
                for each in ("arguments", "graphql_name", "is_basic_field", "metadata", "python_name")
            ),
            ("StrawberryField",
             ("query/declare/strawberry_types", "schema/__init__", "schema/labels", "schema/mutation")),
        )
    ),
    Borrowed("strawberry-graphql", "strawberry.annotation:StrawberryAnnotation",
             ("live/watch", "query/declare/fields", "query/declare/strawberry_types"), _ARGUMENTS),
    Borrowed("strawberry-graphql", "strawberry.types.arguments:StrawberryArgument",
             ("live/watch", "query/declare/strawberry_types"), _ARGUMENTS),
    Borrowed("strawberry-graphql", "strawberry.types.unset:UNSET",
             ("live/watch", "query/declare/strawberry_types", "schema/filters"), _ARGUMENTS),
    Borrowed("strawberry-graphql", "strawberry.utils.str_converters:to_camel_case",
             ("query/compile/counted", "query/compile/expression", "query/declare/strawberry_types",
              "query/compile/orders", "query/compile/scans",
              "schema/__init__", "schema/arguments", "schema/field_change", "schema/input", "schema/mutation",
              "dossier/reading"),
             "a field's name in the API"),
    Borrowed("strawberry-graphql", "strawberry.utils.str_converters:to_snake_case",
             ("live/watch", "query/documents/wanted_ids", "query/values", "schema/faults"),
             "a field's name in the API"),
    Borrowed("strawberry-graphql", "strawberry.types.enum:StrawberryEnumDefinition",
             ("schema/field_change", "schema/filters", "schema/labels"), _DEFINITION),
    Borrowed("strawberry-graphql", "strawberry.types.base:StrawberryObjectDefinition", ("schema/labels",), _DEFINITION),
    Borrowed("strawberry-graphql", "strawberry.types.base:StrawberryOptional",
             ("schema/field_change", "schema/labels"), _DEFINITION),
    Borrowed("strawberry-graphql", "strawberry.schema.types.scalar:DEFAULT_SCALAR_REGISTRY",
             ("schema/input", "schema/scalars"), "ID with a check of its own"),
    Borrowed("strawberry-graphql", "strawberry.types.arguments:convert_argument", ("schema/input",),
             "the general way, of which made_input is the short one"),
    Borrowed("strawberry-graphql", "strawberry.types.scalar:ScalarDefinition", ("schema/scalars",),
             "ID with a check of its own"),
    # Tortoise
    Borrowed("tortoise-orm", "tortoise.models:Model._meta",
             ("actions/rows", "actions/texts", "actions/words", "city/load", "demo/ledger", "events/writes",
              "models/declared", "query/declare/tables"),
             _META),
    *(
        Borrowed("tortoise-orm", f"tortoise.models:MetaInfo.{name}", by, _META)
        for name, by in (
            ("db_table", ("actions/rows", "events/writes", "models/declared")), ("fk_fields", ("events/writes",)),
            ("fields_db_projection", ("events/writes", "query/declare/tables")),
            ("fields_map", ("actions/rows", "demo/ledger", "events/writes", "models/declared",
             "query/declare/tables")), ("indexes",
             ("query/declare/tables",)),
        )
    ),
    *(
        Borrowed("tortoise-orm", f"tortoise.fields.{name}", ("models/fields",), "columns as migrations write them")
        for name in (
            "base:Field.deconstruct", "base:Field.describe", "data:CharEnumFieldInstance",
            "data:CharEnumFieldInstance.enum_type",
        )
    ),
    *(
        Borrowed("tortoise-orm", f"tortoise.models:Model.{name}", ("actions/rows",), _ROWS)
        for name in ("_partial", "_saved_in_db", "_custom_generated_pk", "_await_when_save")
    ),
    *(
        Borrowed("tortoise-orm", f"tortoise.{name}", ("database/migrate",), _MIGRATIONS)
        for name in (
            "context:TortoiseContext", "migrations.executor:MigrationExecutor", "migrations.executor:MigrationTarget",
            "migrations.recorder:MigrationRecorder", "migrations.schema_editor:AsyncpgSchemaEditor",
            "transactions:in_transaction",
        )
    ),
    # fpdf2
    *(
        Borrowed("fpdf2", f"fpdf.{name}", ("dossier/paper",), "a font's width is asked, and its file closed")
        for name in ("fpdf:FPDF.fonts", "fonts:TTFFont", "fonts:TTFFont.ttfont")
    ),
)  # fmt: skip

# Strings by which something is borrowed that a reader of the code sees under another name.
WRITTEN = {"DEFINITION_BACKREF": "strawberry-definition"}

# Modules whose names their packages document: whoever imports from these borrows nothing.
DOCUMENTED = frozenset(
    {
        "argon2", "argon2.exceptions", "asyncpg", "fpdf", "fpdf.enums", "graphql", "graphql.execution",
        "graphql.language", "graphql.type", "graphql.utilities", "graphql.validation", "graphql.validation.rules",
        "starlette.applications", "starlette.exceptions", "starlette.requests", "starlette.responses",
        "starlette.routing", "starlette.types", "starlette.websockets", "strawberry", "strawberry.directive",
        "strawberry.schema.config", "strawberry.tools", "tortoise", "tortoise.contrib.postgres.fields",
        "tortoise.contrib.postgres.indexes", "tortoise.fields.db_defaults", "tortoise.indexes",
        "tortoise.migrations.constraints", "tortoise.models",
        "uvicorn",
    }
)  # fmt: skip

# Classes that their packages document as something to derive from, with the names that they then take.
MADE_TO_DERIVE_FROM = {
    "fpdf.fpdf:FPDF": {"add_font"},
    "starlette.applications:Starlette": {"add_middleware"},
    "tortoise.models:Model": {"Meta"},
}
