//! IPTC's digital source types, the words of XMP and of C2PA's actions (<https://cv.iptc.org/newscodes/digitalsourcetype/>).

use super::Says;

/// What a digital source type says: a URI of IPTC's vocabulary, of which the last word counts, or that word alone. Names that
/// IPTC has withdrawn are known too; anything else says nothing.
pub fn says(uri: &str) -> Says {
    match word(uri) {
        "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia" | "compositeSynthetic" => Says::Generated,
        // "Elements, any of which may or may not be generative AI"; "based on generative AI and/or captured elements".
        "composite" | "virtualRecording" => Says::PerhapsGenerated,
        "humanEdits"
        | "minorHumanEdits"
        | "compositeCapture"
        | "algorithmicallyEnhanced"
        | "algorithmicMedia"
        | "dataDrivenMedia"
        | "digitalCreation"
        | "digitalArt"
        | "softwareImage" => Says::Edited,
        "digitalCapture" | "computationalCapture" | "screenCapture" | "negativeFilm" | "positiveFilm" | "print" => {
            Says::Captured
        }
        _ => Says::Unknown,
    }
}

/// The last word of a URI.
pub(super) fn word(uri: &str) -> &str {
    let uri = uri.trim().trim_end_matches('/');
    uri.rsplit(['/', ':', '#']).next().unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::SOURCE_TYPE;

    #[test]
    fn ours_is_generated_and_a_photograph_is_not() {
        assert_eq!(says(SOURCE_TYPE), Says::Generated);
        assert_eq!(says("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"), Says::Captured);
        assert_eq!(says("https://cv.iptc.org/newscodes/digitalsourcetype/composite/ "), Says::PerhapsGenerated);
        assert_eq!(says("trainedAlgorithmicMedia"), Says::Generated);
        assert_eq!(says("http://example.org/handmade"), Says::Unknown);
        assert_eq!(says(""), Says::Unknown);
    }
}
