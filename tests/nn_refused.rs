//! Files that must be turned away, through the compiler and through the processor's loader: in words, soon, and without a
//! panic, because in wasm a panic ends the page's worker.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use portraoke::nn::Network;
use portraoke::nn::lower::{Weights, compile};
use safetensors::SafeTensors;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

/// Seconds that a refusal may take: a hundred times what any takes here.
const PATIENCE: u64 = 20;
/// Longest sentence, characters.
const LONGEST: usize = 300;
/// Meant to be refused, but understood: operators keep their meaning in later opsets, and twelve axes of a dense tensor
/// are as good as one.
const HARMLESS: [&str; 2] = ["opset_of_the_future", "rank_12"];
/// What the graphics card does not run and the processor does.
const PROCESSOR: [&str; 3] = ["gru", "if", "lstm"];

static PANICS: AtomicUsize = AtomicUsize::new(0);
/// Tests that count panics wait for each other.
static COUNTING: Mutex<()> = Mutex::new(());

/// Counts panics instead of printing them.
fn count_panics() -> std::sync::MutexGuard<'static, ()> {
    let guard = COUNTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::SeqCst);
    }));
    PANICS.store(0, Ordering::SeqCst);
    guard
}

fn cases(file: &str) -> Vec<(String, Vec<u8>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nn/cases").join(file);
    let bytes = std::fs::read(path).unwrap();
    let cases = SafeTensors::deserialize(&bytes).unwrap();
    let names: BTreeSet<&str> = cases.names().into_iter().filter_map(|name| name.strip_suffix("/onnx")).collect();
    names
        .into_iter()
        .map(|name| (name.to_owned(), cases.tensor(&format!("{name}/onnx")).unwrap().data().to_vec()))
        .collect()
}

/// Either way to read a file: whether it is accepted, or the sentence.
#[derive(Clone, Copy, Debug)]
enum Way {
    Compiled,
    Processor,
}

fn read(way: Way, name: &str, onnx: &[u8]) -> Result<(), String> {
    match way {
        Way::Compiled => compile(name, onnx, Weights::Compact).map(drop).map_err(|error| error.to_string()),
        Way::Processor => {
            pollster::block_on(Network::load(name, onnx, None)).map(drop).map_err(|error| error.to_string())
        }
    }
}

fn is_sentence(sentence: &str, name: &str) -> bool {
    sentence.contains(name)
        && sentence.ends_with('.')
        && !sentence.chars().any(char::is_control)
        && sentence.chars().count() < LONGEST
}

#[test]
fn what_cannot_run_is_refused_in_words() {
    let _guard = count_panics();
    let (mut wrong, mut accepted, mut caught) = (Vec::new(), Vec::new(), Vec::new());
    let mut slowest = Duration::ZERO;
    let cases = cases("refused.safetensors");
    assert_eq!(cases.len(), 52);
    for (case, onnx) in cases {
        for way in [Way::Compiled, Way::Processor] {
            let (sender, receiver) = mpsc::channel();
            let (name, onnx, before) = (case.clone(), onnx.clone(), PANICS.load(Ordering::SeqCst));
            let start = Instant::now();
            std::thread::spawn(move || sender.send(read(way, &name, &onnx)));
            match receiver.recv_timeout(Duration::from_secs(PATIENCE)) {
                Ok(Err(sentence)) if is_sentence(&sentence, &case) => println!("{case}: {sentence}"),
                Ok(Err(sentence)) => wrong.push(format!("{case} {way:?}: {sentence}")),
                Ok(Ok(())) if HARMLESS.contains(&case.as_str()) => {}
                Ok(Ok(())) => accepted.push((way, case.clone())),
                Err(_) => wrong.push(format!("{case} {way:?} took more than {PATIENCE} s")),
            }
            slowest = slowest.max(start.elapsed());
            if PANICS.load(Ordering::SeqCst) > before {
                caught.push(format!("{case} {way:?}"));
            }
        }
    }
    drop(std::panic::take_hook());
    println!("slowest {slowest:?}; accepted {accepted:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(caught.is_empty(), "a panic was caught: {caught:#?}");
    let compiled: Vec<_> = accepted.iter().filter(|(way, _)| matches!(way, Way::Compiled)).collect();
    assert!(compiled.is_empty(), "{compiled:?}");
    let processor: Vec<&str> = accepted.iter().map(|(_, case)| case.as_str()).collect();
    assert_eq!(processor, PROCESSOR);
}

/// Mutated files may still be whole; what counts is that each is answered. tract's panics that no check foresees are
/// caught natively; how many there are is printed, and bounded so that it does not grow unseen.
#[test]
fn mutated_files_are_answered() {
    let _guard = count_panics();
    let (mut state, mut tried, mut refused) = (7_u64, 0, 0);
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let start = Instant::now();
    for file in ["conv.safetensors", "pool.safetensors", "resize.safetensors", "slice.safetensors", "norm.safetensors"]
    {
        for (name, onnx) in cases(file).into_iter().step_by(9) {
            for _ in 0..12 {
                let mut bytes = onnx.clone();
                let at = random() as usize % bytes.len();
                bytes[at] = random() as u8;
                for way in [Way::Compiled, Way::Processor] {
                    tried += 1;
                    if let Err(sentence) = read(way, &name, &bytes) {
                        refused += 1;
                        assert!(is_sentence(&sentence, &name), "{sentence}");
                    }
                }
            }
        }
    }
    drop(std::panic::take_hook());
    let panics = PANICS.load(Ordering::SeqCst);
    println!("{tried} tried, {refused} refused, {panics} of these by a caught panic, {:?}", start.elapsed());
    assert!(panics * 100 <= tried, "{panics} panics of {tried}");
}
