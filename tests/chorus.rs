//! Several singers, one song: who sings what and when, how they differ, and how it sounds together.

use portraoke::clip::Track;
use portraoke::clip::ensemble::{Arrangement, MOST};
use portraoke::song::{
    Casting, Choice, Chorus, ChorusError, Concert, Member, Performance, Score, ScoreError, VoiceType, perform,
};

const USUAL: Choice = Choice { singer: None, verse: None };

fn song(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/www/songs/{file}.mxl", env!("CARGO_MANIFEST_DIR"))).expect("a bundled score")
}

fn casting(arrangement: Arrangement, members: usize) -> Casting {
    Casting { arrangement, alike: false, members: vec![Member::default(); members] }
}

fn sing(file: &str, casting: &Casting) -> Concert {
    let chorus = Chorus::new(&song(file), None, &USUAL, casting, &Performance::default());
    chorus.expect("a bundled score is sung").finish()
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0f32, |peak, s| peak.max(s.abs()))
}

fn opening(track: &Track, t: f32) -> f32 {
    let motion = track.sample(t).expression;
    motion.get("jawOpen") - motion.get("mouthClose")
}

fn seconds(concert: &Concert) -> f32 {
    concert.mix.len() as f32 / 2.0 / concert.sample_rate as f32
}

/// Seconds in which a member sings.
fn sung(concert: &Concert, member: usize) -> f32 {
    concert.singing[member].iter().map(|[from, to]| to - from).sum()
}

#[test]
fn one_alone_sings_what_a_soloist_sings() {
    for (file, voice) in [("frere-jacques", None), ("daisy-bell", Some(VoiceType::Tenor))] {
        let score = Score::read(&song(file)).expect("sound");
        let solo = perform(&score, &Performance { voice, ..Performance::default() }).expect("sung");
        let mut one = casting(Arrangement::Unison, 1);
        one.members[0].voice = voice;
        let concert = sing(file, &one);
        assert!(concert.mix == solo.mix, "{file}: the sound differs");
        assert_eq!(concert.tracks[0].to_json(), solo.track.to_json());
        assert_eq!((concert.title, concert.voices[0], concert.words), (solo.title, solo.voice_type, solo.track.words));
    }
}

#[test]
fn all_share_one_clock() {
    for arrangement in [Arrangement::Unison, Arrangement::Parts, Arrangement::Turns] {
        let concert = sing("row-your-boat", &casting(arrangement, 4));
        let solo = sing("row-your-boat", &casting(Arrangement::Unison, 1));
        assert_eq!(concert.tracks.len(), 4);
        for track in &concert.tracks {
            assert!((track.duration() - seconds(&concert)).abs() < 1e-3);
            assert_eq!(track.beats, solo.tracks[0].beats, "{arrangement:?}");
            assert!(track.channels.values().flatten().all(|value| value.is_finite()));
        }
        assert!(concert.mix.iter().all(|s| s.is_finite()) && peak(&concert.mix) > 0.3);
    }
}

#[test]
fn a_round_enters_in_turn() {
    for file in ["frere-jacques", "row-your-boat"] {
        let concert = sing(file, &casting(Arrangement::Parts, 4));
        assert_eq!(concert.singers, [0, 1, 2, 3]);
        let entries: Vec<f32> = concert.singing.iter().map(|spans| spans[0][0]).collect();
        assert!(entries.windows(2).all(|pair| pair[1] - pair[0] > 1.5), "{file}: {entries:?}");
        for (track, entry) in concert.tracks.iter().zip(&entries) {
            // Shut before, but for the breath; open after.
            let before = (0..((entry - 0.6) * 60.0).max(0.0) as usize).map(|i| opening(track, i as f32 / 60.0));
            assert!(before.fold(0.0, f32::max) < 0.03, "{file}: opens before its entry at {entry}");
            let after = (0..60).map(|i| opening(track, entry + i as f32 / 60.0));
            assert!(after.fold(0.0, f32::max) > 0.1, "{file}: silent at {entry}");
            assert!((track.words[0].start - entry).abs() < 0.01);
        }
        // Everybody has the same words, each at its own time; captions are the first one's.
        assert_eq!(concert.words, concert.tracks[0].words);
        let text = |track: &Track| track.words.iter().take(8).map(|w| w.text.clone()).collect::<Vec<_>>();
        assert!(concert.tracks.iter().all(|track| text(track) == text(&concert.tracks[0])), "{file}");
    }
}

#[test]
fn more_portraits_than_singers_go_round() {
    let concert = sing("row-your-boat", &casting(Arrangement::Parts, 6));
    assert_eq!(concert.singers, [0, 1, 2, 3, 0, 1]);
    // Who names a singer gets it; who names one that is not there does not.
    let mut named = casting(Arrangement::Parts, 3);
    named.members[0].singer = Some(2);
    named.members[1].singer = Some(99);
    let concert = sing("row-your-boat", &named);
    assert_eq!(concert.singers, [2, 1, 2]);
    // The clock is everybody's: who enters second sings after who enters first, though it leads.
    assert!(concert.singing[1][0][0] < concert.singing[0][0][0] - 1.0);
}

#[test]
fn parts_that_are_sung_are_not_played() {
    let bytes = song("frere-jacques");
    let names = |wanted: &[usize]| -> Vec<String> {
        let scores = Score::read_lines(&bytes, &USUAL, &|_, _| wanted.to_vec()).expect("sound");
        scores[0].accompaniment.iter().map(|part| part.name.clone()).collect()
    };
    assert_eq!(names(&[0]), ["Voice 2", "Voice 3", "Voice 4", "Harp"]);
    assert_eq!(names(&[2, 0]), ["Voice 2", "Voice 4", "Harp"]);
    assert_eq!(names(&[0, 1, 2, 3]), ["Harp"]);
    // Those who do not exist are left out; of none the suggested one sings.
    assert_eq!(names(&[8]), names(&[0]));
    // And one by one they are what they are alone.
    let scores = Score::read_lines(&bytes, &USUAL, &|count, _| (0..count).collect()).expect("sound");
    for (k, score) in scores.iter().enumerate() {
        let alone = Score::read_choosing(&bytes, &Choice { singer: Some(k), verse: None }).expect("sound");
        assert_eq!((score.singer, &score.notes, score.voice), (k, &alone.notes, alone.voice));
    }
}

#[test]
fn turns_never_overlap_but_in_the_last_phrase() {
    for (file, members) in [("daisy-bell", 3), ("frere-jacques", 2), ("mo-li-hua", 4), ("habanera", 9)] {
        let concert = sing(file, &casting(Arrangement::Turns, members));
        // All end together; before the last phrase nobody sings while another does.
        let last = concert.singing.iter().map(|spans| spans[spans.len() - 1][0]).fold(0.0, f32::max);
        let end = concert.singing.iter().map(|spans| spans[spans.len() - 1][1]).fold(f32::INFINITY, f32::min);
        assert!(end > last + 0.5, "{file}: {end} after {last}");
        let mut spans: Vec<[f32; 2]> =
            concert.singing.iter().flatten().copied().filter(|span| span[0] < last - 0.1).collect();
        spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
        assert!(spans.len() >= 3, "{file}");
        for pair in spans.windows(2) {
            assert!(pair[0][1] <= pair[1][0] + 1e-3 || pair[0][1] >= end - 0.1, "{file}: {pair:?}, last {last}");
        }
        // Who waits has its mouth shut, and lives.
        for (track, singing) in concert.tracks.iter().zip(&concert.singing) {
            let waits = |t: f32| singing.iter().all(|[from, to]| t < from - 0.7 || t > to + 0.3);
            let times: Vec<f32> = (0..(seconds(&concert) * 60.0) as usize).map(|i| i as f32 / 60.0).collect();
            let idle: Vec<f32> = times.into_iter().filter(|t| waits(*t)).collect();
            assert!(idle.iter().all(|t| opening(track, *t) < 0.03), "{file}: an open mouth waits");
            if idle.len() > 600 {
                let lids = idle.iter().map(|t| track.sample(*t).expression.get("eyeBlinkLeft")).fold(0.0, f32::max);
                let turns: Vec<f32> = idle.iter().map(|t| track.sample(*t).rotation[2]).collect();
                let (least, most) =
                    (turns.iter().fold(9f32, |a, b| a.min(*b)), turns.iter().fold(-9f32, |a, b| a.max(*b)));
                assert!(lids > 0.9 && most - least > 0.01, "{file}: frozen ({lids}, {})", most - least);
            }
        }
        // Together they sing every word of the song, in its order.
        let mut words: Vec<(f32, String)> =
            concert.tracks.iter().flat_map(|t| &t.words).map(|w| (w.start, w.text.clone())).collect();
        words.sort_by(|a, b| a.0.total_cmp(&b.0));
        let early: Vec<String> = words.into_iter().filter(|w| w.0 < last - 0.1).map(|w| w.1).collect();
        let whole: Vec<String> =
            concert.words.iter().filter(|w| w.start < last - 0.1).map(|w| w.text.clone()).collect();
        assert_eq!(early, whole, "{file}");
    }
}

#[test]
fn singers_differ_a_little_and_not_at_all_when_asked() {
    let mut nine = casting(Arrangement::Unison, 9);
    let concert = sing("daisy-bell", &nine);
    let lead = &concert.tracks[0];
    let mut lateness = Vec::new();
    for track in &concert.tracks[1..] {
        let off: Vec<f32> = track.words.iter().zip(&lead.words).map(|(a, b)| a.start - b.start).collect();
        assert_eq!(off.len(), lead.words.len());
        assert!(off.iter().all(|off| off.abs() <= 0.025), "{off:?}");
        assert!(off.iter().any(|off| off.abs() > 0.001));
        lateness.push(off.iter().sum::<f32>() / off.len() as f32);
        // Lips go with their own words.
        let same = |name: &str| track.channels[name] == lead.channels[name];
        assert!(!same("eyeBlinkLeft") && !same("yaw") && !same("gazeLeftYaw") && !same("jawOpen"));
        let mean = |name: &str, f: &dyn Fn(f32, f32) -> f32| {
            let (a, b) = (&track.channels[name], &lead.channels[name]);
            a.iter().zip(b).map(|(a, b)| f(*a, *b)).sum::<f32>() / a.len() as f32
        };
        assert!(mean("jawOpen", &|a, b| (a - b).abs()) < 0.06, "the mouths do the same");
        assert!(mean("yaw", &|a, b| (a - b).abs()) < 0.12);
    }
    lateness.sort_by(f32::total_cmp);
    assert!(lateness.windows(2).all(|pair| pair[1] - pair[0] > 1e-5), "no two alike: {lateness:?}");
    // Never do all lids fall at once.
    let shut = |t: f32| concert.tracks.iter().filter(|k| k.sample(t).expression.get("eyeBlinkLeft") > 0.8).count();
    let most = (0..(seconds(&concert) * 30.0) as usize).map(|i| shut(i as f32 / 30.0)).max().unwrap_or(0);
    assert!((1..=5).contains(&most), "{most} of nine blink at once");

    nine.alike = true;
    let alike = sing("daisy-bell", &nine);
    assert!(alike.tracks.iter().all(|track| track == &alike.tracks[0]));
    assert_eq!(alike.tracks[0], concert.tracks[0], "the first leads and is always the same");
    assert!(alike.mix != concert.mix);
}

#[test]
fn the_same_seed_is_the_same_concert() {
    let concert = |seed| {
        let performance = Performance { seed, ..Performance::default() };
        let three = casting(Arrangement::Parts, 3);
        Chorus::new(&song("frere-jacques"), None, &USUAL, &three, &performance).expect("sound").finish()
    };
    let (one, again, other) = (concert(5), concert(5), concert(6));
    assert!(one == again);
    assert!(one.mix != other.mix && one.tracks[1] != other.tracks[1]);
}

#[test]
fn nine_are_heard_and_not_clipped_and_ten_are_refused() {
    let rms = |samples: &[f32]| (samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32).sqrt();
    let solo = sing("daisy-bell", &casting(Arrangement::Unison, 1));
    let voices = [VoiceType::Soprano, VoiceType::Alto, VoiceType::Tenor, VoiceType::Baritone, VoiceType::Bass];
    for alike in [false, true] {
        let mut choir = casting(Arrangement::Unison, MOST);
        choir.alike = alike;
        choir.members.iter_mut().enumerate().for_each(|(k, member)| member.voice = Some(voices[k % 5]));
        for casting in [choir, Casting { alike, ..casting(Arrangement::Unison, MOST) }] {
            let concert = sing("daisy-bell", &casting);
            // -1 dBFS is 0.891.
            assert!(peak(&concert.mix) <= 0.892, "{}", peak(&concert.mix));
            let louder = 20.0 * (rms(&concert.mix) / rms(&solo.mix)).log10();
            assert!((-1.0..5.0).contains(&louder), "{louder} dB louder than one, alike: {alike}");
        }
    }
    for (members, words) in [(10, "10 portraits"), (0, "Nobody")] {
        let refused = Chorus::new(
            &song("daisy-bell"),
            None,
            &USUAL,
            &casting(Arrangement::Turns, members),
            &Performance::default(),
        );
        let said = refused.err().expect("refused").to_string();
        assert!(said.contains(words) && said.matches('.').count() == 1, "{said}");
    }
}

#[test]
fn who_stands_left_is_heard_left() {
    let mut two = casting(Arrangement::Turns, 2);
    let side = |concert: &Concert, span: [f32; 2], side: usize| -> f32 {
        let at = |t: f32| (t * concert.sample_rate as f32) as usize * 2;
        concert.mix[at(span[0])..at(span[1])].iter().skip(side).step_by(2).map(|s| s * s).sum()
    };
    let concert = sing("daisy-bell", &two);
    for (member, loud) in [(0, 0), (1, 1)] {
        let span = concert.singing[member][0];
        assert!(side(&concert, span, loud) > 1.5 * side(&concert, span, 1 - loud), "member {member}");
    }
    two.members[0].pan = Some(f32::NAN);
    two.members[1].pan = Some(-7.0);
    let concert = sing("daisy-bell", &two);
    let span = concert.singing[1][0];
    assert!(side(&concert, span, 0) > 3.0 * side(&concert, span, 1));
}

#[test]
fn progress_rises_to_the_end_and_work_can_be_left() {
    let new = || {
        let four = casting(Arrangement::Parts, 4);
        Chorus::new(&song("row-your-boat"), None, &USUAL, &four, &Performance::default()).expect("sound")
    };
    let mut chorus = new();
    assert_eq!(chorus.score().singers.len(), 4);
    let mut steps = vec![0.0];
    while steps[steps.len() - 1] < 1.0 {
        steps.push(chorus.step());
    }
    assert!(steps.windows(2).all(|pair| pair[1] >= pair[0]) && steps.len() > 40, "{steps:?}");
    assert!(steps.windows(2).all(|pair| pair[1] - pair[0] < 0.1), "{steps:?}");
    assert_eq!(chorus.step(), 1.0);
    // Stepped through or all at once, it is the same.
    assert!(chorus.finish() == new().finish());
}

#[test]
fn all_sing_other_words() {
    let three = casting(Arrangement::Turns, 3);
    let chorus = Chorus::new(&song("daisy-bell"), Some("Mona Lisa"), &USUAL, &three, &Performance::default());
    let concert = chorus.expect("words").finish();
    assert!(concert.tracks.iter().all(|track| track.words.iter().any(|word| word.text == "Mo-")));
    let none = Chorus::new(&song("daisy-bell"), Some("…"), &USUAL, &three, &Performance::default());
    assert_eq!(none.err(), Some(ChorusError::Score(ScoreError::NoWords)));
}

#[test]
fn a_score_without_words_is_sung_on_la_and_no_score_is_refused() {
    let notes: String = (0..8)
        .map(|i| {
            let step = ["C", "D", "E", "F"][i % 4];
            format!("<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>1</duration></note>")
        })
        .collect();
    let part = |id: &str| {
        format!(
            "<part id=\"{id}\"><measure number=\"1\"><attributes><divisions>1</divisions></attributes>{notes}</measure></part>"
        )
    };
    let score = format!(
        "<score-partwise><part-list><score-part id=\"a\"><part-name>Violin</part-name></score-part><score-part id=\"b\">\
         <part-name>Viola</part-name></score-part></part-list>{}{}</score-partwise>",
        part("a"),
        part("b")
    );
    let sing =
        |bytes: &[u8]| Chorus::new(bytes, None, &USUAL, &casting(Arrangement::Parts, 3), &Performance::default());
    let concert = sing(score.as_bytes()).expect("la").finish();
    assert!(
        concert.tracks.iter().all(|track| track.words.iter().all(|word| word.text == "la") && sung(&concert, 0) > 2.0)
    );
    assert_eq!(concert.singers, [0, 1, 0]);
    assert_eq!(sing(b"no score").err(), Some(ChorusError::Score(ScoreError::NotMusicXml)));
}
