// Development only, never shipped: stands in for pkg/portraoke.js while the engine is in the making.
export default async function init() {}
export class Models {}
class Screen {
  constructor(canvas) { this.canvas = canvas; this.g = canvas.getContext('2d'); }
  resize(w, h) { if (w !== this.canvas.width || h !== this.canvas.height) { this.canvas.width = w; this.canvas.height = h; } }
  free() {}
}
export class Studio {
  static async create() { return new Studio(); }
  adapter() { return JSON.stringify({ name: 'mock', is_fallback: true }); }
  screen(canvas) { return new Screen(canvas); }
  async load_portrait(bytes) {
    const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => { throw new Error('This file is not a picture Portraoke can read: choose a JPEG, PNG or WebP photo.'); });
    this.bitmap = bitmap;
    const { width, height } = bitmap;
    return JSON.stringify({ width, height, face: 0, faces: [{ x: width * .3, y: height * .2, width: width * .4, height: height * .4, score: 1, mouth: { x: width * .4, y: height * .5, width: width * .2, height: height * .1 } }], label: { x: 0, y: height * .9, width: width * .3, height: height * .05 }, notes: ['The mouth is closed: its teeth will be drawn.'] });
  }
  async choose_face() { return '{}'; }
  async load_song(score, lyrics) {
    const xml = new TextDecoder().decode(score);
    if (!xml.includes('<score-partwise')) throw new Error('This score cannot be read: export it again as MusicXML and choose that file.');
    this.lyrics = lyrics ?? 'Daisy, Daisy, give me your answer, do\nI’m half crazy all for the love of you';
    const list = this.lyrics.split(/\s+/).filter(Boolean);
    this.words = list.map((text, i) => ({ text, start: .4 + i * .5, end: .8 + i * .5 }));
    this.duration = list.length * .5 + 1;
    return JSON.stringify({ title: 'Daisy Bell', duration: this.duration, words: this.words, lyrics: this.lyrics, sample_rate: 24000, channels: 1, language: 'en' });
  }
  samples() { return Float32Array.from({ length: this.duration * 24000 }, (_, i) => .2 * Math.sin(i * .06) * (Math.sin(i / 24000 * 12.6) > 0)); }
  track_json() { return JSON.stringify({ rate: 60, channels: {}, words: this.words, beats: [] }); }
  render(screen, t) {
    const { g, canvas: { width: w, height: h } } = screen;
    g.drawImage(this.bitmap, 0, 0, w, h);
    g.fillStyle = '#300'; g.beginPath(); g.ellipse(w / 2, h * .55, w * .06, h * .03 * (1 + Math.sin(t * 12.6)), 0, 0, 7); g.fill();
    g.fillStyle = '#fff'; g.font = `${h / 30}px sans-serif`; g.fillText('AI GENERATED', w * .03, h * .97);
  }
  async finished() {}
}
