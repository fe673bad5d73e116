//! Signing in while the line is cut.

use clinical::Role;

use super::store::{CLERK, DOCTOR, PASSWORD, at, session, sign_in};
use super::*;

const DAY: i64 = 24 * 3600;

fn ask(run: &Run, password: &str, second: i64) -> OfflineAnswer {
    run.offline("incho", password, at(second))
}

#[test]
fn who_was_here_lately_may_sign_in_without_the_line() {
    let desk = Desk::new();
    let run = desk.open();
    assert_eq!(ask(&run, PASSWORD, 0), OfflineAnswer::Unknown);
    // As the client does it: first the store has a name, then the cloud gives it digits.
    assert!(run.store_id().is_some());
    run.entry_key("incho");
    assert_eq!(ask(&run, PASSWORD, 0), OfflineAnswer::Unknown, "a key is no person");
    sign_in(&run, "incho", DOCTOR);
    sign_in(&run, "uketsuke", CLERK);
    drop(run);
    let run = desk.open();
    assert_eq!(ask(&run, PASSWORD, 10), OfflineAnswer::Ok(session("incho", DOCTOR)));
    assert_eq!(ask(&run, "uketsuke's password", 10), OfflineAnswer::Wrong);
    assert_eq!(ask(&run, PASSWORD, 7 * DAY), OfflineAnswer::Ok(session("incho", DOCTOR)));
    assert_eq!(ask(&run, PASSWORD, 7 * DAY + 1), OfflineAnswer::TooLong);
    assert_eq!(ask(&run, PASSWORD, -DAY), OfflineAnswer::Ok(session("incho", DOCTOR)));
    let clerk = run.offline("uketsuke", PASSWORD, at(10));
    assert!(matches!(clerk, OfflineAnswer::Ok(info) if info.role == Role::Receptionist));
    run.forget_password("incho");
    assert_eq!(ask(&run, PASSWORD, 20), OfflineAnswer::Unknown);
    assert!(run.settle(LIMIT));
    drop(run);
    let run = desk.open();
    assert_eq!(ask(&run, PASSWORD, 30), OfflineAnswer::Unknown, "it came back with the restart");
    sign_in(&run, "incho", DOCTOR);
    assert!(matches!(ask(&run, PASSWORD, 40), OfflineAnswer::Ok(_)));
}

#[test]
fn capitals_and_blanks_make_nobody_else() {
    let desk = Desk::new();
    let run = desk.open();
    let key = run.entry_key("Incho");
    assert!(key.is_some());
    sign_in(&run, "INCHO ", DOCTOR);
    assert_eq!(run.entry_key(" incho"), key);
    assert!(matches!(ask(&run, PASSWORD, 10), OfflineAnswer::Ok(_)));
    // Neither does another spelling bring an old password back, nor fresh tries.
    for spelled in ["incho", "inCho", "INCHO", " incho", "Incho"] {
        assert_eq!(run.offline(spelled, "wrong", at(20)), OfflineAnswer::Wrong);
    }
    assert!(matches!(run.offline("InchO", PASSWORD, at(20)), OfflineAnswer::Wait { .. }));
    run.forget_password("iNcho");
    assert_eq!(run.offline("Incho", PASSWORD, at(9999)), OfflineAnswer::Unknown);
}

#[test]
fn a_password_that_the_cloud_refuses_is_forgotten_and_no_other_one() {
    let desk = Desk::new();
    let run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    run.refused_password("incho", "a slip of the finger");
    run.refused_password("nobody", PASSWORD);
    assert!(matches!(ask(&run, PASSWORD, 10), OfflineAnswer::Ok(_)));
    run.refused_password("incho", PASSWORD);
    assert_eq!(ask(&run, PASSWORD, 20), OfflineAnswer::Unknown);
    assert!(run.settle(LIMIT));
    drop(run);
    assert_eq!(ask(&desk.open(), PASSWORD, 30), OfflineAnswer::Unknown, "it came back");
}

#[test]
fn wrong_passwords_cost_more_and_more_time_and_a_restart_saves_none() {
    let desk = Desk::new();
    let mut run = desk.open();
    sign_in(&run, "incho", DOCTOR);
    for _ in 0..5 {
        assert_eq!(ask(&run, "wrong", 0), OfflineAnswer::Wrong);
    }
    let mut now = 0;
    for wait in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
        let until = at(now + wait);
        drop(run);
        run = desk.open();
        let told = OfflineAnswer::Wait { until };
        assert_eq!(ask(&run, PASSWORD, now), told, "wait of {wait} s");
        assert_eq!(ask(&run, PASSWORD, now + wait - 1), told);
        now += wait;
        assert_eq!(ask(&run, "wrong", now), OfflineAnswer::Wrong);
    }
    // Set back by a day, the clock does not make an hour a day.
    let answer = ask(&run, PASSWORD, now - DAY);
    assert_eq!(answer, OfflineAnswer::Wait { until: at(now - DAY + 3600) });
    let now = now - DAY + 3600;
    assert!(matches!(ask(&run, PASSWORD, now), OfflineAnswer::Ok(_)));
    for _ in 0..5 {
        assert_eq!(ask(&run, "wrong", now), OfflineAnswer::Wrong, "it counts from the right one");
    }
    assert!(matches!(ask(&run, PASSWORD, now), OfflineAnswer::Wait { .. }));
}
