"""Categories and carriers known from the start (DM-12, DM-15): the policy's tables as rows; flags from the parents."""

from django.utils import timezone

from rulebook.queries import policy_at
from stores.models import Carrier, Category

# Categories have at most this many levels (DM-12).
MOST_LEVELS = 3


def install_reference() -> None:
    """Add the policy's categories and carriers that are not there; those that are stay as they are."""
    reference = policy_at(timezone.now()).reference
    Category.objects.bulk_create(
        [
            Category(
                code=row.code,
                name=row.name_zh,
                name_en=row.name_en,
                flags=";".join(sorted(row.flags)),
            )
            for row in reference.categories
        ],
        ignore_conflicts=True,
    )
    Carrier.objects.bulk_create(
        [
            Carrier(
                code=row.code,
                name=row.name,
                approved=row.approved,
                official=row.official,
                scan_interval_hours=row.scan_interval_hours,
            )
            for row in reference.carriers
        ],
        ignore_conflicts=True,
    )
    resolve_categories()


def resolve_categories() -> set[str]:
    """Work out inherited flags and first-level categories; returns the codes whose flags changed (DM-12).

    A parent that is not there yet, or a circle of parents, ends the line. Orders of the returned categories have to
    be marked dirty: the caller does it in the same transaction.
    """
    categories = {category.code: category for category in Category.objects.all()}
    changed: set[str] = set()
    for category in categories.values():
        line = _line(category, categories)
        flags = ";".join(sorted({flag for each in line for flag in each.flags.split(";") if flag}))
        root = line[-1].code
        if (flags, root) == (category.all_flags, category.root_code):
            continue
        if flags != category.all_flags:
            changed.add(category.code)
        Category.objects.filter(pk=category.pk).update(all_flags=flags, root_code=root)
    return changed


def _line(category: Category, categories: dict[str, Category]) -> list[Category]:
    """The category and its ancestors, itself first."""
    line = [category]
    while len(line) < MOST_LEVELS:
        parent = categories.get(line[-1].parent_code)
        if parent is None or parent in line:
            break
        line.append(parent)
    return line
