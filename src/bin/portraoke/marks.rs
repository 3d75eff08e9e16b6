//! `portraoke marks FILE...`: every mark in files, ours and others'.

use crate::failure::Failure;
use clap::Args;
use portraoke::marks;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct MarksArgs {
    /// Videos, pictures or sounds, of any origin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// One JSON line for each file. One that cannot be read does not keep the others from being listed.
pub(crate) fn run(args: &MarksArgs) -> Result<(), Failure> {
    let mut unread = 0;
    for path in &args.files {
        // Sizes are looked at first: a film of many gigabytes is not taken into memory to be refused.
        let readable = std::fs::metadata(path).and_then(|of| {
            let most = marks::file::MAX_FILE as u64 + 1;
            let mut bytes = Vec::with_capacity(of.len().min(most) as usize);
            std::io::Read::read_to_end(&mut std::io::Read::take(std::fs::File::open(path)?, most), &mut bytes)?;
            Ok(bytes)
        });
        let line = match readable {
            Ok(bytes) => {
                let listing = marks::list(&bytes);
                unread += usize::from(listing.format.is_none());
                json!({"file": path, "format": listing.format, "marks": listing.marks, "trouble": listing.trouble})
            }
            Err(error) => {
                unread += 1;
                let trouble = [format!("{} cannot be read: {error}", path.display())];
                json!({"file": path, "format": null, "marks": [], "trouble": trouble})
            }
        };
        println!("{line}");
    }
    match unread {
        0 => Ok(()),
        n => Err(Failure::Input(format!("{n} of {} files could not be read.", args.files.len()))),
    }
}
