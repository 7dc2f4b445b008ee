//! Each switch alone: what a style does could hide what one of its switches is called wrong for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::run::{self, Floor};
use crate::style::{SWITCHES, Style};

/// So many runs wait for their servers at once.
const AT_ONCE: usize = 6;

/// Trials of every case; the many that differ in their operation only are few.
const SELECTION: [&str; 2] = ["--sample", "150"];

/// What a run of these comes to.
const SAMPLE: Floor = Floor { proven: 50, open: 25 };

#[test]
fn every_switch_has_a_source() {
    assert!(SWITCHES.len() >= 40);
    assert!(SWITCHES.iter().all(|(_, source)| source.contains(':')));
}

#[test]
fn each_switch_alone_is_called_sound() {
    let left = Mutex::new(SWITCHES.iter());
    let wrong = Mutex::new(Vec::new());
    let next = || left.lock().expect("nobody panics with it").next();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((switch, _)) = next() {
                    let style = Style { name: "of one switch", switches: vec![*switch].leak() };
                    let style = Box::leak(Box::new(style));
                    if catch_unwind(AssertUnwindSafe(|| run::conforms(style, &SELECTION, &SAMPLE))).is_err() {
                        wrong.lock().expect("nobody panics with it").push(*switch);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics with it");
    assert!(wrong.is_empty(), "called wrong alone: {wrong:?}");
}
