"""The rules of squawk that are kept, each with the reason and the safe way.

The others judge the model instead of the change, or PostgreSQL itself refuses their statements.
"""

LOCKS = {
    "require-concurrent-index-creation": "the build of the index stops writes: use"
    " online.create_index",
    "require-concurrent-index-deletion": "the table is locked until all its transactions have"
    " ended: use online.drop_index",
    "require-concurrent-reindex": "the table is locked for the whole rebuild: use REINDEX"
    " CONCURRENTLY in an autocommit_block",
    "require-concurrent-partition-detach": "the table is locked: use DETACH PARTITION CONCURRENTLY"
    " in an autocommit_block",
    "constraint-missing-not-valid": "all rows are read under a lock that stops writes: use"
    " online.add_check or online.add_foreign_key",
    "adding-foreign-key-constraint": "all rows are read while writes to both tables wait: use"
    " online.add_foreign_key",
    "disallowed-unique-constraint": "its index is built while the table is locked: use"
    " online.add_unique",
    "adding-not-nullable-field": "all rows are read while the table is locked: use"
    " online.set_not_null",
    "adding-serial-primary-key-field": "the table is rewritten while it is locked: add a"
    " nullable column, and fill it in batches",
    "adding-field-with-default": "the default differs in each row, so the table is rewritten"
    " while it is locked: add a nullable column, and fill it in batches",
    "changing-column-type": "the table or its indexes are rewritten while it is locked: add a"
    " column, and copy in batches",
    "ban-alter-domain-with-add-constraint": "all tables of the domain are read while they are"
    " locked: add the constraint NOT VALID",
}
RUNNING_VERSION = {
    "adding-required-field": "the column has no default, so that existing rows and inserts of the"
    " running version fail: add a server default, or a nullable column",
    "ban-drop-default": "inserts of the running version fail: drop the default in the next release",
    "ban-drop-not-null": "the running version may fail at a null: read nulls one release earlier",
    "renaming-column": "the running version uses the old name: rename in three releases",
    "renaming-table": "the running version uses the old name: rename in three releases",
    "renaming-object": "the running version may use the old name: create a new one beside it",
    "ban-set-schema": "the running version finds it no longer: create a new one beside it",
    "ban-drop-column": "the running version uses it: remove it from the code one release earlier",
    "ban-drop-table": "the running version uses it: remove it from the code one release earlier",
    "ban-drop-generated-expression": "the running version does not fill the column: let the code"
    " fill a new one",
    "ban-alter-identity": "inserts of the running version may fail: add a new column",
    **dict.fromkeys(
        [f"ban-drop-{each}" for each in ("view", "function", "type", "sequence", "domain")],
        "the running version may use it: remove it from the code one release earlier",
    ),
    "ban-drop-schema": "everything in it is lost: drop its parts one by one",
    "ban-drop-extension": "the running version may use it: drop it in the next release",
    "ban-drop-database": "a revision must not drop a database",
    "ban-truncate-cascade": "other tables lose their rows, too: name each table",
}
MISTAKES = {
    "transaction-nesting": "Alembic begins and ends the transactions: use autocommit_block",
    "syntax-error": "squawk cannot read this statement: check its locks by hand",
}
KEPT = LOCKS | RUNNING_VERSION | MISTAKES
# Findings of this rule add nothing if another rule names the same statement.
GENERAL = "constraint-missing-not-valid"
NOT_REPEATABLE = "not-repeatable"
