// Plays the song and keeps the picture on its clock. The sound is the master: every frame is drawn for the time
// that is being heard, at most one frame is in the worker at a time, and a slow machine drops frames, never sync.

const PATIENCE = 2000; // ms for the sound device to wake up

export class Player {
  #context = null;
  #buffer = null;
  #source = null;
  #startedAt = 0; // context time at which `#offset` was heard
  #offset = 0; // seconds into the song
  #silent = false; // whether the device has nothing to sound through: then the song is seen and not heard
  #drawing = false;
  #wanted = null;
  #range = null; // [from, to] seconds
  #hooks;

  /**
   * @param {{draw: (time: number) => Promise<void>, tick: (time: number) => void, changed: (playing: boolean) => void}} hooks
   */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  get playing() {
    return this.#source !== null;
  }

  get silent() {
    return this.#silent;
  }

  get duration() {
    return this.#buffer?.duration ?? 0;
  }

  get time() {
    if (!this.playing) return this.#offset;
    // What is heard now left the graph one output latency ago.
    const heard = this.#clock - (this.#silent ? 0 : this.#context.outputLatency || 0) - this.#startedAt;
    return Math.min(this.duration, this.#offset + Math.max(0, heard));
  }

  get #clock() {
    return this.#silent ? performance.now() / 1000 : this.#context.currentTime;
  }

  /** @param {{samples: Float32Array, sample_rate: number, channels: number}} song samples: channel after channel */
  load({ samples, sample_rate, channels }) {
    this.pause();
    const length = samples.length / channels;
    this.#buffer = new AudioBuffer({ length, numberOfChannels: channels, sampleRate: sample_rate });
    for (let c = 0; c < channels; c++) this.#buffer.copyToChannel(samples.subarray(c * length, (c + 1) * length), c);
    this.seek(0);
  }

  /** @param {[number, number]|null} [range] seconds within which to play; all of it by default */
  async play(range) {
    this.#range = range ?? null;
    if (this.playing || !this.#buffer) return;
    // Made on the first press: browsers allow sound only after one, and none is made before it.
    this.#context ??= new AudioContext({ latencyHint: 'interactive' });
    // Where there is no sound device, Firefox never answers.
    const sounding = this.#context.resume().then(() => true, () => false);
    this.#silent = !(await Promise.race([sounding, new Promise((late) => setTimeout(late, PATIENCE, false))]));
    if (this.playing) return;
    const [from, to] = this.#range ?? [0, this.duration];
    if (this.#offset >= to - 0.05 || this.#offset < from) this.#offset = from;
    const source = new AudioBufferSourceNode(this.#context, { buffer: this.#buffer });
    this.#startedAt = this.#clock;
    if (!this.#silent) source.connect(this.#context.destination);
    source.start(this.#silent ? 0 : this.#startedAt, this.#offset, to - this.#offset);
    if (!this.#silent) source.onended = () => this.#source === source && this.#end();
    this.#source = source;
    this.#hooks.changed(true);
    this.#follow();
  }

  pause() {
    if (!this.playing) return;
    this.#offset = this.time;
    this.#stop();
    this.show();
  }

  seek(time) {
    const again = this.playing;
    if (again) this.#stop(true);
    this.#offset = Math.min(this.duration, Math.max(0, time));
    this.show();
    if (again) this.play(this.#range);
  }

  /** Draws the present moment; called again while a frame is in the making, only the latest is kept. */
  show() {
    const time = this.time;
    this.#hooks.tick(time);
    this.#wanted = time;
    this.#pump();
  }

  async #pump() {
    if (this.#drawing) return;
    this.#drawing = true;
    while (this.#wanted !== null) {
      const time = this.#wanted;
      this.#wanted = null;
      await this.#hooks.draw(time);
    }
    this.#drawing = false;
  }

  #end() {
    this.#offset = this.#range?.[1] ?? this.duration;
    this.#stop();
    this.show();
  }

  #follow() {
    if (!this.playing) return;
    if (this.#silent && this.time >= (this.#range?.[1] ?? this.duration)) return this.#end();
    this.show();
    requestAnimationFrame(() => this.#follow());
  }

  #stop(quietly = false) {
    const source = this.#source;
    this.#source = null;
    source.onended = null;
    source.stop();
    if (!quietly) this.#hooks.changed(false);
  }
}
