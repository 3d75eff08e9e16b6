// The camera as a driver: the portrait follows the visitor's face live, and a recording of it becomes a clip.
import { say, t } from './i18n.js';

const $ = (id) => document.getElementById(id);
const SIDE = 480; // pixels of the longer side in which the face is read
const LONGEST = 60; // seconds of a recording
const REFUSALS = ['NotAllowedError', 'NotFoundError', 'NotReadableError'];

export class Camera {
  #stream = null;
  #recorder = null;
  #timer = 0;
  #startedAt = 0;

  /**
   * @param {{opened: () => void, closed: () => void, show: (bitmap: ImageBitmap, time: number) => Promise<{seen: boolean}|undefined>,
   *   recorded: (file: File) => void, complain: (text: () => string) => void}} hooks `show` draws the portrait as the picture's face
   */
  constructor(hooks) {
    this.hooks = hooks;
    $('driver-webcam').addEventListener('click', () => this.open());
    $('camera-close').addEventListener('click', () => this.close());
    $('camera-record').addEventListener('click', () => (this.#recorder ? this.#finish() : this.#record()));
    if (!navigator.mediaDevices?.getUserMedia) $('driver-webcam').hidden = true;
  }

  get on() {
    return this.#stream !== null;
  }

  async open() {
    if (this.on) return;
    const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: 'user' };
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: true }).catch((error) => {
        // Without a microphone, or without leave to use it, the face alone drives.
        if (error.name === 'NotReadableError') throw error;
        return navigator.mediaDevices.getUserMedia({ video });
      });
    } catch (error) {
      return this.hooks.complain(() => t(`camera.refused.${REFUSALS.includes(error.name) ? error.name : 'other'}`));
    }
    this.#startedAt = performance.now();
    for (const track of this.#stream.getVideoTracks()) track.addEventListener('ended', () => this.close());
    $('camera').hidden = false;
    $('camera-view').srcObject = this.#stream;
    await $('camera-view').play().catch(() => {});
    const heard = this.#stream.getAudioTracks().length > 0;
    say($('camera-text'), () => t(heard ? 'camera.on' : 'camera.silent'));
    this.hooks.opened();
    $('camera-record').focus({ preventScroll: true });
    this.#follow();
  }

  close() {
    if (!this.on) return;
    clearInterval(this.#timer);
    if (this.#recorder) this.#recorder.onstop = null;
    this.#recorder = null;
    for (const track of this.#stream.getTracks()) track.stop();
    this.#stream = null;
    $('camera-view').srcObject = null;
    $('camera').hidden = true;
    say($('camera-record'), () => t('camera.record'));
    this.hooks.closed();
  }

  /** One picture at a time: a slow machine shows fewer, never old ones. */
  async #follow() {
    const view = $('camera-view');
    while (this.on) {
      await new Promise((next) => (view.requestVideoFrameCallback ? view.requestVideoFrameCallback(next) : requestAnimationFrame(next)));
      if (!this.on || !view.videoWidth) continue;
      const scale = Math.min(1, SIDE / Math.max(view.videoWidth, view.videoHeight));
      const size = { resizeWidth: Math.round(view.videoWidth * scale), resizeHeight: Math.round(view.videoHeight * scale) };
      const bitmap = await createImageBitmap(view, size).catch(() => null);
      if (!bitmap) continue;
      const answer = await this.hooks.show(bitmap, (performance.now() - this.#startedAt) / 1000);
      if (answer) $('camera').dataset.seen = String(answer.seen);
    }
  }

  #record() {
    const type = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'].find((type) => MediaRecorder.isTypeSupported(type));
    const pieces = [];
    this.#recorder = new MediaRecorder(this.#stream, { mimeType: type, videoBitsPerSecond: 4e6 });
    this.#recorder.ondataavailable = ({ data }) => pieces.push(data);
    this.#recorder.onstop = () => {
      const file = new File(pieces, `${t('camera.file')}.${type.includes('mp4') ? 'mp4' : 'webm'}`, { type });
      this.close();
      this.hooks.recorded(file);
    };
    this.#recorder.start(1000);
    say($('camera-record'), () => t('camera.stop'));
    const since = performance.now();
    const count = () => {
      const seconds = Math.floor((performance.now() - since) / 1000);
      say($('camera-text'), () => t('camera.recording', { seconds, longest: LONGEST }));
      if (seconds >= LONGEST) this.#finish();
    };
    count();
    this.#timer = setInterval(count, 250);
  }

  #finish() {
    clearInterval(this.#timer);
    this.#recorder?.stop();
  }
}
