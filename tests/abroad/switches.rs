//! Each switch alone.

use crate::run;
use crate::style::{STYLES, SWITCHES, Style};

#[test]
fn every_switch_has_a_source() {
    assert!(SWITCHES.len() >= 40);
    assert!(SWITCHES.iter().all(|(_, source)| source.contains(':')));
}

/// The switches that no style turns on are tried alone, on a sample.
#[test]
fn what_no_style_has_conforms_alone() {
    for (switch, source) in
        SWITCHES.iter().filter(|(switch, _)| !STYLES.iter().any(|style| style.has(*switch)))
    {
        let style: &'static Style =
            Box::leak(Box::new(Style { name: source, switches: std::slice::from_ref(switch) }));
        run::conforms(style, &["--sample", "150"]);
    }
}
