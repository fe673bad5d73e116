//! The storage suite: the same tests on SQLite and on a PostgreSQL that the suite starts itself.
//! The engine stands in each test's name: `sqlite::…`, `postgres::…`.

// A test that cannot go on stops there; its counts are small.
#![allow(clippy::unwrap_used, clippy::cast_possible_wrap)]

mod accounts;
mod audit;
mod concurrency;
mod entries;
mod events;
mod hands;
mod harness;
mod lab_desk;
mod lab_hands;
mod lab_orders;
mod lab_reports;
mod model;
mod patients;
mod people;
#[path = "../../../../tests/src/postgres.rs"]
#[allow(dead_code)] // stopping it in the middle is for the end-to-end tests
mod postgres_server;
mod profile_model;
mod profiles;
mod receptions;
mod records;
mod recovery;
mod search;
mod sessions;
mod tamper;
mod tenants;
mod upgrade;

/// Each test of the list as `sqlite::name` and `postgres::name`.
macro_rules! suite {
    ($($module:ident: $($name:ident),+ $(,)?;)+) => {
        mod sqlite {
            $($(
                #[test]
                fn $name() {
                    crate::harness::on_sqlite(stringify!($name), |place| {
                        Box::pin(crate::$module::$name(place))
                    });
                }
            )+)+
        }
        mod postgres {
            $($(
                #[test]
                fn $name() {
                    crate::harness::on_postgres(stringify!($name), |place| {
                        Box::pin(crate::$module::$name(place))
                    });
                }
            )+)+
        }
    };
}

suite! {
    tenants:
        the_schema_is_checked_and_migrated_once,
        an_institution_is_added_once,
        one_institution_never_sees_another,
        a_closed_store_says_so;
    accounts:
        accounts_are_added_listed_and_kept_apart,
        the_command_line_manages_accounts,
        a_weak_password_is_refused_before_it_is_stored;
    sessions:
        signing_in_and_out,
        the_token_itself_is_nowhere_in_the_database,
        a_session_ends_without_use,
        a_session_ends_at_its_absolute_limit,
        use_keeps_a_session_alive_with_few_writes,
        disabling_an_account_ends_its_sessions,
        a_new_password_ends_the_sessions,
        wrong_unknown_and_disabled_are_answered_alike,
        wrong_passwords_delay_one_address_alone,
        trying_while_one_has_to_wait_does_not_fill_the_log,
        a_crowd_at_one_address_does_not_keep_others_out,
        unlocking_forgets_wrong_passwords;
    patients:
        a_patient_is_found_in_any_padding,
        a_patient_from_a_list_is_not_whole_until_fetched,
        unchanged_patients_make_no_event,
        what_a_list_tells_never_replaces_a_whole_record,
        the_first_page_has_the_newest_receptions,
        many_patients_in_one_go;
    search:
        search_finds_what_the_rule_finds,
        hits_stand_in_kana_order_with_the_exact_number_first,
        signs_of_like_are_letters_here,
        a_search_tells_that_there_is_more;
    receptions:
        a_list_is_taken_over_and_taken_over_again,
        what_leaves_the_list_is_cancelled_and_may_come_back,
        paying_overrules_the_desk_and_reopening_returns_to_the_till,
        the_desk_keeps_its_state_through_a_reconcile,
        a_change_sent_twice_is_one_change,
        a_change_id_is_good_for_one_change,
        who_comes_too_late_changes_nothing_and_sees_what_stands,
        changes_made_while_the_line_was_cut_follow_each_other,
        a_cancelled_reception_is_the_receipt_computers,
        unknown_receptions_are_not_found,
        another_days_reception_is_refused,
        the_list_stands_in_the_order_of_time,
        the_links_state_is_told_when_it_changes,
        the_clinics_lists_are_kept;
    entries:
        an_entry_sent_twice_is_stored_once,
        an_id_is_good_for_one_entry,
        an_entry_from_two_processes_at_once_is_stored_once,
        a_failure_between_the_writes_leaves_nothing,
        what_breaks_a_rule_is_refused_and_leaves_nothing,
        roles_and_disabled_accounts,
        the_staff_stands_practitioners_first,
        the_cloud_names_people_by_its_own_accounts,
        a_key_is_one_persons_for_ever,
        a_sign_in_makes_the_key_known,
        an_entry_lands_in_its_authors_institution_alone,
        what_others_must_hear_is_stored_with_its_cause;
    profiles:
        a_clerks_entry_is_confirmed_and_the_history_names_both,
        two_who_change_the_same_item_are_both_kept,
        different_items_never_conflict,
        a_withdrawal_is_a_version,
        entries_made_while_the_line_was_cut_build_on_each_other,
        a_page_shows_the_latest_of_what_has_no_end,
        what_waits_is_listed_oldest_first,
        each_version_is_an_event_that_names_things_alone,
        a_history_keeps_the_order_of_storing;
    profile_model:
        items_follow_from_what_was_stored;
    records:
        records_are_found_whole,
        whatever_is_changed_is_found,
        what_is_removed_or_added_is_found,
        a_forged_entry_is_found;
    lab_orders:
        an_order_goes_its_way,
        a_lab_entry_sent_twice_is_stored_once,
        a_failure_leaves_nothing_of_a_lab_order,
        two_nurses_draw_the_same_tube,
        a_cancellation_meets_a_sending,
        a_specimen_number_is_one_tubes,
        lab_work_by_role,
        the_days_list_holds_what_is_due,
        deliveries_keep_their_order,
        what_the_laboratory_refused_is_sent_again;
    lab_reports:
        a_message_is_stored_once,
        what_could_not_be_read_once_is_read_when_it_comes_again,
        a_name_that_no_database_keeps_does_not_hold_up_a_message,
        a_correction_that_overtakes_what_it_corrects_stands,
        a_failure_leaves_nothing_of_a_message,
        a_corrected_result_names_what_it_replaced,
        panic_values_wait_first,
        what_fits_nobody_waits_for_a_person,
        two_who_decide_about_one_report,
        a_patients_page_shows_the_last_three_days,
        whatever_is_changed_in_lab_records_is_found,
        looks_at_lab_data_are_on_record;
    lab_desk:
        sets_are_kept_and_the_latest_word_stands,
        each_terminals_store_has_a_station,
        a_print_is_on_record,
        the_laboratories_links_are_told;
    upgrade:
        a_database_of_the_first_version_is_brought_up,
        a_database_of_the_second_version_is_brought_up;
    events:
        numbers_have_no_gaps,
        a_feed_catches_up_and_goes_on,
        a_feed_hears_another_process,
        what_is_no_longer_kept_is_a_reset,
        pruning_removes_the_old_and_keeps_the_log;
    audit:
        every_read_and_write_leaves_a_row,
        every_entry_and_each_look_at_a_profile_leaves_a_row,
        the_chain_is_whole_while_others_write,
        no_answer_without_its_row,
        a_noted_row_must_still_be_there;
    tamper:
        any_changed_column_breaks_the_chain,
        a_removed_row_breaks_the_chain,
        an_added_row_breaks_the_chain;
    concurrency:
        many_writers_in_two_processes,
        one_reception_many_hands,
        one_failing_write_fails_alone;
    model:
        reconciling_and_changing_follow_the_model;
    recovery:
        what_was_answered_is_in_another_store_at_once;
}

mod sqlite_only {
    #[test]
    fn a_copy_of_the_files_holds_all_that_was_answered() {
        crate::harness::on_sqlite("a_copy_of_the_files", |place| {
            Box::pin(crate::recovery::a_copy_of_the_files_holds_all_that_was_answered(place))
        });
    }

    #[test]
    fn the_file_is_for_its_owner_alone() {
        crate::harness::on_sqlite("the_file_is_for_its_owner_alone", |place| {
            Box::pin(crate::recovery::the_file_is_for_its_owner_alone(place))
        });
    }
}

mod postgres_only {
    #[test]
    fn connections_that_the_server_cut_are_replaced() {
        crate::harness::on_postgres("connections_cut", |place| {
            Box::pin(crate::recovery::connections_that_the_server_cut_are_replaced(place))
        });
    }

    #[test]
    fn a_commit_waits_for_the_disk_whatever_the_database_says() {
        crate::harness::on_postgres("a_commit_waits_for_the_disk", |place| {
            Box::pin(crate::recovery::a_commit_waits_for_the_disk_whatever_the_database_says(place))
        });
    }

    #[test]
    fn entries_sent_while_the_server_cuts_connections_stand_once() {
        crate::harness::on_postgres("entries_while_connections_are_cut", |place| {
            Box::pin(crate::recovery::entries_sent_while_the_server_cuts_connections_stand_once(
                place,
            ))
        });
    }
}
