//! Kills at random moments.

use std::process::Stdio;

use super::scenarios::Scenario;
use super::{Scene, contents, is_long, is_possible, start};

super::each_command!(super::kills::at_whatever_moment_a_run_is_killed);

/// Nothing is lost, and the next run cleans up.
fn at_whatever_moment_a_run_is_killed(scenario: &'static Scenario) {
    if !is_possible() {
        return;
    }
    let kills = if is_long() { 200 } else { 3 };
    let scene = Scene::of(scenario);
    let (mut killed, mut changed, mut left) = (0, 0, 0);
    // A run that was over already is none that was killed.
    for _ in 0..20 * kills {
        if killed == kills {
            break;
        }
        scene.put_back();
        let mut command = scene.env.command(scenario.args);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut started = start(&scene.env, scenario, command);
        std::thread::sleep(scene.whole.mul_f64(fastrand::f64()));
        started.process.kill().unwrap();
        if started.end().status.code().is_some() {
            continue;
        }
        killed += 1;
        changed += usize::from(contents(&scene.env) != scene.before);
        left += usize::from(scene.check_end(&format!("{}: kill {killed}", scenario.name), killed % 2 == 0));
    }
    eprintln!(
        "{}: {killed} kills, {changed} after something had changed; {left} left something, which the next run removed",
        scenario.name
    );
    assert!(killed > 0, "{}: none of the runs could be killed", scenario.name);
}
