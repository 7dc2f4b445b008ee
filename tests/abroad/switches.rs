//! The table of switches.

use crate::style::SWITCHES;

#[test]
fn every_switch_has_a_source() {
    assert!(SWITCHES.len() >= 40);
    assert!(SWITCHES.iter().all(|(_, source)| source.contains(':')));
}
