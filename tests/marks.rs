//! Marks in files: every format, with independent readers; hostile files.

use image::AnimationDecoder;
use portraoke::marks::file::{self, FileError, Format};
use portraoke::marks::{Layer, PRODUCER, SOURCE_TYPE, Says, Statement, Trust, list};
use serde_json::Value;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A folder of this run's own, with one small file of every format in it.
fn samples() -> &'static [(Format, PathBuf)] {
    static SAMPLES: OnceLock<Vec<(Format, PathBuf)>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("portraoke-marks-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        let picture = "testsrc2=size=96x64:rate=10:duration=1";
        let sound = "sine=frequency=440:sample_rate=48000:duration=1";
        let film = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-shortest"];
        let mute = ["-f", "lavfi", "-i", picture];
        let voice = ["-f", "lavfi", "-i", sound];
        let still = ["-f", "lavfi", "-i", picture, "-frames:v", "1"];
        let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-metadata", "title=Song"];
        let recipes: [(Format, &str, &[&str], Vec<&str>); 13] = [
            (Format::Mp4, "late.mp4", &film, h264.to_vec()),
            (Format::Mp4, "early.mp4", &film, [&h264[..], &["-movflags", "+faststart"]].concat()),
            (Format::Mp4, "keys.mp4", &film, [&h264[..], &["-movflags", "use_metadata_tags"]].concat()),
            (Format::Mp4, "film.mov", &film, h264.to_vec()),
            (Format::Mp4, "voice.m4a", &voice, vec!["-c:a", "aac", "-metadata", "title=Song"]),
            (Format::WebM, "film.webm", &film, vec!["-c:v", "libvpx", "-c:a", "libopus", "-metadata", "title=Song"]),
            (Format::Jpeg, "still.jpg", &still, vec![]),
            (Format::Png, "still.png", &still, vec![]),
            (Format::WebP, "still.webp", &still, vec!["-c:v", "libwebp"]),
            (Format::WebP, "moving.webp", &mute, vec!["-c:v", "libwebp_anim", "-loop", "0"]),
            (Format::Gif, "moving.gif", &mute, vec![]),
            (Format::Wav, "voice.wav", &voice, vec!["-metadata", "title=Song"]),
            (Format::Ogg, "voice.ogg", &voice, vec!["-c:a", "libopus", "-metadata", "title=Song"]),
        ];
        recipes
            .into_iter()
            .map(|(format, name, input, output)| {
                let path = folder.join(name);
                ffmpeg(&[input, &output, &["-y", text(&path)]].concat());
                (format, path)
            })
            .collect()
    })
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder in UTF-8")
}

/// What a tool prints; `variable` may name another of its kind.
fn tool(variable: &str, name: &str, arguments: &[&str]) -> Vec<u8> {
    let program = std::env::var(variable).unwrap_or_else(|_| name.to_owned());
    let output = Command::new(&program).args(arguments).output().expect("the tool runs: see CONTRIBUTING.md");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    output.stdout
}

fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    tool("FFMPEG", "ffmpeg", &[&["-v", "error", "-nostdin"], arguments].concat())
}

/// A hash of every decoded frame and every moment of sound.
fn frames(path: &Path) -> String {
    if path.extension().is_some_and(|extension| extension == "webp") {
        return webp_frames(&read(path)); // ffmpeg reads no animated WebP before version 8
    }
    String::from_utf8(ffmpeg(&["-i", text(path), "-f", "framemd5", "-"])).expect("ffmpeg prints ASCII")
}

fn webp_frames(bytes: &[u8]) -> String {
    let decoder = image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(bytes)).expect("a WebP");
    let hash = |pixels: &[u8]| {
        let mut hasher = std::hash::DefaultHasher::new();
        pixels.hash(&mut hasher);
        hasher.finish()
    };
    if decoder.has_animation() {
        let frames = decoder.into_frames().map(|frame| hash(frame.expect("a frame").buffer()));
        return format!("{:x?}", frames.collect::<Vec<_>>());
    }
    format!("{:x}", hash(image::load_from_memory(bytes).expect("a picture").to_rgba8().as_raw()))
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a sample")
}

#[test]
fn a_manifest_store_fits_its_room_and_comes_out_again() {
    for (format, path) in samples() {
        let bytes = read(path);
        assert_eq!(Format::of(&bytes), Some(*format), "{path:?}");
        assert_eq!(file::store(&bytes), Ok(None));
        for length in [60, 255, 1001, 64_000, 200_001] {
            // The beginning of a store: a superbox, its description, and C2PA's UUID.
            let mut store: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            store[..8].copy_from_slice(&[&(length as u32).to_be_bytes()[..], b"jumb"].concat());
            store[8..20].copy_from_slice(b"\0\0\0\x1ejumdc2pa");
            let room = match file::room(&bytes, length) {
                Ok(room) => room,
                Err(error) => {
                    assert!(matches!(format, Format::WebM | Format::Ogg), "{path:?}: {error}");
                    assert!(error.to_string().contains("choose another format"));
                    continue;
                }
            };
            let empty = room.bytes.clone();
            let excluded = room.excluded.clone();
            let filled = room.fill(&store);
            assert_eq!(file::store(&filled), Ok(Some(store)), "{path:?} {length}");
            assert!(matches!(file::room(&filled, length), Err(FileError::Signed)));
            // What is hashed before is what is there afterwards.
            assert_eq!(filled.len(), empty.len());
            let [range] = &excluded[..] else { panic!("one range: {excluded:?}") };
            assert!(filled[..range.start] == empty[..range.start] && filled[range.end..] == empty[range.end..]);
            let signed = path.with_file_name(format!("signed-{}", path.file_name().expect("a name").display()));
            std::fs::write(&signed, filled).expect("room on the disk");
            assert_eq!(frames(&signed), frames(path), "{path:?}");
        }
    }
}

fn statement() -> Statement {
    Statement {
        id: *b"sixteen letters!",
        producer: PRODUCER.into(),
        title: "Ä <song> & \"more\"".into(),
        description: "AI generated: an animated photograph with a synthetic voice, made with Portraoke.".into(),
        made: Some(1_795_478_400),
    }
}

/// A sample with the statement in it, beside the sample.
fn marked(path: &Path, bytes: &[u8]) -> PathBuf {
    let marked = path.with_file_name(format!("marked-{}", path.file_name().expect("a name").display()));
    std::fs::write(&marked, bytes).expect("room on the disk");
    marked
}

/// All tags as ExifTool prints them, group and name; `-ee` has it look behind a film's pictures too.
fn exiftool(path: &Path) -> Value {
    let printed = tool("EXIFTOOL", "exiftool", &["-j", "-ee", "-G1", "-a", "-charset", "riff=UTF8", text(path)]);
    let mut files: Vec<Value> = serde_json::from_slice(&printed).expect("JSON");
    files.swap_remove(0)
}

fn ffprobe(path: &Path) -> Value {
    let ffmpeg = std::env::var("FFMPEG").unwrap_or_else(|_| "ffmpeg".to_owned());
    let beside = Path::new(&ffmpeg).with_file_name("ffprobe");
    let arguments = ["-v", "error", "-of", "json", "-show_format", "-show_streams", text(path)];
    let output = Command::new(beside).args(arguments).output().expect("ffprobe stands beside ffmpeg");
    assert!(output.stderr.is_empty(), "{path:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Whether any tag whose name ends so has a value that contains `words`. ExifTool calls Matroska's `AIGC` `Aigc`.
fn says(tags: &Value, name: &str, words: &str) -> bool {
    let tags = tags.as_object().expect("tags");
    let name = name.to_lowercase();
    tags.iter().any(|(tag, value)| {
        tag.to_lowercase().ends_with(&name) && value.as_str().map_or(value.to_string(), str::to_owned).contains(words)
    })
}

#[test]
fn every_format_carries_the_statement_and_nothing_else_changes() {
    for (format, path) in samples() {
        let bytes = read(path);
        let once = file::write(bytes.clone(), &statement()).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        println!("{}: {} bytes more", path.file_name().expect("a name").display(), once.len() - bytes.len());
        assert!(once.len() - bytes.len() < 5000);
        let listing = list(&once);
        assert_eq!((listing.format, &listing.trouble[..]), (Some(*format), &[][..]), "{path:?}");
        let ours = |layer| listing.marks.iter().filter(|mark| mark.layer == layer && mark.ours).count();
        assert_eq!((ours(Layer::Aigc), ours(Layer::Text) > 0), (1, true), "{path:?}: {:#?}", listing.marks);
        // Ogg and Matroska have no place for XMP; Matroska's tags have one for the source type.
        assert_eq!(ours(Layer::Iptc), usize::from(!matches!(format, Format::Ogg)), "{path:?}: {:#?}", listing.marks);
        let generated = |mark: &portraoke::marks::Mark| mark.says == Says::Generated && mark.trust == Trust::Unsigned;
        assert!(listing.marks.iter().all(generated));

        // A statement that is written again replaces the first.
        let another = Statement { id: *b"another sixteen!", ..statement() };
        let twice = file::write(once.clone(), &another).expect("the same file");
        let listing = list(&twice);
        assert_eq!(listing.marks.iter().filter(|mark| mark.layer == Layer::Aigc).count(), 1, "{path:?}");
        assert!(twice.len() <= once.len() + 400, "{path:?}: {} -> {}", once.len(), twice.len());

        for bytes in [once, twice] {
            assert_eq!(frames(&marked(path, &bytes)), frames(path), "{path:?}");
        }
    }
}

#[test]
fn independent_tools_read_it_and_find_the_file_whole() {
    for (format, path) in samples() {
        let bytes = file::write(read(path), &statement()).expect("a sample");
        let marked = marked(path, &bytes);
        if path.extension().is_some_and(|extension| extension != "webp") {
            let (before, after) = (ffprobe(path), ffprobe(&marked));
            assert_eq!(before["streams"].as_array().map(Vec::len), after["streams"].as_array().map(Vec::len));
            let tags = |probe: &Value| probe["format"]["tags"].clone();
            let title = tags(&before)["title"].clone();
            assert!(title.is_null() || tags(&after)["title"] == title, "{path:?}: {}", tags(&after));
            let places = [tags(&after)["AIGC"].clone(), after["streams"][0]["tags"]["AIGC"].clone()];
            let seen = places.iter().any(|tag| tag.to_string().contains("portraoke-7369787465656e"));
            assert_eq!(seen, matches!(format, Format::Mp4 | Format::WebM | Format::Ogg), "{path:?}: {after}");
        }
        let tags = exiftool(&marked);
        assert!(
            !tags.as_object().expect("tags").keys().any(|key| key.contains("Warning") || key.contains("Error")),
            "{tags:#}"
        );
        assert!(says(&tags, "AIGC", "portraoke-7369787465656e"), "{path:?}: {tags:#}");
        assert!(says(&tags, "", "AI generated: an animated photograph"), "{path:?}: {tags:#}");
        if !matches!(format, Format::Ogg) {
            assert!(says(&tags, "", SOURCE_TYPE.rsplit('/').next().expect("a word")), "{path:?}: {tags:#}");
        }
        if !matches!(format, Format::Ogg | Format::WebM) {
            assert!(says(&tags, "XMP-dc:Title", &statement().title), "{path:?}: {tags:#}");
            assert!(says(&tags, "XMP-xmp:CreateDate", "2026:11:24 00:00:00Z"), "{path:?}: {tags:#}");
        }
    }
}

/// Marks of others, and one that claims to be ours, in a PNG's texts.
#[test]
fn others_marks_are_listed_and_kept() {
    let png = samples().iter().find(|(format, _)| *format == Format::Png).map(|(_, path)| read(path)).expect("a PNG");
    let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
        <rdf:Description xmlns:e='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' xmlns:x='http://ns.adobe.com/xap/1.0/' \
        e:DigitalSourceType='http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture' x:CreatorTool='Camera 1.0'/>\
        </rdf:RDF></x:xmpmeta>";
    let label = r#"{"Label":"2","ContentProducer":"Portraoke","ProduceID":"1"}"#;
    let theirs = with_texts(&png, &[("XML:com.adobe.xmp", packet), ("AIGC", label), ("Comment", "My holidays")]);
    let found = list(&theirs).marks;
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(
        (found[0].layer, found[0].says, found[0].by.as_deref()),
        (Layer::Iptc, Says::Captured, Some("Camera 1.0"))
    );
    // Anybody can write our name: it is listed as ours, and as unsigned.
    assert_eq!((found[1].says, found[1].ours, &found[1].trust), (Says::PerhapsGenerated, true, &Trust::Unsigned));

    let both = list(&file::write(theirs, &statement()).expect("a PNG")).marks;
    let source = |says| both.iter().filter(|mark| mark.layer == Layer::Iptc && mark.says == says).count();
    assert_eq!(
        (source(Says::Captured), source(Says::Generated)),
        (1, 0),
        "one property, and theirs was first: {both:#?}"
    );
    assert!(both.iter().any(|mark| mark.layer == Layer::Aigc && mark.says == Says::Generated));
}

/// The PNG with text chunks behind its header.
fn with_texts(png: &[u8], texts: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = png[..33].to_vec();
    for (keyword, text) in texts {
        let data = [b"iTXt", keyword.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat();
        bytes.extend((data.len() as u32 - 4).to_be_bytes());
        let mut crc = flate2::Crc::new();
        crc.update(&data);
        bytes.extend(data);
        bytes.extend(crc.sum().to_be_bytes());
    }
    bytes.extend(&png[33..]);
    bytes
}

#[test]
fn xmp_bombs_are_refused_at_once_and_other_marks_are_listed() {
    let png = samples().iter().find(|(format, _)| *format == Format::Png).map(|(_, path)| read(path)).expect("a PNG");
    let bombs = [
        "<a>".repeat(300_000),
        format!("<a {}/>", (0..80_000).map(|i| format!("b{i}='' ")).collect::<String>()),
        (0..30_000).map(|i| format!("<a xmlns:b{i}='c{i}'>")).collect(),
        "<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c '&b;&b;&b;&b;&b;'>]><a>&c;&c;&c;</a>".to_owned(),
        format!("<a>{}</a>", "<b/>".repeat(200_000)),
        "<a>".to_owned() + &" ".repeat(2 << 20),
    ];
    for bomb in bombs {
        let start: String = bomb.chars().take(40).collect();
        let file = with_texts(&png, &[("XML:com.adobe.xmp", &bomb), ("Software", "NovelAI")]);
        let started = Instant::now();
        let listing = list(&file);
        assert!(started.elapsed() < Duration::from_secs(2), "{start}: {:?}", started.elapsed());
        assert_eq!((listing.marks.len(), listing.trouble.len()), (1, 1), "{start}: {listing:?}");
        assert!(listing.trouble[0].contains("XMP"), "{}", listing.trouble[0]);
        // What cannot be read cannot be kept: such a file is not written.
        assert!(file::write(file, &statement()).is_err(), "{start}");
    }
}

/// xorshift64 (Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Bytes turned, cut out, doubled; lengths made absurd; and pieces of other containers put in.
fn damage(bytes: &mut Vec<u8>, chance: &mut Chance) {
    const PIECES: [&[u8]; 12] = [
        &[0xff; 4],
        &[0xff; 8],
        &[0; 8],
        b"\0\0\0\x01uuid\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\x08moov",
        b"\x7f\xff\xff\xffstco",
        b"LIST\xff\xff\xff\x7fINFO",
        b"OggS\0\x01",
        b"\x1f\x43\xb6\x75\xff",
        b"\x12\x54\xc3\x67\x01\xff\xff\xff\xff\xff\xff\xff",
        b"\xff\xeb\xff\xffJP\x02\x11\0\0\0\x01",
        b"\x21\xff\x0bXMP DataXMP",
    ];
    for _ in 0..1 + chance.below(6) {
        // Structure is at the beginning and at the end; samples between are rarely of interest.
        let length = bytes.len();
        let at = match chance.below(3) {
            0 => chance.below(length.min(400)),
            1 => length - 1 - chance.below(length.min(3000)),
            _ => chance.below(length),
        };
        match chance.below(5) {
            0 => bytes[at] = chance.below(256) as u8,
            1 => bytes[at] ^= 1 << chance.below(8),
            2 if chance.below(4) == 0 => bytes.truncate(at.max(1)),
            3 => {
                let piece = bytes[at..(at + chance.below(60)).min(length)].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                let end = if chance.below(2) == 0 { at } else { (at + piece.len()).min(length) };
                bytes.splice(at..end, piece.iter().copied());
            }
        }
    }
}

#[test]
fn damaged_files_are_handled_or_refused() {
    // Small ones, so that damage hits structure; with everything in them that we write.
    let sound: Vec<Vec<u8>> = samples()
        .iter()
        .map(|(format, path)| {
            let marked = file::write(read(path), &statement()).expect("a sample");
            if matches!(format, Format::WebM | Format::Ogg) {
                return marked;
            }
            let store = [&90_u32.to_be_bytes()[..], b"jumb\0\0\0\x1ejumdc2pa", &[7; 70]].concat();
            file::room(&marked, 90).expect("room").fill(&store)
        })
        .chain(samples().iter().map(|(_, path)| read(path)))
        .collect();
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let started = Instant::now();
    let (mut written, mut refused, mut found) = (0, 0, 0);
    for round in 0..40_000 {
        let mut bytes = sound[round % sound.len()].clone();
        damage(&mut bytes, &mut chance);
        let once = Instant::now();
        let listing = list(&bytes);
        found += usize::from(!listing.marks.is_empty());
        assert!(listing.marks.len() <= 64 && listing.trouble.len() <= 20, "round {round}");
        let store = file::store(&bytes);
        if let Ok(Some(store)) = &store {
            assert!(store.len() <= bytes.len());
        }
        if let Ok(room) = file::room(&bytes, 1000) {
            assert!(room.bytes.len() < bytes.len() + 1200, "round {round}");
            room.fill(&[1; 1000]);
        }
        let before = bytes.len();
        match file::write(bytes, &statement()) {
            Ok(marked) => {
                written += 1;
                assert!(marked.len() < before + 5000, "round {round}: {before} -> {}", marked.len());
            }
            Err(error) => {
                refused += 1;
                let sentence = error.to_string();
                assert!(sentence.contains(": ") && sentence.ends_with('.'), "says what to do: {sentence}");
            }
        }
        assert!(once.elapsed() < Duration::from_secs(1), "round {round}: {:?}", once.elapsed());
    }
    println!("{written} written, {refused} refused, {found} with marks, {:?}", started.elapsed());
    assert!(
        written > 3000 && refused > 10_000 && found > 5000,
        "{written} written, {refused} refused, {found} with marks"
    );
    assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
}
