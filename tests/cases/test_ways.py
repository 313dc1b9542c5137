"""Every case and every line of the catalogue of bad files by each way in: command line, browser, API (IX-04)."""

from collections.abc import Callable, Mapping

import pytest

from tests.api import test_batches as batches
from tests.api import test_cases as pushed
from tests.cases import CASES
from tests.cases import test_error_rows as error_rows
from tests.cases import test_nothing_after_the_export as after_export
from tests.cases import test_values as values
from tests.cases import test_whole_refunds as refunds
from tests.dashboard import test_search as search_page
from tests.intake import test_asking as asking
from tests.intake import test_catalogue as files
from tests.intake import test_containers as containers
from tests.intake import test_items as row_per_item
from tests.intake import test_killed as killed
from tests.intake import test_recognition as recognition
from tests.intake import test_uploaded_catalogue as uploaded
from tests.intake import test_uploads as uploads
from tests.orders import test_searching as searching

pytestmark = pytest.mark.rule("IX-04", "IX-21", "PG-16")

# The browser's answer to each folder of a case is compared with that of the command line.
BY_BROWSER = uploaded.test_a_case_gives_the_same_by_browser_as_by_command
SAME = uploaded.test_bad_rows_are_rejected_alone_for_the_same_reasons_as_from_the_command_line
BAD = pushed.test_what_files_reject_is_rejected_alone_for_the_same_reason
ROWS, ODD = files.test_a_bad_row_is_rejected_alone, files.test_what_looks_odd_but_is_right
BY_UPLOAD, ODD_FILES = (
    uploaded.test_the_catalogue_by_browser,
    uploaded.test_rows_of_odd_files_go_in_by_browser,
)
# Why a fault can't come by a way.
NO_FILE = "JSON has no sheets, headings or archives"
NO_SEARCH = "the API lists and names orders; searching is for people"

# A test for each way, or why there is none.
Test = Callable[..., None]
Ways = tuple[Test, Test, Test | str]

CASES_BY_WAY: Mapping[str, Ways] = {
    "PC-01": (
        after_export.test_a_fact_of_the_future_leaves_old_data_stale,
        BY_BROWSER,
        pushed.test_a_fact_of_the_future_is_flagged_and_known_by_nobody,
    ),
    "PC-02": (
        values.test_orders_in_spreadsheet_dress_are_the_same_orders,
        BY_BROWSER,
        pushed.test_orders_in_spreadsheet_dress_are_the_same_orders,
    ),
    "PC-05": (
        refunds.test_orders_whose_money_went_back_are_refunded_and_not_late,
        BY_BROWSER,
        pushed.test_orders_whose_money_went_back_are_refunded,
    ),
    "PC-06": (recognition.test_pc_06_a_lone_filled_sheet_is_taken, BY_BROWSER, NO_FILE),
    "PC-07": (
        values.test_words_for_nothing_are_no_carriers_and_are_counted,
        BY_BROWSER,
        pushed.test_words_for_nothing_are_no_carriers,
    ),
    "PC-08": (
        values.test_dates_of_spreadsheet_programs_are_taken_in_a_zone_and_damage_is_rejected,
        BY_BROWSER,
        pushed.test_dates_need_an_offset_and_zeros_are_none,
    ),
    "PC-10": (
        row_per_item.test_pc_10_items_and_parcels,
        BY_BROWSER,
        pushed.test_of_a_row_per_item_all_but_the_last_are_named_duplicates,
    ),
    "PC-11": (
        values.test_sites_are_mapped_to_their_code_or_rejected,
        BY_BROWSER,
        pushed.test_sites_are_mapped_or_rejected,
    ),
    "PC-13": (error_rows.test_the_cell_that_can_not_be_read_is_named, BY_BROWSER, NO_FILE),
    "PC-15": (
        searching.test_pasted_numbers_find_their_orders,
        search_page.test_numbers_are_found_in_every_store_whatever_they_are,
        NO_SEARCH,
    ),
    "PC-18": (
        recognition.test_pc_18_encodings_are_named_asked_for_and_taken,
        asking.test_encodings_are_shown_and_confirmed,
        pushed.test_bodies_in_other_encodings_are_not_taken,
    ),
}  # fmt: skip

CATALOGUE_BY_WAY: Mapping[str, Ways] = {
    "BOM": (
        files.test_a_byte_order_mark_is_fine,
        BY_UPLOAD,
        pushed.test_bodies_in_other_encodings_are_not_taken,
    ),
    "GB18030": (
        files.test_another_encoding_is_named_and_not_taken_unconfirmed,
        asking.test_encodings_are_shown_and_confirmed,
        pushed.test_bodies_in_other_encodings_are_not_taken,
    ),
    "UTF-16": (
        files.test_utf_16_needs_no_confirmation,
        BY_UPLOAD,
        pushed.test_bodies_in_other_encodings_are_not_taken,
    ),
    "mixed encodings": (
        files.test_of_mixed_encodings_only_the_bad_rows_are_rejected,
        uploaded.test_pages_show_what_can_not_be_read,
        pushed.test_bodies_in_other_encodings_are_not_taken,
    ),
    "NUL": (ROWS, BY_UPLOAD, pushed.test_json_s_own_ways_of_damage_are_rejected),
    "semicolon": (recognition.test_orders_in_any_dress_go_in, BY_UPLOAD, NO_FILE),
    "unclosed quote": (
        files.test_an_open_quote_costs_its_row_only,
        BY_UPLOAD,
        batches.test_a_body_that_is_no_json_is_malformed,
    ),
    "field > 131,072 characters": (
        files.test_an_endless_cell_costs_its_row_only,
        BY_UPLOAD,
        pushed.test_json_s_own_ways_of_damage_are_rejected,
    ),
    "duplicate header": (
        files.test_headers_that_are_rejected,
        BY_UPLOAD,
        pushed.test_json_s_own_ways_of_damage_are_rejected,
    ),
    "missing header": (
        files.test_headers_that_are_rejected,
        BY_UPLOAD,
        pushed.test_items_without_anything_and_times_without_an_offset_are_rejected_alone,
    ),
    "unknown header": (
        files.test_unknown_columns_are_reported_and_ignored,
        ODD_FILES,
        batches.test_each_item_has_its_result_and_a_bad_one_is_rejected_alone,
    ),
    "long and short rows": (ROWS, SAME, batches.test_each_item_has_its_result_and_a_bad_one_is_rejected_alone),
    "empty": (
        files.test_an_empty_file_is_rejected,
        BY_UPLOAD,
        batches.test_a_body_that_is_no_json_is_malformed,
    ),
    "header only": (
        files.test_a_header_alone_is_fine,
        BY_UPLOAD,
        pushed.test_items_without_anything_and_times_without_an_offset_are_rejected_alone,
    ),
    "a million blank rows": (
        files.test_a_million_blank_rows_are_passed_over,
        ODD_FILES,
        batches.test_a_body_over_the_limit_is_not_read_to_its_end,
    ),
    "`1.23E+17` order numbers": (ROWS, BY_UPLOAD, pushed.test_json_s_own_ways_of_damage_are_rejected),
    "leading zeros": (
        ODD,
        uploaded.test_what_looks_odd_but_is_right_is_taken,
        pushed.test_json_s_own_ways_of_damage_are_rejected,
    ),
    "full-width digits": (ROWS, SAME, BAD),
    "`1_000`": (ROWS, SAME, BAD),
    "NaN": (
        values.test_words_for_nothing_are_no_carriers_and_are_counted,
        BY_UPLOAD,
        batches.test_a_body_that_is_no_json_is_malformed,
    ),
    "negative zero": (
        ODD,
        uploaded.test_what_looks_odd_but_is_right_is_taken,
        pushed.test_json_s_own_ways_of_damage_are_rejected,
    ),
    "overflow": (ROWS, SAME, BAD),
    "`01/02/03`": (ROWS, SAME, BAD),
    "29 February of a common year": (ROWS, SAME, BAD),
    "1904 workbooks": (
        containers.test_workbooks_are_taken_with_their_dates,
        uploaded.test_a_workbook_that_counts_from_1904_is_taken_with_its_dates,
        NO_FILE,
    ),
    "local time in a DST gap": (
        files.test_a_time_that_the_clocks_skipped_is_rejected,
        ODD_FILES,
        pushed.test_items_without_anything_and_times_without_an_offset_are_rejected_alone,
    ),
    "duplicate key in the file": (
        files.test_of_two_rows_with_one_key_the_later_wins_and_it_is_reported,
        BY_UPLOAD,
        batches.test_each_item_has_its_result_and_a_bad_one_is_rejected_alone,
    ),
    "the same file again": (
        files.test_the_same_file_again_is_the_same,
        uploaded.test_the_same_file_again_changes_nothing,
        batches.test_every_resource_takes_its_items_and_knows_them_again,
    ),
    "another tenant's store": (
        uploads.test_another_tenant_s_store_reads_as_one_that_does_not_exist,
        BY_UPLOAD,
        batches.test_writing_needs_the_scope_and_the_store,
    ),
    "formula cells": (
        files.test_formulas_are_neutralised_and_come_back_as_they_were,
        uploaded.test_formulas_come_out_neutral_and_go_in_again_as_they_were,
        pushed.test_json_s_own_ways_of_damage_are_rejected,
    ),
    "zip bombs": (containers.test_a_zip_bomb_is_rejected, BY_UPLOAD, NO_FILE),
    "billion laughs": (
        containers.test_billion_laughs_are_rejected,
        uploaded.test_workbooks_that_lie_cost_nothing,
        NO_FILE,
    ),
    "false sheet dimensions": (
        containers.test_false_sheet_dimensions_cost_nothing,
        uploaded.test_workbooks_that_lie_cost_nothing,
        NO_FILE,
    ),
    ".xlsm": (containers.test_a_workbook_with_macros_is_rejected, BY_UPLOAD, NO_FILE),
    "row 49,999 of 50,000 invalid": (
        files.test_a_bad_row_near_the_end_of_a_large_file,
        ODD_FILES,
        pushed.test_of_a_thousand_items_one_near_the_end_is_rejected_alone,
    ),
    "killed at any point": (
        killed.test_an_import_that_is_killed_goes_on_where_it_was,
        uploaded.test_an_upload_whose_worker_was_killed_goes_on_where_it_was,
        pushed.test_a_push_that_is_killed_leaves_nothing_of_itself_and_goes_in_when_it_is_sent_again,
    ),
}
# The line of the catalogue, as the specification of reliability has it.
IMPORTS = """
    BOM; GB18030; UTF-16; mixed encodings; NUL; semicolon; unclosed quote; field > 131,072 characters; duplicate header;
    missing header; unknown header; long and short rows; empty; header only; a million blank rows;
    `1.23E+17` order numbers; leading zeros; full-width digits; `1_000`; NaN; negative zero; overflow; `01/02/03`;
    29 February of a common year; 1904 workbooks; local time in a DST gap; duplicate key in the file;
    the same file again; another tenant's store; formula cells; zip bombs; billion laughs; false sheet dimensions;
    .xlsm; row 49,999 of 50,000 invalid; killed at any point
"""


def test_every_case_is_tried_by_every_way() -> None:
    assert {path.name for path in CASES.glob("PC-*")} == CASES_BY_WAY.keys()
    # Whatever is added to a case goes in by browser too; PC-15 is about finding what went in.
    assert {folder.relative_to(CASES).parts[0] for folder in uploaded.BUNDLES} == CASES_BY_WAY.keys()


def test_every_line_of_the_catalogue_is_tried_by_every_way() -> None:
    assert [" ".join(line.split()) for line in IMPORTS.split(";")] == list(CATALOGUE_BY_WAY)
