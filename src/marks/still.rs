//! Single frames as PNG files that say what they are.
//!
//! An XMP packet gives IPTC's digital source type, which Adobe, Google and others read; a plain text says the same to
//! people. Chunks as in the PNG specification (third edition, 11.3.3), XMP's keyword as in XMP part 3.

use super::SOURCE_TYPE;
use image::RgbImage;
use std::io::Write;

/// Writes `frame` as a PNG that says it is AI generated.
///
/// # Errors
/// When `file` cannot be written.
pub fn write_png(frame: &RgbImage, file: impl Write) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(file, frame.width(), frame.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_text_chunk("Description".to_owned(), "AI generated: a portrait animated by Portraoke".to_owned())?;
    encoder.add_itxt_chunk("XML:com.adobe.xmp".to_owned(), packet())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(frame.as_raw())?;
    writer.finish()
}

fn packet() -> String {
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
         Iptc4xmpExt:DigitalSourceType=\"{SOURCE_TYPE}\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_what_it_is_and_keeps_its_pixels() {
        let frame = RgbImage::from_fn(5, 3, |x, y| image::Rgb([x as u8 * 40, y as u8 * 60, 7]));
        let mut bytes = Vec::new();
        write_png(&frame, &mut bytes).expect("memory takes it");
        assert_eq!(image::load_from_memory(&bytes).expect("a PNG").to_rgb8(), frame);
        let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
        let info = reader.info();
        assert!(info.uncompressed_latin1_text.iter().any(|text| text.text.contains("AI generated")));
        let packet = info.utf8_text.iter().find(|text| text.keyword == "XML:com.adobe.xmp").expect("an XMP packet");
        assert!(packet.get_text().expect("text").contains(SOURCE_TYPE));
    }
}
