"""What every export said of listings, kept beside what they say now (BX-09)."""

from core.sql import SQL, Composable, Identifier, Literal, Parameter, aliased, columns
from intake.pipeline.batch import KEPT
from intake.pipeline.statements import Statements, default_sql, field_of
from intake.pipeline.temporary import execute
from stores.rules import CONTENT

FIELDS = ("store_id", "sku", *CONTENT, "stated")


def keep_versions(statements: Statements, at: int) -> None:
    """Keep what the rows of an export of the instant ``at`` say, older ones and repetitions included; needs the table
    of findings. An instant has one version: another file of the same instant corrects it."""
    said, instant = _said(statements), Parameter(at)
    versions = _VERSIONS.format(said=said)
    execute(
        _ADD_VERSIONS.format(names=columns(FIELDS), said=said, equal=_EQUAL),
        _CORRECT.format(versions=versions, equal=_EQUAL, at=instant),
        _ADD_SIGHTINGS.format(versions=versions, equal=_EQUAL, at=instant),
    )


def _said(statements: Statements) -> Composable:
    """What each row says: all fields of a version. An empty cell says that there is nothing, but in governed stores it
    leaves the field as it is, as does a column that the file, or of a batch the row, doesn't have."""
    staged = {stored.name: stored for stored in statements.stored}
    said: dict[str, Composable] = {"store_id": SQL("f.store_id"), "sku": SQL("s.sku")}
    stated: list[Composable] = [SQL("0")]
    for bit, name in enumerate(CONTENT):
        stored = staged.get(name)
        said[name] = stored.given if stored else default_sql(field_of(statements.spec, name))
        if stored:
            given = SQL("CASE WHEN {stays} THEN 0 ELSE {bit} END")
            stated.append(given.format(stays=_stays(statements, name), bit=Literal(1 << bit)))
    said["stated"] = SQL(" + ").join(stated)
    return SQL("""SELECT {said} FROM {stage} s JOIN intake_found f ON f.pos = s.pos
        WHERE f.verdict <> 'waiting'""").format(said=aliased(said), stage=statements.stage)


def _stays(statements: Statements, name: str) -> Composable:
    """Whether a row says nothing of a field that its batch has."""
    stays = SQL("f.governed AND s.{name} IS NULL").format(name=Identifier(name))
    if not statements.keeps:
        return stays
    unnamed = SQL("s.{kept} & {bit} <> 0").format(kept=Identifier(KEPT), bit=Literal(statements.spec.bits[name]))
    return SQL("({stays} OR {unnamed})").format(stays=stays, unnamed=unnamed)


_EQUAL = SQL(" AND ").join(
    SQL("v.{name} IS NOT DISTINCT FROM x.{name}").format(name=Identifier(name)) for name in (*CONTENT, "stated")
)
_VERSIONS = SQL("({said}) x JOIN stores_listingversion v ON v.store_id = x.store_id AND v.sku = x.sku")
_ADD_VERSIONS = SQL("""INSERT INTO stores_listingversion ({names}) SELECT {names} FROM ({said}) x
    WHERE NOT EXISTS (SELECT 1 FROM stores_listingversion v
        WHERE v.store_id = x.store_id AND v.sku = x.sku AND {equal})""")
_CORRECT = SQL("""DELETE FROM stores_listingsighting WHERE at = {at} AND version_id IN (
    SELECT v.id FROM {versions} WHERE NOT ({equal}))""")
_ADD_SIGHTINGS = SQL("""INSERT INTO stores_listingsighting (version_id, at)
    SELECT MIN(v.id), {at} FROM {versions} WHERE {equal} GROUP BY x.store_id, x.sku
    ON CONFLICT (version_id, at) DO NOTHING""")
