//! Scores that are not what they should be: one clear sentence each, never a panic.

use portraoke::song::{Performance, Score, ScoreError, perform};

fn score(body: &str) -> String {
    format!(
        r#"<score-partwise><part-list><score-part id="P1"><part-name>Voice</part-name></score-part></part-list><part id="P1">{body}</part></score-partwise>"#
    )
}

fn note(duration: &str, text: &str) -> String {
    format!(
        "<note><pitch><step>A</step><octave>4</octave></pitch><duration>{duration}</duration><lyric><text>{text}</text></lyric></note>"
    )
}

fn read(text: &str) -> Result<Score, ScoreError> {
    Score::read(text.as_bytes())
}

#[test]
fn each_fault_has_its_own_error() {
    let bar = |inside: &str| score(&format!("<measure number=\"3\">{inside}</measure>"));
    let divisions = |n: &str| format!("<attributes><divisions>{n}</divisions></attributes>");
    assert_eq!(read(""), Err(ScoreError::Empty));
    assert_eq!(read("hello"), Err(ScoreError::NotMusicXml));
    assert_eq!(read("<html><body/></html>"), Err(ScoreError::NotMusicXml));
    assert_eq!(Score::read(&[0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3]), Err(ScoreError::NotMusicXml));
    assert!(matches!(read("<score-partwise>\n<part"), Err(ScoreError::BrokenXml { line: 2, .. })));
    assert!(matches!(Score::read(b"PK\x03\x04 not a zip at all"), Err(ScoreError::BrokenArchive(_))));
    assert_eq!(read(&score("")), Err(ScoreError::NoLyrics));
    assert_eq!(read(&bar(&note("4", "").replace("<lyric><text></text></lyric>", ""))), Err(ScoreError::NoLyrics));
    let bad = |text: &str| matches!(read(text), Err(ScoreError::BadNumber { measure, .. }) if measure == "3");
    assert!(bad(&bar(&format!("{}{}", divisions("0"), note("4", "la")))));
    assert!(bad(&bar(&format!("{}{}", divisions("-2"), note("4", "la")))));
    assert!(bad(&bar(&note("1e30", "la"))));
    assert!(bad(&bar(&note("-4", "la"))));
    let endless = bar(&format!("<sound tempo=\"10\"/>{}", note("400", "la")));
    assert!(matches!(read(&endless), Err(ScoreError::TooLong { .. })));
    assert!(matches!(read(&"<a>".repeat(9 << 20)), Err(ScoreError::TooLarge { .. })));
}

#[test]
fn entity_tricks_are_refused() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE score-partwise [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><score-partwise>&g;</score-partwise>"#;
    assert!(matches!(read(laughs), Err(ScoreError::BrokenXml { .. })));
    let file =
        r#"<!DOCTYPE score-partwise [<!ENTITY x SYSTEM "file:///etc/passwd">]><score-partwise>&x;</score-partwise>"#;
    assert!(matches!(read(file), Err(ScoreError::BrokenXml { .. })));
}

#[test]
fn errors_are_one_sentence_with_a_way_out() {
    for text in ["", "x", "<score-partwise>", "<score-partwise/>"] {
        let message = read(text).expect_err("bad").to_string();
        assert!(message.ends_with('.') && message.len() < 200 && message.contains(':'), "{message}");
    }
}

#[test]
fn what_is_merely_odd_is_sung() {
    let bar = |inside: &str| score(&format!("<measure>{inside}</measure>"));
    let odd = [
        bar(&note("4", "la")),
        // A note of no length beside one that has some.
        bar(&format!("{}{}", note("0", "la"), note("1", "li"))),
        bar(&format!("<sound tempo=\"-5\"/>{}", note("1", "la"))),
        bar(&format!("<sound tempo=\"1e9\"/>{}", note("1", "la"))),
        bar(&note("0.001", "la")),
        bar(&note("1", "бвгд")),
        bar(&note("1", "漢字")),
        bar(&format!("<backup><duration>99</duration></backup>{}", note("1", "la"))),
        bar(&note("1", "la").replace("<octave>4", "<octave>8")),
        bar(&note("1", &"a".repeat(5000))),
        bar(&(0..40).map(|_| note("0.02", "strengths")).collect::<String>()),
    ];
    for text in odd {
        let score = read(&text).expect("odd but sound");
        let sung = perform(&score, &Performance::default()).expect("sung");
        assert!(sung.mix.iter().all(|s| s.is_finite() && s.abs() < 0.9), "{text}");
        assert!(sung.track.channels.values().flatten().all(|v| v.is_finite()), "{text}");
    }
}

/// xorshift64: a fixed seed, so that a failure comes again.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

#[test]
fn mutated_scores_never_panic() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/song.musicxml");
    let original = std::fs::read(path).expect("a bundled score");
    let mut rng = Rng(0x5EED);
    let mut sung = 0;
    for round in 0..400 {
        let mut bytes = original.clone();
        if round % 4 == 0 {
            bytes.truncate(rng.below(original.len()));
        }
        for _ in 0..1 + rng.below(6) {
            let at = rng.below(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match if round % 4 == 1 { 1 + rng.below(2) } else { 0 } {
                // Another digit where a digit was: numbers go wrong while the XML stays whole.
                0 => {
                    let digit = (at..bytes.len()).find(|&i| bytes[i].is_ascii_digit());
                    digit.into_iter().for_each(|i| bytes[i] = b"0123456789-.e"[rng.below(13)]);
                }
                1 if !bytes.is_empty() => bytes[at] = rng.below(256) as u8,
                _ if at + 40 < bytes.len() => {
                    let piece = bytes[at..at + rng.below(40)].to_vec();
                    let to = rng.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => {}
            }
        }
        // Every twentieth of the readable ones is performed too; reading is what differs most.
        if let Ok(score) = Score::read(&bytes) {
            sung += 1;
            if sung % 20 == 0 && score.duration < 60.0 {
                assert!(perform(&score, &Performance::default()).is_ok());
            }
        }
    }
    assert!(sung > 100, "only {sung} mutations could be read: the test no longer reaches the reader");
}

#[test]
fn mutated_archives_never_panic() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/songs/habanera.mxl");
    let original = std::fs::read(path).expect("a bundled score");
    let mut rng = Rng(77);
    for _ in 0..200 {
        let mut bytes = original.clone();
        bytes.truncate(bytes.len() - if rng.below(3) == 0 { rng.below(bytes.len()) } else { 0 });
        for _ in 0..1 + rng.below(4) {
            if !bytes.is_empty() {
                let at = rng.below(bytes.len());
                bytes[at] ^= 1 << rng.below(8);
            }
        }
        let _ = Score::read(&bytes);
    }
}

#[test]
fn counts_that_would_take_for_ever_do_not() {
    let bar = |inside: &str| score(&format!("<measure>{inside}</measure>"));
    let la = note("1", "la");
    let again = "<barline><repeat direction=\"backward\" times=\"4000000000\"/></barline>";
    let ending = "<barline><ending number=\"1-4000000000\" type=\"start\"/></barline>";
    let grace = note("1", "la").replace("<duration>1</duration>", "<grace/>");
    let verses: String = (0..3000).map(|n| format!("<lyric number=\"{n}\"><text>x</text></lyric>")).collect();
    let mark =
        "<direction><direction-type><wedge type=\"crescendo\"/></direction-type><sound tempo=\"90\"/></direction>";
    let started = std::time::Instant::now();
    for text in [
        bar(&format!("{la}{again}")),
        bar(&format!("{ending}{la}{again}")),
        bar(&format!("{}{la}", grace.repeat(20_000))),
        bar(&la.replace("</note>", &format!("{verses}</note>"))),
        bar(&format!("{}{la}", mark.repeat(20_000))),
        bar(&la.repeat(50_000)),
        bar(&format!("<attributes><time><beats>64</beats><beat-type>64</beat-type></time></attributes>{la}")),
        bar(&format!("<attributes><transpose><chromatic>1e300</chromatic></transpose></attributes>{la}")),
        bar(&la.replace("<step>A</step>", "<step>A</step><alter>1e300</alter>")),
        bar(&la.replace("la</text>", &format!("{}</text>", "qi".repeat(5000)))),
        score(&"<measure/>".repeat(50_000)),
    ] {
        // Whatever comes of it, it comes soon and is no panic.
        if let Ok(score) = read(&text) {
            assert!(score.duration <= 600.0 && score.notes.len() <= 100_000);
            let _ = score.with_lyrics(&"xi'anxianxian".repeat(500));
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn zip_bombs_are_refused() {
    // 200 MB of spaces pack into 200 kB.
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("score.xml", options).expect("a file");
    let spaces = vec![b' '; 1 << 20];
    (0..200).for_each(|_| archive.write_all(&spaces).expect("written"));
    let bytes = archive.finish().expect("finished").into_inner();
    assert!(bytes.len() < 1 << 20);
    assert!(matches!(Score::read(&bytes), Err(ScoreError::TooLarge { .. })));
}
