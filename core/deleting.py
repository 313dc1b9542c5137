"""Deleting many rows set by set, with those that refer to them."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import SET_NULL, Model

from core.sql import SQL, Composable, Identifier, execute, literals


def delete_rows(model: type[Model], condition: Composable) -> None:
    """Delete the rows that meet a condition, after those that refer to them, in whatever app they are."""
    options = model._meta
    table, key = Identifier(options.db_table), Identifier(str(options.pk.column))
    selected = SQL("SELECT {key} FROM {table} WHERE {condition}").format(key=key, table=table, condition=condition)
    for relation in options.related_objects:
        column = Identifier(str(relation.field.column))
        referring = SQL("{column} IN ({selected})").format(column=column, selected=selected)
        # Rows that refer to others of their own table go with what all of them refer to.
        if relation.on_delete is SET_NULL or relation.related_model is model:
            _clear(relation.related_model, column, referring)
        else:
            delete_rows(relation.related_model, referring)
    _run(SQL("DELETE FROM {table} WHERE {condition}").format(table=table, condition=condition))


def delete_ids(model: type[Model], ids: Sequence[int]) -> None:
    """Delete the rows with these ids, and those that refer to them."""
    if ids:
        delete_rows(model, SQL("id IN ({ids})").format(ids=literals(ids)))


def _clear(model: type[Model], column: Identifier, condition: Composable) -> None:
    table = Identifier(model._meta.db_table)
    statement = SQL("UPDATE {table} SET {column} = NULL WHERE {condition}")
    _run(statement.format(table=table, column=column, condition=condition))


def _run(statement: Composable) -> None:
    with connection.cursor() as cursor:
        execute(cursor, statement)
