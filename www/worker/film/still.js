// One moment as a PNG that says what it is, in the words that `src/marks/still.rs` writes natively.

const SOURCE_TYPE = 'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';
const DESCRIPTION = 'AI generated: a portrait animated by Portraoke';

/** IPTC's digital source type as an XMP packet, for PNG and WebP. */
export const XMP =
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ' +
  `Iptc4xmpExt:DigitalSourceType="${SOURCE_TYPE}"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`;

export async function still(easel, _, wanted, { progress, cancel }) {
  const blob = await cancel.wait(easel.copy(wanted.time).convertToBlob({ type: 'image/png' }));
  const png = new Uint8Array(await blob.arrayBuffer());
  progress(1, 1);
  return { bytes: marked(png), frames: 1 };
}

/** A PNG with the marks after its header (PNG specification, third edition, 5.3 and 11.3.3). */
export function marked(png) {
  const text = new TextEncoder();
  const header = 8 + 25; // signature and IHDR
  const marks = [
    chunk('tEXt', text.encode(`Description\0${DESCRIPTION}`)),
    chunk('iTXt', text.encode(`XML:com.adobe.xmp\0\0\0\0\0${XMP}`)),
  ];
  return new Blob([png.subarray(0, header), ...marks, png.subarray(header)]);
}

function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** PNG specification, annex D. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
