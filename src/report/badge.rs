//! The verdict as a badge.

use minijinja::HtmlEscape;

use crate::result::musts::Musts;
use crate::result::{Proof, Verdict};
use crate::spec::requirement::Subject;

/// What it is about.
const LABEL: &str = "Neon API";

const GREEN: &str = "#2e7d32";
const YELLOW: &str = "#8a6100";
const RED: &str = "#c62828";
const GREY: &str = "#5f6368";

/// About how wide a character is, in pixels; the renderer stretches the text to what was reckoned.
const CHARACTER: usize = 7;

/// Left and right of a text, in pixels.
const MARGIN: usize = 6;

/// An SVG image of the verdict.
#[must_use]
pub fn badge(proof: &Proof) -> String {
    let musts = Musts::of(&proof.requirements, Subject::Endpoint);
    let advice =
        if proof.advice.is_empty() { String::new() } else { format!(", {} advised", proof.advice.len()) };
    let is_refused = proof.gate.as_ref().is_some_and(|gate| !gate.passed);
    let (color, word) = match proof.verdict {
        Verdict::Conforms if proof.counts.flaky > 0 => (YELLOW, "conforms, flaky"),
        Verdict::Conforms => (GREEN, "conforms"),
        Verdict::ConformsButForKnown => (YELLOW, "conforms, with known failures"),
        Verdict::DoesNotConform => (RED, "does not conform"),
        Verdict::Stopped | Verdict::CouldNotBeTested | Verdict::NotTested => (GREY, "not tested"),
    };
    let (color, word) = if is_refused && color != RED { (RED, "failed the gate") } else { (color, word) };
    let message = format!("{word} · {} of {} musts{advice}", musts.proven, musts.all());
    let day = proof.began.strftime("%Y-%m-%d");
    let title = format!("{LABEL}: {} {message}, {day}, {}", proof.target, proof.tool);
    let title = HtmlEscape(&title);
    let width = |text: &str| text.chars().count() * CHARACTER;
    let (left, right) = (width(LABEL) + 2 * MARGIN, width(&message) + 2 * MARGIN);
    let whole = left + right;
    let text = |x: usize, text: &str| {
        format!(
            "<text x=\"{}\" y=\"14\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            x + MARGIN,
            width(text),
            HtmlEscape(text)
        )
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n\
         <clipPath id=\"round\"><rect width=\"{whole}\" height=\"20\" rx=\"3\"/></clipPath>\n\
         <g clip-path=\"url(#round)\"><rect width=\"{left}\" height=\"20\" fill=\"#444\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{color}\"/></g>\n\
         <g fill=\"#fff\" font-family=\"Verdana, DejaVu Sans, sans-serif\" font-size=\"11\">{}{}</g>\n\
         </svg>\n",
        text(0, LABEL),
        text(left, &message)
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::result::Counts;
    use crate::result::OutcomeWord::{self, Failed, Flaky, KnownFailure, Passed, Untested};
    use crate::result::testing;
    use crate::spec::requirement::Level;

    #[rstest]
    #[case(Passed, "conforms ·", GREEN)]
    #[case(Flaky, "conforms, flaky", YELLOW)]
    #[case(KnownFailure, "with known failures", YELLOW)]
    #[case(Failed, "does not conform", RED)]
    #[case(Untested, "not tested", GREY)]
    fn it_says_the_verdict(#[case] outcome: OutcomeWord, #[case] word: &str, #[case] color: &str) {
        let mut result = testing::result(&[("trial", outcome, "")]);
        result.target = "a <target> & \"more\"".to_owned();
        let svg = badge(&Proof::of(&result));
        assert!(svg.contains(word) && svg.contains(color), "{svg}");
        assert!(svg.contains("a &lt;target&gt; &amp; &quot;more&quot;"), "{svg}");
    }

    #[test]
    fn it_counts_what_an_endpoint_must_do() {
        let mut result = testing::result(&[("trial", Passed, "")]);
        let passed = Counts { passed: 1, ..Counts::default() };
        result.requirements = vec![testing::requirement("A", passed); 5];
        result.requirements.iter_mut().skip(1).for_each(|requirement| requirement.proven = true);
        result.requirements[3].subject = Subject::Client;
        result.requirements[4].level = Level::Should;
        let svg = badge(&Proof::of(&result));
        assert!(svg.contains("conforms · 2 of 3 musts<"), "{svg}");
    }
}
