"""AliExpress's seller Open Platform (IX-25). `wire` names all that may drift; `mapping` is the one table from its
fields to canonical columns."""
