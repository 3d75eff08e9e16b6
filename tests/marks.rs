//! Marks in files: every format, with independent readers.

use image::AnimationDecoder;
use portraoke::marks::file::{self, Format};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

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
            assert!(matches!(file::room(&filled, length), Err(file::FileError::Signed)));
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
