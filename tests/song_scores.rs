//! Scores as musicians export them, one small MusicXML for each thing they write.

use portraoke::song::{Choice, Score, ScoreError};

/// A score of parts: name and bars (what is between `<measure>` and its end).
fn score(parts: &[(&str, &[&str])]) -> String {
    let mut list = String::new();
    let mut body = String::new();
    for (i, (name, bars)) in parts.iter().enumerate() {
        list += &format!("<score-part id=\"P{i}\"><part-name>{name}</part-name></score-part>");
        body += &format!("<part id=\"P{i}\">");
        for (k, bar) in bars.iter().enumerate() {
            body += &format!("<measure number=\"{}\">{bar}</measure>", k + 1);
        }
        body += "</part>";
    }
    format!("<score-partwise><part-list>{list}</part-list>{body}</score-partwise>")
}

/// A quarter-note beat lasts half a second.
const TEMPO: &str = "<sound tempo=\"120\"/>";

/// A note: "C5", its length in quarters, and what else stands in the element.
fn note(pitch: &str, quarters: f64, more: &str) -> String {
    let (step, octave) = pitch.split_at(1);
    let (alter, octave) = octave.strip_prefix('#').map_or(("", octave), |o| ("<alter>1</alter>", o));
    let duration = if more.contains("<grace") { String::new() } else { format!("<duration>{quarters}</duration>") };
    format!("<note><pitch><step>{step}</step>{alter}<octave>{octave}</octave></pitch>{duration}{more}</note>")
}

fn lyric(verse: &str, text: &str) -> String {
    format!("<lyric number=\"{verse}\"><text>{text}</text></lyric>")
}

/// A note with a word.
fn sung(pitch: &str, quarters: f64, text: &str) -> String {
    note(pitch, quarters, &lyric("1", text))
}

fn rest(quarters: f64) -> String {
    format!("<note><rest/><duration>{quarters}</duration></note>")
}

fn read(text: &str) -> Score {
    Score::read(text.as_bytes()).expect("a sound score")
}

/// One part, its bars joined.
fn solo(bars: &[&str]) -> Score {
    read(&score(&[("Voice", bars)]))
}

/// What is sung, one word a note, `_` where the vowel is held.
fn words(score: &Score) -> String {
    let word = |n: &portraoke::song::SungNote| n.syllable.as_ref().map_or("_".to_owned(), |s| s.text.clone());
    score.notes.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-6, "{a} is not {b}");
}

#[test]
fn the_visitor_chooses_who_sings() {
    let soprano: &[&str] = &[&format!("{TEMPO}{}{}", sung("C5", 1.0, "high"), sung("D5", 1.0, "up"))];
    let alto: &[&str] = &[&sung("G4", 2.0, "low")];
    let piano: &[&str] = &[&note("C3", 2.0, "")];
    let text = score(&[("Soprano", soprano), ("Alto", alto), ("Piano", piano)]);
    let own = read(&text);
    let names: Vec<&str> = own.singers.iter().map(|s| s.name.as_str()).collect();
    assert_eq!((names, own.singer, words(&own).as_str()), (vec!["Soprano", "Alto"], 0, "high up"));
    assert_eq!((own.singers[0].syllables, own.singers[0].verses), (2, 1));
    let choice = Choice { singer: Some(1), ..Choice::default() };
    let other = Score::read_choosing(text.as_bytes(), &choice).expect("the alto");
    assert_eq!((other.singer, words(&other).as_str()), (1, "low"));
    // Who does not sing plays along.
    let playing = |score: &Score| score.accompaniment.iter().map(|part| part.name.clone()).collect::<Vec<_>>();
    assert_eq!(
        (playing(&own), playing(&other)),
        (vec!["Alto".into(), "Piano".into()], vec!["Soprano".into(), "Piano".into()])
    );
    assert_eq!((own.sung_by, other.sung_by), (vec![Some(1), None], vec![Some(0), None]));
    let nobody = Choice { singer: Some(9), ..Choice::default() };
    assert_eq!(Score::read_choosing(text.as_bytes(), &nobody).map(|s| s.singer), Ok(0));
}

#[test]
fn two_voices_of_a_staff_are_two_singers() {
    let voice = |n: u32, pitch: &str, text: &str| note(pitch, 4.0, &format!("<voice>{n}</voice>{}", lyric("1", text)));
    let back = "<backup><duration>4</duration></backup>";
    let bar = format!("{}{back}{}", voice(1, "E5", "sing"), voice(2, "C5", "hum"));
    // In the second bar both sing what is written once.
    let unison = note("D5", 4.0, &format!("<voice>1</voice>{}", lyric("1", "both")));
    let text = score(&[("Soprano/Alto", &[&bar, &unison])]);
    let read = |singer| {
        let choice = Choice { singer: Some(singer), ..Choice::default() };
        Score::read_choosing(text.as_bytes(), &choice).expect("two singers")
    };
    assert_eq!(read(0).singers.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["Soprano", "Alto"]);
    assert_eq!((words(&read(0)), words(&read(1))), ("sing both".into(), "hum both".into()));
    assert_eq!(read(0).sung_by, [Some(1)]);
    assert_eq!(read(0).accompaniment[0].notes.iter().map(|n| n.pitch).collect::<Vec<_>>(), [72.0]);
}

#[test]
fn lines_that_are_sung_together_share_clock_and_accompaniment() {
    // Only the soprano has a fermata; the alto moves on under it.
    let held = sung("C5", 2.0, "hold").replace("</note>", "<notations><fermata/></notations></note>");
    let soprano: &[&str] = &[&format!("{TEMPO}{held}{}", sung("D5", 2.0, "on"))];
    let voice = |n: u32, pitch: &str, text: &str| note(pitch, 4.0, &format!("<voice>{n}</voice>{}", lyric("1", text)));
    let back = "<backup><duration>4</duration></backup>";
    let men: &[&str] = &[&format!("{}{back}{}", voice(1, "G3", "men"), voice(2, "C3", "too"))];
    let piano: &[&str] = &[&note("C4", 4.0, "")];
    let text = score(&[("Soprano", soprano), ("Tenor/Bass", men), ("Piano", piano)]);
    let lines = |wanted: &[usize]| {
        Score::read_lines(text.as_bytes(), &Choice::default(), &|_, _| wanted.to_vec()).expect("three singers")
    };
    let all = lines(&[0, 1, 2]);
    assert_eq!(all.iter().map(words).collect::<Vec<_>>(), ["hold on", "men", "too"]);
    for score in &all {
        assert_eq!((score.duration, &score.beats), (all[0].duration, &all[0].beats));
        assert_eq!(score.accompaniment.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["Piano"]);
    }
    near(all[1].notes[0].end, all[0].notes[1].end);
    // Whoever comes first has the clock.
    let bass = lines(&[2, 0]);
    near(bass[1].duration, bass[0].duration);
    // One of two on a staff leaves the other's notes to an instrument.
    let some = lines(&[0, 2]);
    assert_eq!((some[0].accompaniment.len(), some[0].sung_by.as_slice()), (2, &[Some(1), None][..]));
    assert_eq!(some[0].accompaniment[0].notes.iter().map(|n| n.pitch).collect::<Vec<_>>(), [55.0]);
}

#[test]
fn passes_take_their_verses_and_share_the_refrain() {
    let two = format!("{}{}", lyric("1", "one"), lyric("2", "two"));
    let verse = format!("<barline><repeat direction=\"forward\"/></barline>{}", note("C5", 4.0, &two));
    let refrain = format!("{}<barline><repeat direction=\"backward\"/></barline>", sung("D5", 4.0, "all"));
    let text = score(&[("Voice", &[&verse, &refrain])]);
    assert_eq!(words(&read(&text)), "one all two all");
    let second = Choice { verse: Some(2), ..Choice::default() };
    assert_eq!(words(&Score::read_choosing(text.as_bytes(), &second).expect("verse 2")), "two all two all");
    // Exporters call verses "part1verse2".
    let named = text
        .replace("number=\"1\"><text>", "number=\"part1verse1\"><text>")
        .replace("number=\"2\"><text>", "number=\"part1verse2\"><text>");
    assert_eq!(words(&read(&named)), "one all two all");
}

#[test]
fn a_verse_with_fewer_syllables_holds_its_vowel() {
    let both = |a: &str, b: &str| format!("{}{}", lyric("1", a), lyric("2", b));
    let bar = format!(
        "{}{}{}<barline><repeat direction=\"backward\"/></barline>",
        note("C5", 1.0, &both("ear", "day")),
        sung("D5", 1.0, "ly"),
        note("E5", 2.0, &both("on", "break"))
    );
    assert_eq!(words(&solo(&[&bar])), "ear ly on day _ break");
}

#[test]
fn three_verses_repeat_three_times() {
    let all = format!("{}{}{}", lyric("1", "a"), lyric("2", "b"), lyric("3", "c"));
    let bar = format!("{}<barline><repeat direction=\"backward\"/></barline>", note("C5", 4.0, &all));
    assert_eq!(words(&solo(&[&bar])), "a b c");
    let twice = bar.replace("\"backward\"", "\"backward\" times=\"2\"");
    assert_eq!(words(&solo(&[&twice])), "a b");
}

#[test]
fn da_capo_by_words_takes_the_second_verse() {
    let two = format!("{}{}", lyric("1", "first"), lyric("2", "second"));
    let fine = "<direction><direction-type><words>Fine</words></direction-type></direction>";
    let jump = "<direction><direction-type><words>D.C. al Fine</words></direction-type></direction>";
    let bars = [format!("{}{fine}", note("C5", 4.0, &two)), format!("{}{jump}", sung("D5", 4.0, "middle"))];
    assert_eq!(words(&solo(&[&bars[0], &bars[1]])), "first middle second");
}

#[test]
fn grace_notes_take_their_time_and_the_syllable() {
    let slash = note("D5", 0.0, "<grace slash=\"yes\"/>");
    let bar = format!("{TEMPO}{slash}{}", sung("C5", 2.0, "love"));
    let score = solo(&[&bar]);
    assert_eq!(words(&score), "love _");
    near(score.notes[0].start, 0.0);
    near(score.notes[0].end, 0.0625);
    near(score.notes[1].end, 1.0);
    // An appoggiatura takes what it is written as, half of its main note at most, and may have a word of its own.
    let long = note("D5", 0.0, &format!("<grace/><type>quarter</type>{}", lyric("1", "a")));
    let score = solo(&[&format!("{TEMPO}{long}{}", sung("C5", 1.0, "bove"))]);
    assert_eq!(words(&score), "a bove");
    near(score.notes[1].start, 0.25);
    // The turn after a trill takes it from the note before.
    let score = solo(&[&format!("{TEMPO}{}{}", sung("C5", 2.0, "hold"), slash), &sung("E5", 1.0, "on")]);
    assert_eq!(words(&score), "hold _ on");
    near(score.notes[1].end, 1.0);
}

#[test]
fn tempo_is_read_from_numbers_and_words() {
    let mark = |inside: &str| format!("<direction><direction-type>{inside}</direction-type></direction>");
    let duration = |mark: &str| solo(&[&format!("{mark}{}", sung("C5", 4.0, "la"))]).duration;
    let dotted = "<metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>80</per-minute></metronome>";
    near(duration(&mark(dotted)), 2.0);
    near(duration(&mark("<words>Allegro</words>")), 240.0 / 132.0);
    // A number beside the word says what it means.
    near(duration(&format!("{}{TEMPO}", mark("<words>Allegro</words>"))), 2.0);
    near(duration(""), 2.4);
    // "rit." is slower, "a tempo" is not.
    let bars = [
        format!("{TEMPO}{}", sung("C5", 4.0, "la")),
        format!("{}{}", mark("<words>rit.</words>"), sung("C5", 4.0, "la")),
        format!("{}{}", mark("<words>a tempo</words>"), sung("C5", 4.0, "la")),
    ];
    let score = solo(&[&bars[0], &bars[1], &bars[2]]);
    near(score.notes[1].end - score.notes[1].start, 2.0 / 0.84);
    near(score.notes[2].end - score.notes[2].start, 2.0);
}

#[test]
fn a_fermata_holds_the_note_and_a_tie_joins_two() {
    let held = sung("C5", 1.0, "la").replace("<lyric", "<notations><fermata/></notations><lyric");
    let score = solo(&[&format!("{TEMPO}{held}{}", sung("D5", 1.0, "li"))]);
    near(score.notes[0].end, 0.8);
    let tied = note("C5", 4.0, &format!("<tie type=\"start\"/>{}", lyric("1", "la")));
    let score = solo(&[&format!("{TEMPO}{tied}"), &note("C5", 4.0, "<tie type=\"stop\"/>")]);
    assert_eq!(words(&score), "la");
    near(score.notes[0].end, 4.0);
}

#[test]
fn transposing_instruments_sound_where_they_should() {
    let attributes = |inside: &str| format!("<attributes><divisions>1</divisions>{inside}</attributes>");
    let clarinet = attributes("<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>");
    let pitch = |bar: &str| solo(&[bar]).notes[0].pitch;
    assert_eq!(pitch(&format!("{clarinet}{}", sung("D5", 4.0, "la"))), 72.0);
    // Clefs and octave lines say how a pitch is drawn, not what it is.
    let clef = attributes("<clef><sign>G</sign><line>2</line><clef-octave-change>-1</clef-octave-change></clef>");
    assert_eq!(pitch(&format!("{clef}{}", sung("C4", 4.0, "la"))), 60.0);
    let octava = "<direction><direction-type><octave-shift type=\"down\" size=\"8\"/></direction-type></direction>";
    assert_eq!(pitch(&format!("{octava}{}", sung("C6", 4.0, "la"))), 84.0);
    // A tenor written in a plain treble clef sings an octave lower.
    let high: &[&str] = &[&format!("{}{}", sung("C5", 2.0, "la"), sung("E5", 2.0, "la"))];
    assert_eq!(read(&score(&[("Tenor", high)])).notes[0].pitch, 60.0);
}

#[test]
fn dynamics_hairpins_and_accents_are_followed() {
    let mark = |inside: &str| format!("<direction><direction-type>{inside}</direction-type></direction>");
    let bar = format!(
        "{}{}{}{}{}{}{}{}{}",
        mark("<dynamics><p/></dynamics>"),
        mark("<wedge type=\"crescendo\"/>"),
        sung("C5", 1.0, "a"),
        sung("C5", 1.0, "b"),
        mark("<wedge type=\"stop\"/>"),
        mark("<dynamics><f/></dynamics>"),
        sung("C5", 1.0, "c"),
        mark("<dynamics><sfz/></dynamics>"),
        sung("C5", 1.0, "d"),
    );
    let loud: Vec<f32> = solo(&[&bar]).notes.iter().map(|n| n.loudness).collect();
    assert!(loud[0] < loud[1] && loud[1] < loud[2] && loud[2] < loud[3], "{loud:?}");
    assert_eq!((loud[0], loud[2]), (0.42, 0.8));
    assert!(solo(&[&bar]).notes[3].accent);
}

#[test]
fn what_others_play_is_not_sung() {
    let cue = sung("A5", 1.0, "cue").replace("<duration>", "<cue/><duration>");
    let drum = "<note><unpitched/><duration>1</duration><lyric><text>boom</text></lyric></note>";
    let score_ = solo(&[&format!("{}{cue}{drum}", sung("C5", 1.0, "la"))]);
    assert_eq!(words(&score_), "la");
    let kit = "<attributes><clef><sign>percussion</sign></clef></attributes>";
    let drums: &[&str] = &[&format!("{kit}{}", note("C5", 4.0, ""))];
    let with_drums = read(&score(&[("Voice", &[&sung("C5", 4.0, "la")]), ("Drums", drums)]));
    assert!(with_drums.accompaniment.is_empty());
}

#[test]
fn notes_without_words_continue_or_are_left_to_the_band() {
    // Right after a word, or after a short rest: the vowel is held, or taken up again.
    let bar = format!("{}{}{}{}", sung("C5", 1.0, "ah"), note("D5", 1.0, ""), rest(1.0), note("E5", 1.0, ""));
    assert_eq!(words(&solo(&[&bar])), "ah _ _");
    // After two beats of rest a phrase without words is an instrument's.
    let long = format!("{}{}{}", sung("C5", 1.0, "ah"), rest(2.0), note("E5", 1.0, ""));
    let score = solo(&[&long]);
    assert_eq!((words(&score).as_str(), score.accompaniment[0].notes[0].pitch), ("ah", 76.0));
    // Unless a line says that the word goes on.
    let extended = long.replace("<text>ah</text>", "<text>ah</text><extend/>");
    assert_eq!(words(&solo(&[&extended])), "ah _");
}

#[test]
fn staccato_is_short_and_leaves_no_breath() {
    let dot = sung("C5", 1.0, "ha")
        .replace("<lyric", "<notations><articulations><staccato/></articulations></notations><lyric");
    let score = solo(&[&format!("{TEMPO}{dot}{}", sung("C5", 1.0, "ha"))]);
    near(score.notes[0].end, 0.275);
    assert!(!score.notes[0].breath);
}

#[test]
fn a_score_without_words_is_sung_on_la() {
    let violin: &[&str] = &[&format!(
        "{}{}",
        note("E5", 2.0, "<notations><slur type=\"start\"/></notations>"),
        note("F5", 2.0, "<notations><slur type=\"stop\"/></notations>")
    )];
    let cello: &[&str] = &[&note("C3", 4.0, "")];
    let chord = note("G5", 4.0, "<chord/>");
    let piano: &[&str] = &[&format!("{}{chord}", note("C6", 4.0, ""))];
    let text = score(&[("Cello", cello), ("Violin", violin), ("Piano", piano)]);
    assert_eq!(Score::read(text.as_bytes()), Err(ScoreError::NoLyrics));
    let score = Score::read_choosing(text.as_bytes(), &Choice::default()).expect("a melody");
    assert_eq!((score.singers[score.singer].name.as_str(), words(&score).as_str()), ("Violin", "la _"));
    assert!(score.remarks[0].contains("no words") && score.singers.len() == 3);
    let worded = score.with_lyrics("Hello you").expect("words");
    assert!(worded.remarks.is_empty() && worded.lyrics() == "Hello you", "{:?}", worded.lyrics());
    let cello = Choice { singer: Some(0), ..Choice::default() };
    assert_eq!(Score::read_choosing(text.as_bytes(), &cello).map(|s| s.notes[0].pitch), Ok(48.0));
}

#[test]
fn of_a_long_score_the_first_minutes_are_sung() {
    let bar = format!("{TEMPO}{}", sung("C5", 4.0, "la"));
    let bars: Vec<&str> = (0..1000).map(|_| bar.as_str()).collect();
    let score = solo(&bars);
    near(score.duration, 600.0);
    assert_eq!(score.remarks, ["Only the first 10 minutes of this score are sung."]);
}

#[test]
fn other_scripts_are_sung_and_said() {
    let score = solo(&[&sung("C5", 4.0, "日本")]);
    assert!(score.remarks.is_empty());
    let score = solo(&[&sung("C5", 4.0, "שלום")]);
    assert!(score.remarks[0].contains("script"), "{:?}", score.remarks);
}
